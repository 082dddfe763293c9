"""Templates of demands that come again, and what became of each of their cycles."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json, Versioned


class RecurringDemand(Identified, Versioned, Base):
    """What is drafted again and again; a change counts from the next cycle on, demands that exist stay as they are."""

    __tablename__ = "recurring_demands"
    __table_args__ = (
        CheckConstraint("rhythm in ('weekly', 'fortnightly', 'monthly')", name="rhythm"),
        CheckConstraint("lead_days between 1 and 60", name="lead_days"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    rhythm: Mapped[str] = mapped_column(String(20))
    first_week: Mapped[date]
    last_week: Mapped[date | None]
    lead_days: Mapped[int] = mapped_column(default=10)  # days before the delivery week on which the draft is made
    paused: Mapped[bool] = mapped_column(default=False)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("demands.id"))  # whose lines it took
    draft: Mapped[dict[str, Any]] = mapped_column(Json)  # the demand of the source's week, as its buyer wrote it
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class RecurringCycle(Identified, Base):
    """One cycle, taken once: the draft that it made, or why there is none."""

    __tablename__ = "recurring_cycles"
    __table_args__ = (
        UniqueConstraint("recurring_id", "week"),
        CheckConstraint("outcome in ('drafted', 'skipped', 'refused')", name="outcome"),
    )

    recurring_id: Mapped[UUID] = mapped_column(ForeignKey("recurring_demands.id"))
    week: Mapped[date]
    outcome: Mapped[str] = mapped_column(String(20))
    demand_id: Mapped[UUID | None] = mapped_column(ForeignKey("demands.id"))
    left_out: Mapped[int] = mapped_column(default=0)  # lines on closed days, or of products no longer on offer
    taken_at: Mapped[datetime] = mapped_column(default=now)
