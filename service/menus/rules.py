"""Rules of menus: what a plan may hold, and when a draft can be made of it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, Problem
from service.kernel.shapes import Mistake

WEEK = timedelta(days=7)
STOCK_COUNTS = timedelta(days=21)  # a week is planned up to two weeks ahead; an older count says nothing about it


class Entry(Protocol):
    """What rules need to know of a planned dish."""

    @property
    def day(self) -> date: ...

    @property
    def meal(self) -> str: ...

    @property
    def recipe_id(self) -> UUID: ...


class NothingToOrder(Problem):
    """A week whose menu asks for nothing that is bought."""

    title = N_("There is nothing to order for this week")
    detail = N_("The menu of the week has no dish on an open day whose ingredients are bought, or the store holds all.")
    todo = N_("Plan dishes, enter the heads, and give unknown ingredients their products.")


class TooManyDeliveries(Problem):
    """A week with more deliveries than a demand has lines."""

    title = N_("Too many deliveries for one demand")
    detail = N_("The week needs {lines} deliveries; a demand holds {most}.")
    todo = N_("Plan fewer different ingredients for the week.")


class PlanNotEmpty(Problem):
    """A copy onto weeks that have a menu."""

    title = N_("There is a menu already")
    detail = N_("The week of {week} has dishes that the copy would replace.")
    todo = N_("Tick “replace what is planned”, or choose another week.")


class NothingToCopy(Problem):
    """A copy of weeks without a menu."""

    title = N_("There is no menu to copy")
    detail = N_("Nothing is planned in the week of {week}.")
    todo = N_("Choose a week that has a menu.")


def mistakes(entries: Sequence[Entry], week: date, known: frozenset[UUID], closed: Iterable[date]) -> list[FieldError]:
    """What is wrong with a week's entries; every mistake names its field."""
    shut, seen, found = frozenset(closed), set(), []
    for place, entry in enumerate(entries):
        key = (entry.day, entry.meal, entry.recipe_id)
        at = f"/entries/{place}"
        if not week <= entry.day < week + WEEK:
            found.append(FieldError(f"{at}/day", N_("Choose a day of the week that is planned.")))
        elif entry.day in shut:
            found.append(FieldError(f"{at}/day", N_("The kitchen is closed on this day.")))
        if entry.recipe_id not in known:
            found.append(FieldError(f"{at}/recipe_id", N_("There is no such recipe.")))
        if key in seen:
            found.append(FieldError(f"{at}/recipe_id", N_("The dish stands twice in this meal.")))
        seen.add(key)
    return found


def must_have_come(counted_on: date, today: date) -> None:
    """Refuse a count of a day to come: as the newest it would stand before every true one."""
    if counted_on > today:
        raise InvalidInput(errors=(FieldError("/counted_on", N_("Nothing can be counted before its day.")),))


def read_dish(text: str) -> tuple[str, int | None]:
    """A cell of the plan: a dish, and after a multiplication sign for how many heads alone ("Curry x 40")."""
    for sign in ("×", " x ", " X ", "*"):
        name, found, heads = text.rpartition(sign)
        if found and heads.strip().isdecimal():
            number = int(heads) if len(heads.strip()) < 7 else 0
            if not 0 < number <= 100_000:
                raise Mistake(N_("Write the number of heads behind the sign, as in 40."))
            return name.strip(), number
    return text.strip(), None
