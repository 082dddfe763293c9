"""How rows come into the grid other than cell by cell: product names as people write them, pasted text, files.

What comes in becomes cells of the form, nothing more: the officer sees them, and saving checks them like typed ones.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from babel.dates import get_day_names
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog import choosing, search
from service.catalog import queries as catalog
from service.catalog.models import Product
from service.demand.models import Demand, DemandLine
from service.demand.schemas import MOST_LINES
from service.kernel.i18n import LANGUAGES, N_, gettext, in_every_language
from service.kernel.money import MAX_SATANG, SATANG, parse_baht
from service.kernel.problems import FieldError, InvalidInput
from service.kernel.shapes import MAX_QUANTITY
from service.sheets import cells as cell_values
from service.sheets import reading
from service.sheets.reading import Column, Row

Cells = dict[str, str]
NEEDED = ("product_code", "quantity")
KINDS: dict[str, cell_values.Kind] = {
    "quantity": "whole", "least_quantity": "whole", "most_quantity": "whole", "ceiling_satang": "baht",
    "window_from": "time", "window_until": "time",
}  # fmt: skip
_AMOUNTS = ("quantity", "least_quantity", "most_quantity")
TITLES = {
    "product_code": N_("Product"),
    "quantity": N_("Quantity"),
    "ceiling_satang": N_("Ceiling (baht)"),
    "delivery_date": N_("Day"),
    "window_from": N_("From"),
    "window_until": N_("Until"),
    "least_quantity": N_("At least"),
    "most_quantity": N_("At most"),
}
NAMED = re.compile(r"lines-\d{1,6}-(product_code|substitutes-\d{1,3})")
UNKNOWN_IN_CELL = N_("{cell}: no product is called “{text}”.")
UNKNOWN_BUT_NEAR = N_("{cell}: no product is called “{text}”; near: {names}.")
SEVERAL = N_("{cell}: several products are called “{text}”; write the code: {names}.")
TOO_LITTLE = N_("{cell}: it must be more than nothing.")
LEAST_ABOVE = N_("{cell}: at least cannot be more than the quantity wanted.")
MOST_BELOW = N_("{cell}: at most cannot be less than the quantity wanted.")
NO_DAY = N_("{cell}: write a day of the delivery week, such as Monday, 1 or its date.")
TOO_MANY = N_("A demand has at most {most} lines.")


def columns() -> tuple[Column, ...]:
    """The columns of a file, by their headings in every language."""
    return tuple(
        Column(name, in_every_language(title), KINDS.get(name, "text"), needed=name in NEEDED)
        for name, title in TITLES.items()
    )


def read(tx: Session, *, name: str, content: bytes, week: date, bare: bool = False) -> list[Cells]:
    """The rows of a file or of pasted text as cells of the form, or InvalidInput that points at what is wrong."""
    sheet = reading.read(name, content, columns(), most_rows=MOST_LINES, bare=bare)
    known = choosing.meant(tx, (str(row.values["product_code"]) for row in sheet.rows))
    faults, found = list(sheet.faults), list[Cells]()
    for row in sheet.rows:
        wrong = [*_product_faults(tx, row, known), *_number_faults(row), *_tolerance_faults(row)]
        wrong += _day_faults(row, week)
        faults += wrong
        if not wrong:
            found.append(_cells(row, known, week))
    if len(found) > MOST_LINES:
        faults.append(FieldError("/sheet", TOO_MANY, (("most", MOST_LINES),)))
    if faults:
        raise InvalidInput(errors=tuple(faults[: reading.MOST_FAULTS]))
    return found


def _product_faults(tx: Session, row: Row, known: dict[str, list[str]]) -> list[FieldError]:
    text = str(row.values["product_code"])
    codes = known[text]
    if len(codes) == 1:
        return []
    near = codes or search.codes(tx, text)[: choosing.NEAR]
    names = ", ".join(near if codes else _names(tx, near))
    message = SEVERAL if codes else UNKNOWN_BUT_NEAR if near else UNKNOWN_IN_CELL
    return [row.fault("product_code", message, text=text[:60], names=names)]


def _names(tx: Session, codes: Sequence[str]) -> list[str]:
    found = catalog.names_of(tx, codes)
    return [found[code].name_th for code in codes]


def _number_faults(row: Row) -> list[FieldError]:
    most = dict.fromkeys(_AMOUNTS, MAX_QUANTITY) | {"ceiling_satang": MAX_SATANG}
    found = [(name, row.values[name]) for name in most if name in row.values]
    return [
        row.fault(name, TOO_LITTLE if value <= 0 else cell_values.TOO_LARGE)
        for name, value in found
        if not 0 < value <= most[name]
    ]


def _tolerance_faults(row: Row) -> list[FieldError]:
    wanted = row.values["quantity"]
    above, below = row.values.get("least_quantity", 0) > wanted, row.values.get("most_quantity", wanted) < wanted
    faults = [row.fault("least_quantity", LEAST_ABOVE)] if above else []
    return [*faults, row.fault("most_quantity", MOST_BELOW)] if below else faults


def _day_faults(row: Row, week: date) -> list[FieldError]:
    text = row.values.get("delivery_date", "1")
    return [] if day_of(text, week) is not None else [row.fault("delivery_date", NO_DAY)]


def day_of(text: str, week: date) -> int | None:
    """The place of a day in the week (0 is Monday): by name, by number from 1, or by date; None where it is none."""
    said = text.strip().casefold().rstrip(".")
    if not said:
        return None
    if said in _weekdays():
        return _weekdays()[said]
    try:
        if len(said) <= 3:
            number = int(cell_values.value_of(text, "whole")) - 1
        else:
            number = (cell_values.value_of(text, "day") - week).days
    except cell_values.Wrong:
        return None
    return number if 0 <= number < 7 else None


@lru_cache
def _weekdays() -> dict[str, int]:
    """The days by every name that Thai and English calendars give them, and Thai ones without their first word."""
    names = {
        name.casefold().rstrip("."): number
        for code in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in get_day_names(width, locale=code).items()
    }
    return names | {name[3:]: number for name, number in names.items() if name[:3] == "\u0e27\u0e31\u0e19"}


def _cells(row: Row, known: dict[str, list[str]], week: date) -> Cells:
    values = row.values
    ceiling = values.get("ceiling_satang")
    return {
        "product_code": known[str(values["product_code"])][0],
        **{name: str(values[name]) for name in _AMOUNTS if name in values},
        "ceiling_satang": "" if ceiling is None else f"{ceiling // SATANG}.{ceiling % SATANG:02d}",
        "delivery_date": str(day_of(values.get("delivery_date", "1"), week)),
        "window_from": f"{values['window_from']:%H:%M}" if "window_from" in values else "06:00",
        "window_until": f"{values['window_until']:%H:%M}" if "window_until" in values else "09:00",
        "most_awards": "3",
    }


def line_of(cells: Cells, week: date) -> dict[str, Any]:
    """The cells of a row as a line of the API."""
    ceiling = cells["ceiling_satang"]
    return {
        "product_code": cells["product_code"],
        **{name: int(cells[name]) if name in cells else None for name in _AMOUNTS},
        "delivery_date": week + timedelta(days=int(cells["delivery_date"])),
        "window_from": cells["window_from"],
        "window_until": cells["window_until"],
        "ceiling_satang": parse_baht(ceiling) if ceiling else None,
    }


def template(tx: Session) -> list[tuple[str, list[list[Any]]]]:
    """The sheets of the file to fill: headings with an example, and the products with their units."""
    head = [gettext(title) for title in TITLES.values()]
    products = tx.scalars(select(Product).where(Product.active).order_by(Product.name_th).limit(1_000)).all()
    example = [products[0].name_th if products else "", 40, "", gettext(N_("Monday")), "06:00", "09:00", "", ""]
    listed = [[gettext(N_("Product")), gettext(N_("English")), gettext(N_("Code")), gettext(N_("Unit"))]]
    return [
        (gettext(N_("Lines")), [head, example]),
        (gettext(N_("Products")), listed + [[row.name_th, row.name_en, row.code, row.unit] for row in products]),
    ]


def resolved(tx: Session, pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The form with codes where the names of products were written; what names none, or several, stays as it is."""
    texts = {value for name, value in pairs if isinstance(value, str) and value and NAMED.fullmatch(name)}
    known = choosing.meant(tx, texts) if texts else {}
    return [
        (name, known[value][0] if NAMED.fullmatch(name) and len(known.get(value, [])) == 1 else value)
        for name, value in pairs
    ]


def unknown(rows: Sequence[Cells], codes: Iterable[str]) -> list[FieldError]:
    """A fault for each cell, as the page numbers its row, whose product is none."""
    there = set(codes)
    return [
        FieldError(f"/lines/{number}/{name.replace('-', '/')}", choosing.UNKNOWN, (("text", text[:60]),))
        for number, row in enumerate(rows)
        for name, text in row.items()
        if text and text not in there and NAMED.fullmatch(f"lines-{number}-{name}")
    ]


def suggested(tx: Session, organisation_id: Any) -> list[Any]:
    """The products that the browser suggests by itself: of a long catalogue, what the kitchen needed before."""
    used = select(DemandLine.product_code).join(Demand).where(Demand.organisation_id == organisation_id)
    return choosing.suggested(tx, used)
