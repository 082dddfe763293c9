"""Which awards and orders an actor may know, and a group's award as its answers find it: for queries and actions.

Awards are known once they are published to their group: to that group, to the demand's buyer, to the companies and
the service centre of the province. For everyone else there is nothing there.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from service.demand.models import Demand
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.orders.models import Order
from service.parties.permissions import may
from service.rounds.models import Award


def awards(by: Actor) -> Select[Award]:
    """The published awards that the actor may know."""
    reach = _within(by, "award.see", Award.buyer_id, Award.supplier_id, Award.demand_id)
    return select(Award).where(Award.respond_by.is_not(None), reach)


def orders(by: Actor) -> Select[Order]:
    """The orders that the actor may know."""
    return select(Order).where(_within(by, "order.see", Order.buyer_id, Order.supplier_id, Order.demand_id))


def _within(
    by: Actor,
    verb: str,
    buyer_id: InstrumentedAttribute[UUID],
    supplier_id: InstrumentedAttribute[UUID],
    demand_id: InstrumentedAttribute[UUID],
) -> ColumnElement[bool]:
    """The permission's reach as a condition: everywhere, in the province, or on either side."""
    if may(by, verb):
        return true()
    sides: list[ColumnElement[bool]] = [false()]
    if may(by, verb, organisation_id=by.organisation_id):
        sides += [buyer_id == by.organisation_id, supplier_id == by.organisation_id]
    if may(by, verb, province=by.province_code):
        sides.append(demand_id.in_(select(Demand.id).where(Demand.province_code == by.province_code)))
    return or_(*sides)


def award(tx: Session, *, by: Actor, award_id: UUID) -> Award:
    """A known award with its lines, or NotFound."""
    return _one(tx, awards(by).where(Award.id == award_id))


def locked_award(tx: Session, *, by: Actor, award_id: UUID) -> Award:
    """A known award with its lines, locked: of two answers that race, the second sees what the first wrote."""
    return _one(tx, awards(by).where(Award.id == award_id).with_for_update(of=Award))


def _one(tx: Session, query: Select[Award]) -> Award:
    row = tx.scalar(query.options(selectinload(Award.lines)).execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row
