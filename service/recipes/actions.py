"""Use cases of recipes: writing them, and saying what an ingredient is bought as."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.problems import must_match
from service.parties.models import Organisation
from service.recipes import known, rules
from service.recipes.known import MILLI
from service.recipes.models import Purchase, Recipe, RecipeLine
from service.recipes.schemas import PurchaseIn, RecipeIn


def write_recipe(tx: Session, *, by: Actor, draft: RecipeIn) -> Recipe:
    """Write a recipe of the actor's institution."""
    kitchen = known.kitchen(tx, by, "menu.edit")
    row = Recipe(organisation_id=kitchen.id, lines=[])
    tx.add(row)
    return _put_recipe(tx, by, kitchen, row, draft, "written")


def change_recipe(tx: Session, *, by: Actor, recipe_id: UUID, version: int, draft: RecipeIn) -> Recipe:
    """Change an own recipe; its lines are replaced as a whole."""
    kitchen = known.kitchen(tx, by, "menu.edit")
    row = known.recipe(tx, kitchen.id, recipe_id)
    if row.organisation_id is None:
        raise rules.NotYourRecipe
    must_match(row.version, version)
    row.lines.clear()
    tx.flush()  # old lines leave before new ones of the same ingredient come
    return _put_recipe(tx, by, kitchen, row, draft, "changed")


def _put_recipe(tx: Session, by: Actor, kitchen: Organisation, row: Recipe, draft: RecipeIn, step: str) -> Recipe:
    row.name, row.method, row.source = draft.name, draft.method, draft.source
    row.lines = [
        RecipeLine(position=place, ingredient=line.ingredient, serve_mg=int(line.serve_g * MILLI),
                   yield_bp=int(line.edible_percent * 100))
        for place, line in enumerate(draft.lines)
    ]  # fmt: skip
    flag_modified(row, "name")  # a change in a line alone is a new version too
    events.record(tx, by=by, verb=f"recipe.{step}", subject=row, province_code=kitchen.province_code,
                  change={"name": row.name, "method": row.method, "lines": len(row.lines)})  # fmt: skip
    return row


def map_ingredient(tx: Session, *, by: Actor, draft: PurchaseIn) -> Purchase:
    """Say once what an ingredient is bought as, or that it is not bought."""
    kitchen = known.kitchen(tx, by, "menu.edit")
    if draft.product_code is not None:
        known.must_be_on_offer(tx, draft.product_code)
    key = {"organisation_id": kitchen.id, "ingredient": draft.ingredient}
    row = tx.scalar(select(Purchase).filter_by(**key).with_for_update()) or Purchase(**key)
    row.product_code, row.unit_g = draft.product_code, draft.unit_g
    tx.add(row)
    events.record(tx, by=by, verb="ingredient.mapped", subject=row, province_code=kitchen.province_code,
                  change=draft.model_dump())  # fmt: skip
    return row
