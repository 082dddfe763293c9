"""Use cases of budget lines, and the three sums on them: what is taken is taken under a row lock."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.budgets import known, rules
from service.budgets.models import BudgetLine
from service.budgets.schemas import BudgetLineEdit, BudgetLineIn
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound, must_match
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.rules import must_be_qualified


def create(tx: Session, *, by: Actor, draft: BudgetLineIn) -> BudgetLine:
    """Enter a budget line of the actor's institution."""
    require(by, "budget.edit", organisation_id=by.organisation_id)
    return create_for(tx, by=by, buyer=tx.get_one(Organisation, by.organisation_id), draft=draft)


def create_for(tx: Session, *, by: Actor, buyer: Organisation, draft: BudgetLineIn) -> BudgetLine:
    """Enter a budget line of an institution; imports and the demonstration name it, people act for theirs."""
    require(by, "budget.edit", organisation_id=buyer.id)
    must_be_qualified(buyer)
    row = BudgetLine(
        organisation_id=buyer.id, reserved_satang=0, committed_satang=0, spent_satang=0, **draft.model_dump()
    )
    tx.add(row)
    events.record(tx, by=by, verb="budget_line.entered", subject=row, province_code=buyer.province_code,
                  change=draft.model_dump())  # fmt: skip
    return row


def edit(tx: Session, *, by: Actor, budget_line_id: UUID, version: int, changes: BudgetLineEdit) -> BudgetLine:
    """Change a budget line; its amount never goes below what is spoken for."""
    known.budget_line(tx, by=by, budget_line_id=budget_line_id)
    row = locked(tx, budget_line_id)
    require(by, "budget.edit", organisation_id=row.organisation_id)
    must_match(row.version, version)
    given = changes.model_dump(exclude_none=True)
    rules.must_cover(given.get("amount_satang", row.amount_satang), row)
    for name, value in given.items():
        setattr(row, name, value)
    events.record(tx, by=by, verb="budget_line.edited", subject=row, province_code=by.province_code, change=given)
    return row


def reserve(tx: Session, budget_line_id: UUID, satang: int) -> None:
    """Take an approved total from what is free; refuses more than that."""
    row = locked(tx, budget_line_id)
    rules.must_hold(row, satang)
    row.reserved_satang += satang
    tx.flush()


def release(tx: Session, budget_line_id: UUID, satang: int) -> None:
    """Give a reserved amount back."""
    row = locked(tx, budget_line_id)
    row.reserved_satang -= satang
    tx.flush()


def commit(tx: Session, budget_line_id: UUID, satang: int) -> None:
    """Orders bind the buyer: what approvals reserved for them is committed."""
    row = locked(tx, budget_line_id)
    row.reserved_satang -= satang
    row.committed_satang += satang
    tx.flush()


def locked(tx: Session, budget_line_id: UUID) -> BudgetLine:
    """The budget line as it is now, held until the transaction ends."""
    found = select(BudgetLine).where(BudgetLine.id == budget_line_id).with_for_update()
    row = tx.scalar(found.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def must_be_of(tx: Session, budget_line_id: UUID, organisation_id: UUID) -> None:
    """Refuse a budget line that is not the institution's own, in the words for one that does not exist."""
    row = tx.get(BudgetLine, budget_line_id)
    if row is None or row.organisation_id != organisation_id:
        raise InvalidInput(errors=(FieldError("/budget_line_id", N_("There is no such budget line.")),))
