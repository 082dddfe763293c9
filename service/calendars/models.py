"""Public holidays, and what an institution says of its own days."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base, Identified, Json, Versioned


class Holiday(Identified, Base):
    """A public holiday that an operator imported; it goes before the shipped one of the same day."""

    __tablename__ = "holidays"

    day: Mapped[date] = mapped_column(unique=True)
    name_th: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(String(160))
    observed: Mapped[bool] = mapped_column(default=True)  # false: announced before, taken back since


class ClosedPeriod(Identified, Base):
    """Days on which a kitchen does not cook: a sports day, a renovation."""

    __tablename__ = "closed_periods"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="order"),
        Index("ix_closed_periods_organisation", "organisation_id", "last_day"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))


class Term(Identified, Base):
    """A school term: where an institution has any, it cooks inside them alone."""

    __tablename__ = "terms"
    __table_args__ = (
        UniqueConstraint("organisation_id", "first_day"),
        CheckConstraint("first_day <= last_day", name="order"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(String(80))
    first_day: Mapped[date]
    last_day: Mapped[date]


class KitchenWeek(Identified, Versioned, Base):
    """On which weekdays a kitchen cooks and receives, and whether public holidays close it."""

    __tablename__ = "kitchen_weeks"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), unique=True)
    weekdays: Mapped[list[int]] = mapped_column(Json, default=list)  # 0 Monday to 6 Sunday
    keeps_holidays: Mapped[bool]
