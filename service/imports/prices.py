"""Reference prices: quartiles by product, province and week, or the Ministry of Commerce's monthly retail list."""

import re
from collections.abc import Hashable
from datetime import date, timedelta
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog.models import Product, ProductAlias, ReferencePrice
from service.catalog.rules import plain
from service.catalog.schemas import ReferencePriceIn
from service.imports.reader import Source
from service.imports.rows import Done, Values, put
from service.imports.rules import iso_day, latin, refused
from service.kernel.i18n import N_
from service.kernel.money import parse_baht
from service.kernel.problems import Problem
from service.parties.models import Province

KEY = ("product_code", "province_code", "week", "source")
NEEDED = ("product_code", "province_code", "week", "sample_size", "source")
QUARTILES = ("lower", "median", "upper")
MINISTRY = ("moc_code", "name_th", "unit", "month", "price_thb_mid")
MINISTRY_UNITS = {"KG": "KGM", "LTR": "LTR", "EA": "EA"}
MINISTRY_SOURCE = "Ministry of Commerce, retail, Bangkok, monthly"
BANGKOK = "10"


class Prices:
    """Importer of reference prices."""

    kind: ClassVar[str] = "prices"

    def missing(self, columns: tuple[str, ...]) -> list[str]:
        """The key, sample, source, and each quartile in satang or baht."""
        if set(MINISTRY) <= set(columns):
            return []
        lacking = [name for name in NEEDED if name not in columns]
        amounts = [f"{name}_satang" for name in QUARTILES if not {f"{name}_satang", f"{name}_baht"} & set(columns)]
        return [*lacking, *amounts]

    def used(self, columns: tuple[str, ...]) -> set[str]:
        """The schema's fields and the amounts in baht, or the ministry's columns."""
        if set(MINISTRY) <= set(columns):
            return set(MINISTRY)
        return {*ReferencePriceIn.model_fields, *(f"{name}_baht" for name in QUARTILES)}

    def prepare(self, tx: Session, source: Source) -> None:
        """Load products by code and by name, and the provinces."""
        self.of_ministry = set(MINISTRY) <= set(source.columns)
        self.units = dict(tx.execute(select(Product.code, Product.unit)).all())
        self.provinces = set(tx.scalars(select(Province.code)))
        names = [*tx.execute(select(ProductAlias.name, ProductAlias.product_code))]
        names += tx.execute(select(Product.name_th, Product.code))
        self.by_name = {plain(name): code for name, code in names}

    def read(self, content: dict[str, Any]) -> Values:
        """The price's values."""
        given = self._of_ministry(content) if self.of_ministry else _ours(content)
        draft = ReferencePriceIn.model_validate(given)
        if draft.product_code not in self.units:
            raise refused(N_("There is no such product."), at="product_code")
        if draft.province_code not in self.provinces:
            raise refused(N_("There is no such province."), at="province_code")
        return draft.model_dump(exclude_unset=True)

    def _of_ministry(self, cells: dict[str, Any]) -> Values:
        code = cells.get("moc_code", "")
        product = code if code in self.units else self.by_name.get(plain(cells.get("name_th", "")))
        if product is None:
            raise refused(N_("No product has this code or this name."), at="moc_code")
        if MINISTRY_UNITS.get(cells.get("unit", "")) != self.units[product]:
            raise refused(N_("The product is traded in another unit."), at="unit")
        price = _satang(cells, "price_thb_mid")
        amounts = {f"{name}_satang": price for name in QUARTILES}
        key = {"product_code": product, "province_code": BANGKOK, "source": MINISTRY_SOURCE}
        return {**key, **amounts, "week": _first_monday(cells.get("month", "")), "sample_size": 1}

    def key(self, draft: Values) -> Hashable:
        """Product, province, week and source."""
        return tuple(draft[name] for name in KEY)

    def write(self, tx: Session, drafts: list[Values]) -> list[Done | Problem]:
        """Insert or update the prices."""
        return [*put(tx, ReferencePrice, KEY, drafts)]


def _ours(content: dict[str, Any]) -> Values:
    cells = {name: cell if name == "source" else latin(cell) for name, cell in content.items()}
    given = {name: cells[name] for name in ReferencePriceIn.model_fields if name in cells}
    for name in QUARTILES:
        if f"{name}_satang" not in given and f"{name}_baht" in cells:
            given[f"{name}_satang"] = _satang(cells, f"{name}_baht")
    if "week" in given:
        given["week"] = iso_day(given["week"])
    return given


def _satang(cells: Values, name: str) -> int:
    try:
        return parse_baht(latin(cells[name]))
    except (ValueError, KeyError) as error:
        raise refused(N_("Write an amount in baht with at most two decimals."), at=name) from error


def _first_monday(month: str) -> date:
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", iso_day(month))
    if match is None:
        raise refused(N_("Write the month as year-month."), at="month")
    first = date(int(match[1]), int(match[2]), 1)
    return first + timedelta(days=-first.weekday() % 7)
