"""Pages of demands: the list, the grid of lines, the approval."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from service.budgets import queries as budgets
from service.committees.rules import LABELS as SEATS
from service.committees.schemas import CommitteeForm
from service.demand import actions, grid, known, paper, queries, rules
from service.demand.models import Demand
from service.demand.schemas import (
    CancelIn,
    CopyIn,
    DemandEdit,
    DemandForm,
)
from service.demand.vocabulary import GROUNDS, LABELS, Method, State
from service.kernel.actor import Actor
from service.kernel.clock import today, week_of
from service.kernel.shapes import Week
from service.parties.permissions import may, require
from service.prices.rules import is_below
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS | SEATS)
WEEKS_AHEAD = 8
_WEEK: TypeAdapter[date] = TypeAdapter(Week)


@router.get("/demands")
def demands(request: Request, tx: Tx, by: By, state: str = "", before: str = "") -> Response:
    """The own institution's demands; for others the approved ones of their province."""
    writes = may(by, "demand.edit", organisation_id=by.organisation_id)
    chosen = State(state) if state in set(State) else None
    board = queries.board(tx, by=by, mine=writes, state=chosen, before=before)
    latest = queries.newest(tx, by=by) if writes else None
    return render(
        request, "demand/list.html", board=board, chosen=chosen or "", states=list(State), writes=writes,
        latest=latest, repeat_week=_repeat_week(latest),
    )  # fmt: skip


def _repeat_week(latest: Demand | None) -> date:
    following = week_of(today()) + rules.WEEK
    return following if latest is None else max(following, latest.delivery_week + rules.WEEK)


@router.get("/demands/new")
def new(request: Request, tx: Tx, by: By) -> Response:
    """The form of a new demand."""
    require(by, "demand.edit", organisation_id=by.organisation_id)
    return _form(request, tx, by, None)


@router.post("/demands/new")
@shows_again(new)
def write(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Save a new demand, or show the form with more rows and the prices of its products."""
    if posted.has("_more"):
        return _more(request, tx, by, None, posted)
    row = actions.create(tx, by=by, draft=_draft(posted))
    return see(f"/demands/{row.id}")


@router.get("/demands/{demand_id}")
def demand(request: Request, demand_id: UUID, tx: Tx, by: By) -> Response:
    """One demand: lines, total, approval, steps, what happened."""
    row = known.demand(tx, by=by, demand_id=demand_id)
    desk = queries.desk(tx, by=by, row=row)
    steps = {step for step in rules.STEPS if rules.may_step(row.state, step)}
    return render(
        request, "demand/one.html", demand=row, desk=desk, steps=steps, weeks=_weeks(), repeat_week=_repeat_week(row),
        limit=rules.SMALL_VALUE_SATANG, below_paid=is_below,
    )  # fmt: skip


@router.get("/demands/{demand_id}/edit")
def edit_page(request: Request, demand_id: UUID, tx: Tx, by: By) -> Response:
    """The form of a draft."""
    row = known.demand(tx, by=by, demand_id=demand_id)
    require(by, "demand.edit", organisation_id=row.organisation_id)
    return _form(request, tx, by, row)


@router.post("/demands/{demand_id}/edit")
@shows_again(edit_page)
def edit(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Save a draft, or show its form with more rows."""
    if posted.has("_more"):
        return _more(request, tx, by, known.demand(tx, by=by, demand_id=demand_id), posted)
    draft = _draft(posted)
    changes = DemandEdit(**{name: getattr(draft, name) for name in DemandEdit.model_fields})
    actions.edit(tx, by=by, demand_id=demand_id, version=posted.version(), changes=changes)
    return see(f"/demands/{demand_id}")


@router.get("/demands/{demand_id}/request.pdf")
def request_paper(demand_id: UUID, tx: Tx, by: By) -> Response:
    """The request document to print and sign."""
    made = paper.request(tx, by=by, demand_id=demand_id)
    headers = {"content-disposition": f'inline; filename="{made.name}"', "cache-control": "no-store"}
    return Response(made.content, media_type="application/pdf", headers=headers)


@router.get("/demands/{demand_id}/committee")
def committee(request: Request, demand_id: UUID, tx: Tx, by: By) -> Response:
    """Who inspects: the seats as named or proposed, and the rule they rest on."""
    bench = queries.committee(tx, by=by, demand_id=demand_id)
    row = known.demand(tx, by=by, demand_id=demand_id)
    names = may(by, "committee.name", organisation_id=row.organisation_id) and rules.may_step(row.state, "edited")
    return render(request, "committees/one.html", demand=row, bench=bench, names=names)


@router.post("/demands/{demand_id}/committee")
@shows_again(committee)
def name_committee(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Save the seats that are filled."""
    del request
    draft = posted.read(CommitteeForm).draft()
    actions.name_committee(tx, by=by, demand_id=demand_id, version=posted.version(), draft=draft)
    return see(f"/demands/{demand_id}")


@router.post("/demands/{demand_id}/approve")
@shows_again(demand)
def approve(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Approve the total that the page showed."""
    del request
    actions.approve(tx, by=by, demand_id=demand_id, version=posted.version())
    return see(f"/demands/{demand_id}")


@router.post("/demands/{demand_id}/reopen")
@shows_again(demand)
def reopen(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Take it back to draft."""
    del request
    actions.reopen(tx, by=by, demand_id=demand_id, reason=posted.read(CancelIn).reason)
    return see(f"/demands/{demand_id}")


@router.post("/demands/{demand_id}/cancel")
@shows_again(demand)
def cancel(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Cancel it."""
    del request
    actions.cancel(tx, by=by, demand_id=demand_id, reason=posted.read(CancelIn).reason)
    return see(f"/demands/{demand_id}")


@router.post("/demands/{demand_id}/copy")
@shows_again(demand)
def copy(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Repeat it in another week and go on to edit the new draft."""
    del request
    row = actions.copy(tx, by=by, demand_id=demand_id, week=posted.read(CopyIn).delivery_week)
    return see(f"/demands/{row.id}/edit")


AHEAD = timedelta(days=4)  # a round closes on the Thursday before: from then on the week after next is meant


def _weeks(*others: date) -> list[date]:
    first = week_of(today()) + rules.WEEK
    return sorted({*(first + number * rules.WEEK for number in range(WEEKS_AHEAD)), *others})


def _week(posted: Posted, row: Demand | None) -> date:
    """The week that the form stands at: as posted where it is a week, else the demand's, else the next."""
    try:
        return _WEEK.validate_python(posted.get("delivery_week"))
    except ValidationError:
        return row.delivery_week if row else week_of(today() + AHEAD) + rules.WEEK


def _draft(posted: Posted) -> DemandForm:
    return Posted(grid.closed_up(posted.pairs, _week(posted, None))).read(DemandForm)


def _more(request: Request, tx: Session, by: Actor, row: Demand | None, posted: Posted) -> Response:
    """The form again with what was typed; a new key, because what is sent next is another request."""
    request.state.posted = Posted([pair for pair in posted.pairs if pair[0] != "_key"])
    return _form(request, tx, by, row)


def _form(request: Request, tx: Session, by: Actor, row: Demand | None) -> Response:
    posted: Posted = getattr(request.state, "posted", None) or Posted([])
    week = _week(posted, row)
    offered = queries.offered(tx, by=by, week=week)
    cells = grid.filled(posted.pairs) if posted.pairs else grid.stored(row.lines, week) if row else []
    rows = grid.shown(cells, grid.wanted_rows(posted.get("_more") or posted.get("_rows")), offered)
    context: dict[str, Any] = {"demand": row, "rows": rows, "week": week, "weeks": _weeks(week)}
    context |= {"budgets": budgets.budgets(tx, by=by), "methods": list(Method), "grounds": GROUNDS}
    context |= {"families": queries.families(offered), "kinds": queries.kinds(tx), "more": len(rows) + grid.BLANK_ROWS}
    return render(request, "demand/form.html", **context)
