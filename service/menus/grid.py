"""The plan's grid as a form sends it: a cell is a dish's name, perhaps with the heads that it is for ("Curry x 40")."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput
from service.kernel.shapes import Mistake
from service.menus.rules import Entry, read_dish
from service.menus.schemas import EntryIn
from service.menus.vocabulary import Meal

Pairs = Sequence[tuple[str, Any]]
Cell = tuple[int, str, int]  # day of the week, meal, place
Cells = dict[Cell, str]
PLACES = 3
MOST_PLACES = 20
_CELL = re.compile(r"c-([0-6])-(breakfast|lunch|dinner)-(\d{1,2})")


def name_of(cell: Cell) -> str:
    """The name of a cell's field."""
    return f"c-{cell[0]}-{cell[1]}-{cell[2]}"


def posted(pairs: Pairs) -> Cells:
    """The cells that a form filled."""
    found: Cells = {}
    for name, value in pairs:
        cell = _CELL.fullmatch(name)
        if cell and isinstance(value, str) and value.strip() and int(cell[3]) < MOST_PLACES:
            found[int(cell[1]), cell[2], int(cell[3])] = value.strip()[:200]
    return found


def stored(entries: Sequence[Any], week: date, dishes: Mapping[str, UUID]) -> Cells:
    """A plan's entries as the cells that would have written them."""
    names = {recipe_id: name for name, recipe_id in dishes.items()}
    found: Cells = {}
    for entry in entries:
        day = (entry.day - week).days
        place = next(number for number in range(len(entries)) if (day, entry.meal, number) not in found)
        name = names.get(entry.recipe_id)
        if name is not None:
            found[day, entry.meal, place] = name if entry.heads is None else f"{name} × {entry.heads}"
    return found


def places(cells: Cells) -> int:
    """How many dishes each meal of the page can hold: the fullest meal and one more."""
    return min(MOST_PLACES, max([PLACES, *(place + 2 for _, _, place in cells)]))


def entries(cells: Cells, week: date, dishes: Mapping[str, UUID]) -> list[EntryIn]:
    """The plan that the cells mean; every mistake names its cell."""
    found, wrong = _read(cells, week, dishes)
    if wrong:
        raise InvalidInput(errors=tuple(wrong))
    return found


def understood(cells: Cells, week: date, dishes: Mapping[str, UUID]) -> list[EntryIn]:
    """The part of the plan that can be understood while it is being written."""
    return _read(cells, week, dishes)[0]


def _read(cells: Cells, week: date, dishes: Mapping[str, UUID]) -> tuple[list[EntryIn], list[FieldError]]:
    good: dict[tuple[date, str, UUID], EntryIn] = {}
    wrong: list[FieldError] = []
    for cell in sorted(cells):
        at = "/" + name_of(cell).replace("-", "/")
        try:
            entry = _entry(cell, cells[cell], week, dishes)
        except Mistake as mistake:
            wrong.append(FieldError(at, mistake.message))
            continue
        if _key(entry) in good:
            wrong.append(FieldError(at, N_("The dish stands twice in this meal.")))
        good[_key(entry)] = entry
    return list(good.values()), wrong


def _key(entry: Entry) -> tuple[date, str, UUID]:
    return entry.day, entry.meal, entry.recipe_id


def _entry(cell: Cell, text: str, week: date, dishes: Mapping[str, UUID]) -> EntryIn:
    name, heads = read_dish(text)
    recipe_id = dishes.get(name) or _nearest(name, dishes)
    return EntryIn(day=week + timedelta(days=cell[0]), meal=Meal(cell[1]), recipe_id=recipe_id, heads=heads)


def _nearest(text: str, dishes: Mapping[str, UUID]) -> UUID:
    """The one dish whose name holds the text."""
    found = {recipe_id for name, recipe_id in dishes.items() if text and text.casefold() in name.casefold()}
    if len(found) != 1:
        raise Mistake(N_("There is no such dish.") if not found else N_("Several dishes have this in their name."))
    return found.pop()
