"""Demands that kitchens of a district wrote together: what was agreed, and what of it stands approved.

The floor of pools writes the reference; a demand's page, a round's page and programs read it. Quantities alone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from service.catalog.models import Product
from service.demand.models import Demand, DemandLine, JointDemand
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.models import District
from service.parties.permissions import require


def mark(
    tx: Session, *, by: Actor, row: Demand, pool_id: UUID, district_code: str, kitchens: int, totals: list[Any]
) -> None:
    """Write down with which others a demand was agreed on."""
    require(by, "demand.edit", organisation_id=row.organisation_id)
    tx.add(JointDemand(demand_id=row.id, pool_id=pool_id, district_code=district_code, kitchens=kitchens,
                       totals=totals))  # fmt: skip
    change = {"pool": str(pool_id), "kitchens": kitchens}
    events.record(tx, by=by, verb="demand.joined", subject=row, province_code=row.province_code, change=change)


@dataclass(frozen=True, slots=True)
class Total:
    """How much of a product all kitchens need on a day."""

    product: Product
    delivery_date: date
    quantity: int

    @property
    def product_code(self) -> str:
        """Its product."""
        return self.product.code


@dataclass(frozen=True, slots=True)
class Together:
    """What a demand was agreed on with: as agreed, and how many of the kitchens stand approved by now."""

    pool_id: UUID
    district: District
    kitchens: int
    approved: int
    totals: list[Total]

    @property
    def district_code(self) -> str:
        """The district of all of them."""
        return self.district.code


def of(tx: Session, row: Demand) -> Together | None:
    """With which others a demand was agreed on; None for most demands."""
    joint = tx.get(JointDemand, row.id)
    if joint is None:
        return None
    standing = select(func.count()).select_from(JointDemand).join(Demand, Demand.id == JointDemand.demand_id)
    standing = standing.where(JointDemand.pool_id == joint.pool_id, *_approved())
    codes = {code for code, _, _ in joint.totals}
    products = {one.code: one for one in tx.scalars(select(Product).where(Product.code.in_(codes)))}
    totals = [Total(products[code], date.fromisoformat(day), units) for code, day, units in joint.totals]
    return Together(joint.pool_id, _district(tx, joint.district_code), joint.kitchens, tx.scalar(standing) or 0, totals)


def must_be(tx: Session, row: Demand) -> Together:
    """The same, or NotFound."""
    found = of(tx, row)
    if found is None:
        raise NotFound
    return found


def groups(tx: Session, demand_ids: Collection[UUID]) -> list[Together]:
    """Among approved demands, those of one pool each: what they need together as they stand now."""
    rows = select(JointDemand).where(JointDemand.demand_id.in_(demand_ids)).order_by(JointDemand.pool_id)
    pools: dict[UUID, list[JointDemand]] = {}
    for joint in tx.scalars(rows):
        pools.setdefault(joint.pool_id, []).append(joint)
    return [_group(tx, pool) for pool in pools.values()]


def _group(tx: Session, pool: list[JointDemand]) -> Together:
    wanted = select(Product, DemandLine.delivery_date, func.sum(DemandLine.quantity))
    wanted = wanted.join(DemandLine, DemandLine.product_code == Product.code)
    wanted = wanted.where(DemandLine.demand_id.in_([joint.demand_id for joint in pool]))
    wanted = wanted.group_by(Product.code, DemandLine.delivery_date)
    totals = [Total(*found) for found in tx.execute(wanted.order_by(DemandLine.delivery_date, Product.code))]
    first = pool[0]
    return Together(first.pool_id, _district(tx, first.district_code), first.kitchens, len(pool), totals)


def _approved() -> tuple[Any, ...]:
    return Demand.approved_at.is_not(None), Demand.state.not_in(("draft", "cancelled"))


def _district(tx: Session, code: str) -> District:
    return tx.get_one(District, code, options=[defer(District.outline)])
