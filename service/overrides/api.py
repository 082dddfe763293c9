"""The API of overrides, beside the round that they decide on."""

from typing import Any
from uuid import UUID

from service.overrides import actions, known, queries
from service.overrides.models import Override
from service.overrides.rules import OverrideRefused
from service.overrides.schemas import OverrideIn, OverrideOut, OverridesOut
from service.rounds import queries as rounds
from service.rounds.api import SEES, STEPS
from service.rounds.rules import NothingSolved
from service.web.deps import By, Creates, IfMatch, Tx
from service.web.problems import problems
from service.web.routes import api_router

router = api_router("", "rounds")
OVERRIDES = problems(*STEPS, NothingSolved, OverrideRefused)


@router.get("/rounds/{round_id}/overrides", response_model=OverridesOut, responses=problems(*SEES))
def overrides_of(round_id: UUID, tx: Tx, by: By) -> Any:
    """What a person has decided against the solver, and what it changes."""
    row = rounds.seen(tx, by=by, round_id=round_id)
    return {"items": known.of_round(tx, row.id), "difference": queries.difference(tx, row)}


@router.post(
    "/rounds/{round_id}/lines/{line_id}/overrides",
    status_code=201,
    response_model=OverrideOut,
    responses=OVERRIDES,
    dependencies=[Creates],
)
def override(round_id: UUID, line_id: UUID, body: OverrideIn, version: IfMatch, tx: Tx, by: By) -> Override:
    """Decide by hand how much of a line one offer gets, before the proposal; the rest is solved anew."""
    return actions.override(tx, by=by, round_id=round_id, line_id=line_id, version=version, draft=body)


@router.post(
    "/rounds/{round_id}/overrides/{override_id}/withdraw",
    response_model=OverrideOut,
    responses=OVERRIDES,
    dependencies=[Creates],
)
def withdraw(round_id: UUID, override_id: UUID, version: IfMatch, tx: Tx, by: By) -> Override:
    """Leave the pair to the solver again."""
    return actions.withdraw(tx, by=by, round_id=round_id, override_id=override_id, version=version)
