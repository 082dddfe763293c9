"""Accepted prices: what orders agreed on, kept on this low floor for statistics."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified


class AcceptedPrice(Identified, Base):
    """The price of an accepted line of an order; the order itself stands floors above and is named by its line."""

    __tablename__ = "accepted_prices"
    __table_args__ = (
        Index("ix_accepted_prices_lookup", "province_code", "product_code", "week"),
        CheckConstraint("quantity > 0 and price_satang > 0", name="positive"),
    )

    order_line_id: Mapped[UUID] = mapped_column(unique=True)
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"))
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    week: Mapped[date]  # the Monday of its delivery
    quantity: Mapped[int]
    price_satang: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
