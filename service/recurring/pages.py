"""Pages of recurring demands: the list, beginning one, its cycles and settings."""

from uuid import UUID

from fastapi import Request, Response

from service.demand import known as demands
from service.kernel.clock import today, week_of
from service.parties.permissions import may, require
from service.recurring import actions, known, queries, rules
from service.recurring.rules import LABELS, Rhythm
from service.recurring.schemas import RecurringEdit, RecurringForm, RecurringIn
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
WEEKS_AHEAD = 12


@router.get("/recurring")
def recurring(request: Request, tx: Tx, by: By) -> Response:
    """What comes again."""
    return render(request, "recurring/list.html", rows=queries.recurring(tx, by=by))


@router.get("/recurring/new")
def new(request: Request, tx: Tx, by: By, demand: UUID) -> Response:
    """The form that lets a demand come again."""
    row = demands.demand(tx, by=by, demand_id=demand)
    require(by, "recurring.edit", organisation_id=row.organisation_id)
    first = max(week_of(today()), row.delivery_week) + rules.WEEK
    weeks = [first + number * rules.WEEK for number in range(WEEKS_AHEAD)]
    return render(request, "recurring/new.html", demand=row, weeks=weeks, rhythms=list(Rhythm))


@router.post("/recurring/new")
@shows_again(new)
def begin(request: Request, tx: Tx, by: By, posted: Form, demand: UUID) -> Response:
    """Begin it."""
    del request
    row = actions.begin(tx, by=by, draft=posted.replaced("demand_id", demand).read(RecurringIn))
    return see(f"/recurring/{row.id}")


@router.get("/recurring/{recurring_id}")
def one(request: Request, recurring_id: UUID, tx: Tx, by: By) -> Response:
    """Its cycles, taken and ahead, and what may be changed."""
    row = known.one(tx, by=by, recurring_id=recurring_id)
    return render(
        request, "recurring/one.html", row=row, cycles=queries.cycles(tx, by=by, recurring_id=recurring_id),
        edits=may(by, "recurring.edit", organisation_id=row.organisation_id), rhythms=list(Rhythm), today=today(),
    )  # fmt: skip


@router.post("/recurring/{recurring_id}")
@shows_again(one)
def edit(request: Request, recurring_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Change it from the next cycle on."""
    del request
    changes = RecurringEdit(**posted.read(RecurringForm).model_dump())
    actions.edit(tx, by=by, recurring_id=recurring_id, version=posted.version(), changes=changes)
    return see(f"/recurring/{recurring_id}")


@router.post("/recurring/{recurring_id}/pause")
@shows_again(one)
def pause(request: Request, recurring_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Pause it."""
    del request
    actions.pause(tx, by=by, recurring_id=recurring_id, version=posted.version(), paused=True)
    return see(f"/recurring/{recurring_id}")


@router.post("/recurring/{recurring_id}/resume")
@shows_again(one)
def resume(request: Request, recurring_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Go on."""
    del request
    actions.pause(tx, by=by, recurring_id=recurring_id, version=posted.version(), paused=False)
    return see(f"/recurring/{recurring_id}")
