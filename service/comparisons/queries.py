"""Reads of comparisons: for those who may see the round's result, once it is no longer sealed."""

from uuid import UUID

from sqlalchemy.orm import Session

from service.comparisons.known import newest
from service.comparisons.models import Comparison
from service.kernel.actor import Actor
from service.rounds import queries as rounds
from service.rounds.models import Run


def of_run(tx: Session, *, by: Actor, round_id: UUID, number: int) -> tuple[Run, Comparison | None]:
    """A run of a round that the actor may see, with its comparison."""
    run = rounds.run_of(tx, by=by, round_id=round_id, number=number)
    return run, newest(tx, run.id)
