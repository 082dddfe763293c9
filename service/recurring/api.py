"""The API of recurring demands."""

from uuid import UUID

from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.parties.rules import NotQualified
from service.recurring import actions, known, queries
from service.recurring.models import RecurringDemand
from service.recurring.schemas import Cycle, CycleOut, RecurringEdit, RecurringIn, RecurringOut
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SEES = (SignInRequired, InvalidInput, NotAllowed)
EDITS = (*SEES, NotFound, EditConflict, PreconditionRequired)
STEPS = (*EDITS, KeyReused)

router = api_router("/recurring-demands", "recurring")


@router.post(
    "",
    status_code=201,
    response_model=RecurringOut,
    responses=problems(*SEES, NotFound, KeyReused, NotQualified),
    dependencies=[Creates],
)
def begin(body: RecurringIn, tx: Tx, by: By) -> RecurringDemand:
    """Let a demand of your institution come again; each cycle becomes one draft."""
    return actions.begin(tx, by=by, draft=body)


@router.get("", response_model=Page[RecurringOut], responses=problems(*SEES))
def recurring(tx: Tx, by: By, cut: Paging) -> Page[RecurringOut]:
    """Your institution's recurring demands."""
    rows, following = page_of(tx, known.own(by), RecurringDemand.id, cut)
    return Page(items=rows, next=following)


@router.get("/{recurring_id}", response_model=RecurringOut, responses=problems(*SEES, NotFound))
def one(recurring_id: UUID, tx: Tx, by: By) -> RecurringDemand:
    """One of them; its ETag is needed to change or pause it."""
    return known.one(tx, by=by, recurring_id=recurring_id)


@router.get("/{recurring_id}/cycles", response_model=list[CycleOut], responses=problems(*SEES, NotFound))
def cycles(recurring_id: UUID, tx: Tx, by: By) -> list[Cycle]:
    """The cycles taken lately and the next eight, with the closed days that they skip."""
    return queries.cycles(tx, by=by, recurring_id=recurring_id)


@router.patch("/{recurring_id}", response_model=RecurringOut, responses=problems(*EDITS))
def edit(recurring_id: UUID, body: RecurringEdit, version: IfMatch, tx: Tx, by: By) -> RecurringDemand:
    """Change what comes from the next cycle on; demands that exist stay as they are."""
    return actions.edit(tx, by=by, recurring_id=recurring_id, version=version, changes=body)


@router.post("/{recurring_id}/pause", response_model=RecurringOut, responses=problems(*STEPS), dependencies=[Creates])
def pause(recurring_id: UUID, version: IfMatch, tx: Tx, by: By) -> RecurringDemand:
    """Make no drafts for a while."""
    return actions.pause(tx, by=by, recurring_id=recurring_id, version=version, paused=True)


@router.post("/{recurring_id}/resume", response_model=RecurringOut, responses=problems(*STEPS), dependencies=[Creates])
def resume(recurring_id: UUID, version: IfMatch, tx: Tx, by: By) -> RecurringDemand:
    """Go on with the next cycle."""
    return actions.pause(tx, by=by, recurring_id=recurring_id, version=version, paused=False)
