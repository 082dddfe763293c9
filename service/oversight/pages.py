"""Pages of the event log: who did what, when and why, in words; and the verification of its chain."""

from typing import Annotated

from fastapi import Query, Request, Response

from service.events import verification
from service.oversight import queries
from service.oversight.schemas import FilterForm
from service.oversight.words import LABELS, STATE_WORDS
from service.parties.models import Organisation
from service.parties.permissions import require
from service.web.deps import By, Tx
from service.web.forms import Posted
from service.web.pages import add_words, render
from service.web.routes import page_router

router = page_router("/events")
add_words(LABELS)
Before = Annotated[int | None, Query(ge=1, lt=queries.MOST_ID)]
SHOWN_FAULTS = 100


@router.get("")
def log(request: Request, tx: Tx, by: By, before: Before = None) -> Response:
    """The log, the newest first, filtered."""
    form = Posted(request.query_params.multi_items()).read_some(FilterForm)
    asked = queries.Asked(
        form.verb, form.subject_type, form.subject_id, form.organisation_id, queries.day_begins(form.since),
        queries.day_begins(form.until, later=1),
    )  # fmt: skip
    lines, following = queries.newest(tx, by=by, asked=asked, before=before)
    organisation = tx.get(Organisation, form.organisation_id) if form.organisation_id else None
    return render(request, "oversight/log.html", lines=lines, following=following, asked=form,
                  organisation=organisation, verbs=queries.verbs(tx, by), state_words=STATE_WORDS)  # fmt: skip


@router.get("/verification")
def verify(request: Request, tx: Tx, by: By, head: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Recompute the whole chain, and compare it with a noted head."""
    require(by, "events.see", province=by.province_code)
    outside = queries.outside(request.app.state.settings, head)
    return render(request, "oversight/verification.html", verdict=verification.verify(tx, outside), noted=outside.noted,
                  meanings=verification.FAULTS, most=SHOWN_FAULTS)  # fmt: skip
