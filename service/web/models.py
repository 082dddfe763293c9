"""Remembered answers to creating calls, so that a repeated call is answered and not done again."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base


class IdempotentAnswer(Base):
    """The answer given to an Idempotency-Key; written in the use case's own transaction."""

    __tablename__ = "idempotent_answers"

    caller: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(default=0)
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
