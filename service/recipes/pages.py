"""Pages of recipes: the list, one of them, tables to send and to fetch, what ingredients are bought as."""

import re
from uuid import UUID

from fastapi import Request, Response

from service.catalog import choosing
from service.kernel.actor import Actor
from service.kernel.i18n import N_, gettext
from service.kernel.problems import FieldError, InvalidInput
from service.parties.permissions import may
from service.recipes import actions, known, queries, tables
from service.recipes.rules import LABELS
from service.recipes.schemas import NONE, PurchaseIn, RecipeIn
from service.sheets import writing
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, download, named, render, see, typed_before
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
BLANK_LINES = 6


@router.get("/menus")
def recipes(request: Request, tx: Tx, by: By, q: str = "", page: int = 1) -> Response:
    """The recipes that the kitchen may cook."""
    found, total = queries.recipes(tx, by=by, words=q, page=min(page, 10_000))
    return render(request, "recipes/recipes.html", recipes=found, total=total, words=q, page=page, rows=queries.ROWS,
                  writes=_writes(by))  # fmt: skip


@router.get("/menus/new")
def new(request: Request, tx: Tx, by: By) -> Response:
    """The form of a new recipe."""
    known.kitchen(tx, by, "menu.edit")
    return render(request, "recipes/recipe.html", recipe=None, own=True, rows=BLANK_LINES)


@router.post("/menus/new")
@shows_again(new)
def write(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Write a recipe."""
    del request
    row = actions.write_recipe(tx, by=by, draft=posted.read(RecipeIn))
    return see(f"/menus/recipes/{row.id}")


@router.get("/menus/recipes/{recipe_id}")
def recipe(request: Request, recipe_id: UUID, tx: Tx, by: By) -> Response:
    """A recipe: its ingredients, raw and as served; a form where it is the kitchen's own."""
    kitchen = known.kitchen(tx, by)
    row = known.recipe(tx, kitchen.id, recipe_id)
    own = row.organisation_id is not None and _writes(by)
    return render(request, "recipes/recipe.html", recipe=row, own=own, rows=len(row.lines) + BLANK_LINES)


@router.post("/menus/recipes/{recipe_id}")
@shows_again(recipe)
def change(request: Request, recipe_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Change an own recipe."""
    del request
    actions.change_recipe(tx, by=by, recipe_id=recipe_id, version=posted.version(), draft=posted.read(RecipeIn))
    return see(f"/menus/recipes/{recipe_id}")


@router.get("/menus/import")
def import_page(request: Request, tx: Tx, by: By, done: str = "") -> Response:
    """The form that takes a table over."""
    known.kitchen(tx, by, "menu.edit")
    counts = done.split("-") if re.fullmatch(r"\d{1,6}-\d{1,6}-\d{1,6}", done) else []
    return render(request, "recipes/import.html", done=counts)


@router.post("/menus/import")
@shows_again(import_page)
def take_table(request: Request, tx: Tx, by: By, posted: Form, done: str = "") -> Response:
    """Take a table over."""
    del request, done
    content = posted.file("table")
    if content is None:
        raise InvalidInput(errors=(FieldError("/table", N_("Choose a file.")),))
    kind: tables.Kind = "factors" if posted.get("kind") == "factors" else "recipes"
    counts = tables.take(tx, by=by, kind=kind, name=_file_name(posted), content=content)
    return see("/menus/import?done=" + "-".join(str(number) for number in counts.values()))


@router.get("/menus/import/{kind}.xlsx")
def table_to_fill(kind: tables.Kind, tx: Tx, by: By) -> Response:
    """The table to fill and to send back: headings and an example."""
    rows = tables.template(tx, by=by, kind=kind)
    return download(writing.as_xlsx([(gettext(LABELS[f"table.{kind}"]), rows)]), writing.XLSX, f"{kind}.xlsx")


@router.get("/menus/import/{kind}.csv")
def table_to_fill_csv(kind: tables.Kind, tx: Tx, by: By) -> Response:
    """The same for other programs."""
    return download(writing.as_csv(tables.template(tx, by=by, kind=kind)).encode(), writing.CSV, f"{kind}.csv")


@router.get("/menus/ingredients")
def ingredients(request: Request, tx: Tx, by: By, only: str = "", page: int = 1) -> Response:
    """What the recipes' ingredients are bought as; the unknown ones first."""
    found, total = queries.ingredients(tx, by=by, only=only, page=min(page, 10_000))
    choice = choosing.choice(tx, typed_before(request).pairs, queries.bought_codes(by))
    offered = [product for one in found for product in (one.product, *one.guesses[:1]) if product]
    return render(request, "recipes/ingredients.html", ingredients=found, writes=_writes(by), choice=choice, only=only,
                  page=page, more=total > max(1, page) * queries.INGREDIENTS,
                  spoken=choosing.spoken(tx, offered, named))  # fmt: skip


@router.post("/menus/ingredients")
@shows_again(ingredients)
def map_ingredient(request: Request, tx: Tx, by: By, posted: Form, only: str = "", page: int = 1) -> Response:
    """Say what an ingredient is bought as."""
    del request, only, page
    bare = NONE in {posted.get("_pick"), posted.get("product_code")}  # said to be bought nowhere
    form = posted.replaced("product_code", NONE) if bare else Posted(choosing.named(tx, posted.pairs))
    actions.map_ingredient(tx, by=by, draft=form.read(PurchaseIn))
    return see("/menus/ingredients")


def _file_name(posted: Posted) -> str:
    return next(
        (str(value.filename) for key, value in posted.pairs if key == "table" and hasattr(value, "filename")), ""
    )


def _writes(by: Actor) -> bool:
    return may(by, "menu.edit", organisation_id=by.organisation_id)
