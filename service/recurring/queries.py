"""Reads of recurring demands: the list, what was taken, and the cycles ahead."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.demand.schemas import DemandIn
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.recurring import known, rules
from service.recurring.models import RecurringCycle, RecurringDemand
from service.recurring.schemas import Cycle

TAKEN = 12  # cycles gone by that a page shows


def recurring(tx: Session, *, by: Actor) -> list[RecurringDemand]:
    """The own ones, the newest first."""
    return list(tx.scalars(known.own(by).order_by(RecurringDemand.id.desc())))


def cycles(tx: Session, *, by: Actor, recurring_id: UUID) -> list[Cycle]:
    """What was taken lately, and the next eight."""
    row = known.one(tx, by=by, recurring_id=recurring_id)
    rows = select(RecurringCycle).where(RecurringCycle.recurring_id == row.id)
    taken = {cycle.week: cycle for cycle in tx.scalars(rows.order_by(RecurringCycle.week.desc()).limit(TAKEN))}
    weeks = sorted({*taken, *rules.coming(row, today())})
    return [_cycle(tx, row, week, taken.get(week)) for week in weeks]


def _cycle(tx: Session, row: RecurringDemand, week: date, taken: RecurringCycle | None) -> Cycle:
    day, closed = rules.drafted_on(week, row.lead_days), known.closed(tx, row, week)
    days = known.days_of(DemandIn.model_validate(row.draft), week)
    shut = {one: closed[one] for one in sorted(days & set(closed))}
    if taken is not None:
        return Cycle(week, taken.outcome, day, taken.demand_id, taken.left_out, shut if taken.left_out else {})
    state = "paused" if row.paused else "closed" if days <= set(closed) else "planned"
    return Cycle(week, state, day, None, 0, shut)
