"""What the menus' API, forms and importers read and write."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from service.demand.schemas import Ground
from service.demand.vocabulary import Method
from service.kernel.shapes import BahtAsSatang, Day, In, Name, Out, ProductCode, Satang, Week
from service.menus.vocabulary import Meal

MOST_DISHES = 300  # entries of one week
MOST_HEADS = 100_000
MOST_WEEKS = 5
Heads = Annotated[int, Field(ge=1, le=MOST_HEADS)]
Amount = Annotated[Decimal, Field(ge=0, le=10_000_000, decimal_places=3, max_digits=11)]


class EntryIn(In):
    """A dish on a day and meal: for all heads of the day, or for some."""

    day: Day
    meal: Meal
    recipe_id: UUID
    heads: Heads | None = None


class PlanIn(In):
    """A week's menu; it replaces what was planned."""

    entries: Annotated[list[EntryIn], Field(max_length=MOST_DISHES)]


class EntryOut(Out):
    """A dish of the plan."""

    day: date
    meal: Meal
    recipe_id: UUID
    heads: int | None


class PlanOut(Out):
    """A week's menu with the demand that was drafted from it."""

    organisation_id: UUID
    week: date
    demand_id: UUID | None
    version: int
    entries: list[EntryOut]


class CopyIn(In):
    """Weeks to copy a menu from and to, and how many are fed there."""

    source: Week
    target: Week
    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 1
    heads: Heads | None = None
    replace: bool = False


class CountIn(In):
    """The heads of a day."""

    day: Day
    heads: Annotated[int, Field(ge=0, le=MOST_HEADS)]


class CountsIn(In):
    """The heads of some days."""

    counts: Annotated[list[CountIn], Field(min_length=1, max_length=62)]


class StockIn(In):
    """What was found in the store of a product, in its unit."""

    product_code: ProductCode
    counted_on: Day
    quantity: Amount


class RateIn(In):
    """An institution's own rate for food, a head and day."""

    valid_from: Day
    satang: Satang
    source: Name


class RateForm(RateIn):
    """The form of a rate: written in baht."""

    satang: BahtAsSatang


class CeilingIn(In):
    """The most that is paid for a unit of a product without a reference price."""

    product_code: ProductCode
    satang: Satang


class CeilingForm(CeilingIn):
    """The same, written in baht."""

    satang: BahtAsSatang


class DraftIn(In):
    """What a demand needs beside its lines."""

    budget_line_id: UUID
    method: Method
    legal_ground: Ground
    title: Name | None = None
    ceilings: Annotated[list[CeilingIn], Field(max_length=200)] = Field(default_factory=list)


class DraftForm(DraftIn):
    """The form of it."""

    ceilings: Annotated[list[CeilingForm], Field(max_length=200)] = Field(default_factory=list)  # type: ignore[assignment]


class ScaleIn(In):
    """A past demand for another week and other heads."""

    delivery_week: Week
    heads: Heads
    before: Heads


class ItemOut(Out):
    """A product of the week's need."""

    product_code: str
    need_milli: int
    netted_milli: int
    quantity: int
    deliveries: list[tuple[date, int]]


class NeedOut(Out):
    """What a week's menu needs: products with deliveries, and ingredients that no product is known for."""

    week: date
    items: list[ItemOut]
    unknown: list[str]
