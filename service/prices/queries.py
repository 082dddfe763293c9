"""Reads of prices: the spread by week from imports and from closed rounds, and what closed rounds paid lately."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.catalog import queries as catalog
from service.catalog.models import ReferencePrice
from service.kernel.clock import today, week_of
from service.parties.models import Province
from service.prices import rules
from service.prices.models import AcceptedPrice
from service.prices.rules import ACCEPTED, Cell


def spread(tx: Session, *, product_code: str, province_code: str, until: date, weeks: int = 52) -> list[Cell]:
    """Quartiles by week, oldest first: the imported reference price that counted, then what closed rounds paid."""
    first = until - timedelta(weeks=weeks - 1)
    history = catalog.price_history(tx, product_code, province_code, until)
    imported = [_imported(price) for price in history if price.week >= first]
    paid = _accepted(tx, [product_code], province_code, first, until)[product_code]
    return sorted([*imported, *paid], key=lambda cell: (cell.week, cell.is_own))


def paid_lately(tx: Session, *, product_codes: Iterable[str], province_code: str, until: date) -> dict[str, Cell]:
    """By product, the newest week of closed rounds that may be told, of the weeks that still say something."""
    codes = sorted(set(product_codes))
    first = until - timedelta(weeks=rules.WARNING_WEEKS)
    found = _accepted(tx, codes, province_code, first, until) if codes else {}
    newest = {code: [cell for cell in cells if cell.median is not None] for code, cells in found.items()}
    return {code: cells[-1] for code, cells in newest.items() if cells}


def provinces(tx: Session, product_code: str, *, own: str = "") -> list[Province]:
    """The provinces that know a price of the product, and the one that is asked about."""
    codes = {province.code for province in catalog.provinces_with_prices(tx, product_code, own=own)}
    known = select(AcceptedPrice.province_code).where(AcceptedPrice.product_code == product_code).distinct()
    codes |= set(tx.scalars(known))
    return list(tx.scalars(select(Province).where(Province.code.in_(codes)).order_by(Province.code)))


def _imported(price: ReferencePrice) -> Cell:
    return Cell(price.week, price.lower_satang, price.median_satang, price.upper_satang, price.sample_size,
                price.source, price.synthetic)  # fmt: skip


def _accepted(tx: Session, codes: list[str], province_code: str, first: date, until: date) -> dict[str, list[Cell]]:
    """What closed rounds paid, by product and week. A group counts once, at the mean of what it sold."""
    table, last = AcceptedPrice, rules.last_told_week(until, week_of(today()))
    query = (
        select(table.product_code, table.week, func.sum(table.price_satang * table.quantity), func.sum(table.quantity))
        .where(table.province_code == province_code, table.product_code.in_(codes), table.week.between(first, last))
        .group_by(table.product_code, table.week, table.supplier_id)
    )
    means: dict[tuple[str, date], list[int]] = {}
    for row in tx.execute(query):
        means.setdefault((row[0], row[1]), []).append(_mean(int(row[2]), int(row[3])))
    found: dict[str, list[Cell]] = {code: [] for code in codes}
    for (code, week), values in sorted(means.items()):
        q1, median, q3 = rules.told(values) or (None, None, None)
        found[code].append(Cell(week, q1, median, q3, len(values), ACCEPTED))
    return found


def _mean(satang: int, quantity: int) -> int:
    """A group's price of a week: what it was paid over what it sold, in whole satang."""
    return (2 * satang + quantity) // (2 * quantity)
