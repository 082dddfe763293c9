"""Pages of visits: the list, a group's page for the officer, and what a group confirms on its phone."""

from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from fastapi import Request, Response

from service.accounts import pins
from service.catalog import choosing
from service.catalog import queries as catalog
from service.kernel.problems import NotFound
from service.listings import repeat
from service.orders.vocabulary import DeclineReason
from service.parties.permissions import may
from service.visits import actions, queries, rules
from service.visits.schemas import AnswerForm, DecideForm, ListingForm, PinIn
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, render, see, typed_before
from service.web.routes import page_router, shows_again

router = page_router()
add_words(rules.LABELS)


@router.get("/visits")
def visits(request: Request, tx: Tx, by: By) -> Response:
    """Whom to visit or call first, and why."""
    return render(request, "visits/list.html", visits=queries.visits(tx, by=by))


@router.get("/visits/{organisation_id}")
def visit(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """A group's page for the officer: what waits for its PIN, its awards, and a short form for an offer."""
    group, week = queries.group(tx, by=by, organisation_id=organisation_id), repeat.coming_week()
    return render(request, "visits/group.html", group=group, week=week, week_end=week + timedelta(days=6),
                  choice=choosing.choice(tx, typed_before(request).pairs, queries.offered_codes(group.id)),
                  awards=queries.awards_of(tx, by=by, organisation_id=group.id), reasons=list(DeclineReason),
                  waiting=queries.waiting(tx, by=by, organisation_id=group.id),
                  people=queries.deciders(tx, group.id))  # fmt: skip


@router.post("/visits/{organisation_id}/listing")
@shows_again(visit)
def enter_listing(request: Request, organisation_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Write an offer down."""
    del request
    group = queries.group(tx, by=by, organisation_id=organisation_id)
    actions.enter(tx, by=by, draft=Posted(choosing.named(tx, posted.pairs)).read(ListingForm).draft(group.id))
    return see(f"/visits/{organisation_id}#waiting")


@router.post("/visits/{organisation_id}/answer")
@shows_again(visit)
def enter_answer(request: Request, organisation_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Write an answer down: all of an award, or nothing of it."""
    del request
    group, form = queries.group(tx, by=by, organisation_id=organisation_id), posted.read(AnswerForm)
    waits = queries.awards_of(tx, by=by, organisation_id=group.id)
    award = next((one for one in waits if one.id == form.award_id), None)
    if award is None:
        raise NotFound
    lines = [line.id for line in award.lines if line.answer is None]
    actions.enter(tx, by=by, draft=form.draft(group.id, lines))
    return see(f"/visits/{organisation_id}#waiting")


@router.post("/visits/{organisation_id}/entries/{entry_id}/pin")
@shows_again(visit)
def confirm_here(request: Request, organisation_id: UUID, entry_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Someone of the group types their PIN on the centre's device."""
    del request
    actions.confirm_here(tx, by=by, entry_id=entry_id, proof=posted.read(PinIn))
    return see(f"/visits/{organisation_id}#waiting")


@router.get("/confirmations")
def confirmations(request: Request, tx: Tx, by: By) -> Response:
    """What service centres wrote down for the group, with everything that they wrote."""
    if by.organisation_id is None or not may(by, "entry.decide", organisation_id=by.organisation_id):
        raise NotFound
    entries = queries.waiting(tx, by=by)
    awards = {row.id: row for row in queries.awards_of(tx, by=by, organisation_id=by.organisation_id)}
    return render(request, "visits/confirmations.html", entries=entries, awards=awards,
                  products=catalog.names_of(tx, (str(row.payload.get("product_code")) for row in entries)),
                  as_day=date.fromisoformat, unnamed=pins.is_unnamed(tx, by, by.organisation_id))  # fmt: skip


@router.post("/confirmations/{entry_id}/{decision}")
@shows_again(confirmations)
def decide(request: Request, entry_id: UUID, decision: Literal["confirm", "refuse"], tx: Tx, by: By,
           posted: Form) -> Response:  # fmt: skip
    """Confirm or refuse."""
    del request
    version = posted.read_some(DecideForm).version
    act = actions.confirm if decision == "confirm" else actions.refuse
    act(tx, by=by, entry_id=entry_id, version=version)
    return see("/confirmations")
