"""The recipes' API."""

from uuid import UUID

from sqlalchemy.orm import selectinload

from service.kernel.problems import Duplicate, EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.kernel.shapes import Text
from service.recipes import actions, known, queries
from service.recipes.models import Recipe
from service.recipes.rules import NotYourRecipe
from service.recipes.schemas import RecipeIn, RecipeOut
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput, NotAllowed, NotFound)
CREATES = (*SIGNED_IN, KeyReused, Duplicate)
EDITS = (*SIGNED_IN, EditConflict, PreconditionRequired)

router = api_router("/menus", "menus")


@router.get("/recipes", response_model=Page[RecipeOut], responses=problems(*SIGNED_IN))
def recipes(tx: Tx, by: By, cut: Paging, q: Text = "") -> Page[RecipeOut]:
    """The recipes that your kitchen may cook, by a part of their name or of an ingredient."""
    known.kitchen(tx, by)
    rows, following = page_of(tx, queries.listed(by, q).options(selectinload(Recipe.lines)), Recipe.id, cut)
    return Page(items=rows, next=following)


@router.post(
    "/recipes", status_code=201, response_model=RecipeOut, responses=problems(*CREATES), dependencies=[Creates]
)
def write_recipe(body: RecipeIn, tx: Tx, by: By) -> Recipe:
    """Write a recipe of your institution."""
    return actions.write_recipe(tx, by=by, draft=body)


@router.put("/recipes/{recipe_id}", response_model=RecipeOut, responses=problems(*EDITS, NotYourRecipe))
def change_recipe(recipe_id: UUID, body: RecipeIn, version: IfMatch, tx: Tx, by: By) -> Recipe:
    """Change an own recipe; its lines are replaced."""
    return actions.change_recipe(tx, by=by, recipe_id=recipe_id, version=version, draft=body)
