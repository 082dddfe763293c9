"""Households as pseudonyms, and the rosters that say how many days they worked in a group."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Versioned


class Household(Identified, Base):
    """A household by its pseudonym, and its tier as an agency attested it; who it is stands nowhere here."""

    __tablename__ = "households"
    __table_args__ = (CheckConstraint("tier is null or tier between 1 and 4", name="tier"),)

    pseudonym: Mapped[str] = mapped_column(String(64), unique=True)
    key_id: Mapped[str] = mapped_column(String(16), index=True)
    tier: Mapped[int | None]
    attester_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    attested_on: Mapped[date | None]
    valid_until: Mapped[date | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Roster(Identified, Versioned, Base):
    """The households of a group in a period, seen by the group and by the one agency that attests it."""

    __tablename__ = "rosters"
    __table_args__ = (
        UniqueConstraint("organisation_id", "period_from", "period_until"),
        CheckConstraint("other_days >= 0", name="other_days"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    attester_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    period_from: Mapped[date]
    period_until: Mapped[date] = mapped_column(index=True)
    other_days: Mapped[int] = mapped_column(default=0)  # worked by people who are of no member household
    state: Mapped[str] = mapped_column(String(20), default="draft")
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    attested_at: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class RosterLine(Identified, Base):
    """A member household and its labour days; its tier is copied here when the roster is attested."""

    __tablename__ = "roster_lines"
    __table_args__ = (
        UniqueConstraint("roster_id", "household_id"),
        CheckConstraint("labour_days >= 0", name="labour_days"),
    )

    roster_id: Mapped[UUID] = mapped_column(ForeignKey("rosters.id"))
    household_id: Mapped[UUID] = mapped_column(ForeignKey("households.id"), index=True)
    member_no: Mapped[str] = mapped_column(String(20))  # the group's own number of the member, for its eyes
    labour_days: Mapped[int]
    tier: Mapped[int | None]
