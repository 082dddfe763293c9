"""The log's API: events in the order they were recorded, and the verification of their chain."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from service.events import verification
from service.kernel.problems import InvalidInput, NotAllowed, SignInRequired
from service.oversight import queries
from service.oversight.schemas import EventOut, Moment, VerdictOut
from service.parties.permissions import require
from service.web.deps import By, Tx
from service.web.paging import Page
from service.web.problems import problems
from service.web.routes import api_router

Word = Annotated[str | None, Query(max_length=80)]
router = api_router("/events", "events")
SEES = (SignInRequired, InvalidInput, NotAllowed)


@router.get("", response_model=Page[EventOut], responses=problems(*SEES))
def events(
    tx: Tx,
    by: By,
    cursor: Annotated[int, Query(ge=0, lt=queries.MOST_ID, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    verb: Word = None,
    subject_type: Word = None,
    subject_id: Word = None,
    organisation: UUID | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> Page[EventOut]:
    """Events in the order of the chain: of the auditor's province, of all for the national company.

    The order follows commits and has no gaps that fill later: a reader who goes on from `next` misses nothing.
    """
    asked = queries.Asked(verb, subject_type, subject_id, organisation, since, until)
    rows, following = queries.after(tx, queries.events(by, asked), cursor, limit)
    items = [EventOut.of(row, seal) for row, seal in rows]
    return Page(items=items, next=None if following is None else str(following))


@router.get("/verification", response_model=VerdictOut, responses=problems(*SEES))
def verify(
    request: Request,
    tx: Tx,
    by: By,
    head: Annotated[str | None, Query(max_length=100, description="A head noted before, as number:hash.")] = None,
) -> VerdictOut:
    """Recompute the whole chain."""
    require(by, "events.see", province=by.province_code)
    return VerdictOut.of(verification.verify(tx, queries.outside(request.app.state.settings, head or "")))
