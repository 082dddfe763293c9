"""The rounds' API: rounds and their steps, runs, scenarios, files, reasons, recomputation."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Response

from service.kernel.problems import (
    Duplicate,
    EditConflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongState,
)
from service.rounds import actions, queries, reasons, replays, review
from service.rounds.models import Award, Round, Run, Scenario
from service.rounds.rules import (
    BadTimes,
    HasStake,
    NoProfile,
    NothingSolved,
    Recused,
    RoundExists,
    RoundStillSealed,
    SamePersonTwice,
)
from service.rounds.schemas import (
    AwardOut,
    LineReasonsOut,
    NoteIn,
    PairReasonOut,
    ReasonIn,
    RecomputedOut,
    ReplayOut,
    RoundIn,
    RoundOut,
    RunOut,
    ScenarioOut,
    SolveAgainIn,
)
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
SEES = (*SIGNED_IN, NotAllowed, NotFound, RoundStillSealed)
CREATES = (*SIGNED_IN, NotAllowed, NotFound, Duplicate, KeyReused)
STEPS = (*CREATES, WrongState, EditConflict, PreconditionRequired)
Code = Annotated[str | None, Query(pattern=r"^\d{2}$")]
Name = Literal["least_cost", "policy", "most_social"]
FileKind = Literal["instance", "result", "snapshot"]

router = api_router("", "rounds")


@router.get("/rounds", response_model=Page[RoundOut], responses=problems(*SIGNED_IN))
def rounds(tx: Tx, by: By, cut: Paging, province: Code = None, state: str | None = None) -> Page[RoundOut]:
    """Rounds by province and state."""
    rows, following = page_of(tx, queries.rounds(province=province, state=state), Round.id, cut)
    return Page(items=[queries.shown(by, row) for row in rows], next=following)


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


@router.get("/rounds/{round_id}", response_model=RoundOut, responses=problems(*SIGNED_IN, NotFound))
def one(round_id: UUID, tx: Tx, by: By) -> RoundOut:
    """One round; its ETag is needed for the steps of review."""
    return queries.shown(by, queries.found(tx, round_id))


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


@router.get("/rounds/{round_id}/runs", response_model=list[RunOut], responses=problems(*SEES))
def runs(round_id: UUID, tx: Tx, by: By) -> list[Run]:
    """The runs of a round and their progress, newest first."""
    return queries.runs_of(tx, by=by, round_id=round_id)


@router.get("/rounds/{round_id}/runs/{number}/scenarios", response_model=list[ScenarioOut], responses=problems(*SEES))
def scenarios(round_id: UUID, number: int, tx: Tx, by: By) -> list[Scenario]:
    """The three scenarios of a run with their certificates and facts."""
    return queries.scenarios(tx, by=by, round_id=round_id, number=number)


@router.get(
    "/rounds/{round_id}/runs/{number}/scenarios/{name}/files/{kind}",
    response_class=Response,
    responses=problems(*SEES) | {200: {"content": {"application/octet-stream": {}}}},
)
def file(round_id: UUID, number: int, name: Name, kind: FileKind, tx: Tx, by: By) -> Response:
    """A stored file: instance and result are what `python -m solver verify` takes."""
    title, data = queries.file_of(tx, by=by, round_id=round_id, number=number, name=name, kind=kind)
    headers = {"Content-Disposition": f'attachment; filename="{title}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.get(
    "/rounds/{round_id}/runs/{number}/scenarios/{name}/verification",
    response_model=RecomputedOut,
    responses=problems(*SEES),
)
def verify(round_id: UUID, number: int, name: Name, tx: Tx, by: By) -> queries.Recomputed:
    """Recompute a scenario's certificate from its stored files, with the independent checker."""
    return queries.recompute(tx, by=by, round_id=round_id, number=number, name=name)


@router.post(
    "/rounds/{round_id}/runs/{number}/scenarios/{name}/replays",
    status_code=202,
    response_model=ReplayOut,
    responses=problems(*CREATES, RoundStillSealed),
    dependencies=[Creates],
)
def replay(round_id: UUID, number: int, name: Name, tx: Tx, by: By) -> Any:
    """Solve the snapshot again in the background; the answer is identical, or the differences."""
    return replays.ask(tx, by=by, round_id=round_id, number=number, name=name)


@router.get(
    "/rounds/{round_id}/runs/{number}/scenarios/{name}/replays",
    response_model=list[ReplayOut],
    responses=problems(*SEES),
)
def replays_of(round_id: UUID, number: int, name: Name, tx: Tx, by: By) -> Any:
    """The replays of a scenario, newest first."""
    return replays.of_scenario(tx, by=by, round_id=round_id, number=number, name=name)


@router.get("/rounds/{round_id}/awards", response_model=list[AwardOut], responses=problems(*SEES))
def awards(round_id: UUID, tx: Tx, by: By) -> list[Award]:
    """The awards of a round, for those who may see its result."""
    return queries.awards(tx, by=by, round_id=round_id)


@router.get(
    "/rounds/{round_id}/runs/{number}/lines/{line_id}/reasons", response_model=LineReasonsOut, responses=problems(*SEES)
)
def line_reasons(round_id: UUID, number: int, line_id: UUID, tx: Tx, by: By) -> Any:
    """Why each eligible pair of a line won or lost, and what a short line missed."""
    story = reasons.open_story(tx, queries.run_of(tx, by=by, round_id=round_id, number=number))
    return {"pairs": [r.as_json() for r in story.of_line(str(line_id))], "short": story.short(str(line_id))}


@router.get(
    "/rounds/{round_id}/runs/{number}/lines/{line_id}/offers/{offer_id}/reason",
    response_model=PairReasonOut,
    responses=problems(*SEES),
)
def pair_reason(round_id: UUID, number: int, line_id: UUID, offer_id: UUID, tx: Tx, by: By) -> Any:
    """Why one pair could not trade (codes), or what decided about it."""
    story = reasons.open_story(tx, queries.run_of(tx, by=by, round_id=round_id, number=number))
    against, reason = story.of_pair(str(line_id), str(offer_id))
    return {"ineligible": against, "reason": None if reason is None else reason.as_json()}
