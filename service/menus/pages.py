"""Pages of menus: recipes, the plan of a week with its cost, heads, stock, the need, what ingredients are bought as."""

from datetime import date, timedelta
from typing import Any
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
from service.kernel.shapes import Week
from service.menus import actions, drafting, grid, known, queries, rules
from service.menus.schemas import (
    CopyIn,
    CountsIn,
    DraftForm,
    DraftIn,
    PlanIn,
    RateForm,
    RateIn,
    ScaleIn,
    StockIn,
)
from service.menus.vocabulary import LABELS
from service.parties.permissions import may
from service.recipes import known as cookbook
from service.recipes import queries as recipes
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, is_fragment, render, see, typed_before
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
_WEEK: TypeAdapter[date] = TypeAdapter(Week)


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
    dishes = recipes.dishes(tx, cookbook.kitchen(tx, by, "menu.edit"))
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
    monday, kitchen = _week(week), cookbook.kitchen(tx, by)
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
    choice = choosing.choice(tx, typed_before(request).pairs, recipes.bought_codes(by))
    return render(request, "menus/stock.html", counts=counts, writes=_writes(by), today=today(), choice=choice,
                  old=today() - rules.STOCK_COUNTS)  # fmt: skip


@router.post("/menus/stock")
@shows_again(stock)
def count_stock(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Enter a count."""
    del request
    actions.count_stock(tx, by=by, draft=Posted(choosing.named(tx, posted.pairs)).read(StockIn))
    return see("/menus/stock")


@router.get("/menus/scale/{demand_id}")
def scale_page(request: Request, demand_id: UUID, tx: Tx, by: By) -> Response:
    """A past demand for another week and other heads."""
    kitchen = cookbook.kitchen(tx, by, "menu.edit")
    row = drafting.own_demand(tx, by=by, demand_id=demand_id)
    before = known.heads_of(tx, kitchen, [row.delivery_week])[row.delivery_week].number
    weeks = [monday for monday in _weeks() if monday > today()]
    return render(
        request, "menus/scale.html", demand=row, before=before, weeks=weeks, counted=known.counted(kitchen),
        repeat_week=max(drafting.next_week(today()), row.delivery_week + rules.WEEK),
    )  # fmt: skip


@router.post("/menus/scale/{demand_id}")
@shows_again(scale_page)
def scale(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Make its draft."""
    del request
    row = drafting.scale(tx, by=by, demand_id=demand_id, wanted=posted.read(ScaleIn))
    return see(f"/demands/{row.id}")


def _writes(by: Actor) -> bool:
    return may(by, "menu.edit", organisation_id=by.organisation_id)


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
