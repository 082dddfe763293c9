"""The harvest calendar: what groups of a province expect by week, as an outlook without prices.

The quantity of one or two groups is told as a band, as everywhere; a sum of three or more tells nobody's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.kernel.clock import today, week_of
from service.listings.models import WHOLE_OFFER, Offer, SupplyLot
from service.listings.rules import WEEK, band

WEEKS = 8
FEWEST = 3


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


def calendar(tx: Session, *, province_code: str, weeks: int = WEEKS) -> list[Harvest]:
    """Expected harvests of the coming weeks, this week first, by product."""
    first = week_of(today())
    after = first + weeks * WEEK
    ahead = Offer.lots.any((SupplyLot.harvest_until >= first) & (SupplyLot.harvest_from < after))
    rows = select(Offer).where(Offer.province_code == province_code, Offer.state == "active", ahead)
    return summed(tx.scalars(rows.options(*WHOLE_OFFER)), first, weeks)


def summed(offers: Iterable[Offer], first: date, weeks: int) -> list[Harvest]:
    """Offers added up by week and product."""
    found: dict[tuple[date, str], Harvest] = {}
    for offer in offers:
        for week in (first + number * WEEK for number in range(weeks)):
            quantity = sum(in_week(lot, week) for lot in offer.lots)
            if quantity:
                one = found.setdefault((week, offer.product_code), Harvest(offer.product_code, week))
                one.expected += quantity
                one.groups.add(offer.organisation_id)
    return [found[key] for key in sorted(found)]


def in_week(lot: SupplyLot, week: date) -> int:
    """What a lot gives in a week: its days there, at most its week's quantity."""
    begin, end = max(lot.harvest_from, week), min(lot.harvest_until, week + WEEK - timedelta(days=1))
    days = (end - begin).days + 1
    return min(lot.capacity_day * days, lot.capacity_week) if days > 0 else 0
