"""Rules of days: who cooks when by kind, and why a day is closed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from service.kernel.i18n import N_
from service.kernel.problems import Problem

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
WORKING_DAYS = (0, 1, 2, 3, 4)
ALWAYS_COOKS = frozenset({"hospital", "prison", "army_camp"})  # wards, cells and barracks are fed on every day
LONGEST = 800  # days that are answered at once: two years with both ends
NO_COOKING = N_("No cooking on this day of the week")
NO_TERM = N_("Outside the terms")


class TermsOverlap(Problem):
    """Two terms that share a day."""

    title = N_("The terms overlap")
    detail = N_("“{name}” has some of these days already.")
    todo = N_("Choose days after its end or before its beginning.")


class Period(Protocol):
    """From a first day to a last one."""

    @property
    def first_day(self) -> date: ...

    @property
    def last_day(self) -> date: ...


class Closure(Period, Protocol):
    """A period with its reason."""

    @property
    def reason(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """The usual week of a kitchen."""

    weekdays: tuple[int, ...]
    keeps_holidays: bool


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of an institution's days."""

    pattern: Pattern
    holidays: dict[date, str]
    closures: Sequence[Closure]
    terms: Sequence[Period]


def usual(kind: str) -> Pattern:
    """The week of a kind as long as the institution says nothing else."""
    return Pattern(EVERY_DAY, keeps_holidays=False) if kind in ALWAYS_COOKS else Pattern(WORKING_DAYS, True)  # noqa: FBT003


def days_of(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def closed(first: date, last: date, known: Known) -> dict[date, str]:
    """The closed days of a stretch with their reasons: the most particular reason of each day."""
    found = ((day, reason_of(day, known)) for day in days_of(first, last))
    return {day: reason for day, reason in found if reason}


def reason_of(day: date, known: Known) -> str:
    """Why a day is closed; empty when it is not."""
    for closure in known.closures:
        if closure.first_day <= day <= closure.last_day:
            return closure.reason
    if known.pattern.keeps_holidays and day in known.holidays:
        return known.holidays[day]
    if day.weekday() not in known.pattern.weekdays:
        return NO_COOKING
    return NO_TERM if is_outside(day, known.terms) else ""


def is_outside(day: date, terms: Sequence[Period]) -> bool:
    """Whether terms are kept and none has the day; before the first one of all nothing is known."""
    begun = any(term.first_day <= day for term in terms)
    return begun and not any(term.first_day <= day <= term.last_day for term in terms)


def must_not_overlap(first: date, last: date, others: Iterable[tuple[str, Period]]) -> None:
    """Refuse a term that shares a day with another."""
    for name, other in others:
        if first <= other.last_day and other.first_day <= last:
            raise TermsOverlap(name=name)
