"""The page of a comparison: ask for it, see how far it is, then the curve and the price of each preference."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from service.allocation.tradeoffs import Point
from service.comparisons import actions, plot, queries
from service.comparisons.words import LABELS
from service.parties.permissions import may
from service.rounds import queries as rounds
from service.rounds.rules import whose
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
Number = Annotated[int, Path(ge=1, le=10_000)]


@router.get("/rounds/{round_id}/runs/{number}/comparison")
def comparison(request: Request, round_id: UUID, number: Number, tx: Tx, by: By) -> Response:
    """What the preferences of the round's profile cost and buy."""
    run, found = queries.of_run(tx, by=by, round_id=round_id, number=number)
    row = rounds.found(tx, round_id)
    points = [Point(**point) for point in found.points] if found else []
    return render(
        request, "comparisons/one.html", round=row, run=run, comparison=found, points=points,
        curve=plot.draw(points) if points else None, asks=may(by, "round.compare", **whose(row)),
    )  # fmt: skip


@router.post("/rounds/{round_id}/runs/{number}/comparison")
@shows_again(comparison)
def ask(request: Request, round_id: UUID, number: Number, tx: Tx, by: By, posted: Form) -> Response:
    """Ask for it."""
    del request, posted
    actions.ask(tx, by=by, round_id=round_id, number=number)
    return see(f"/rounds/{round_id}/runs/{number}/comparison")
