"""Sign-in sessions, second factors with their recovery codes, PINs of shared phones, one-time codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified
from service.kernel.sealed import Sealed


class SignInSession(Identified, Base):
    """A sign-in: the browser holds a random secret, we hold its hash. `acting_id` named themselves by PIN."""

    __tablename__ = "sign_in_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    second_factor_at: Mapped[datetime | None]
    acting_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    acting_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(80), default="", server_default="")


class SecondFactor(Base):
    """A person's authenticator; its secret is encrypted, and no time step counts twice."""

    __tablename__ = "second_factors"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(400))
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Identified, Base):
    """One of the codes that stand in for a lost authenticator, as a hash; it works once."""

    __tablename__ = "recovery_codes"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class Pin(Base):
    """The PIN with which someone of a group names themselves on the group's shared phone."""

    __tablename__ = "pins"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    pin_hash: Mapped[str] = mapped_column(String(200))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class OneTimeCode(Identified, Base):
    """A code that an officer hands over or that was sent, as a keyed hash: whoever brings it once chooses a password.

    `issued_by` is nobody where the person asked for it; `email` is where it was sent.
    """

    __tablename__ = "one_time_codes"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    issued_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str] = mapped_column(Sealed, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
