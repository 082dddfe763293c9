"""Comparisons of a run's market under other preferences: who asked, how far they are, what they found."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json


class Comparison(Identified, Base):
    """A run's market solved at several strengths of preference and without each of them. Its id is the workflow's id.

    Satang throughout: points hold strength (per cent), paid_satang, poor_labour_satang, served_value_satang, groups,
    gap; weights hold preference and what the policy pays and buys beyond the plan without it.
    """

    __tablename__ = "comparisons"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"), index=True)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(10), default="queued")  # queued running done failed
    done: Mapped[int] = mapped_column(default=0)  # plans
    total: Mapped[int] = mapped_column(default=0)
    points: Mapped[list[Any]] = mapped_column(Json, default=list)
    weights: Mapped[list[Any]] = mapped_column(Json, default=list)
    failure: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
