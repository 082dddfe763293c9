"""Orders (contracts) and their lines."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Versioned


class Order(Identified, Versioned, Base):
    """What buyer and supplier owe each other: made by acceptance, never by hand."""

    __tablename__ = "orders"

    number: Mapped[str] = mapped_column(String(40), unique=True)
    award_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"), unique=True)
    demand_id: Mapped[UUID] = mapped_column(ForeignKey("demands.id"), index=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default="active")  # pending active terminated cancelled
    total_satang: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
    lines: Mapped[list["OrderLine"]] = relationship(lazy="raise", order_by="OrderLine.delivery_date")


class OrderLine(Identified, Base):
    """An accepted quantity at its price."""

    __tablename__ = "order_lines"
    __table_args__ = (UniqueConstraint("award_line_id"), CheckConstraint("quantity > 0", name="quantity"))

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    award_line_id: Mapped[UUID] = mapped_column(ForeignKey("award_lines.id"))
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    delivery_date: Mapped[date]
    quantity: Mapped[int]
    price_satang: Mapped[int] = mapped_column(BigInteger)
    total_satang: Mapped[int] = mapped_column(BigInteger)
