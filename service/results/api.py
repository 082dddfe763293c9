"""The API of results: scenarios, files, recomputation, replays, reasons."""

from typing import Any, Literal
from uuid import UUID

from fastapi import Response

from service.results import queries, replays
from service.results.schemas import LineReasonsOut, PairReasonOut, RecomputedOut, ReplayOut, ScenarioOut
from service.results.stories import open_story
from service.rounds import queries as rounds
from service.rounds.api import CREATES, SEES
from service.rounds.models import Scenario
from service.rounds.rules import RoundStillSealed
from service.web.deps import By, Creates, Tx
from service.web.problems import problems
from service.web.routes import api_router

Name = Literal["least_cost", "policy", "most_social"]
FileKind = Literal["instance", "result", "snapshot"]

router = api_router("", "rounds")


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


@router.get(
    "/rounds/{round_id}/runs/{number}/lines/{line_id}/reasons", response_model=LineReasonsOut, responses=problems(*SEES)
)
def line_reasons(round_id: UUID, number: int, line_id: UUID, tx: Tx, by: By) -> Any:
    """Why each eligible pair of a line won or lost, and what a short line missed."""
    story = open_story(tx, rounds.run_of(tx, by=by, round_id=round_id, number=number))
    return {"pairs": [r.as_json() for r in story.of_line(str(line_id))], "short": story.short(str(line_id))}


@router.get(
    "/rounds/{round_id}/runs/{number}/lines/{line_id}/offers/{offer_id}/reason",
    response_model=PairReasonOut,
    responses=problems(*SEES),
)
def pair_reason(round_id: UUID, number: int, line_id: UUID, offer_id: UUID, tx: Tx, by: By) -> Any:
    """Why one pair could not trade (codes), or what decided about it."""
    story = open_story(tx, rounds.run_of(tx, by=by, round_id=round_id, number=number))
    against, reason = story.of_pair(str(line_id), str(offer_id))
    return {"ineligible": against, "reason": None if reason is None else reason.as_json()}
