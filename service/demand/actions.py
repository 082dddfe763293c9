"""Use cases of demands.

The steps of a round (`activate`, `evaluate`, `complete`, `unsuccessful`, `put_back`) have no route of their own: the
rounds floor takes them inside its use cases, under the permission that it has checked.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from service.budgets import actions as budgets
from service.catalog.queries import CeilingLimit
from service.committees import actions as committees
from service.committees import known as committee_known
from service.committees import rules as committee_rules
from service.committees.schemas import CommitteeIn
from service.demand import known, rules, telling
from service.demand.models import Demand, DemandLine
from service.demand.schemas import DemandEdit, DemandIn, DemandLineIn
from service.demand.vocabulary import ChangeCode
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now, today
from service.kernel.i18n import N_
from service.kernel.ids import new_id
from service.kernel.problems import FieldError, InvalidInput, NotFound, must_match
from service.notices import actions as notices
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.rules import must_be_qualified

OCID_PREFIX = "ocds-thprs-"  # not registered with the Open Contracting Partnership: docs/decisions/0003


def create(tx: Session, *, by: Actor, draft: DemandIn) -> Demand:
    """Write a demand of the actor's institution, as a draft."""
    require(by, "demand.edit", organisation_id=by.organisation_id)
    buyer = tx.get_one(Organisation, by.organisation_id)
    return create_for(tx, by=by, buyer=buyer, draft=draft)


def create_for(
    tx: Session, *, by: Actor, buyer: Organisation, draft: DemandIn, origin: dict[str, Any] | None = None
) -> Demand:
    """Write a demand of an institution; imports and the demonstration name it, people act for theirs."""
    require(by, "demand.edit", organisation_id=buyer.id)
    must_be_qualified(buyer)
    row = Demand(ocid=f"{OCID_PREFIX}{new_id().hex}", organisation_id=buyer.id, province_code=buyer.province_code,
                 created_by=by.person_id, state="draft")  # fmt: skip
    _write(tx, by, row, draft)
    tx.add(row)
    events.record(tx, by=by, verb="demand.drafted", subject=row, province_code=row.province_code,
                  change=_facts(row) | (origin or {}))  # fmt: skip
    return row


def edit(tx: Session, *, by: Actor, demand_id: UUID, version: int, changes: DemandEdit) -> Demand:
    """Change a draft; lines are replaced as a whole."""
    row = own(tx, by, demand_id, "demand.edit")
    must_match(row.version, version)
    rules.next_state(row.state, "edited")
    given = {name: getattr(changes, name) for name in changes.model_fields_set if getattr(changes, name) is not None}
    _write(tx, by, row, known.as_draft(row).model_copy(update=given))
    events.record(tx, by=by, verb="demand.edited", subject=row, province_code=row.province_code,
                  change=_facts(row) | {"fields": sorted(given)})  # fmt: skip
    return row


def copy(tx: Session, *, by: Actor, demand_id: UUID, week: date) -> Demand:
    """Repeat a demand in another week, as a new draft: days move with the week, from closed ones to open ones beside
    them; ceilings come down to the week's limits.
    """
    source = own(tx, by, demand_id, "demand.edit")
    draft = known.as_draft(source)
    lines = moved_lines(tx, draft, source.province_code, week)
    if not lines:
        raise InvalidInput(errors=(FieldError("/lines", N_("None of its products is on offer any more.")),))
    buyer = tx.get_one(Organisation, source.organisation_id)
    closed = known.closed_days(tx, buyer.id, week)
    kept = [line.model_copy(update={"delivery_date": rules.open_day(line.delivery_date, week, closed)})
            for line in lines]  # fmt: skip
    moves = rules.moves(lines, kept)
    origin = {"copied_from": source.id} | ({"moved": moves} if moves else {})
    title = rules.title_in(draft.title, draft.delivery_week, week)
    moved = draft.model_copy(update={"title": title, "delivery_week": week, "lines": kept})
    made = create_for(tx, by=by, buyer=buyer, draft=moved, origin=origin)
    if source.committee_id is not None:
        made.committee_id = committees.again(tx, by=by, committee_id=source.committee_id)
    return made


def moved_lines(tx: Session, draft: DemandIn, province_code: str, week: date) -> list[DemandLineIn]:
    """A draft's lines in another week: those of products on offer, ceilings at most that week's limits."""
    shelf = known.shelf(tx, draft.lines, province_code, week)
    shift = week - draft.delivery_week
    return [_moved(line, shelf.limits[line.product_code], line.delivery_date + shift)
            for line in draft.lines if line.product_code in shelf.products
            and shelf.products[line.product_code].active]  # fmt: skip


def name_committee(tx: Session, *, by: Actor, demand_id: UUID, version: int, draft: CommitteeIn) -> Demand:
    """Name who will inspect what a draft asks for, under the rule that holds for its value and method."""
    row = own(tx, by, demand_id, "committee.name")
    must_match(row.version, version)
    rules.next_state(row.state, "edited")
    purchase = known.purchase(tx, row)
    named = committees.name(tx, by=by, organisation_id=row.organisation_id, committee_id=row.committee_id,
                            purchase=purchase, draft=draft)  # fmt: skip
    row.committee_id = named.id
    flag_modified(row, "title")  # who inspects is part of the version that the head approves
    seats = [[seat.kind, str(seat.person_id)] for seat in named.seats]
    events.record(tx, by=by, verb="demand.committee_named", subject=row, province_code=row.province_code,
                  change={"rule": named.rule, "seats": seats})  # fmt: skip
    _tell_committee(tx, row, draft)
    return row


def _tell_committee(tx: Session, row: Demand, draft: CommitteeIn) -> None:
    for seat in draft.seats:
        notices.tell_person(tx, kind="committee.named", person_id=seat.person_id, facts={"demand": row.title},
                            path=f"/demands/{row.id}", key=f"committee:{row.id}:{seat.person_id}",
                            organisation_id=row.organisation_id)  # fmt: skip


def approve(tx: Session, *, by: Actor, demand_id: UUID, version: int) -> Demand:
    """The head approves the total that was read: the budget is reserved, and the demand waits for its round."""
    row = own(tx, by, demand_id, "demand.approve")
    must_match(row.version, version)
    rules.next_state(row.state, "approved")
    rules.must_be_other_hands(by.person_id, known.authors(tx, row.id))
    must_be_qualified(tx.get_one(Organisation, row.organisation_id))
    _must_be_ahead(by, row.delivery_week)
    rules.must_fit(row.lines, row.delivery_week, known.shelf(tx, row.lines, row.province_code, row.delivery_week))
    rules.must_suit_ground(row.legal_ground, row.total_satang)
    must_have_inspectors(tx, row)
    budgets.reserve(tx, row.budget_line_id, row.total_satang)
    row.approved_satang, row.approved_by, row.approved_at = row.total_satang, by.person_id, now()
    telling.approved(tx, by, row)
    return _step(tx, by, row, "approved", change=_facts(row))


def must_have_inspectors(tx: Session, row: Demand) -> None:
    """Refuse a total whose committee is missing or no longer fits."""
    found = committee_known.committee(tx, row.committee_id)
    people = committee_known.roles_of(tx, row.organisation_id)
    committee_rules.must_stand(None if found is None else found.seats, people, known.purchase(tx, row))


def reopen(tx: Session, *, by: Actor, demand_id: UUID, reason: str) -> Demand:
    """The head takes an approved demand back to draft while no round has it; the budget is freed."""
    row = own(tx, by, demand_id, "demand.approve")
    rules.next_state(row.state, "reopened")
    budgets.release(tx, row.budget_line_id, row.approved_satang or 0)
    row.approved_satang = row.approved_by = row.approved_at = None
    return _step(tx, by, row, "reopened", reason=reason)


def cancel(tx: Session, *, by: Actor, demand_id: UUID, reason: str = "", code: ChangeCode = ChangeCode.OTHER) -> Demand:
    """The buyer cancels before the allocation begins; a reserved budget is freed, those concerned are told."""
    row = own(tx, by, demand_id, "demand.edit")
    rules.next_state(row.state, "cancelled")
    if row.state in rules.HOLDS_BUDGET:
        budgets.release(tx, row.budget_line_id, row.approved_satang or 0)
    telling.changed(tx, by, row, "demand.cancelled", code, reason)
    row.reason_code = code.value
    return _step(tx, by, row, "cancelled", reason=reason, change={"code": code.value})


def activate(tx: Session, *, by: Actor, demand_id: UUID) -> Demand:
    """A round takes the demand up."""
    return _step(tx, by, _locked(tx, demand_id), "activated")


def put_back(tx: Session, *, by: Actor, demand_id: UUID, reason: str = "") -> Demand:
    """The round was cancelled or failed: the demand waits for another, its budget still reserved."""
    return _step(tx, by, _locked(tx, demand_id), "put_back", reason=reason)


def evaluate(tx: Session, *, by: Actor, demand_id: UUID) -> Demand:
    """The round closed; from now the buyer cannot cancel."""
    return _step(tx, by, _locked(tx, demand_id), "evaluated")


def complete(tx: Session, *, by: Actor, demand_id: UUID, awarded_satang: int | None = None) -> Demand:
    """Awards stand; what they do not need of the approved total is freed (None: keep the whole reserved)."""
    row = _locked(tx, demand_id)
    rules.next_state(row.state, "completed")
    if awarded_satang is not None:
        budgets.release(tx, row.budget_line_id, max(0, (row.approved_satang or 0) - awarded_satang))
    return _step(tx, by, row, "completed", change={"awarded_satang": awarded_satang})


def unsuccessful(tx: Session, *, by: Actor, demand_id: UUID, reason: str = "") -> Demand:
    """Nothing was awarded: the budget is freed."""
    row = _locked(tx, demand_id)
    rules.next_state(row.state, "failed")
    budgets.release(tx, row.budget_line_id, row.approved_satang or 0)
    return _step(tx, by, row, "failed", reason=reason)


def _step(
    tx: Session, by: Actor, row: Demand, step: str, *, reason: str = "", change: dict[str, Any] | None = None
) -> Demand:
    """The one place where a demand changes its state."""
    before, row.state = row.state, rules.next_state(row.state, step)
    row.state_reason = reason
    events.record(tx, by=by, verb=f"demand.{step}", subject=row, province_code=row.province_code, reason=reason,
                  change={"from": before, "to": row.state} | (change or {}))  # fmt: skip
    return row


def own(tx: Session, by: Actor, demand_id: UUID, verb: str) -> Demand:
    """A demand that the actor may change: unknown ones are NotFound, known ones of others NotAllowed."""
    row = _locked(tx, demand_id)
    if not by.has("system"):
        known.demand(tx, by=by, demand_id=demand_id)
    require(by, verb, organisation_id=row.organisation_id, province=row.province_code)
    return row


def _locked(tx: Session, demand_id: UUID) -> Demand:
    found = select(Demand).where(Demand.id == demand_id).options(selectinload(Demand.lines)).with_for_update()
    row = tx.scalar(found.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def _write(tx: Session, by: Actor, row: Demand, draft: DemandIn) -> None:
    """Check the whole draft and put it into the row."""
    _must_be_ahead(by, draft.delivery_week)
    budgets.must_be_of(tx, draft.budget_line_id, row.organisation_id)
    shelf = known.shelf(tx, draft.lines, row.province_code, draft.delivery_week)
    rules.must_fit(draft.lines, draft.delivery_week, shelf)
    total = rules.total_of(draft.lines)
    rules.must_be_countable(total)
    _replace_lines(tx, row, draft.lines)
    for name, value in draft.model_dump(exclude={"lines"}).items():
        setattr(row, name, value)
    row.total_satang = total


def _replace_lines(tx: Session, row: Demand, lines: list[DemandLineIn]) -> None:
    if row in tx:
        row.lines.clear()
        tx.flush()  # old positions leave before the new ones come
        flag_modified(row, "title")  # lines are part of the demand's version
    row.lines = [DemandLine(position=place, **line.model_dump()) for place, line in enumerate(lines)]


def _must_be_ahead(by: Actor, week: date) -> None:
    if not by.has("system"):  # imports and the demonstration write history
        rules.must_be_ahead(week, today())


def _moved(line: DemandLineIn, limit: CeilingLimit, day: date) -> DemandLineIn:
    most = line.ceiling_satang if limit.limit_satang is None else min(line.ceiling_satang, limit.limit_satang)
    return line.model_copy(update={"delivery_date": day, "ceiling_satang": most})


def _facts(row: Demand) -> dict[str, Any]:
    return {"week": row.delivery_week.isoformat(), "total_satang": row.total_satang, "lines": len(row.lines),
            "budget_line": str(row.budget_line_id), "method": row.method, "legal_ground": row.legal_ground}  # fmt: skip
