"""Repeating a week: what would be copied, and the copying. Lots that are there already are not doubled."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog import queries as catalog
from service.catalog.models import Product
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import today, week_of
from service.listings import queries, rules
from service.listings.actions import group_of
from service.listings.models import WHOLE_OFFER, Offer, OfferCertificate, SupplyLot
from service.parties.rules import must_be_qualified

LIVE = frozenset({"draft", "active", "suspended"})


@dataclass(frozen=True, slots=True)
class Copy:
    """An offer and the lots that its copy would have."""

    offer: Offer
    windows: list[rules.Window]


def coming_week() -> date:
    """The Monday of the next week."""
    return week_of(today()) + rules.WEEK


def plan(tx: Session, group_id: UUID, week: date) -> list[Copy]:
    """What repeating would bring into a week: the lots of the week before it, seven days later."""
    rows = _tradable(tx, group_id)
    return [copy for row in rows if (copy := _copy(row, _lots_in(row, week - rules.WEEK), rules.WEEK, rows)).windows]


def _tradable(tx: Session, group_id: UUID) -> list[Offer]:
    query = select(Offer).join(Product, Product.code == Offer.product_code).options(*WHOLE_OFFER)
    query = query.where(Offer.organisation_id == group_id, Product.active).order_by(Offer.id)
    return list(tx.scalars(query.execution_options(populate_existing=True)))


def _lots_in(row: Offer, week: date) -> list[SupplyLot]:
    return [lot for lot in row.lots if rules.lies_in(lot, week)] if row.state in rules.REPEATABLE else []


def _copy(row: Offer, lots: list[SupplyLot], later: timedelta, rows: list[Offer]) -> Copy:
    """The lots moved later, without those that a live offer of the same product and grade covers already."""
    same = [other for other in rows if (other.product_code, other.grade_id) == (row.product_code, row.grade_id)]
    there = [lot for other in same if other.state in LIVE for lot in other.lots]
    windows = [rules.shifted(lot, later) for lot in lots]
    return Copy(row, [window for window in windows if not any(rules.overlaps(lot, window) for lot in there)])


def last_week(tx: Session, *, by: Actor, organisation_id: UUID | None = None) -> list[Offer]:
    """Copy all of a group's offers of this delivery week into the coming one, on the market at once."""
    group = group_of(tx, by=by, organisation_id=organisation_id, lock=True)
    must_be_qualified(group)
    return [_written(tx, by, copy) for copy in plan(tx, group.id, coming_week())]


def one(tx: Session, *, by: Actor, offer_id: UUID) -> Offer:
    """Copy one offer's last lots into the days after them, at the earliest into the coming week."""
    row = queries.offer(tx, by=by, offer_id=offer_id)
    must_be_qualified(group_of(tx, by=by, organisation_id=row.organisation_id, lock=True))
    copy = _copy(row, *_last(row), _tradable(tx, row.organisation_id))
    if not copy.windows:
        raise rules.NothingToRepeat
    return _written(tx, by, copy)


def _last(row: Offer) -> tuple[list[SupplyLot], timedelta]:
    """The lots of an offer's last week, and how much later their copies lie."""
    if not row.lots or row.state not in rules.REPEATABLE:
        return [], rules.WEEK
    last = week_of(max(lot.harvest_until for lot in row.lots))
    lots = [lot for lot in row.lots if lot.harvest_until >= last]
    first = week_of(min(lot.harvest_from for lot in lots))
    return lots, max(last + rules.WEEK, coming_week()) - first


def _written(tx: Session, by: Actor, copy: Copy) -> Offer:
    old = copy.offer
    first = min(window.harvest_from for window in copy.windows)
    valid = {row.id for row in catalog.certificates_that_count(tx, old.organisation_id, old.product_code, first)}
    row = Offer(
        organisation_id=old.organisation_id, province_code=old.province_code, product_code=old.product_code,
        grade_id=old.grade_id, price_satang=old.price_satang, minimum_quantity=old.minimum_quantity,
        pack_quantity=old.pack_quantity, reach_km=old.reach_km, state="active", copied_from_id=old.id,
        lots=[_lot(window) for window in copy.windows],
        certificates=[OfferCertificate(certificate_id=claim.certificate_id) for claim in old.certificates
                      if claim.certificate_id in valid],
    )  # fmt: skip
    tx.add(row)
    helps = None if by.organisation_id == old.organisation_id else old.organisation_id
    events.record(tx, by=by, verb="offer.repeated", subject=row, province_code=row.province_code, on_behalf_of=helps,
                  change={"copied_from": old.id, "from": first, "lots": len(row.lots)})  # fmt: skip
    return row


def _lot(window: rules.Window) -> SupplyLot:
    return SupplyLot(
        harvest_from=window.harvest_from, harvest_until=window.harvest_until,
        capacity_day=window.capacity_day, capacity_week=window.capacity_week,
    )  # fmt: skip
