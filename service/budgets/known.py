"""What an actor may know of budget lines: shared by queries and actions. They are their institution's own."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from service.budgets.models import BudgetLine
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.permissions import require


def budget_lines(by: Actor) -> Select[BudgetLine]:
    """The own institution's budget lines."""
    require(by, "budget.see", organisation_id=by.organisation_id)
    return select(BudgetLine).where(BudgetLine.organisation_id == by.organisation_id)


def budget_line(tx: Session, *, by: Actor, budget_line_id: UUID) -> BudgetLine:
    """One of the own budget lines, or NotFound."""
    row = tx.scalar(budget_lines(by).where(BudgetLine.id == budget_line_id))
    if row is None:
        raise NotFound
    return row
