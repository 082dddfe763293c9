"""What a group's first screen reads: awards that wait, what is due where, offers to confirm, the next cut-off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog.models import Product
from service.kernel.actor import Actor
from service.kernel.clock import now, today
from service.listings import freshness
from service.listings.models import Offer
from service.orders import queries as orders
from service.orders.models import Order, OrderLine
from service.orders.schemas import AwardOut, OrderLineOut, OrderOut, SideOut
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.rules import km_between
from service.rounds.models import Round

SOON = timedelta(days=7)
AHEAD = timedelta(days=28)  # a printed list reaches so far


@dataclass(frozen=True, slots=True)
class Drop:
    """What one order brings to one kitchen on one day."""

    day: date
    order_id: UUID
    number: str
    buyer: SideOut
    address: str
    km: float | None
    lines: list[OrderLineOut]


@dataclass(frozen=True, slots=True)
class Today:
    """The three kinds of decisions, and what else the day holds."""

    group: Organisation
    awards: list[AwardOut]
    days: list[tuple[date, list[Drop]]]
    stale: list[Offer]
    products: dict[str, Product]
    cut_off: datetime | None


def today_of(tx: Session, *, by: Actor) -> Today:
    """The first screen of the actor's group."""
    group = _group(tx, by)
    stale = freshness.stale(tx, group.id)
    codes = {row.product_code for row in stale}
    products = {row.code: row for row in tx.scalars(select(Product).where(Product.code.in_(codes)))}
    ahead = select(Round.closes_at).where(
        Round.state == "open", Round.closes_at > now(), Round.province_code == group.province_code
    )
    cut_off = tx.scalar(ahead.order_by(Round.closes_at).limit(1))
    return Today(group, orders.open_awards(tx, by=by), _days(tx, by, group, SOON), stale, products, cut_off)


def _group(tx: Session, by: Actor) -> Organisation:
    require(by, "today.see", organisation_id=by.organisation_id)
    return tx.get_one(Organisation, by.organisation_id)


def deliveries(tx: Session, *, by: Actor) -> tuple[Organisation, list[tuple[date, list[Drop]]]]:
    """What the actor's group has promised for the coming weeks, by day."""
    group = _group(tx, by)
    return group, _days(tx, by, group, AHEAD)


def _days(tx: Session, by: Actor, group: Organisation, within: timedelta) -> list[tuple[date, list[Drop]]]:
    first, last = today(), today() + within
    due = OrderLine.delivery_date.between(first, last)
    query = orders.orders(by, state="active", demand_id=None).where(Order.supplier_id == group.id, Order.lines.any(due))
    found = orders.shown_orders(tx, list(tx.scalars(query)))
    ids = {row.buyer.id for row in found}
    buyers = {row.id: row for row in tx.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
    drops = [drop for row in found for drop in _drops(row, buyers[row.buyer.id], group, first, last)]
    days = sorted({drop.day for drop in drops})
    return [(day, sorted((drop for drop in drops if drop.day == day), key=_by_hour)) for day in days]


def _drops(row: OrderOut, buyer: Organisation, group: Organisation, first: date, last: date) -> Iterator[Drop]:
    for day in row.days:
        if first <= day <= last:
            lines = [line for line in row.lines if line.delivery_date == day]
            yield Drop(day, row.id, row.number, row.buyer, buyer.address, km_between(buyer, group), lines)


def _by_hour(drop: Drop) -> tuple[str, str]:
    return (str(min(line.window_from for line in drop.lines)), drop.number)
