"""Recipes with their factors, menu plans by week, heads, stock, what ingredients are bought as, own rates."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.kernel.db import Base, Identified, Versioned


class MenuWeek(Identified, Versioned, Base):
    """A kitchen's plan of a week, the demand that was drafted from it, and the stock that the draft counted on."""

    __tablename__ = "menu_weeks"
    __table_args__ = (UniqueConstraint("organisation_id", "week"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    week: Mapped[date]
    demand_id: Mapped[UUID | None] = mapped_column(ForeignKey("demands.id"), index=True)
    netted: Mapped[dict[str, Any]] = mapped_column(default=dict)  # product -> thousandths of its unit
    entries: Mapped[list["MenuEntry"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="MenuEntry.day, MenuEntry.position"
    )


class MenuEntry(Identified, Base):
    """A dish on a day and meal, for all heads of the day or for some."""

    __tablename__ = "menu_entries"
    __table_args__ = (
        UniqueConstraint("menu_week_id", "day", "meal", "recipe_id"),
        CheckConstraint("heads is null or heads > 0", name="heads"),
    )

    menu_week_id: Mapped[UUID] = mapped_column(ForeignKey("menu_weeks.id"))
    recipe_id: Mapped[UUID] = mapped_column(ForeignKey("recipes.id"), index=True)
    day: Mapped[date]
    meal: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    heads: Mapped[int | None]


class HeadCount(Identified, Base):
    """How many are fed on a day: a number, never who."""

    __tablename__ = "head_counts"
    __table_args__ = (UniqueConstraint("organisation_id", "day"), CheckConstraint("heads >= 0", name="heads"))

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    day: Mapped[date]
    heads: Mapped[int]


class StockCount(Identified, Base):
    """What was found in the store on a day, in thousandths of the product's unit."""

    __tablename__ = "stock_counts"
    __table_args__ = (
        UniqueConstraint("organisation_id", "product_code", "counted_on"),
        CheckConstraint("quantity_milli >= 0", name="quantity"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    counted_on: Mapped[date]
    quantity_milli: Mapped[int] = mapped_column(BigInteger)


class MealRate(Identified, Base):
    """An institution's own rate for food, a head and day, from a day on; it goes before the rate of its kind."""

    __tablename__ = "meal_rates"
    __table_args__ = (UniqueConstraint("organisation_id", "valid_from"), CheckConstraint("satang > 0", name="satang"))

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    valid_from: Mapped[date]
    satang: Mapped[int]
    source: Mapped[str] = mapped_column(String(160))
