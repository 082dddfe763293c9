"""What an actor may know of pools: a kitchen those of its district and its own, a company those of its province."""

from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from service.demand.models import Demand
from service.demand.schemas import DemandLineIn
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.pools.models import Pool, PoolMember


def visible(by: Actor) -> Select[Pool]:
    """The pools that the actor may know."""
    if may(by, "pool.see"):
        return select(Pool)
    if may(by, "pool.see", province=by.province_code):
        return select(Pool).where(Pool.province_code == by.province_code)
    require(by, "pool.see", organisation_id=by.organisation_id)
    district = select(Organisation.district_code).where(Organisation.id == by.organisation_id).scalar_subquery()
    mine = select(PoolMember.pool_id).where(PoolMember.organisation_id == by.organisation_id)
    return select(Pool).where(or_(Pool.district_code == district, Pool.id.in_(mine)))


def one(tx: Session, *, by: Actor, pool_id: UUID) -> Pool:
    """One of them, or NotFound."""
    row = tx.scalar(visible(by).where(Pool.id == pool_id))
    if row is None:
        raise NotFound
    return row


def terms(row: Pool) -> list[DemandLineIn]:
    """The lines that were agreed on, each with a quantity of one."""
    return [DemandLineIn.model_validate(term | {"quantity": 1}) for term in row.terms]


def members(tx: Session, pool_id: UUID) -> list[PoolMember]:
    """Who has joined, in order of joining."""
    return list(tx.scalars(select(PoolMember).where(PoolMember.pool_id == pool_id).order_by(PoolMember.id)))


def membership(tx: Session, *, by: Actor, pool_id: UUID) -> PoolMember:
    """The own kitchen's part, or NotFound."""
    row = one(tx, by=by, pool_id=pool_id)
    found = tx.scalar(select(PoolMember).where(PoolMember.pool_id == row.id,
                                               PoolMember.organisation_id == by.organisation_id))  # fmt: skip
    if found is None:
        raise NotFound
    return found


def own_demand(tx: Session, mine: PoolMember) -> Demand | None:
    """The demand that the own kitchen wrote from a pool, unless it was cancelled."""
    row = tx.get(Demand, mine.demand_id) if mine.demand_id else None
    return None if row is None or row.state == "cancelled" else row
