"""Reads of calendars: which days are closed and why."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from service.calendars import known, rules
from service.calendars.models import ClosedPeriod, Term
from service.kernel.actor import Actor
from service.kernel.i18n import gettext
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import may, require


def closed_days(tx: Session, *, organisation_id: UUID, first: date, last: date) -> dict[date, str]:
    """The days of a stretch on which an institution neither cooks nor receives, with the reason for people.

    At most `rules.LONGEST` days are answered. Holidays count for kinds that keep them; hospitals, prisons and camps
    cook every day unless they say otherwise.
    """
    row = tx.get(Organisation, organisation_id)
    if row is None:
        raise NotFound
    end = min(last, first + timedelta(days=rules.LONGEST - 1))
    found = rules.closed(first, end, known.days(tx, row, first, end))
    return {day: gettext(reason) for day, reason in found.items()}


def closed_for(tx: Session, *, by: Actor, first: date, last: date) -> dict[date, str]:
    """The closed days of the actor's own institution."""
    require(by, "calendar.see", organisation_id=by.organisation_id)
    row = tx.get_one(Organisation, by.organisation_id)
    return closed_days(tx, organisation_id=row.id, first=first, last=last)


@dataclass(frozen=True, slots=True)
class Year:
    """Two years of days for people: public holidays, and what the reader's institution says of its own."""

    holidays: list[known.PublicHoliday]
    kitchen: Organisation | None
    pattern: rules.Pattern | None
    closures: list[ClosedPeriod]
    terms: list[Term]


def year(tx: Session, *, by: Actor, first: date) -> Year:
    """The calendar from a day on."""
    last = first + timedelta(days=rules.LONGEST)
    holidays = known.public_holidays(tx, first, last)
    if not may(by, "calendar.see", organisation_id=by.organisation_id):
        return Year(holidays, None, None, [], [])
    row = tx.get_one(Organisation, by.organisation_id)
    pattern = known.pattern_of(tx, row)
    return Year(holidays, row, pattern, known.closures_of(tx, row.id, first, date.max), known.terms_of(tx, row.id))
