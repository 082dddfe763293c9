"""Products with their lists in cells: entries apart by |, names as Thai/English; see docs/imports.md."""

from collections.abc import Callable, Hashable
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from pydantic import ValidationError
from sqlalchemy.orm import Session

from service.catalog import actions as catalog
from service.catalog.models import WHOLE_PRODUCT, Product
from service.catalog.schemas import ProductIn, ProductOut
from service.imports.reader import Source
from service.imports.rows import Done, Values
from service.imports.rules import latin, refused
from service.kernel.actor import SYSTEM
from service.kernel.i18n import N_
from service.kernel.mistakes import invalid
from service.kernel.problems import Problem

NEEDED = ("code", "name_th", "name_en", "family", "unit")
TEXTS = frozenset({"name_th", "name_en", "aliases"})
NOTHING = "-"  # empties a list; a blank cell leaves it


class Products:
    """Importer of products."""

    kind: ClassVar[str] = "products"

    def missing(self, columns: tuple[str, ...]) -> list[str]:
        """Code, names, family and unit."""
        return [name for name in NEEDED if name not in columns]

    def used(self, columns: tuple[str, ...]) -> set[str]:
        """The schema's fields."""
        del columns
        return set(ProductIn.model_fields)

    def prepare(self, tx: Session, source: Source) -> None:
        """A product needs nothing to be checked against."""

    def read(self, content: dict[str, Any]) -> Values:
        """What the file says of a product; it is whole enough to be a new one."""
        cells = {name: cell if name in TEXTS else latin(cell) for name, cell in content.items()}
        given: Values = {name: cells[name] for name in ProductIn.model_fields if name in cells}
        given |= {name: _entries(name, cells[name], read) for name, read in LISTS.items() if name in cells}
        return ProductIn.model_validate(given).model_dump(mode="json", exclude_unset=True)

    def key(self, draft: Values) -> Hashable:
        """The code."""
        code: str = draft["code"]
        return code

    def write(self, tx: Session, drafts: list[Values]) -> list[Done | Problem]:
        """Add or change each product; one that the catalogue refuses leaves the others alone."""
        return [_put(tx, draft) for draft in drafts]


def _put(tx: Session, draft: Values) -> Done | Problem:
    try:
        with tx.begin_nested():
            whole = ProductIn.model_validate({**_present(tx, draft["code"]), **draft})
            _, done = catalog.put_product(tx, by=SYSTEM, draft=whole)
            return done
    except ValidationError as error:
        return invalid(error.errors())
    except Problem as problem:
        return problem


def _present(tx: Session, code: str) -> Values:
    """The product as it is, so that what the file leaves out stays."""
    row = tx.get(Product, code, options=WHOLE_PRODUCT)
    if row is None:
        return {}
    outer = ProductOut.model_validate(row).model_dump(mode="json", exclude={"version"})
    outer["grades"] = [{name: value for name, value in grade.items() if name != "id"} for grade in outer["grades"]]
    return outer


def _entries(field: str, cell: str, read: Callable[[str], Values]) -> list[Values]:
    if cell == NOTHING:
        return []
    try:
        return [read(entry.strip()) for entry in cell.split("|") if entry.strip()]
    except (ValueError, InvalidOperation) as error:
        raise refused(N_("It is not written as docs/imports.md shows."), at=field) from error


def _both(names: str) -> Values:
    thai, _, english = names.partition("/")
    return {"name_th": thai.strip(), "name_en": english.strip() or thai.strip()}


def _alias(entry: str) -> Values:
    language, colon, name = entry.partition(":")
    if not colon:
        raise ValueError(entry)
    return {"language": language.strip(), "name": name.strip()}


def _pack(entry: str) -> Values:
    quantity, names = entry.split(":", 1)
    return {"quantity": quantity.strip(), **_both(names)}


def _local_unit(entry: str) -> Values:
    names, factor = entry.rsplit("=", 1)
    milli = Decimal(factor.strip()) * 1000
    if not milli.is_finite() or milli != milli.to_integral_value():
        raise ValueError(entry)
    return {**_both(names), "factor_milli": int(milli)}


def _grade(entry: str) -> Values:
    code, rank, names = entry.split(":", 2)
    return {"code": code.strip(), "rank": rank.strip(), **_both(names)}


LISTS: dict[str, Callable[[str], Values]] = {
    "aliases": _alias,
    "packs": _pack,
    "local_units": _local_unit,
    "grades": _grade,
}
