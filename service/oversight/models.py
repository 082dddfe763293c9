"""Verifications of a long log that run beside the web: who asked, how far they are, what they found."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json


class LogCheck(Identified, Base):
    """A verification of the whole log. Its id is the workflow's id."""

    __tablename__ = "log_checks"

    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    head: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[str] = mapped_column(String(10), default="queued")  # queued running done failed
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    verdict: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
