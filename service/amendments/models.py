"""Amendments of demands."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json, Versioned


class Amendment(Identified, Versioned, Base):
    """Other quantities for an approved demand: applied at once, or once the head has approved a higher total."""

    __tablename__ = "demand_amendments"
    __table_args__ = (CheckConstraint("state in ('pending', 'applied', 'refused')", name="state"),)

    demand_id: Mapped[UUID] = mapped_column(ForeignKey("demands.id"), index=True)
    quantities: Mapped[dict[str, int]] = mapped_column(Json)  # by line
    before_satang: Mapped[int] = mapped_column(BigInteger)
    after_satang: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(20), default="pending")
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
