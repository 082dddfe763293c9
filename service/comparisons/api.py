"""The API of comparisons: what the preferences of a round's profile cost and buy."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from service.comparisons import actions, queries
from service.comparisons.models import Comparison
from service.comparisons.schemas import ComparisonOut
from service.kernel.problems import InvalidInput, NotAllowed, NotFound, SignInRequired
from service.rounds.rules import RoundStillSealed
from service.web.deps import By, Creates, Tx
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SEES = (SignInRequired, InvalidInput, NotAllowed, NotFound, RoundStillSealed)
router = api_router("/rounds", "rounds")
Number = Annotated[int, Path(ge=1, le=10_000)]


@router.post(
    "/{round_id}/runs/{number}/comparison",
    status_code=202,
    response_model=ComparisonOut,
    responses=problems(*SEES, KeyReused),
    dependencies=[Creates],
)
def ask(round_id: UUID, number: Number, tx: Tx, by: By) -> Comparison:
    """Solve a run's market at five strengths of preference and without each of them, in the background."""
    return actions.ask(tx, by=by, round_id=round_id, number=number)


@router.get("/{round_id}/runs/{number}/comparison", response_model=ComparisonOut, responses=problems(*SEES))
def comparison(round_id: UUID, number: Number, tx: Tx, by: By) -> Comparison:
    """How far a comparison is, and what it found; 404 where nobody has asked for one."""
    _, found = queries.of_run(tx, by=by, round_id=round_id, number=number)
    if found is None:
        raise NotFound
    return found
