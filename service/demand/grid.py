"""The grid of lines as a form sends it: rows that are blank, rows that are filled, and what each cell says.

A blank row counts as absent and the others close up, so that line 3 of a refusal is row 3 on the page. A cell's day is
its place in the delivery week (0 is Monday): the week can be changed without touching the rows.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from service.catalog.models import Grade, Product
from service.catalog.queries import CeilingLimit
from service.demand.schemas import MOST_LINES
from service.kernel.money import SATANG, parse_baht
from service.prices.rules import Cell, is_below
from service.sheets.cells import Wrong, value_of

Pairs = list[tuple[str, Any]]
BLANK_ROWS = 5
_CELL = re.compile(
    r"lines-(\d{1,6})-((?:product_code|grade_id|quantity|least_quantity|most_quantity|delivery_date|window_from"
    r"|window_until|ceiling_satang|most_awards|whole)|(?:certificate_kinds|substitutes)-\d{1,3})"
)
_WINDOW = frozenset({"window_from", "window_until"})
_SAYS_SOMETHING = ("product_code", "quantity", "ceiling_satang")
_BLANK = {"delivery_date": "0", "window_from": "06:00", "window_until": "09:00", "most_awards": "3"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the page: its cells as text, and what the catalogue offers for its product."""

    number: int
    cells: dict[str, str]
    product: Product | None = None
    limit: CeilingLimit | None = None
    grades: tuple[Grade, ...] = ()
    choices: tuple[Product, ...] = ()  # for a name that is not known
    stand_ins: Mapping[str, tuple[Product, ...]] = field(default_factory=dict)  # the same for names of substitutes
    paid: Cell | None = None

    def cell(self, name: str) -> str:
        """The text of a cell."""
        return self.cells.get(name, "")

    @property
    def value_satang(self) -> int | None:
        """Ceiling times the most that the line may become, where both can be read."""
        units = max(self._units("quantity") or 0, self._units("most_quantity") or 0)
        try:
            return parse_baht(self.cell("ceiling_satang")) * units if self._units("quantity") else None
        except ValueError:
            return None

    def _units(self, name: str) -> int | None:
        text = self.cell(name).replace(",", "")[:9]
        return int(text) if text.isdecimal() else None

    @property
    def is_low(self) -> bool:
        """Whether the ceiling lies below what closed rounds paid."""
        try:
            return is_below(parse_baht(self.cell("ceiling_satang")), self.paid)
        except ValueError:
            return False

    @property
    def is_special(self) -> bool:
        """Whether a cell beyond the usual six says something else than usual."""
        usual = self.cell("most_awards") in {"", _BLANK["most_awards"]}
        chosen = self.picked("certificate_kinds") or self.picked("substitutes")
        return bool(self.cell("grade_id") or self.cell("whole") or chosen or not usual)

    def picked(self, name: str) -> list[str]:
        """The texts of a cell that holds several, in order."""
        parts = [key for key in self.cells if key.startswith(f"{name}-") and self.cells[key]]
        return [self.cells[key] for key in sorted(parts, key=lambda key: int(key.split("-")[1]))]


@dataclass(frozen=True, slots=True)
class Offered:
    """What the catalogue offers a form: the products that it names, what others are near, grades, ceilings, prices."""

    products: dict[str, Product]
    near: Callable[[str], tuple[Product, ...]] = field(repr=False)
    limits: Callable[[Iterable[str]], dict[str, CeilingLimit]] = field(repr=False)
    paid: Callable[[Iterable[str]], dict[str, Cell]] = field(repr=False)


def filled(pairs: Pairs) -> list[dict[str, str]]:
    """The rows of a posted form that say something, in the page's order."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in pairs:
        found = _CELL.fullmatch(name)
        if found and isinstance(value, str):
            rows.setdefault(int(found[1]), {})[found[2]] = _clock(value) if found[2] in _WINDOW else value
    return [rows[number] for number in sorted(rows) if any(rows[number].get(name) for name in _SAYS_SOMETHING)]


def _clock(text: str) -> str:
    """A time that can be read as the page shows times; others stay as they were written."""
    try:
        at = value_of(text, "time")
    except Wrong:
        return text
    return f"{at:%H:%M}" if at else text


def closed_up(pairs: Pairs, week: date) -> Pairs:
    """The posted form without its blank rows, rows numbered from 0, days as dates of the week."""
    others = [(name, value) for name, value in pairs if name.split("-")[0] != "lines"]
    return others + [
        (f"lines-{number}-{name}", _day(value, week) if name == "delivery_date" else value)
        for number, cells in enumerate(filled(pairs))
        for name, value in cells.items()
    ]


def _day(value: str, week: date) -> str:
    return (week + timedelta(days=int(value))).isoformat() if value in set("0123456") else value


def stored(lines: Iterable[Any], week: date) -> list[dict[str, str]]:
    """A demand's lines as the cells that would have written them."""
    return [_cells(line, week) for line in lines]


def _cells(line: Any, week: date) -> dict[str, str]:
    cells = {name: str(getattr(line, name)) for name in ("product_code", "quantity", "most_awards")}
    cells |= {"grade_id": str(line.grade_id or ""), "delivery_date": str((line.delivery_date - week).days)}
    cells |= {"window_from": f"{line.window_from:%H:%M}", "window_until": f"{line.window_until:%H:%M}"}
    cells |= {"ceiling_satang": baht_cell(line.ceiling_satang)}
    cells |= {"whole": "true"} if line.whole else {}
    cells |= {name: str(getattr(line, name)) for name in ("least_quantity", "most_quantity") if getattr(line, name)}
    cells |= {f"certificate_kinds-{place}": kind for place, kind in enumerate(line.certificate_kinds)}
    return cells | {f"substitutes-{place}": code for place, code in enumerate(line.substitutes)}


def shown(cells: list[dict[str, str]], wanted: int, offered: Offered, *, priced: bool = False) -> list[Row]:
    """The rows of the page: the filled ones, then blank ones; at least `wanted` in all.

    `priced`: a ceiling that is left blank becomes the highest one that is allowed, to be looked at before saving.
    """
    codes = {row["product_code"] for row in cells if row.get("product_code") in offered.products}
    limits, paid = offered.limits(codes), offered.paid(codes)
    total = min(max(wanted, len(cells) + BLANK_ROWS), max(MOST_LINES, len(cells)))
    texts = [_priced(row, limits) for row in cells] if priced else cells
    rows = [_row(number, row, offered, limits, paid) for number, row in enumerate(texts)]
    return rows + [Row(number, _BLANK) for number in range(len(cells), total)]


def _priced(cells: dict[str, str], limits: dict[str, CeilingLimit]) -> dict[str, str]:
    limit = limits.get(cells.get("product_code", ""))
    if limit is None or limit.limit_satang is None or cells.get("ceiling_satang"):
        return cells
    return cells | {"ceiling_satang": baht_cell(limit.limit_satang)}


def baht_cell(satang: int) -> str:
    """An amount as a cell holds it."""
    return f"{satang // SATANG}.{satang % SATANG:02d}"


def next_cell(rows: Iterable[Row]) -> str:
    """The first cell that is still to be filled, or whose product is not known: where typing goes on."""
    return next(
        (f"lines-{row.number}-{name}" for row in rows for name in _SAYS_SOMETHING
         if not row.cell(name) or (name == "product_code" and row.product is None)), "",
    )  # fmt: skip


def _row(
    number: int, cells: dict[str, str], offered: Offered, limits: dict[str, CeilingLimit], paid: dict[str, Cell]
) -> Row:
    product = offered.products.get(cells.get("product_code", ""))
    if product is None:
        text = cells.get("product_code", "")
        return Row(number, cells, choices=offered.near(text) if text else (), stand_ins=_stand_ins(cells, offered))
    return Row(number, cells, product, limits[product.code], tuple(product.grades), paid=paid.get(product.code),
               stand_ins=_stand_ins(cells, offered))  # fmt: skip


def _stand_ins(cells: dict[str, str], offered: Offered) -> dict[str, tuple[Product, ...]]:
    return {text: offered.near(text) for text in codes_of([cells]) - {cells.get("product_code", "")}
            if text not in offered.products}  # fmt: skip


def codes_of(cells: Iterable[dict[str, str]]) -> set[str]:
    """The products that rows name, to be had or to stand in."""
    return {
        value
        for row in cells
        for name, value in row.items()
        if value and (name == "product_code" or name.startswith("substitutes-"))
    }


def with_rows(pairs: Pairs, more: list[dict[str, str]]) -> Pairs:
    """The form with further rows after its filled ones."""
    return _numbered(pairs, [*filled(pairs), *more])


def _numbered(pairs: Pairs, rows: list[dict[str, str]]) -> Pairs:
    others = [(name, value) for name, value in pairs if name.split("-")[0] != "lines"]
    return others + [(f"lines-{place}-{name}", value) for place, row in enumerate(rows) for name, value in row.items()]


def with_product(pairs: Pairs, choice: str) -> Pairs:
    """The form with a product chosen for one of its rows, or for its place of a substitute (`3:KALE`,
    `3:KALE:substitutes-0`); rows closed up as the page shows them.
    """
    number, code, cell = [*choice.split(":", 2), "", ""][:3]
    rows = filled(pairs)
    if number.isdecimal() and len(number) < 6 and int(number) < len(rows):
        rows[int(number)][cell if re.fullmatch(r"substitutes-\d", cell) else "product_code"] = code
    return _numbered(pairs, rows)


def wanted_rows(text: str) -> int:
    """How many rows the button asks for."""
    return min(int(text), MOST_LINES) if text.isdecimal() and len(text) < 6 else 0
