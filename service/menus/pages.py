"""Pages of menus: recipes, the plan of a week with its cost, heads, stock, the need, what ingredients are bought as."""

import re
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import TypeAdapter, ValidationError

from service.budgets import queries as budgets
from service.budgets.rules import fiscal_year
from service.calendars.queries import closed_days
from service.catalog import choosing
from service.demand.vocabulary import GROUNDS, Method
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput
from service.kernel.shapes import Week
from service.menus import actions, drafting, grid, known, queries, rules, tables
from service.menus.schemas import (
    NONE,
    CopyIn,
    CountsIn,
    DraftForm,
    DraftIn,
    PlanIn,
    PurchaseIn,
    RateForm,
    RateIn,
    RecipeIn,
    ScaleIn,
    StockIn,
)
from service.menus.vocabulary import LABELS
from service.parties.permissions import may
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, is_fragment, named, render, see, typed_before
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
BLANK_LINES = 6
_WEEK: TypeAdapter[date] = TypeAdapter(Week)


@router.get("/menus")
def recipes(request: Request, tx: Tx, by: By, q: str = "", page: int = 1) -> Response:
    """The recipes that the kitchen may cook."""
    found, total = queries.recipes(tx, by=by, words=q, page=min(page, 10_000))
    return render(request, "menus/recipes.html", recipes=found, total=total, words=q, page=page, rows=queries.ROWS,
                  writes=_writes(by))  # fmt: skip


@router.get("/menus/new")
def new(request: Request, tx: Tx, by: By) -> Response:
    """The form of a new recipe."""
    known.kitchen(tx, by, "menu.edit")
    return render(request, "menus/recipe.html", recipe=None, own=True, rows=BLANK_LINES)


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
    return render(request, "menus/recipe.html", recipe=row, own=own, rows=len(row.lines) + BLANK_LINES)


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
    return render(request, "menus/import.html", done=counts)


@router.post("/menus/import")
@shows_again(import_page)
def take_table(request: Request, tx: Tx, by: By, posted: Form, done: str = "") -> Response:
    """Take a table over."""
    del request, done
    content = posted.file("table")
    if content is None:
        raise InvalidInput(errors=(FieldError("/table", N_("Choose a file.")),))
    kind: Literal["recipes", "factors"] = "factors" if posted.get("kind") == "factors" else "recipes"
    counts = tables.take(tx, by=by, kind=kind, name=_file_name(posted), content=content)
    return see("/menus/import?done=" + "-".join(str(number) for number in counts.values()))


@router.get("/menus/plan")
def plan(request: Request, tx: Tx, by: By, week: str = "") -> Response:
    """A week's plan. What a query holds beside the week is shown and costed without being saved."""
    monday = _week(week)
    board = queries.board(tx, by=by, week=monday)
    posted: Posted | None = getattr(request.state, "posted", None)
    asked = Posted(list(request.query_params.multi_items())) if "_cost" in request.query_params else None
    saved = grid.stored(board.plan.entries if board.plan else [], monday, board.dishes)
    typed = posted if posted is not None and posted.has("_plan") else asked
    cells = grid.posted(typed.pairs) if typed else saved
    cost = queries.cost(tx, board.kitchen, monday, grid.understood(cells, monday, board.dishes))
    return render(
        request, "menus/plan.html", block="cost" if is_fragment(request) else None, board=board, cost=cost,
        cells=cells, places=grid.places(cells), unsaved=cells != saved, week=monday, weeks=_weeks(monday),
        writes=_writes(by), **_beside(monday),
    )  # fmt: skip


@router.post("/menus/plan")
@shows_again(plan)
def save(request: Request, tx: Tx, by: By, posted: Form, week: str = "") -> Response:
    """Save the week's plan, and go on to what it needs where that was asked."""
    del request
    monday = _week(week)
    dishes = queries.dishes(tx, known.kitchen(tx, by, "menu.edit"))
    entries = grid.entries(grid.posted(posted.pairs), monday, dishes)
    actions.plan(tx, by=by, week=monday, version=posted.version(), draft=PlanIn(entries=entries))
    return see(f"/menus/{'need' if posted.has('_need') else 'plan'}?week={monday}")


@router.post("/menus/plan/copy")
@shows_again(plan)
def copy(request: Request, tx: Tx, by: By, posted: Form, week: str = "") -> Response:
    """Repeat earlier weeks, perhaps for other heads."""
    del request
    monday = _week(week)
    actions.copy(tx, by=by, draft=posted.replaced("target", monday).read(CopyIn))
    return see(f"/menus/plan?week={monday}")


@router.get("/menus/need")
def need(request: Request, tx: Tx, by: By, week: str = "") -> Response:
    """What the week needs: each line with where it comes from, and the form of the draft."""
    monday, writes = _week(week), _writes(by)
    sheet = queries.sheet(tx, by=by, week=monday)
    return render(
        request, "menus/need.html", sheet=sheet, week=monday, writes=writes, usual=drafting.usual(tx, sheet.kitchen),
        budgets=budgets.budgets(tx, by=by) if writes else [], methods=list(Method), grounds=GROUNDS,
        year=fiscal_year(monday),
    )  # fmt: skip


@router.post("/menus/need")
@shows_again(need)
def draft(request: Request, tx: Tx, by: By, posted: Form, week: str = "") -> Response:
    """Make the draft demand."""
    del request
    form = posted.read(DraftForm)
    wanted = DraftIn.model_validate(form.model_dump())
    row = drafting.draft(tx, by=by, week=_week(week), wanted=wanted)
    return see(f"/demands/{row.id}")


@router.get("/menus/heads")
def heads(request: Request, tx: Tx, by: By, week: str = "") -> Response:
    """Heads by day of two weeks."""
    monday, kitchen = _week(week), known.kitchen(tx, by)
    days = [monday + timedelta(days=number) for number in range(14)]
    closed = closed_days(tx, organisation_id=kitchen.id, first=days[0], last=days[-1])
    return render(
        request, "menus/heads.html", kitchen=kitchen, counted=known.counted(kitchen), days=days, closed=closed,
        heads=known.heads_of(tx, kitchen, days), week=monday, writes=_writes(by), rates=queries.own_rates(tx, by=by),
        rate=known.rate_of(tx, kitchen, kitchen.heads, monday), today=today(), **_beside(monday),
    )  # fmt: skip


@router.post("/menus/heads")
@shows_again(heads)
def count(request: Request, tx: Tx, by: By, posted: Form, week: str = "") -> Response:
    """Enter heads."""
    del request
    actions.count_heads(tx, by=by, draft=_whole_rows(posted, "counts", "heads").read(CountsIn))
    return see(f"/menus/heads?week={_week(week)}")


@router.post("/menus/rate")
@shows_again(heads)
def set_rate(request: Request, tx: Tx, by: By, posted: Form, week: str = "") -> Response:
    """Set the institution's own rate."""
    del request
    actions.set_rate(tx, by=by, draft=RateIn(**posted.read(RateForm).model_dump()))
    return see(f"/menus/heads?week={_week(week)}")


@router.get("/menus/stock")
def stock(request: Request, tx: Tx, by: By) -> Response:
    """What the store holds by the newest counts."""
    counts = queries.counts(tx, by=by)
    choice = choosing.choice(tx, typed_before(request).pairs, queries.bought_codes(by))
    return render(request, "menus/stock.html", counts=counts, writes=_writes(by), today=today(), choice=choice,
                  old=today() - rules.STOCK_COUNTS)  # fmt: skip


@router.post("/menus/stock")
@shows_again(stock)
def count_stock(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Enter a count."""
    del request
    actions.count_stock(tx, by=by, draft=Posted(choosing.named(tx, posted.pairs)).read(StockIn))
    return see("/menus/stock")


@router.get("/menus/ingredients")
def ingredients(request: Request, tx: Tx, by: By, only: str = "", page: int = 1) -> Response:
    """What the recipes' ingredients are bought as; the unknown ones first."""
    found, total = queries.ingredients(tx, by=by, only=only, page=min(page, 10_000))
    choice = choosing.choice(tx, typed_before(request).pairs, queries.bought_codes(by))
    offered = [product for one in found for product in (one.product, *one.guesses[:1]) if product]
    return render(request, "menus/ingredients.html", ingredients=found, writes=_writes(by), choice=choice, only=only,
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


@router.get("/menus/scale/{demand_id}")
def scale_page(request: Request, demand_id: UUID, tx: Tx, by: By) -> Response:
    """A past demand for another week and other heads."""
    kitchen = known.kitchen(tx, by, "menu.edit")
    row = drafting.own_demand(tx, by=by, demand_id=demand_id)
    before = known.heads_of(tx, kitchen, [row.delivery_week])[row.delivery_week].number
    return render(
        request, "menus/scale.html", demand=row, before=before, weeks=_weeks(), counted=known.counted(kitchen)
    )


@router.post("/menus/scale/{demand_id}")
@shows_again(scale_page)
def scale(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Make its draft."""
    del request
    row = drafting.scale(tx, by=by, demand_id=demand_id, wanted=posted.read(ScaleIn))
    return see(f"/demands/{row.id}")


def _writes(by: Actor) -> bool:
    return may(by, "menu.edit", organisation_id=by.organisation_id)


def _file_name(posted: Posted) -> str:
    return next(
        (str(value.filename) for key, value in posted.pairs if key == "table" and hasattr(value, "filename")), ""
    )


def _week(text: str) -> date:
    """The Monday that is asked for; where it is none, the week that is planned next."""
    try:
        return _WEEK.validate_python(text)
    except ValidationError:
        return drafting.next_week(today())


def _weeks(*others: date) -> list[date]:
    first = drafting.next_week(today()) - rules.WEEK
    return sorted({*(first + number * rules.WEEK for number in range(9)), *others})


def _beside(week: date) -> dict[str, Any]:
    return {"before": week - rules.WEEK, "after": week + rules.WEEK}


def _whole_rows(posted: Posted, rows: str, cell: str) -> Posted:
    """The form without the rows whose cell is blank (a hidden field beside it would keep them)."""
    blank = {name.rsplit("-", 1)[0] for name, value in posted.pairs
             if name.startswith(f"{rows}-") and name.endswith(f"-{cell}") and not value}  # fmt: skip
    return Posted([pair for pair in posted.pairs if pair[0].rsplit("-", 1)[0] not in blank])
