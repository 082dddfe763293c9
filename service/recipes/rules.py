"""Rules of recipes: whose they are, and what an ingredient is bought as."""

from dataclasses import dataclass

from service.kernel.i18n import N_
from service.kernel.problems import Problem

LABELS = {
    "recipe.written": N_("Recipe written"),
    "recipe.changed": N_("Recipe changed"),
    "recipes.imported": N_("Recipes imported"),
    "factors.imported": N_("Cooking factors imported"),
    "ingredient.mapped": N_("Ingredient given its product"),
    "subject.recipes": N_("Recipe"),
    "table.recipes": N_("Recipes"),
    "table.factors": N_("Cooking factors"),
}


class NotYourRecipe(Problem):
    """A change of a recipe that all kitchens share."""

    status = 403
    title = N_("This recipe is shared by all kitchens")
    detail = N_("Only recipes of your own institution can be changed.")
    todo = N_("Write your own recipe with the amounts that you serve.")


@dataclass(frozen=True, slots=True)
class Bought:
    """What an ingredient is bought as: grams of a unit, units of a pack, days that it keeps."""

    product_code: str
    unit_g: int
    pack: int = 1
    shelf_days: int = 0
