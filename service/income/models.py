"""What was billed and paid on orders, as the stage of payments writes it, and statements that groups make."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json, Versioned


class Settlement(Identified, Base):
    """A sum billed or paid on an order. The stage of payments writes it; `source` names its row and counts once."""

    __tablename__ = "settlements"
    __table_args__ = (
        UniqueConstraint("source"),
        CheckConstraint("kind in ('billed', 'paid')", name="kind"),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    satang: Mapped[int] = mapped_column(BigInteger)  # a void or a return is below zero
    settled_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(80))


class Statement(Identified, Versioned, Base):
    """Figures that a group chose to show to someone else, frozen with their digest; whoever has the code may check."""

    __tablename__ = "income_statements"
    __table_args__ = (UniqueConstraint("code"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    facts: Mapped[dict[str, Any]] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(String(64))
    valid_until: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
