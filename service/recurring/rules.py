"""When cycles come: weeks by rhythm, and from which day on their drafts are made."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

from service.kernel.clock import week_of
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput
from service.recurring.models import RecurringDemand

WEEK = timedelta(days=7)
SHOWN = 8  # cycles of the preview
LAST_NTH = 4  # every month has four Mondays; a fifth one belongs to the fourth's turn


class Rhythm(StrEnum):
    """How often the need comes."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


LABELS = {
    "rhythm.weekly": N_("every week"),
    "rhythm.fortnightly": N_("every other week"),
    "rhythm.monthly": N_("once a month"),
    "cycle.drafted": N_("Draft made"),
    "cycle.skipped": N_("Skipped: closed"),
    "cycle.refused": N_("No draft: nothing of it can be ordered"),
    "cycle.planned": N_("Draft on %(day)s"),
    "cycle.paused": N_("Paused"),
    "cycle.closed": N_("Will be skipped: closed"),
    "recurring.begun": N_("Recurring demand begun"),
    "recurring.edited": N_("Recurring demand changed"),
    "recurring.paused": N_("Recurring demand paused"),
    "recurring.resumed": N_("Recurring demand goes on"),
    "recurring.drafted": N_("Draft of a cycle made"),
    "recurring.skipped": N_("Cycle without a draft"),
}


def weeks(rhythm: str, first: date, since: date, last: date | None = None) -> Iterator[date]:
    """The delivery weeks of a rhythm from the one that holds `since` on, named by their Mondays."""
    start = max(first, week_of(since))
    found = _monthly(first, start) if rhythm == Rhythm.MONTHLY else _stepping(rhythm, first, start)
    for week in found:
        if last is not None and week > last:
            return
        yield week


def _stepping(rhythm: str, first: date, start: date) -> Iterator[date]:
    step = WEEK if rhythm == Rhythm.WEEKLY else 2 * WEEK
    week = first + step * -((first - start) // step)
    while True:
        yield week
        week += step


def _monthly(first: date, start: date) -> Iterator[date]:
    """The same Monday of each month as the first one: the second stays the second, the fifth counts as the fourth."""
    nth = min((first.day - 1) // 7, LAST_NTH - 1)
    year, month = start.year, start.month
    while True:
        begin = date(year, month, 1)
        week = begin + timedelta(days=-begin.weekday() % 7) + nth * WEEK
        if week >= start:
            yield week
        year, month = year + month // 12, month % 12 + 1


def drafted_on(week: date, lead_days: int) -> date:
    """The day from which on a week's draft is made."""
    return week - timedelta(days=lead_days)


def due(row: RecurringDemand, day: date) -> list[date]:
    """The weeks that have not begun and whose draft's day has come; weeks gone by are not made up for."""
    if row.paused:
        return []
    found = []
    for week in weeks(row.rhythm, row.first_week, day + WEEK, row.last_week):
        if drafted_on(week, row.lead_days) > day:
            break
        found.append(week)
    return found


def coming(row: RecurringDemand, day: date, number: int = SHOWN) -> list[date]:
    """The next weeks of a rhythm."""
    return list(islice(weeks(row.rhythm, row.first_week, day + WEEK, row.last_week), number))


def must_be_a_span(first: date, last: date | None, day: date) -> None:
    """Refuse a rhythm that has ended before it begins, or that begins in the past."""
    if first <= week_of(day):
        raise InvalidInput(errors=(FieldError("/first_week", N_("Choose a week that is still ahead.")),))
    if last is not None and last < first:
        raise InvalidInput(errors=(FieldError("/last_week", N_("The last week comes before the first.")),))
