"""Replays: a stored scenario solved again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json


class Replay(Identified, Base):
    """A scenario solved again on an auditor's wish, and how it compares with what is stored."""

    __tablename__ = "replays"

    scenario_id: Mapped[UUID] = mapped_column(ForeignKey("scenarios.id"), index=True)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(10), default="queued")  # queued done failed
    identical: Mapped[bool | None]
    differences: Mapped[list[Any]] = mapped_column(Json, default=list)
    failure: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
