"""What the recipes' API, forms and importers read and write."""

from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from service.kernel.i18n import N_
from service.kernel.shapes import In, Mistake, Name, Out, ProductCode, Text

MOST_INGREDIENTS = 60
Ingredient = Annotated[Text, StringConstraints(min_length=1, max_length=120)]
CookingMethod = Annotated[Text, StringConstraints(min_length=1, max_length=40)]
Grams = Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=3, max_digits=8)]
Percent = Annotated[Decimal, Field(ge=Decimal("0.01"), le=100, decimal_places=2, max_digits=5)]
Ratio = Annotated[Decimal, Field(gt=0, le=50, decimal_places=3, max_digits=5)]
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


def _none(value: object) -> object:
    return None if value == NONE else value


class PurchaseIn(In):
    """What an ingredient is bought as; nothing: it is not bought here. `unit_g` is the weight of one unit."""

    ingredient: Ingredient
    product_code: Annotated[ProductCode | None, BeforeValidator(_none)]
    unit_g: Annotated[int, Field(gt=0, le=1_000_000)] = 1000


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
