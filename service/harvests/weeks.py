"""The harvest calendar: what groups of a province expect by week, as an outlook without prices.

The quantity of one or two groups is told as a band, as everywhere; a sum of three or more tells nobody's own.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from service.kernel.clock import today, week_of
from service.listings.models import Offer, SupplyLot
from service.listings.rules import WEEK, Window, band

WEEKS = 8
_LOT = (SupplyLot.harvest_from, SupplyLot.harvest_until, SupplyLot.capacity_day, SupplyLot.capacity_week)
FEWEST = 3
TO_SUNDAY = timedelta(days=6)


@dataclass(slots=True)
class Harvest:
    """What is expected of a product in a week; `exact` is None where it would be one group's own figure."""

    product_code: str
    week: date
    expected: int = 0
    groups: set[UUID] = field(default_factory=set)

    @property
    def exact(self) -> int | None:
        """The sum, where enough groups stand behind it."""
        return self.expected if len(self.groups) >= FEWEST else None

    @property
    def at_least(self) -> int:
        """The lower end of its band."""
        return band(self.expected)[0]

    @property
    def below(self) -> int | None:
        """The upper end of its band."""
        return band(self.expected)[1]


def calendar(
    tx: Session, *, province_code: str, weeks: int = WEEKS, products: Collection[str] | None = None
) -> list[Harvest]:
    """Expected harvests of the coming weeks, this week first, by product; of some products or of all."""
    first = week_of(today())
    lots = select(*_LOT, Offer.product_code, Offer.organisation_id).join(Offer, Offer.id == SupplyLot.offer_id)
    lots = lots.where(*_ahead(province_code, first, weeks))
    if products is not None:
        lots = lots.where(Offer.product_code.in_(products))
    found: dict[tuple[date, str], Harvest] = {}
    wanted = [first + number * WEEK for number in range(weeks)]
    for begins, ends, a_day, a_week, code, group in tx.execute(lots):
        lot = Window(begins, ends, a_day, a_week)
        for week in wanted[max(0, (begins - first).days // 7) : (ends - first).days // 7 + 1]:
            _add(found, lot, code, group, week)
    return [found[key] for key in sorted(found)]


def _ahead(province_code: str, first: date, weeks: int) -> tuple[ColumnElement[bool], ...]:
    """Lots on the market of a province that share a day with the weeks."""
    lies = (SupplyLot.harvest_until >= first, SupplyLot.harvest_from < first + weeks * WEEK)
    return Offer.province_code == province_code, Offer.state == "active", *lies


def _add(found: dict[tuple[date, str], Harvest], lot: Window, code: str, group: UUID, week: date) -> None:
    quantity = in_week(lot, week)
    if quantity:
        one = found.setdefault((week, code), Harvest(code, week))
        one.expected += quantity
        one.groups.add(group)


def products_ahead(
    tx: Session, *, province_code: str, only: Collection[str] | None, after: str, limit: int
) -> list[str]:
    """The codes, from one on, of the products that anything is expected of; perhaps of those looked for."""
    codes = select(Offer.product_code).join(SupplyLot, SupplyLot.offer_id == Offer.id)
    codes = codes.where(*_ahead(province_code, week_of(today()), WEEKS), Offer.product_code > after)
    if only is not None:
        codes = codes.where(Offer.product_code.in_(only))
    return list(tx.scalars(codes.distinct().order_by(Offer.product_code).limit(limit)))


def in_week(lot: SupplyLot | Window, week: date) -> int:
    """What a lot gives in a week: its days there, at most its week's quantity."""
    begin, end = max(lot.harvest_from, week), min(lot.harvest_until, week + TO_SUNDAY)
    days = (end - begin).days + 1
    return min(lot.capacity_day * days, lot.capacity_week) if days > 0 else 0
