"""Use cases of calendars: own closed days, terms, the usual week; public holidays by import."""

from typing import Any, Literal, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.calendars import known, rules
from service.calendars.models import ClosedPeriod, Holiday, KitchenWeek, Term
from service.calendars.schemas import ClosureIn, HolidayIn, TermIn, WeekIn
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import require

Put = Literal["added", "changed", "same"]
Row = TypeVar("Row", ClosedPeriod, Term, KitchenWeek)


def close(tx: Session, *, by: Actor, draft: ClosureIn) -> ClosedPeriod:
    """Enter own closed days."""
    kitchen = _kitchen(tx, by)
    row = ClosedPeriod(organisation_id=kitchen.id, **draft.model_dump())
    return _entered(tx, by, kitchen, row, "calendar.closed", draft.model_dump())


def add_term(tx: Session, *, by: Actor, draft: TermIn) -> Term:
    """Enter a term; terms do not overlap."""
    kitchen = _kitchen(tx, by)
    others = [(term.name, term) for term in known.terms_of(tx, kitchen.id)]
    rules.must_not_overlap(draft.first_day, draft.last_day, others)
    row = Term(organisation_id=kitchen.id, **draft.model_dump())
    return _entered(tx, by, kitchen, row, "calendar.term_added", draft.model_dump())


def _entered(tx: Session, by: Actor, kitchen: Organisation, row: Row, verb: str, change: dict[str, Any]) -> Row:
    tx.add(row)
    events.record(tx, by=by, verb=verb, subject=row, province_code=kitchen.province_code, change=change)
    return row


def drop(tx: Session, *, by: Actor, what: Literal["closed", "term"], period_id: UUID) -> None:
    """Take own closed days or a term away."""
    kitchen = _kitchen(tx, by)
    row = tx.get(ClosedPeriod, period_id) if what == "closed" else tx.get(Term, period_id)
    if row is None or row.organisation_id != kitchen.id:
        raise NotFound
    events.record(tx, by=by, verb="calendar.dropped", subject=row, province_code=kitchen.province_code,
                  change={"first_day": row.first_day, "last_day": row.last_day})  # fmt: skip
    tx.delete(row)


def set_week(tx: Session, *, by: Actor, draft: WeekIn) -> KitchenWeek:
    """Say on which weekdays the kitchen cooks, and whether public holidays close it."""
    kitchen = _kitchen(tx, by)
    found = select(KitchenWeek).where(KitchenWeek.organisation_id == kitchen.id).with_for_update()
    row = tx.scalar(found) or KitchenWeek(organisation_id=kitchen.id)
    row.weekdays, row.keeps_holidays = sorted(set(draft.weekdays)), draft.keeps_holidays
    change = {"weekdays": row.weekdays, "keeps_holidays": row.keeps_holidays}
    return _entered(tx, by, kitchen, row, "calendar.week_set", change)


def put_holiday(tx: Session, *, by: Actor, draft: HolidayIn) -> Put:
    """Add a public holiday or bring it to what a file says; the import's own event tells of it."""
    require(by, "holiday.edit")
    row = tx.scalar(select(Holiday).where(Holiday.day == draft.day))
    wanted = draft.model_dump()
    if row is not None and all(getattr(row, name) == value for name, value in wanted.items()):
        return "same"
    done: Put = "added" if row is None else "changed"
    row = row or Holiday()
    for name, value in wanted.items():
        setattr(row, name, value)
    tx.add(row)
    events.record(tx, by=by, verb=f"holiday.{done}", subject=row, change=wanted)
    return done


def _kitchen(tx: Session, by: Actor) -> Organisation:
    require(by, "calendar.edit", organisation_id=by.organisation_id)
    return tx.get_one(Organisation, by.organisation_id)
