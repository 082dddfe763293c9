"""The use case of accepted prices: orders note them as they arise, in their own transaction."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from service.kernel.clock import week_of
from service.prices.models import AcceptedPrice


def note_accepted(
    tx: Session, *, order_line_id: UUID, product_code: str, province_code: str, supplier_id: UUID,
    delivery_date: date, quantity: int, price_satang: int,
) -> AcceptedPrice:  # fmt: skip
    """Keep the price of an accepted line; the order's own event tells of it."""
    row = AcceptedPrice(order_line_id=order_line_id, product_code=product_code, province_code=province_code,
                        supplier_id=supplier_id, week=week_of(delivery_date), quantity=quantity,
                        price_satang=price_satang)  # fmt: skip
    tx.add(row)
    return row
