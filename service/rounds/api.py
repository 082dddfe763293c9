"""The API of rounds: themselves, their runs and awards."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from service.kernel.problems import (
    Duplicate,
    EditConflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongState,
)
from service.rounds import queries
from service.rounds.models import Award, Round, Run
from service.rounds.rules import RoundStillSealed
from service.rounds.schemas import AwardOut, RoundOut, RunOut
from service.web.deps import By, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
SEES = (*SIGNED_IN, NotAllowed, NotFound, RoundStillSealed)
CREATES = (*SIGNED_IN, NotAllowed, NotFound, Duplicate, KeyReused)
STEPS = (*CREATES, WrongState, EditConflict, PreconditionRequired)
Code = Annotated[str | None, Query(pattern=r"^\d{2}$")]

router = api_router("", "rounds")


@router.get("/rounds", response_model=Page[RoundOut], responses=problems(*SIGNED_IN))
def rounds(tx: Tx, by: By, cut: Paging, province: Code = None, state: str | None = None) -> Page[RoundOut]:
    """Rounds by province and state."""
    rows, following = page_of(tx, queries.rounds(province=province, state=state), Round.id, cut)
    return Page(items=[queries.shown(by, row) for row in rows], next=following)


@router.get("/rounds/{round_id}", response_model=RoundOut, responses=problems(*SIGNED_IN, NotFound))
def one(round_id: UUID, tx: Tx, by: By) -> RoundOut:
    """One round; its ETag is needed for the steps of review."""
    return queries.shown(by, queries.found(tx, round_id))


@router.get("/rounds/{round_id}/runs", response_model=list[RunOut], responses=problems(*SEES))
def runs(round_id: UUID, tx: Tx, by: By) -> list[Run]:
    """The runs of a round and their progress, newest first."""
    return queries.runs_of(tx, by=by, round_id=round_id)


@router.get("/rounds/{round_id}/awards", response_model=list[AwardOut], responses=problems(*SEES))
def awards(round_id: UUID, tx: Tx, by: By) -> list[Award]:
    """The awards of a round, for those who may see its result."""
    return queries.awards(tx, by=by, round_id=round_id)
