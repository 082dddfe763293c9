"""What queries and actions of income share: a group's confirmed orders, and its statement as its own people find it."""

from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.income import rules
from service.income.models import Settlement, Statement
from service.income.rules import Earned
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.problems import NotFound
from service.orders.models import Order, OrderLine
from service.parties.permissions import require


def earned(tx: Session, organisation_id: UUID, first: date, last: date | None) -> list[Earned]:
    """The confirmed orders of a group whose first delivery lies in a period, with what is recorded of payments."""
    day = func.min(OrderLine.delivery_date)
    query = select(Order.id, Order.buyer_id, day, Order.total_satang).join(OrderLine, OrderLine.order_id == Order.id)
    query = query.where(Order.supplier_id == organisation_id, Order.state.in_(rules.COUNTED))
    query = query.group_by(Order.id, Order.buyer_id, Order.total_satang).having(day >= first)
    if last is not None:
        query = query.having(day <= last)
    rows = tx.execute(query.order_by(day, Order.id)).all()
    settled = _settled(tx, organisation_id)
    return [Earned(*row, settled.get((row[0], "billed")), settled.get((row[0], "paid"))) for row in rows]


def _settled(tx: Session, organisation_id: UUID) -> dict[tuple[UUID, str], int]:
    query = select(Settlement.order_id, Settlement.kind, func.sum(Settlement.satang))
    query = query.join(Order, Order.id == Settlement.order_id).where(Order.supplier_id == organisation_id)
    rows = tx.execute(query.group_by(Settlement.order_id, Settlement.kind))
    return {(order_id, kind): int(satang) for order_id, kind, satang in rows}


def statement(tx: Session, *, by: Actor, statement_id: UUID, lock: bool = False) -> Statement:
    """One statement of the actor's own group; for everybody else there is none."""
    row = tx.get(Statement, statement_id, with_for_update=lock, populate_existing=lock)
    if row is None or row.organisation_id != by.organisation_id:
        raise NotFound
    require(by, "income.show", organisation_id=row.organisation_id)
    return row


def state_of(row: Statement) -> Literal["valid", "withdrawn", "expired"]:
    """Whether a statement holds."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    return "valid" if row.valid_until >= today() else "expired"


def holding(row: Statement) -> Statement:
    """Refuse a statement that is over."""
    if state_of(row) != "valid":
        raise rules.StatementOver
    return row
