"""Overrides of rounds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified


class Override(Identified, Base):
    """A facilitator's word against the solver's on one pair; it stands until it is withdrawn, and is never deleted."""

    __tablename__ = "overrides"
    __table_args__ = (CheckConstraint("quantity >= 0", name="quantity"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"), index=True)
    demand_line_id: Mapped[UUID] = mapped_column(ForeignKey("demand_lines.id"))
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"))
    quantity: Mapped[int]  # exactly so much; 0 is nothing
    reason: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(500), default="")
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    withdrawn_at: Mapped[datetime | None]
