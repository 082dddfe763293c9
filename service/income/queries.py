"""Reads of income: a group's confirmed orders added up, its statements, and what the holder of a code may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.income import known, rules
from service.income.models import Statement
from service.income.rules import Earned, Sum
from service.income.schemas import BuyerOut, CheckOut, IncomeOut, MonthOut, SumOut
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.problems import NotFound
from service.orders.models import Order, OrderLine
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.vocabulary import SUPPLIERS


@dataclass(frozen=True, slots=True)
class Income:
    """A group's confirmed orders by month and by buyer, with the buyers' rows."""

    group: Organisation
    rows: list[Earned]
    months: dict[date, Sum]
    buyers: dict[UUID, Sum]
    total: Sum
    names: dict[UUID, Organisation]

    def out(self) -> IncomeOut:
        """The same for programs."""
        return IncomeOut(
            organisation_id=self.group.id,
            total=SumOut.of(self.total),
            months=[MonthOut.of(row, month=month) for month, row in self.months.items()],
            buyers=[BuyerOut.of(row, buyer_id=key) for key, row in self.buyers.items()],
        )


def income(tx: Session, *, by: Actor, organisation_id: UUID | None, year: int | None = None) -> Income:
    """A group's income: of the last twelve months and all that is ahead, or of one calendar year."""
    group = None if organisation_id is None else tx.get(Organisation, organisation_id)
    if group is None or group.kind not in SUPPLIERS:
        raise NotFound
    require(by, "income.see", organisation_id=group.id, province=group.province_code)
    first, last = _window(year)
    return _added_up(tx, group, known.earned(tx, group.id, first, None if year is None else last), first, last)


def _window(year: int | None) -> tuple[date, date]:
    if year is not None:
        return date(year, 1, 1), date(year, 12, 31)
    return rules.earlier(today(), rules.SHOWN_MONTHS - 1), today()


def _added_up(tx: Session, group: Organisation, rows: list[Earned], first: date, last: date) -> Income:
    buyers = rules.by_buyer(rows)
    found = tx.scalars(select(Organisation).where(Organisation.id.in_(buyers)))
    return Income(group, rows, rules.by_month(rows, first, last), buyers, rules.total(rows), {o.id: o for o in found})


def years(tx: Session, organisation_id: UUID) -> list[int]:
    """The calendar years in which a group delivers, the newest first."""
    ends = select(func.min(OrderLine.delivery_date), func.max(OrderLine.delivery_date))
    ends = ends.join(Order, Order.id == OrderLine.order_id).where(Order.supplier_id == organisation_id)
    days = [day for day in tx.execute(ends).one() if day]
    return list(range(days[1].year, days[0].year - 1, -1)) if days else []


def statements(by: Actor) -> Select[Statement]:
    """The statements of the actor's own group."""
    require(by, "income.show", organisation_id=by.organisation_id)
    return select(Statement).where(Statement.organisation_id == by.organisation_id)


def newest(rows: Sequence[Statement]) -> list[Statement]:
    """Statements, the newest first."""
    return sorted(rows, key=lambda row: row.id, reverse=True)


def check(tx: Session, *, code: str) -> CheckOut | None:
    """What the holder of a code may know, or None; a statement that is over tells nothing but that."""
    wanted = rules.read_code(code)
    row = tx.scalar(select(Statement).where(Statement.code == wanted))
    if row is None:
        return None
    state = known.state_of(row)
    if state != "valid":
        return CheckOut(state=state, sha256=None, valid_until=None, facts=None)
    return CheckOut(state=state, sha256=row.sha256, valid_until=row.valid_until, facts=row.facts)
