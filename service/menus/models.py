"""Recipes with their factors, menu plans by week, heads, stock, what ingredients are bought as, own rates."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Versioned


class Recipe(Identified, Versioned, Base):
    """A dish for one head, as served. Without an organisation every kitchen may cook it, and no kitchen changes it."""

    __tablename__ = "recipes"

    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    number: Mapped[str] = mapped_column(String(20), default="")  # as its source numbers it
    name: Mapped[str] = mapped_column(String(160), index=True)
    method: Mapped[str] = mapped_column(String(40))  # of cooking, in the words of the factors
    source: Mapped[str] = mapped_column(String(160), default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    lines: Mapped[list["RecipeLine"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="RecipeLine.position"
    )


class RecipeLine(Identified, Base):
    """An ingredient of a dish: grams a head as served, and how much of what is bought can be eaten."""

    __tablename__ = "recipe_lines"
    __table_args__ = (
        UniqueConstraint("recipe_id", "ingredient"),
        CheckConstraint("serve_mg > 0", name="serve"),
        CheckConstraint("yield_bp between 1 and 10000", name="yield"),
    )

    recipe_id: Mapped[UUID] = mapped_column(ForeignKey("recipes.id"), index=True)
    position: Mapped[int]
    ingredient: Mapped[str] = mapped_column(String(120))
    serve_mg: Mapped[int]
    yield_bp: Mapped[int]  # edible part in basis points


class Factor(Identified, Base):
    """Raw weight over served weight of an ingredient under a way of cooking; an institution's own goes first."""

    __tablename__ = "cooking_factors"
    __table_args__ = (
        UniqueConstraint("organisation_id", "ingredient", "method"),
        CheckConstraint("factor_milli > 0", name="factor"),
    )

    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    ingredient: Mapped[str] = mapped_column(String(120), index=True)
    method: Mapped[str] = mapped_column(String(40))
    factor_milli: Mapped[int]
    source: Mapped[str] = mapped_column(String(160), default="")


class Purchase(Identified, Base):
    """What an institution buys an ingredient as; without a product it is not bought here (salt, water)."""

    __tablename__ = "ingredient_purchases"
    __table_args__ = (
        UniqueConstraint("organisation_id", "ingredient"),
        CheckConstraint("unit_g > 0", name="unit"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    ingredient: Mapped[str] = mapped_column(String(120))
    product_code: Mapped[str | None] = mapped_column(ForeignKey("products.code"))
    unit_g: Mapped[int] = mapped_column(default=1000)  # grams of one unit of the product: an egg 55, a litre 1000


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
