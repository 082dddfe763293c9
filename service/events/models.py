"""Events as they are recorded, the seals that chain them in commit order, and what vouches for the chain outside.

An event and its seal are written in its use case's transaction, the seal at its very end. Checkpoints sign how far the
chain had come; nodes are the upper part of the Merkle tree over the hashes, kept so that a proof reads a few hundred
rows instead of all. Database triggers refuse updates, deletes and replacements of all of them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Json

BigKey = BigInteger().with_variant(Integer, "sqlite")


class Event(Base):
    """One fact: actor, on behalf of whom, verb, subject, what changed, reason. No personal data: rows are named."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject", "subject_type", "subject_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, Identity(), primary_key=True)
    transaction: Mapped[int] = mapped_column(BigInteger, default=0)  # the first revision's order; part of its hashes
    at: Mapped[datetime] = mapped_column(default=now)
    person_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None] = mapped_column(index=True)
    on_behalf_of: Mapped[UUID | None] = mapped_column(index=True)
    verb: Mapped[str] = mapped_column(String(80), index=True)
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(64))
    province_code: Mapped[str | None] = mapped_column(String(2))
    change: Mapped[Any] = mapped_column(Json, default=list)  # a JSON patch; an object in the first revision's events
    reason: Mapped[str] = mapped_column(String(1000), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")


class Seal(Base):
    """The place of an event in the chain: the hash of the event's canonical line, which names the hash before."""

    __tablename__ = "event_seals"

    sequence: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), unique=True)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class Node(Base):
    """The root of a complete subtree of the Merkle tree: 2**level hashes, the `position`-th such group."""

    __tablename__ = "event_nodes"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))


class SigningKey(Base):
    """A public key that signs checkpoints; `statement` names it and the key before, signed by that one."""

    __tablename__ = "event_keys"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    statement: Mapped[str] = mapped_column(String(500))
    signature: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Checkpoint(Base):
    """How far the chain had come at a moment, signed: `statement` holds size, head, root, time and key."""

    __tablename__ = "event_checkpoints"

    size: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    key_id: Mapped[str] = mapped_column(ForeignKey("event_keys.id"))
    statement: Mapped[str] = mapped_column(String(500))
    signature: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime] = mapped_column(default=now)
