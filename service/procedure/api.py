"""The API of the steps of a round: announced, closed, proposed, reviewed, published."""

from uuid import UUID

from service.procedure import actions, review
from service.procedure.rules import BadTimes, HasStake, NoProfile, Recused, RoundExists, SamePersonTwice
from service.procedure.schemas import NoteIn, RoundIn, SolveAgainIn
from service.rounds.api import CREATES, STEPS
from service.rounds.models import Round
from service.rounds.rules import NothingSolved
from service.rounds.schemas import ReasonIn, RoundOut
from service.web.deps import By, Creates, IfMatch, Tx
from service.web.problems import problems
from service.web.routes import api_router

router = api_router("", "rounds")


@router.post(
    "/rounds",
    status_code=201,
    response_model=RoundOut,
    responses=problems(*CREATES, BadTimes, NoProfile, RoundExists),
    dependencies=[Creates],
)
def schedule(body: RoundIn, tx: Tx, by: By) -> Round:
    """Schedule a round; one whose opening is past opens at once."""
    return actions.schedule(tx, by=by, draft=body)


@router.post("/rounds/{round_id}/close", response_model=RoundOut, responses=problems(*STEPS), dependencies=[Creates])
def close(round_id: UUID, body: NoteIn, tx: Tx, by: By) -> Round:
    """Close the round, freeze the market, queue the solving; before the cut-off a reason is needed."""
    return actions.close(tx, by=by, round_id=round_id, reason=body.note)


@router.post("/rounds/{round_id}/solve", response_model=RoundOut, responses=problems(*STEPS), dependencies=[Creates])
def solve_again(round_id: UUID, body: SolveAgainIn, tx: Tx, by: By) -> Round:
    """Solve a failed or sent back round again."""
    return actions.solve_again(tx, by=by, round_id=round_id, effort=body.effort)


@router.post(
    "/rounds/{round_id}/propose",
    response_model=RoundOut,
    responses=problems(*STEPS, NothingSolved),
    dependencies=[Creates],
)
def propose(round_id: UUID, version: IfMatch, tx: Tx, by: By) -> Round:
    """Put the solved allocation forward for review."""
    return actions.propose(tx, by=by, round_id=round_id, version=version)


@router.post("/rounds/{round_id}/cancel", response_model=RoundOut, responses=problems(*STEPS), dependencies=[Creates])
def cancel(round_id: UUID, body: ReasonIn, tx: Tx, by: By) -> Round:
    """Give a round up before publication."""
    return actions.cancel(tx, by=by, round_id=round_id, reason=body.reason)


REVIEW = problems(*STEPS, Recused, SamePersonTwice, HasStake)


@router.post("/rounds/{round_id}/review", response_model=RoundOut, responses=REVIEW, dependencies=[Creates])
def take_up(round_id: UUID, version: IfMatch, tx: Tx, by: By) -> Round:
    """Begin the review of a proposal."""
    return review.take_up(tx, by=by, round_id=round_id, version=version)


@router.post("/rounds/{round_id}/send-back", response_model=RoundOut, responses=REVIEW, dependencies=[Creates])
def send_back(round_id: UUID, body: ReasonIn, version: IfMatch, tx: Tx, by: By) -> Round:
    """Refuse a proposal with a reason."""
    return review.send_back(tx, by=by, round_id=round_id, version=version, reason=body.reason)


@router.post("/rounds/{round_id}/approve", response_model=RoundOut, responses=REVIEW, dependencies=[Creates])
def approve(round_id: UUID, body: NoteIn, version: IfMatch, tx: Tx, by: By) -> Round:
    """Approve a proposal."""
    return review.approve(tx, by=by, round_id=round_id, version=version, note=body.note)


@router.post(
    "/rounds/{round_id}/publish",
    response_model=RoundOut,
    responses=problems(*STEPS, NothingSolved),
    dependencies=[Creates],
)
def publish(round_id: UUID, version: IfMatch, tx: Tx, by: By) -> Round:
    """Publish the approved allocation to the groups."""
    return review.publish(tx, by=by, round_id=round_id, version=version)
