"""Rows of income for tests: orders with their first delivery on a day, what is settled on them, a statement."""

from datetime import date, timedelta
from typing import Any

from service.income.models import Settlement, Statement
from service.income.rules import digest, new_code
from service.kernel.clock import today
from service.orders.models import Order, OrderLine
from service.parties.models import Organisation
from tests.make import Maker


def ordered(
    make: Maker, group: Organisation, buyer: Organisation, day: date, satang: int, state: str = "active"
) -> Order:
    """A confirmed order of one line that is delivered on a day."""
    award = make.published_award(group, buyer, lines=((1, satang),), pack_quantity=1)
    order = make.add(Order(number=f"O-{award.id.hex}", award_id=award.id, demand_id=award.demand_id, buyer_id=buyer.id,
                           supplier_id=group.id, state=state, total_satang=satang))  # fmt: skip
    line = award.lines[0]
    make.add(OrderLine(order_id=order.id, award_line_id=line.id, product_code=line.product_code, delivery_date=day,
                       quantity=1, price_satang=satang, total_satang=satang))  # fmt: skip
    return order


def settled(make: Maker, order: Order, kind: str, satang: int) -> Settlement:
    """A bill or a payment as the stage of payments writes it."""
    source = f"test:{kind}:{order.id}:{satang}"
    return make.add(Settlement(order_id=order.id, kind=kind, satang=satang, settled_on=today(), source=source))


def statement(make: Maker, group: Organisation, **facts: Any) -> Statement:
    """A statement of a group about one order of a hundred baht."""
    one = {"orders": 1, "satang": 10_000}
    named = {"name_th": group.name_th, "name_en": group.name_en}
    told = {
        "group": named | {"registration": "1", "district": None, "province": None}, "made_on": "2026-11-22",
        "first_month": "2026-11-01", "last_month": "2026-11-01", "total": one | {"buyers": 1}, "ahead": one,
        "months": [one | {"month": "2026-11-01"}],
    }  # fmt: skip
    given = {"code": new_code(), "facts": told, "sha256": digest(told), "valid_until": today() + timedelta(days=90)}
    return make.add(Statement(organisation_id=group.id, **{**given, **facts}))
