"""Events as they are recorded, and the seals that chain them in commit order.

An event is written in its use case's transaction. Its place in the chain is given afterwards, off the write
path, by the sealer: one seal an event, each holding the hash of the seal before it. Database triggers refuse
updates and deletes of both tables.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base

BigKey = BigInteger().with_variant(Integer, "sqlite")


class Event(Base):
    """One fact: actor, on behalf of whom, verb, subject, what changed, reason. No personal data: rows are named."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject", "subject_type", "subject_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, Identity(), primary_key=True)
    transaction: Mapped[int] = mapped_column(BigInteger, default=0)
    at: Mapped[datetime] = mapped_column(default=now)
    person_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None] = mapped_column(index=True)
    on_behalf_of: Mapped[UUID | None]
    verb: Mapped[str] = mapped_column(String(80), index=True)
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(64))
    province_code: Mapped[str | None] = mapped_column(String(2))
    change: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(String(1000), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")


class Seal(Base):
    """The place of an event in the chain: `hash = SHA-256(previous hash + canonical event)`."""

    __tablename__ = "event_seals"

    sequence: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), unique=True)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
