"""Committees and their seats, as they were named for one purchase."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.kernel.clock import now
from service.kernel.db import Base, Identified


class Committee(Identified, Base):
    """Who inspects the deliveries of a purchase, and the rule that it was named under."""

    __tablename__ = "committees"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    rule: Mapped[str] = mapped_column(String(40))  # code of a row of table.py
    named_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    named_at: Mapped[datetime] = mapped_column(default=now)
    seats: Mapped[list["Seat"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="Seat.position")


class Seat(Identified, Base):
    """A person of the institution in a committee: the chair, a member, or a substitute, in the order named."""

    __tablename__ = "committee_seats"
    __table_args__ = (
        UniqueConstraint("committee_id", "person_id"),
        CheckConstraint("kind in ('chair', 'member', 'substitute')", name="kind"),
    )

    committee_id: Mapped[UUID] = mapped_column(ForeignKey("committees.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
