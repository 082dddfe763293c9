"""Reads of calendars: which days are closed and why."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from service.calendars import known, rules
from service.kernel.i18n import gettext
from service.kernel.problems import NotFound
from service.parties.models import Organisation


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
