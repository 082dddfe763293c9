"""The API of awards and orders: a group's awards with its answers, and both sides' orders."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from service.accounts.rules import NameYourself
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.orders import actions, queries
from service.orders.models import Order
from service.orders.rules import AlreadyAnswered, AwardClosed, TooLate
from service.orders.schemas import AnswerIn, AwardOut, OrderOut, WholeOrderOut
from service.orders.vocabulary import AwardState, OrderState
from service.parties.rules import NotQualified
from service.rounds.models import Award
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
ANSWERS = (*SIGNED_IN, NotAllowed, NotFound, EditConflict, PreconditionRequired, KeyReused)

router = api_router("", "orders")


@router.get("/awards", response_model=Page[AwardOut], responses=problems(*SIGNED_IN))
def awards(
    tx: Tx,
    by: By,
    cut: Paging,
    state: AwardState | None = None,
    open_: Annotated[bool | None, Query(alias="open", description="Whether they wait for an answer.")] = None,
    supplier_id: UUID | None = None,
) -> Page[AwardOut]:
    """The published awards that you may know: your group's, your demands', or your province's."""
    query = queries.awards(by, state=state, open_=open_, supplier_id=supplier_id)
    rows, following = page_of(tx, query, Award.id, cut)
    return Page(items=queries.shown(tx, rows), next=following)


@router.get("/awards/{award_id}", response_model=AwardOut, responses=problems(*SIGNED_IN, NotFound))
def award(award_id: UUID, tx: Tx, by: By) -> AwardOut:
    """One award; its ETag is needed to answer it."""
    return queries.award(tx, by=by, award_id=award_id)


@router.post(
    "/awards/{award_id}/answers",
    response_model=AwardOut,
    responses=problems(*ANSWERS, AlreadyAnswered, TooLate, AwardClosed, NotQualified, NameYourself),
    dependencies=[Creates],
)
def answer(award_id: UUID, body: AnswerIn, version: IfMatch, tx: Tx, by: By) -> AwardOut:
    """Answer lines of an award: in full, in part, or declined with a reason. All are taken, or none."""
    actions.answer(tx, by=by, award_id=award_id, version=version, draft=body)
    return queries.award(tx, by=by, award_id=award_id)


@router.get("/orders", response_model=Page[OrderOut], responses=problems(*SIGNED_IN))
def orders(
    tx: Tx, by: By, cut: Paging, state: OrderState | None = None, demand_id: UUID | None = None
) -> Page[OrderOut]:
    """The orders that you may know, on either side."""
    rows, following = page_of(tx, queries.orders(by, state=state, demand_id=demand_id), Order.id, cut)
    return Page(items=queries.shown_orders(tx, rows), next=following)


@router.get("/orders/{order_id}", response_model=WholeOrderOut, responses=problems(*SIGNED_IN, NotFound))
def order(order_id: UUID, tx: Tx, by: By) -> WholeOrderOut:
    """One order with its lines and, for its two sides and the companies, their contacts."""
    return queries.order(tx, by=by, order_id=order_id)
