"""Rounds, runs with their stored scenarios, awards and their lines."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json, Versioned


class Round(Identified, Versioned, Base):
    """A province's allocation of one delivery week."""

    __tablename__ = "rounds"
    __table_args__ = (Index("ix_rounds_province_week", "province_code", "delivery_week"),)

    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"))
    delivery_week: Mapped[date]
    state: Mapped[str] = mapped_column(String(20), default="scheduled")
    state_reason: Mapped[str] = mapped_column(String(1000), default="")
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    answer_hours: Mapped[int] = mapped_column(default=24)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("programme_profiles.id"))
    effort: Mapped[str] = mapped_column(String(10), default="quick")
    seed: Mapped[int] = mapped_column(default=1)
    facilitator_company_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    facilitator_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    reviewer_company_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    reviewer_reason: Mapped[str] = mapped_column(String(200), default="")
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class RoundDemand(Identified, Base):
    """A demand that a round serves; a demand has one live round at a time."""

    __tablename__ = "round_demands"
    __table_args__ = (UniqueConstraint("round_id", "demand_id"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"), index=True)
    demand_id: Mapped[UUID] = mapped_column(ForeignKey("demands.id"), index=True)


class Run(Identified, Base):
    """One solving of a round: the first, or a re-solve after answers. Its id is the workflow's id."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("round_id", "number"),)

    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"), index=True)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))  # first | again
    state: Mapped[str] = mapped_column(String(20), default="queued")  # queued solving solved applied failed
    failure: Mapped[str] = mapped_column(String(1000), default="")
    overrides: Mapped[int] = mapped_column(default=0, server_default="0")  # pairs that a person has decided
    progress: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # scenario -> phase, fraction, gap
    snapshot_sha256: Mapped[str] = mapped_column(String(64), default="")
    snapshot: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # gzipped canonical JSON
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class Scenario(Identified, Base):
    """A run's stored instance and result under one set of margins: least_cost, policy or most_social."""

    __tablename__ = "scenarios"
    __table_args__ = (UniqueConstraint("run_id", "name"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"), index=True)
    name: Mapped[str] = mapped_column(String(20))
    instance_sha256: Mapped[str] = mapped_column(String(64))
    instance: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # NPZ
    result: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # JSON
    reasons: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)  # NPZ: a code and numbers for every arc
    status: Mapped[str] = mapped_column(String(20))
    objective: Mapped[float | None]
    bound: Mapped[float | None]
    gap: Mapped[float | None]
    gap_served: Mapped[float | None]
    violations: Mapped[int] = mapped_column(default=0)
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)  # paid_satang, poor_labour_satang, groups ...
    solver_version: Mapped[str] = mapped_column(String(120), default="")
    runtime_ms: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]


class Award(Identified, Versioned, Base):
    """What a round gives one supplier of one demand."""

    __tablename__ = "awards"
    __table_args__ = (
        UniqueConstraint("run_id", "demand_id", "supplier_id"),
        Index("ix_awards_supplier", "supplier_id", "state"),
    )

    round_id: Mapped[UUID] = mapped_column(ForeignKey("rounds.id"), index=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"))
    demand_id: Mapped[UUID] = mapped_column(ForeignKey("demands.id"), index=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[str] = mapped_column(String(20), default="pending")  # pending active unsuccessful cancelled
    respond_by: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    lines: Mapped[list["AwardLine"]] = relationship(lazy="raise", order_by="AwardLine.delivery_date")


class AwardLine(Identified, Base):
    """A quantity of one demand line from one offer at the offer's price, and the group's answer to it."""

    __tablename__ = "award_lines"
    __table_args__ = (
        UniqueConstraint("award_id", "demand_line_id", "offer_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("accepted_quantity between 0 and quantity", name="accepted"),
    )

    award_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"), index=True)
    demand_line_id: Mapped[UUID] = mapped_column(ForeignKey("demand_lines.id"), index=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"), index=True)
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    delivery_date: Mapped[date]
    quantity: Mapped[int]
    price_satang: Mapped[int] = mapped_column(BigInteger)
    margin_bp: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str | None] = mapped_column(String(20))  # accepted partially_accepted declined expired
    accepted_quantity: Mapped[int] = mapped_column(default=0)
    decline_reason: Mapped[str] = mapped_column(String(40), default="")
    answer_note: Mapped[str] = mapped_column(String(500), default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))


class AnswerLink(Identified, Base):
    """A link that opens one award for one person until its time to answer is over; link and code are kept as hashes.

    Awards told in one message share its link, which opens the list of them, and its code.
    """

    __tablename__ = "answer_links"
    __table_args__ = (UniqueConstraint("award_id", "person_id"),)

    award_id: Mapped[UUID] = mapped_column(ForeignKey("awards.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    list_hash: Mapped[str] = mapped_column(
        String(64), default="", server_default="", index=True
    )  # of the link of its message; empty: told alone
    code_hash: Mapped[str] = mapped_column(String(64), default="")  # keyed; empty once the code was used
    codes: Mapped[int] = mapped_column(default=1)  # how many were sent
    wrong_codes: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]  # after too many wrong codes
    answer_key: Mapped[str] = mapped_column(
        String(64), default=""
    )  # of the answer that was taken: sent twice, done once
    created_at: Mapped[datetime] = mapped_column(default=now)
