"""Entries that a service centre writes for a group; nothing of them takes effect before the group confirms."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json, Versioned


class AssistedEntry(Identified, Versioned, Base):
    """A listing or an answer as an officer wrote it down; `payload` is shown to the group alone (it holds a price)."""

    __tablename__ = "assisted_entries"
    __table_args__ = (
        CheckConstraint("kind in ('listing', 'answer')", name="kind"),
        Index("ix_assisted_entries_organisation", "organisation_id", "state"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    centre_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(10))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    award_id: Mapped[UUID | None] = mapped_column(ForeignKey("awards.id"))
    state: Mapped[str] = mapped_column(String(20), default="waiting")  # waiting confirmed refused
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    valid_until: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=now)
