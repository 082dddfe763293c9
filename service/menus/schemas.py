"""What the menus' API, forms and importers read and write."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from service.demand.schemas import Ground
from service.demand.vocabulary import Method
from service.kernel.i18n import N_
from service.kernel.shapes import BahtAsSatang, Day, In, Mistake, Name, Out, ProductCode, Satang, Text, Week
from service.menus.vocabulary import Meal

MOST_INGREDIENTS = 60
MOST_DISHES = 300  # entries of one week
MOST_HEADS = 100_000
MOST_WEEKS = 5
Ingredient = Annotated[Text, StringConstraints(min_length=1, max_length=120)]
CookingMethod = Annotated[Text, StringConstraints(min_length=1, max_length=40)]
Heads = Annotated[int, Field(ge=1, le=MOST_HEADS)]
Grams = Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=3, max_digits=8)]
Percent = Annotated[Decimal, Field(ge=Decimal("0.01"), le=100, decimal_places=2, max_digits=5)]
Ratio = Annotated[Decimal, Field(gt=0, le=50, decimal_places=3, max_digits=5)]
Amount = Annotated[Decimal, Field(ge=0, le=10_000_000, decimal_places=3, max_digits=11)]
NONE = "none"  # what a form says for an ingredient that is not bought


class RecipeLineIn(In):
    """An ingredient: grams a head as served, and the edible part of what is bought in per cent."""

    ingredient: Ingredient
    serve_g: Grams
    edible_percent: Percent = Decimal(100)


class RecipeIn(In):
    """A dish for one head."""

    name: Annotated[Name, StringConstraints(max_length=160)]
    method: CookingMethod
    source: Annotated[Text, StringConstraints(max_length=160)] = ""
    lines: Annotated[list[RecipeLineIn], Field(min_length=1, max_length=MOST_INGREDIENTS)]

    @model_validator(mode="after")
    def _no_twins(self) -> Self:
        names = [line.ingredient for line in self.lines]
        if len(set(names)) < len(names):
            raise Mistake(N_("An ingredient is written twice."))
        return self


class RecipeLineOut(Out):
    """An ingredient of a dish, in thousandths of a gram and basis points."""

    ingredient: str
    serve_mg: int
    yield_bp: int


class RecipeOut(Out):
    """A dish; without an organisation it is every kitchen's."""

    id: UUID
    organisation_id: UUID | None
    number: str
    name: str
    method: str
    source: str
    version: int
    lines: list[RecipeLineOut]


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


def _none(value: object) -> object:
    return None if value == NONE else value


class PurchaseIn(In):
    """What an ingredient is bought as; nothing: it is not bought here. `unit_g` is the weight of one unit."""

    ingredient: Ingredient
    product_code: Annotated[ProductCode | None, BeforeValidator(_none)]
    unit_g: Annotated[int, Field(gt=0, le=1_000_000)] = 1000


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


def _word(text: str) -> str:
    if text[:1] in {"=", "+", "-", "@"}:
        raise Mistake(N_("It begins like a formula of a spreadsheet; write the value itself."))
    return text


Word = Annotated[Text, StringConstraints(min_length=1, max_length=120), AfterValidator(_word)]


class RecipeRow(In):
    """A line of a file of recipes: one ingredient of one menu."""

    menu_id: Annotated[Text, StringConstraints(min_length=1, max_length=20)]
    menu_th: Annotated[Word, StringConstraints(max_length=160)]
    cooking_method_th: Annotated[Word, StringConstraints(max_length=40)]
    ingredient_th: Word
    serve_value: Grams
    yield_value: Percent


class FactorRow(In):
    """A line of a file of factors: raw over served weight of an ingredient under a way of cooking."""

    ingredient_th: Word
    cooking_method_th: Annotated[Word, StringConstraints(max_length=40)]
    factor: Ratio


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
