"""Pages of demands: the list, the grid of lines, the approval."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from service.budgets import queries as budgets
from service.catalog import choosing
from service.catalog import queries as catalog
from service.committees.rules import LABELS as SEATS
from service.committees.schemas import CommitteeForm
from service.demand import actions, entry, grid, known, paper, queries, rules, scratch, together
from service.demand.models import Demand
from service.demand.schemas import MOST_LINES, CancelDemandIn, CancelIn, CopyIn, DemandEdit, DemandForm
from service.demand.vocabulary import GROUNDS, LABELS, ChangeCode, Method, State
from service.kernel.actor import Actor
from service.kernel.clock import today, week_of
from service.kernel.problems import InvalidInput
from service.kernel.shapes import Week
from service.parties.permissions import may, require
from service.prices.rules import is_below
from service.sheets import writing
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, download, named, render, see
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
    return _next_week() if latest is None else max(_next_week(), latest.delivery_week + rules.WEEK)


@router.get("/demands/new")
def new(request: Request, tx: Tx, by: By) -> Response:
    """The form of a new demand."""
    require(by, "demand.edit", organisation_id=by.organisation_id)
    return _form(request, tx, by, None)


@router.post("/demands/new")
@shows_again(new)
def write(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Save a new demand, or take a step of the form that saves nothing."""
    if _is_step(posted):
        return _step(request, tx, by, None, posted)
    row = actions.create(tx, by=by, draft=_draft(tx, posted))
    scratch.drop(tx, by=by, demand_id=None)
    return see(f"/demands/{row.id}")


@router.get("/demands/template.xlsx")
def template(tx: Tx, by: By) -> Response:
    """The file to fill and to send back: headings with an example, and the list of products."""
    require(by, "demand.edit", organisation_id=by.organisation_id)
    return download(writing.as_xlsx(entry.template(tx)), writing.XLSX, "demand-lines.xlsx")


@router.get("/demands/template.csv")
def template_csv(tx: Tx, by: By) -> Response:
    """The same without the list."""
    require(by, "demand.edit", organisation_id=by.organisation_id)
    return download(writing.as_csv(entry.template(tx)[0][1]).encode(), writing.CSV, "demand-lines.csv")


@router.get("/demands/{demand_id}")
def demand(request: Request, demand_id: UUID, tx: Tx, by: By) -> Response:
    """One demand: lines, total, approval, steps, what happened."""
    row = known.demand(tx, by=by, demand_id=demand_id)
    desk = queries.desk(tx, by=by, row=row)
    steps = {step for step in rules.STEPS if rules.may_step(row.state, step)}
    sees = may(by, "demand.see", organisation_id=row.organisation_id, province=row.province_code)
    change = request.app.state.pending_change(tx, row.id) if sees else None
    return render(
        request, "demand/one.html", demand=row, desk=desk, steps=steps, weeks=_weeks(), repeat_week=_repeat_week(row),
        change=change,
        codes=list(ChangeCode), limit=rules.SMALL_VALUE_SATANG, below_paid=is_below, together=together.of(tx, row),
        sees_pool=may(by, "pool.see", organisation_id=row.organisation_id, province=row.province_code),
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
    """Save a draft, or take a step of its form that saves nothing."""
    if _is_step(posted):
        return _step(request, tx, by, known.demand(tx, by=by, demand_id=demand_id), posted)
    draft = _draft(tx, posted)
    changes = DemandEdit(**{name: getattr(draft, name) for name in DemandEdit.model_fields})
    actions.edit(tx, by=by, demand_id=demand_id, version=posted.version(), changes=changes)
    scratch.drop(tx, by=by, demand_id=demand_id)
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
    given = posted.read(CancelDemandIn)
    actions.cancel(tx, by=by, demand_id=demand_id, reason=given.reason, code=given.code)
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
        return row.delivery_week if row else _next_week()


def _next_week() -> date:
    return week_of(today() + AHEAD) + rules.WEEK


def _draft(tx: Session, posted: Posted) -> DemandForm:
    pairs = entry.resolved(tx, posted.pairs)
    rows = grid.filled(pairs)
    faults = entry.unknown(rows, catalog.names_of(tx, grid.codes_of(rows)))
    if faults:
        raise InvalidInput(errors=tuple(faults))
    return Posted(grid.closed_up(pairs, _week(posted, None))).read(DemandForm)


STEPS = ("_more", "_pick", "_paste", "_upload", "_undo", "_keep", "_continue", "_forget")


def _is_step(posted: Posted) -> bool:
    return any(posted.has(name) for name in STEPS)


def _step(request: Request, tx: Session, by: Actor, row: Demand | None, posted: Posted) -> Response:
    """A step of the form that saves no demand: what stood there is kept, and the form is shown again."""
    require(by, "demand.edit", organisation_id=row.organisation_id if row else by.organisation_id)
    demand_id = row.id if row else None
    if posted.has("_keep") and request.headers.get("x-autosave"):
        state = scratch.keep(tx, by=by, demand_id=demand_id, pairs=posted.pairs)
        return Response(status_code=204, headers={"X-State": str(state.id)})
    pairs = _stepped(tx, by, demand_id, posted)
    if pairs and not posted.has("_undo"):
        scratch.keep(tx, by=by, demand_id=demand_id, pairs=pairs)
    # A new key, because what is sent next is another request.
    request.state.posted = Posted([pair for pair in pairs if pair[0] not in {"_key", "_pasted", "_state"}])
    focus = next((name for name in ("_undo", "_keep") if posted.has(name)), "_next")
    return _form(request, tx, by, row, focus)


def _stepped(tx: Session, by: Actor, demand_id: UUID | None, posted: Posted) -> list[tuple[str, Any]]:
    """The form after the step."""
    pairs, week = posted.pairs, _week(posted, None)
    if posted.has("_undo"):
        return scratch.undone(tx, by=by, demand_id=demand_id, pairs=pairs, state=posted.get("_state"))
    if posted.has("_forget"):
        scratch.drop(tx, by=by, demand_id=demand_id)
        return []
    if posted.has("_continue"):
        kept = scratch.states(tx, by=by, demand_id=demand_id)
        return [(str(name), value) for name, value in kept[0].form] if kept else []
    scratch.keep(tx, by=by, demand_id=demand_id, pairs=pairs)
    if posted.has("_paste"):
        text = posted.get("_pasted").encode()
        return grid.with_rows(pairs, entry.read(tx, name="", content=text, week=week, bare=True))
    if posted.has("_upload"):
        content = posted.file("_file") or b""
        return grid.with_rows(pairs, entry.read(tx, name="", content=content, week=week))
    return grid.with_product(pairs, posted.get("_pick")) if posted.has("_pick") else pairs


def _form(request: Request, tx: Session, by: Actor, row: Demand | None, focus: str = "") -> Response:
    posted: Posted = getattr(request.state, "posted", None) or Posted([])
    week = _week(posted, row)
    typed = entry.resolved(tx, posted.pairs)
    cells = grid.filled(typed) if typed else grid.stored(row.lines, week) if row else []
    offered = queries.offered(tx, by=by, week=week, codes=grid.codes_of(cells))
    rows = grid.shown(cells, grid.wanted_rows(posted.get("_more") or posted.get("_rows")), offered,
                      priced=focus == "_next")  # fmt: skip
    kept = scratch.states(tx, by=by, demand_id=row.id if row else None)
    context: dict[str, Any] = {"demand": row, "rows": rows, "week": week, "weeks": _weeks(week), "kept": kept}
    context |= {"budgets": budgets.budgets(tx, by=by), "methods": list(Method), "grounds": GROUNDS}
    context |= {
        "products": entry.suggested(tx, by.organisation_id),
        "spoken": choosing.spoken(tx, offered.products.values(), named),
    }
    context |= {"kinds": queries.kinds(tx), "more": len(rows) + grid.BLANK_ROWS, "most": MOST_LINES}
    context |= {"focus": grid.next_cell(rows) if focus == "_next" else focus}
    context |= {"moves": queries.moves(tx, row) if row else []}
    latest = None if row or kept or posted.pairs else queries.newest(tx, by=by)
    context |= {"latest": latest, "repeat_week": _repeat_week(latest)}
    return render(request, "demand/form.html", **context)
