"""Pages of visits: the list, a group's page for the officer, and what a group confirms on its phone."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from service.accounts import pins
from service.catalog import choosing
from service.catalog import queries as catalog
from service.kernel.problems import NotFound
from service.listings import repeat
from service.orders.pages import fitted, typed
from service.orders.schemas import AnswerForm, AnswerIn
from service.orders.vocabulary import DeclineReason
from service.parties import queries as parties
from service.parties.models import Organisation
from service.parties.permissions import may
from service.visits import actions, queries, rules
from service.visits.schemas import DecideForm, EntryIn, ListingForm, PinIn
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, render, see, typed_before
from service.web.routes import page_router, shows_again

router = page_router()
add_words(rules.LABELS)
Words = Annotated[str, Query(max_length=100)]
Page = Annotated[int, Query(ge=1, le=10_000)]
MOST = 12  # on one page: a day's calls; who seeks one group writes its name


@router.get("/visits")
def visits(request: Request, tx: Tx, by: By, words: Words = "", page: Page = 1) -> Response:
    """Whom to visit or call first, and why; or a group by its name."""
    found, centre = queries.due(tx, by=by, words=words), tx.get_one(Organisation, by.organisation_id)
    start = MOST * min(page - 1, max(0, len(found) - 1) // MOST)
    shown, left = queries.with_groups(tx, by, found[start : start + MOST]), len(found) - start - MOST
    return render(request, "visits/list.html", visits=shown, words=words, start=start, left=left,
                  following=start // MOST + 2, centre=centre,
                  districts=parties.whereabouts(tx, centre).around)  # fmt: skip


@router.get("/visits/{organisation_id}")
def visit(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """A group's page for the officer: what waits for its PIN, its awards, and a short form for an offer."""
    group, week = queries.group(tx, by=by, organisation_id=organisation_id), repeat.coming_week()
    return render(request, "visits/group.html", group=group, week=week, week_end=week + timedelta(days=6),
                  choice=choosing.choice(tx, typed_before(request).pairs, queries.offered_codes(group.id)),
                  people=queries.deciders(tx, group.id), **_waiting(tx, by, group.id))  # fmt: skip


def _waiting(tx: Tx, by: By, group_id: UUID) -> dict[str, Any]:
    """Entries that wait for a group, with the awards and products that they speak of."""
    entries = queries.waiting(tx, by=by, organisation_id=group_id)
    written = {str(row.payload.get("product_code")) for row in entries if row.kind == "listing"}
    return {"entries": entries, "products": catalog.names_of(tx, written), "as_day": date.fromisoformat,
            "awards": queries.awards_of(tx, by=by, organisation_id=group_id)}  # fmt: skip


@router.post("/visits/{organisation_id}/listing")
@shows_again(visit)
def enter_listing(request: Request, organisation_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Write an offer down."""
    del request
    group = queries.group(tx, by=by, organisation_id=organisation_id)
    actions.enter(tx, by=by, draft=Posted(choosing.named(tx, posted.pairs)).read(ListingForm).draft(group.id))
    return see(f"/visits/{organisation_id}#waiting")


@router.get("/visits/{organisation_id}/awards/{award_id}")
def award(request: Request, organisation_id: UUID, award_id: UUID, tx: Tx, by: By) -> Response:
    """One award of the group: each line one decision, as the group would make it itself."""
    group = queries.group(tx, by=by, organisation_id=organisation_id)
    found = queries.open_award(tx, by=by, organisation_id=group.id, award_id=award_id)
    return render(request, "visits/award.html", group=group, award=found, reasons=list(DeclineReason),
                  typed=typed(request))  # fmt: skip


@router.post("/visits/{organisation_id}/awards/{award_id}")
@shows_again(award)
def enter_answer(request: Request, organisation_id: UUID, award_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Write an answer down: each line in full, in part or not at all."""
    del request
    group, form = queries.group(tx, by=by, organisation_id=organisation_id), fitted(posted).read(AnswerForm)
    draft = EntryIn(organisation_id=group.id, award_id=award_id, answer=AnswerIn(lines=form.lines))
    actions.enter(tx, by=by, draft=draft)
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
    unnamed = pins.is_unnamed(tx, by, by.organisation_id)
    return render(request, "visits/confirmations.html", unnamed=unnamed, **_waiting(tx, by, by.organisation_id))


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
