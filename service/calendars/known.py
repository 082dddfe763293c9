"""What actions and queries of calendars both ask."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.calendars import rules, shipped
from service.calendars.models import ClosedPeriod, Holiday, KitchenWeek, Term
from service.kernel.i18n import named
from service.parties.models import Organisation

PublicHoliday = Holiday | shipped.Day


def public_holidays(tx: Session, first: date, last: date) -> list[PublicHoliday]:
    """The public holidays of a stretch that stand, in order: imported ones before shipped ones of the same day."""
    found: dict[date, PublicHoliday] = {day: row for day, row in shipped.holidays().items() if first <= day <= last}
    found |= {row.day: row for row in tx.scalars(select(Holiday).where(Holiday.day.between(first, last)))}
    return [row for _, row in sorted(found.items()) if row.observed]


def pattern_of(tx: Session, row: Organisation) -> rules.Pattern:
    """The institution's own week, or the usual one of its kind."""
    own = tx.scalar(select(KitchenWeek).where(KitchenWeek.organisation_id == row.id))
    return rules.usual(row.kind) if own is None else rules.Pattern(tuple(own.weekdays), own.keeps_holidays)


def terms_of(tx: Session, organisation_id: UUID) -> list[Term]:
    """The terms of an institution in order."""
    return list(tx.scalars(select(Term).where(Term.organisation_id == organisation_id).order_by(Term.first_day)))


def closures_of(tx: Session, organisation_id: UUID, first: date, last: date) -> list[ClosedPeriod]:
    """The own closed days that reach into a stretch, in order."""
    mine = select(ClosedPeriod).where(ClosedPeriod.organisation_id == organisation_id)
    within = mine.where(ClosedPeriod.first_day <= last, ClosedPeriod.last_day >= first)
    return list(tx.scalars(within.order_by(ClosedPeriod.first_day, ClosedPeriod.id)))


def days(tx: Session, row: Organisation, first: date, last: date) -> rules.Known:
    """All that is known of an institution's days in a stretch."""
    return rules.Known(
        pattern=pattern_of(tx, row),
        holidays={found.day: named(found) for found in public_holidays(tx, first, last)},
        closures=closures_of(tx, row.id, first, last),
        terms=terms_of(tx, row.id),
    )
