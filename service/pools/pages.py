"""Pages of pools: what the kitchens of a district buy together, asking them, joining, and the own draft."""

from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.orm import Session

from service.budgets import queries as budgets
from service.catalog import choosing
from service.catalog import queries as catalog
from service.demand import entry, grid
from service.demand import known as demands
from service.demand import queries as demand_queries
from service.demand.models import Demand
from service.demand.vocabulary import GROUNDS, Method
from service.kernel.actor import Actor
from service.kernel.clock import BANGKOK, today, week_of
from service.kernel.problems import InvalidInput, NotAllowed
from service.parties.permissions import may, require
from service.pools import actions, known, queries, rules
from service.pools.rules import LABELS
from service.pools.schemas import CallOffIn, JoinIn, PoolDraftIn, PoolEditForm, PoolForm, Whole
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, named, render, see, typed_before
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
M = TypeVar("M", PoolForm, PoolEditForm)
WEEK, WEEKS_AHEAD = timedelta(days=7), 8


@router.get("/pools")
def pools(request: Request, tx: Tx, by: By) -> Response:
    """What the kitchens of the district buy together."""
    asks = may(by, "pool.take_part", organisation_id=by.organisation_id)
    return render(request, "pools/list.html", pools=queries.pools(tx, by=by), asks=asks)


@router.get("/pools/new")
def new(request: Request, tx: Tx, by: By, demand: UUID | None = None) -> Response:
    """The form that asks the neighbours, filled from an own demand where one is named."""
    require(by, "pool.take_part", organisation_id=by.organisation_id)
    source = demands.demand(tx, by=by, demand_id=demand) if demand else None
    return _form(request, tx, by, source=source)


@router.post("/pools/new")
@shows_again(new)
def ask(request: Request, tx: Tx, by: By, posted: Form, demand: UUID | None = None) -> Response:
    """Ask them; or show more rows, or the product that was picked."""
    if _steps(request, tx, posted):
        return new(request, tx, by, demand)
    return see(f"/pools/{actions.open_pool(tx, by=by, draft=_read(tx, posted, PoolForm, _weeks())).id}")


@router.get("/pools/{pool_id}/edit")
def edit(request: Request, pool_id: UUID, tx: Tx, by: By) -> Response:
    """The same form for the lead: title and end, and the lines while nobody else has joined."""
    view = queries.whole(tx, by=by, pool_id=pool_id)
    if not view.may_edit:
        raise NotAllowed
    return _form(request, tx, by, view=view)


@router.post("/pools/{pool_id}/edit")
@shows_again(edit)
def revise(request: Request, pool_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Save what changes; or show more rows, or the product that was picked."""
    if _steps(request, tx, posted):
        return edit(request, pool_id, tx, by)
    weeks = _weeks(known.one(tx, by=by, pool_id=pool_id).delivery_week)
    changes = _read(tx, posted, PoolEditForm, weeks)
    actions.revise(tx, by=by, pool_id=pool_id, version=posted.version(), changes=changes)
    return see(f"/pools/{pool_id}")


@router.get("/pools/{pool_id}")
def one(request: Request, pool_id: UUID, tx: Tx, by: By) -> Response:
    """One of them: what all need, who takes part, and the reader's next step."""
    return render(request, "pools/one.html", **_page(tx, by, pool_id))


@router.post("/pools/{pool_id}/membership")
@shows_again(one)
def take_part(request: Request, pool_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Join, or bring other quantities."""
    del request
    draft = posted.read(JoinIn)
    if posted.has("_version"):
        actions.change(tx, by=by, pool_id=pool_id, version=posted.version(), draft=draft)
    else:
        actions.join(tx, by=by, pool_id=pool_id, draft=draft)
    return see(f"/pools/{pool_id}")


@router.post("/pools/{pool_id}/leave")
@shows_again(one)
def leave(request: Request, pool_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Take no part after all."""
    del request
    actions.leave(tx, by=by, pool_id=pool_id, version=posted.version())
    return see(f"/pools/{pool_id}")


@router.post("/pools/{pool_id}/close")
@shows_again(one)
def close(request: Request, pool_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Settle who takes part."""
    del request
    actions.close(tx, by=by, pool_id=pool_id, version=posted.version())
    return see(f"/pools/{pool_id}")


@router.post("/pools/{pool_id}/call-off")
@shows_again(one)
def call_off(request: Request, pool_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Take it back."""
    del request
    actions.call_off(tx, by=by, pool_id=pool_id, version=posted.version(), draft=posted.read(CallOffIn))
    return see(f"/pools/{pool_id}")


@router.post("/pools/{pool_id}/draft")
@shows_again(one)
def make_draft(request: Request, pool_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Write the own demand and go on there."""
    del request
    return see(f"/demands/{actions.make_draft(tx, by=by, pool_id=pool_id, draft=posted.read(PoolDraftIn)).id}")


def _page(tx: Session, by: Actor, pool_id: UUID) -> dict[str, Any]:
    view = queries.whole(tx, by=by, pool_id=pool_id)
    context: dict[str, Any] = {"view": view, "pool": view.pool, "patience": view.pool.join_by + rules.PATIENCE}
    context |= {"leads": view.pool.lead_id == by.organisation_id, "budgets": [], "latest": None, "own": None}
    if view.may_take_part and view.mine is not None and view.standing == rules.Standing.CLOSED:
        context |= {"budgets": budgets.budgets(tx, by=by), "latest": demand_queries.newest(tx, by=by)}
        context |= {"own": known.own_demand(tx, view.mine)}
    return context | {"methods": list(Method), "grounds": GROUNDS}


def _form(
    request: Request, tx: Session, by: Actor, *, view: Whole | None = None, source: Demand | None = None
) -> Response:
    posted = typed_before(request)
    weeks = _weeks(*([view.pool.delivery_week] if view else []))
    week = _chosen(posted, weeks, view.pool.delivery_week if view else weeks[0])
    cells = grid.filled(entry.resolved(tx, posted.pairs))
    if not posted.pairs:
        cells = grid.stored(view.own_lines, view.pool.delivery_week) if view else _copied(source)
    offered = demand_queries.offered(tx, by=by, week=week, codes=grid.codes_of(cells))
    stepped = bool(posted.pairs) and getattr(request.state, "problem", None) is None
    wanted = grid.wanted_rows(posted.get("_more") or posted.get("_rows"))
    rows = grid.shown(cells, wanted, offered, priced=stepped)
    return render(
        request, "pools/new.html", rows=rows, focus=grid.next_cell(rows) if stepped else "",
        source=source, weeks=weeks, week=week,
        view=view, join_by=(view.pool.join_by if view else rules.usual_end(week)).astimezone(BANGKOK),
        kinds=demand_queries.kinds(tx), products=entry.suggested(tx, by.organisation_id),
        spoken=choosing.spoken(tx, offered.products.values(), named),
    )  # fmt: skip


def _copied(source: Demand | None) -> list[dict[str, str]]:
    return [] if source is None else grid.stored(source.lines, source.delivery_week)


def _steps(request: Request, tx: Session, posted: Posted) -> bool:
    """Whether the form only asks for more rows or for a product; then it stands as it will be shown."""
    if not (posted.has("_more") or posted.has("_pick")):
        return False
    pairs = entry.resolved(tx, posted.pairs)
    picked = grid.with_product(pairs, posted.get("_pick")) if posted.has("_pick") else pairs
    request.state.posted = Posted([pair for pair in picked if pair[0] not in {"_key", "_pick"}])
    return True


def _weeks(*others: date) -> list[date]:
    """The weeks for which the usual end of joining is still ahead."""
    first = week_of(today() + rules.USUAL[0]) + WEEK
    return sorted({*(first + number * WEEK for number in range(WEEKS_AHEAD)), *others})


def _chosen(posted: Posted, weeks: list[date], otherwise: date) -> date:
    return next((week for week in weeks if str(week) == posted.get("delivery_week")), otherwise)


def _read(tx: Session, posted: Posted, schema: type[M], weeks: list[date]) -> M:
    pairs = entry.resolved(tx, posted.pairs)
    rows = grid.filled(pairs)
    faults = entry.unknown(rows, catalog.names_of(tx, grid.codes_of(rows)))
    if faults:
        raise InvalidInput(errors=tuple(faults))
    return Posted(grid.closed_up(pairs, _chosen(posted, weeks, weeks[0]))).read(schema)
