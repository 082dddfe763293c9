"""Demands and their lines."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json, Versioned


class Demand(Identified, Versioned, Base):
    """A buyer's need for a delivery week: one process, one ocid."""

    __tablename__ = "demands"
    __table_args__ = (Index("ix_demands_market", "province_code", "delivery_week", "state"),)

    ocid: Mapped[str] = mapped_column(String(60), unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"))
    title: Mapped[str] = mapped_column(String(200))
    delivery_week: Mapped[date]
    budget_line_id: Mapped[UUID] = mapped_column(ForeignKey("budget_lines.id"))
    method: Mapped[str] = mapped_column(String(20))  # OCDS: open, selective, limited, direct
    legal_ground: Mapped[str] = mapped_column(String(300))
    committee_id: Mapped[UUID | None] = mapped_column(ForeignKey("committees.id"))
    state: Mapped[str] = mapped_column(String(20), default="draft")
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    reason_code: Mapped[str] = mapped_column(String(30), default="", server_default="")  # of a cancellation
    total_satang: Mapped[int] = mapped_column(BigInteger, default=0)  # ceiling x the most of every line
    approved_satang: Mapped[int | None] = mapped_column(BigInteger)
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    lines: Mapped[list["DemandLine"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="DemandLine.position"
    )


class DemandLine(Identified, Base):
    """One product on one delivery day."""

    __tablename__ = "demand_lines"
    __table_args__ = (
        UniqueConstraint("demand_id", "position"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("least_quantity between 1 and quantity", name="least_quantity"),
        CheckConstraint("most_quantity >= quantity", name="most_quantity"),
        CheckConstraint("ceiling_satang > 0", name="ceiling"),
        CheckConstraint("most_awards >= 0", name="most_awards"),
    )

    demand_id: Mapped[UUID] = mapped_column(ForeignKey("demands.id"), index=True)
    position: Mapped[int]
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    grade_id: Mapped[UUID | None] = mapped_column(ForeignKey("grades.id"))  # the least grade accepted
    certificate_kinds: Mapped[list[str]] = mapped_column(Json, default=list)  # all of them are needed
    quantity: Mapped[int]
    least_quantity: Mapped[int | None]  # from here on the line counts as served: docs/decisions/0012
    most_quantity: Mapped[int | None]  # what whole packs may add up to, and what the approved total covers
    delivery_date: Mapped[date]
    window_from: Mapped[time]
    window_until: Mapped[time]
    ceiling_satang: Mapped[int] = mapped_column(BigInteger)
    most_awards: Mapped[int] = mapped_column(default=3)
    whole: Mapped[bool] = mapped_column(default=False)
    substitutes: Mapped[list[str]] = mapped_column(Json, default=list)  # product codes, best first


class JointDemand(Base):
    """Written by the floor of pools: which kitchens' demands were agreed on together, and how much of what in all."""

    __tablename__ = "joint_demands"

    demand_id: Mapped[UUID] = mapped_column(ForeignKey("demands.id"), primary_key=True)
    pool_id: Mapped[UUID] = mapped_column(index=True)  # a row of a floor above
    district_code: Mapped[str] = mapped_column(ForeignKey("districts.code"))
    kitchens: Mapped[int]
    totals: Mapped[list[Any]]  # of each line that was agreed on: product, day, quantity of all kitchens


class DraftState(Identified, Base):
    """The form of a demand as its officer had typed it at a moment: service/demand/scratch.py."""

    __tablename__ = "draft_states"
    __table_args__ = (Index("ix_draft_states_mine", "person_id", "demand_id"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    demand_id: Mapped[UUID | None] = mapped_column(ForeignKey("demands.id", ondelete="CASCADE"))
    form: Mapped[list[Any]]
    kept_at: Mapped[datetime] = mapped_column(default=now)
