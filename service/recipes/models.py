"""Recipes with the factors of cooking, and what ingredients are bought as."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
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
