"""Reads of awards and orders as people need them: both sides and their places, products, packs, distance, time left."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, select
from sqlalchemy.orm import Session, selectinload

from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotFound
from service.orders import known
from service.orders.models import Order
from service.orders.schemas import AwardOut, OrderOut, WholeOrderOut
from service.orders.shown import Beside, award_out, contact, order_out
from service.orders.vocabulary import ANSWERABLE
from service.parties.models import Organisation
from service.parties.permissions import may
from service.rounds.models import Award, AwardLine

MOST_OPEN = 20  # cards that a person looks through; programs page through them all
A_PAGE = 20


def awards(by: Actor, *, state: str | None, open_: bool | None, supplier_id: UUID | None) -> Select[Award]:
    """The awards that the actor may know, by state, by whether they wait for an answer, by supplier."""
    query = known.awards(by)
    if state is not None:
        query = query.where(Award.state == state)
    if open_ is not None:
        query = query.where(_waits() if open_ else ~_waits())
    if supplier_id is not None:
        query = query.where(Award.supplier_id == supplier_id)
    return query.options(selectinload(Award.lines))


def _waits() -> Any:
    """A line waits for its group, and there is time."""
    waiting = exists().where(AwardLine.award_id == Award.id, AwardLine.answer.is_(None))
    return and_(Award.state.in_(sorted(ANSWERABLE)), Award.respond_by >= now(), waiting)


def open_awards(tx: Session, *, by: Actor, supplier_id: UUID | None = None) -> list[AwardOut]:
    """The awards that wait for an answer, the most urgent first; perhaps of one supplier."""
    query = awards(by, state=None, open_=True, supplier_id=supplier_id)
    return shown(tx, tx.scalars(query.order_by(Award.respond_by, Award.id).limit(MOST_OPEN)).all())


def count_open(tx: Session, *, by: Actor) -> int:
    """How many awards wait for an answer, also where more do than are shown."""
    waiting = awards(by, state=None, open_=True, supplier_id=None).with_only_columns(Award.id)
    return tx.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def closed_awards(tx: Session, *, by: Actor, before: UUID | None) -> tuple[list[AwardOut], UUID | None]:
    """The awards that wait for nothing, the newest first, and where the next page begins."""
    query = awards(by, state=None, open_=False, supplier_id=None)
    rows, following = _newest(tx, query, Award.id, before)
    return shown(tx, rows), following


def award(tx: Session, *, by: Actor, award_id: UUID) -> AwardOut:
    """One award, or NotFound."""
    return shown(tx, [known.award(tx, by=by, award_id=award_id)])[0]


def shown(tx: Session, rows: Sequence[Award]) -> list[AwardOut]:
    """Awards (with their lines loaded) as they are shown."""
    beside = Beside.of_awards(tx, rows)
    ids = [row.id for row in rows]
    orders = {row.award_id: row for row in tx.scalars(select(Order).where(Order.award_id.in_(ids)))}
    return [award_out(row, beside, orders.get(row.id)) for row in rows]


def orders(by: Actor, *, state: str | None, demand_id: UUID | None) -> Select[Order]:
    """The orders that the actor may know, on either side."""
    query = known.orders(by)
    if state is not None:
        query = query.where(Order.state == state)
    if demand_id is not None:
        query = query.where(Order.demand_id == demand_id)
    return query.options(selectinload(Order.lines))


def newest_orders(tx: Session, *, by: Actor, before: UUID | None) -> tuple[list[OrderOut], UUID | None]:
    """A page of orders, the newest first, and where the next page begins."""
    rows, following = _newest(tx, orders(by, state=None, demand_id=None), Order.id, before)
    return shown_orders(tx, rows), following


def _newest(tx: Session, query: Select[Any], key: Any, before: UUID | None) -> tuple[list[Any], UUID | None]:
    """A page of rows by id, the newest first (ids are time-ordered)."""
    if before is not None:
        query = query.where(key < before)
    rows = list(tx.scalars(query.order_by(key.desc()).limit(A_PAGE + 1)))
    return rows[:A_PAGE], rows[A_PAGE - 1].id if len(rows) > A_PAGE else None


def shown_orders(tx: Session, rows: Sequence[Order]) -> list[OrderOut]:
    """Orders (with their lines loaded) as they are shown."""
    beside = Beside.of_orders(tx, rows)
    return [order_out(row, beside) for row in rows]


def order(tx: Session, *, by: Actor, order_id: UUID) -> WholeOrderOut:
    """One order with the contacts that its reader may see, or NotFound."""
    query = known.orders(by).where(Order.id == order_id).options(selectinload(Order.lines))
    row = tx.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    beside = Beside.of_orders(tx, [row])
    buyer, supplier = beside.organisations[row.buyer_id], beside.organisations[row.supplier_id]
    sees = _may_call(by, [buyer, supplier])
    return WholeOrderOut(
        **dict(order_out(row, beside)),
        buyer_contact=contact(buyer) if sees else None,
        supplier_contact=contact(supplier) if sees else None,
    )


def _may_call(by: Actor, sides: Iterable[Organisation]) -> bool:
    """Whether the reader may see a side's contact: an order makes each side the other's contact."""
    return any(
        may(by, "organisation.see_contact", organisation_id=side.id, province=side.province_code) for side in sides
    )


def may_answer(tx: Session, *, by: Actor, supplier_id: UUID) -> bool:
    """Whether the actor may answer for the supplier."""
    return _may(tx, by, "award.answer", supplier_id)


def may_write_down(tx: Session, *, by: Actor, supplier_id: UUID) -> bool:
    """Whether the actor may write an answer down that the supplier confirms."""
    return _may(tx, by, "entry.make", supplier_id)


def _may(tx: Session, by: Actor, verb: str, supplier_id: UUID) -> bool:
    supplier = tx.get_one(Organisation, supplier_id)
    return may(by, verb, organisation_id=supplier.id, province=supplier.province_code)
