"""The listings' API: offers, their steps, and repeating last week."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from service.catalog.rules import CertificateNotValid, NotASupplier
from service.kernel.problems import (
    Duplicate,
    EditConflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongState,
)
from service.kernel.shapes import ProductCode
from service.listings import actions, queries, repeat
from service.listings.models import Offer
from service.listings.rules import GradeOfAnother, MinimumNotWholePacks, NeverEnough, NoLotAhead, NothingToRepeat
from service.listings.rules import ProductInactive as Inactive
from service.listings.schemas import OfferEdit, OfferIn, OfferOut, OfferState, RepeatIn, StepIn
from service.parties.rules import NotQualified
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
CONTENTS = (CertificateNotValid, GradeOfAnother, MinimumNotWholePacks, NeverEnough)
CREATES = (*SIGNED_IN, NotAllowed, NotFound, Duplicate, KeyReused, NotASupplier, NotQualified, NothingToRepeat)
STEPS = problems(
    *SIGNED_IN,
    NotAllowed,
    NotFound,
    EditConflict,
    PreconditionRequired,
    WrongState,
    *CONTENTS,
    NoLotAhead,
    NotQualified,
)

router = api_router("/offers", "listings")


@router.post(
    "",
    status_code=201,
    response_model=OfferOut,
    responses=problems(*CREATES, *CONTENTS, Inactive),
    dependencies=[Creates],
)
def post(body: OfferIn, tx: Tx, by: By) -> OfferOut:
    """Write a new offer as a draft."""
    return queries.seen(actions.post(tx, by=by, draft=body), by)


@router.get("", response_model=Page[OfferOut], responses=problems(*SIGNED_IN))
def offers(
    tx: Tx,
    by: By,
    cut: Paging,
    product: ProductCode | None = None,
    province: Annotated[str | None, Query(pattern=r"^\d{2}$")] = None,
    state: OfferState | None = None,
    mine: bool = False,  # noqa: FBT001, FBT002 - a query parameter
) -> Page[OfferOut]:
    """Offers on the market, and your own in every state; prices of others are sealed."""
    query = queries.offers(by=by, product=product, province=province, state=state, mine=mine)
    rows, following = page_of(tx, query, Offer.id, cut)
    return Page(items=[queries.seen(row, by) for row in rows], next=following)


@router.post(
    "/repeat-last-week", status_code=201, response_model=list[OfferOut], responses=problems(*CREATES),
    dependencies=[Creates],
)  # fmt: skip
def repeat_last_week(body: RepeatIn, tx: Tx, by: By) -> list[OfferOut]:
    """Copy this week's lots of all your offers into the coming week; those already there are not doubled."""
    return [queries.seen(row, by) for row in repeat.last_week(tx, by=by, organisation_id=body.organisation_id)]


@router.get("/{offer_id}", response_model=OfferOut, responses=problems(*SIGNED_IN, NotFound))
def offer(offer_id: UUID, tx: Tx, by: By) -> OfferOut:
    """One offer; its ETag is needed to change it."""
    return queries.seen(queries.offer(tx, by=by, offer_id=offer_id), by)


@router.patch("/{offer_id}", response_model=OfferOut, responses=STEPS)
def change(offer_id: UUID, body: OfferEdit, version: IfMatch, tx: Tx, by: By) -> OfferOut:
    """Change a draft or active offer."""
    return _after(tx, actions.change(tx, by=by, offer_id=offer_id, version=version, changes=body), by)


def _after(tx: Tx, row: Offer, by: By) -> OfferOut:
    tx.flush()  # the version that the answer names is the one written
    return queries.seen(row, by)


@router.post("/{offer_id}/publish", response_model=OfferOut, responses=STEPS, dependencies=[Creates])
def publish(offer_id: UUID, version: IfMatch, tx: Tx, by: By) -> OfferOut:
    """Put a draft on the market."""
    return _after(tx, actions.publish(tx, by=by, offer_id=offer_id, version=version), by)


@router.post("/{offer_id}/suspend", response_model=OfferOut, responses=STEPS, dependencies=[Creates])
def suspend(offer_id: UUID, body: StepIn, version: IfMatch, tx: Tx, by: By) -> OfferOut:
    """Pause an offer: your own as you like, another's as a company with a reason."""
    return _after(tx, actions.suspend(tx, by=by, offer_id=offer_id, version=version, reason=body.reason), by)


@router.post("/{offer_id}/resume", response_model=OfferOut, responses=STEPS, dependencies=[Creates])
def resume(offer_id: UUID, version: IfMatch, tx: Tx, by: By) -> OfferOut:
    """Put a paused offer back on the market."""
    return _after(tx, actions.resume(tx, by=by, offer_id=offer_id, version=version), by)


@router.post("/{offer_id}/withdraw", response_model=OfferOut, responses=STEPS, dependencies=[Creates])
def withdraw(offer_id: UUID, body: StepIn, version: IfMatch, tx: Tx, by: By) -> OfferOut:
    """Take an offer off for good."""
    return _after(tx, actions.withdraw(tx, by=by, offer_id=offer_id, version=version, reason=body.reason), by)


@router.post(
    "/{offer_id}/repeat", status_code=201, response_model=OfferOut, responses=problems(*CREATES), dependencies=[Creates]
)
def repeat_one(offer_id: UUID, tx: Tx, by: By) -> OfferOut:
    """Copy one offer's last lots into the week after them."""
    return queries.seen(repeat.one(tx, by=by, offer_id=offer_id), by)
