"""Notices as they are told, their deliveries by channel, people's choices and addresses, organisations' webhooks.

A notice is written in the transaction of what it tells, so it is the outbox and the notice in the market at once.
"""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Versioned
from service.kernel.sealed import Sealed

EVENING, MORNING = time(21), time(6)  # quiet hours of whoever chose none, in Thailand


class Notice(Identified, Base):
    """One fact for one recipient: a person, an organisation's webhook, or an address of someone without an account."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("recipient", "key"),
        Index("ix_notices_person_shown", "person_id", "shown", "id"),
        Index("ix_notices_key", "key"),
    )

    recipient: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(200))  # what is told twice under one key is told once
    kind: Mapped[str] = mapped_column(String(60))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    webhook_id: Mapped[UUID | None] = mapped_column(ForeignKey("webhooks.id"), index=True)
    secret_content: Mapped[str] = mapped_column(Sealed, default="")  # facts and path: either may let someone in
    language: Mapped[str] = mapped_column(String(2), default="th")
    shown: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    read_at: Mapped[datetime | None]


class Delivery(Identified, Base):
    """A notice on its way through one channel. Deliveries of one lane go out in order, one at a time."""

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel"),
        Index("ix_notice_deliveries_state_due", "state", "due_at"),
        Index("ix_notice_deliveries_lane", "lane", "id"),
    )

    notice_id: Mapped[UUID] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(10))
    lane: Mapped[str] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    held_until: Mapped[datetime | None]  # until then one worker is sending it
    last_error: Mapped[str] = mapped_column(String(200), default="")
    delivered_at: Mapped[datetime | None]
    secret_address: Mapped[str] = mapped_column(Sealed, default="")  # of someone who has no choices yet


class Choices(Versioned, Base):
    """How a person wants to be told: language, quiet hours, and channels by kind where they differ from the kind's."""

    __tablename__ = "notice_choices"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), default="th")
    quiet_from: Mapped[time] = mapped_column(default=EVENING)
    quiet_until: Mapped[time] = mapped_column(default=MORNING)
    channels: Mapped[dict[str, Any]] = mapped_column(default=dict)  # kind -> chosen channels


class Address(Identified, Base):
    """Where a channel reaches a person: encrypted, and used once its owner has brought the code sent to it."""

    __tablename__ = "notice_addresses"
    __table_args__ = (UniqueConstraint("person_id", "channel"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    channel: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(Sealed)
    address_hash: Mapped[str] = mapped_column(String(64), index=True)  # keyed: finds whose address it is
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    code_expires_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Webhook(Identified, Versioned, Base):
    """Where an organisation's own program is told, signed with a secret that both know."""

    __tablename__ = "webhooks"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    url: Mapped[str] = mapped_column(Sealed)
    secret: Mapped[str] = mapped_column(Sealed)
    kinds: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
