"""What an actor may know of recurring demands, and what a cycle would hold: shared by queries and actions."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from service.calendars import queries as calendars
from service.demand.schemas import DemandIn
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.permissions import require
from service.recurring.models import RecurringDemand

SUNDAY = timedelta(days=6)


def own(by: Actor) -> Select[RecurringDemand]:
    """The own institution's recurring demands."""
    require(by, "recurring.see", organisation_id=by.organisation_id)
    return select(RecurringDemand).where(RecurringDemand.organisation_id == by.organisation_id)


def one(tx: Session, *, by: Actor, recurring_id: UUID) -> RecurringDemand:
    """One of them, or NotFound."""
    row = tx.scalar(own(by).where(RecurringDemand.id == recurring_id))
    if row is None:
        raise NotFound
    return row


def closed(tx: Session, row: RecurringDemand, week: date) -> dict[date, str]:
    """The closed days of a week, with their reasons."""
    return calendars.closed_days(tx, organisation_id=row.organisation_id, first=week, last=week + SUNDAY)


def days_of(draft: DemandIn, week: date) -> set[date]:
    """The delivery days that the draft would have in a week."""
    return {line.delivery_date - draft.delivery_week + week for line in draft.lines}
