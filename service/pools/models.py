"""Pools: what kitchens of a district agreed to buy on the same days, and how much each of them needs."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json, Versioned


class Pool(Identified, Versioned, Base):
    """An invitation to the kitchens of a district. It buys nothing: each member writes a demand of its own from it."""

    __tablename__ = "pools"
    __table_args__ = (
        CheckConstraint("state in ('open', 'closed', 'called_off')", name="state"),
        Index("ix_pools_district", "district_code", "delivery_week"),
    )

    lead_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    district_code: Mapped[str] = mapped_column(ForeignKey("districts.code"))
    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    delivery_week: Mapped[date]
    join_by: Mapped[datetime]
    terms: Mapped[list[dict[str, Any]]] = mapped_column(Json)  # lines of a demand without their quantities
    state: Mapped[str] = mapped_column(String(20), default="open")  # that nobody joined follows from the time
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class PoolMember(Identified, Versioned, Base):
    """A kitchen that has joined, what it needs of each line, and the demand that it wrote from the pool."""

    __tablename__ = "pool_members"
    __table_args__ = (UniqueConstraint("pool_id", "organisation_id"),)

    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pools.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    quantities: Mapped[list[int]] = mapped_column(Json)  # by the line's place, 0 for none
    demand_id: Mapped[UUID | None] = mapped_column(ForeignKey("demands.id"))
    joined_at: Mapped[datetime] = mapped_column(default=now)
