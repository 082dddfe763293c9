"""Awards and orders as they are shown: their rows beside what the floors below know of them, read in a few queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.catalog.models import Product
from service.demand.models import Demand, DemandLine
from service.kernel.clock import now
from service.listings.models import Offer
from service.orders import rules
from service.orders.models import Order, OrderLine
from service.orders.schemas import (
    AwardLineOut,
    AwardOut,
    ContactOut,
    OrderLineOut,
    OrderOut,
    PlaceOut,
    ProductNamed,
    SideOut,
)
from service.orders.vocabulary import AwardState, OrderState
from service.parties.models import District, Organisation, Province
from service.parties.rules import km_between
from service.rounds.models import Award, AwardLine

Key = TypeVar("Key")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Beside:
    """Rows of the floors below, by their keys."""

    organisations: dict[UUID, Organisation]
    districts: dict[str, District]
    provinces: dict[str, Province]
    products: dict[str, Product]
    demands: dict[UUID, Demand]
    demand_lines: dict[UUID, DemandLine]  # by award line
    packs: dict[UUID, int]  # by offer

    @classmethod
    def of_awards(cls, tx: Session, rows: Sequence[Award]) -> "Beside":
        """What the awards refer to."""
        return cls._of(tx, rows, [line for row in rows for line in row.lines])

    @classmethod
    def of_orders(cls, tx: Session, rows: Sequence[Order]) -> "Beside":
        """What the orders refer to."""
        wanted = {line.award_line_id for row in rows for line in row.lines}
        return cls._of(tx, rows, list(_by(tx, AwardLine, AwardLine.id, wanted).values()))

    @classmethod
    def _of(cls, tx: Session, rows: Sequence[Award | Order], lines: Sequence[AwardLine]) -> "Beside":
        sides = _by(
            tx, Organisation, Organisation.id, {part for row in rows for part in (row.buyer_id, row.supplier_id)}
        )
        places = sides.values()
        needs = _by(tx, DemandLine, DemandLine.id, {line.demand_line_id for line in lines})
        offers = _by(tx, Offer, Offer.id, {line.offer_id for line in lines})
        return cls(
            organisations=sides,
            districts=_by(tx, District, District.code, {side.district_code for side in places}),
            provinces=_by(tx, Province, Province.code, {side.province_code for side in places}),
            products=_by(tx, Product, Product.code, {line.product_code for line in lines}),
            demands=_by(tx, Demand, Demand.id, {row.demand_id for row in rows}),
            demand_lines={line.id: needs[line.demand_line_id] for line in lines},
            packs={offer.id: offer.pack_quantity for offer in offers.values()},
        )

    def side(self, organisation_id: UUID) -> SideOut:
        """A buyer or supplier."""
        row = self.organisations[organisation_id]
        district, province = self.districts.get(row.district_code or ""), self.provinces.get(row.province_code or "")
        return SideOut(id=row.id, kind=row.kind, name_th=row.name_th, name_en=row.name_en,
                       district=None if district is None else PlaceOut.model_validate(district),
                       province=None if province is None else PlaceOut.model_validate(province))  # fmt: skip

    def km(self, row: Award) -> float | None:
        """Road kilometres between the two sides, where both have a point."""
        far = km_between(self.organisations[row.buyer_id], self.organisations[row.supplier_id])
        return None if far is None else round(far, 1)


def _by(tx: Session, table: type[Row], key: InstrumentedAttribute[Key], wanted: Iterable[Any]) -> dict[Key, Row]:
    rows = tx.scalars(select(table).where(key.in_({value for value in wanted if value is not None})))
    return {getattr(row, key.key): row for row in rows}


def award_out(row: Award, beside: Beside, order: Order | None) -> AwardOut:
    """An award as it is shown now."""
    at, lines = now(), [_award_line(line, beside) for line in row.lines]
    assert row.respond_by is not None, "an award is known once it is published"
    waits = rules.may_be_answered(row.state, row.respond_by, row.lines, at)
    return AwardOut(
        id=row.id,
        ocid=beside.demands[row.demand_id].ocid,
        round_id=row.round_id,
        demand_id=row.demand_id,
        state=AwardState(row.state),
        open=waits,
        respond_by=row.respond_by,
        seconds_left=int((row.respond_by - at).total_seconds()) if waits else 0,
        buyer=beside.side(row.buyer_id),
        supplier=beside.side(row.supplier_id),
        km=beside.km(row),
        total_satang=sum(line.total_satang for line in lines),
        accepted_satang=sum(line.accepted_satang for line in lines),
        lines=lines,
        order_id=None if order is None else order.id,
        order_number=None if order is None else order.number,
        version=row.version,
    )


def _award_line(line: AwardLine, beside: Beside) -> AwardLineOut:
    need = beside.demand_lines[line.id]
    return AwardLineOut(
        id=line.id,
        demand_line_id=line.demand_line_id,
        offer_id=line.offer_id,
        product=ProductNamed.model_validate(beside.products[line.product_code]),
        delivery_date=line.delivery_date,
        window_from=need.window_from,
        window_until=need.window_until,
        quantity=line.quantity,
        pack_quantity=beside.packs[line.offer_id],
        price_satang=line.price_satang,
        total_satang=line.quantity * line.price_satang,
        answer=line.answer,
        accepted_quantity=line.accepted_quantity,
        accepted_satang=line.accepted_quantity * line.price_satang,
        decline_reason=line.decline_reason,
        answer_note=line.answer_note,
        answered_at=line.answered_at,
    )


def order_out(row: Order, beside: Beside) -> OrderOut:
    """An order as it is shown."""
    return OrderOut(
        id=row.id,
        number=row.number,
        ocid=beside.demands[row.demand_id].ocid,
        award_id=row.award_id,
        demand_id=row.demand_id,
        state=OrderState(row.state),
        created_at=row.created_at,
        buyer=beside.side(row.buyer_id),
        supplier=beside.side(row.supplier_id),
        total_satang=row.total_satang,
        lines=[_order_line(line, beside) for line in row.lines],
        version=row.version,
    )


def _order_line(line: OrderLine, beside: Beside) -> OrderLineOut:
    need = beside.demand_lines[line.award_line_id]
    return OrderLineOut(
        id=line.id,
        award_line_id=line.award_line_id,
        product=ProductNamed.model_validate(beside.products[line.product_code]),
        delivery_date=line.delivery_date,
        window_from=need.window_from,
        window_until=need.window_until,
        quantity=line.quantity,
        price_satang=line.price_satang,
        total_satang=line.total_satang,
    )


def contact(row: Organisation) -> ContactOut:
    """How to reach an organisation."""
    return ContactOut.model_validate(row)
