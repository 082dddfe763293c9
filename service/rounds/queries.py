"""Reads of rounds, runs and awards, each under its permission."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.parties.queries import by_ids
from service.rounds import rules, runs
from service.rounds.models import Award, Round, Run
from service.rounds.schemas import RoundOut


def rounds(*, province: str | None, state: str | None) -> Select[Round]:
    """Rounds; that a round exists, and when, is public to everyone signed in."""
    rows = select(Round)
    if province:
        rows = rows.where(Round.province_code == province)
    return rows.where(Round.state == state) if state else rows


def found(tx: Session, round_id: UUID) -> Round:
    """The round, or NotFound."""
    row = tx.get(Round, round_id)
    if row is None:
        raise NotFound
    return row


def locked(tx: Session, round_id: UUID) -> Round:
    """The round, locked for a step, or NotFound."""
    row = tx.scalar(select(Round).where(Round.id == round_id).with_for_update())
    if row is None:
        raise NotFound
    return row


def shown(by: Actor, row: Round) -> RoundOut:
    """A round as its reader may know it: what a review or the solver said of a result is for those who may see that."""
    out = RoundOut.model_validate(row)
    told = row.state == "cancelled" or may(by, "round.see_result", **rules.whose(row))
    return out if told else out.model_copy(update={"state_reason": ""})


def seen(tx: Session, *, by: Actor, round_id: UUID) -> Round:
    """The round for someone who may see its results, once it is no longer sealed."""
    row = found(tx, round_id)
    require(by, "round.see_result", **rules.whose(row))
    rules.must_be_unsealed(row)
    return row


def runs_of(tx: Session, *, by: Actor, round_id: UUID) -> list[Run]:
    """The runs of a round, newest first; their progress tells no price."""
    row = found(tx, round_id)
    require(by, "round.see_result", **rules.whose(row))
    return list(tx.scalars(select(Run).where(Run.round_id == row.id).order_by(Run.number.desc())))


def run_of(tx: Session, *, by: Actor, round_id: UUID, number: int | None = None) -> Run:
    """One run of a round that may be seen: by its number, else the first that was applied or proposed."""
    return run_in(tx, seen(tx, by=by, round_id=round_id), number)


def run_in(tx: Session, row: Round, number: int | None) -> Run:
    """The same for who has been let in otherwise."""
    if number is None:
        run = runs.latest(tx, row.id, "first")
    else:
        run = tx.scalar(select(Run).where(Run.round_id == row.id, Run.number == number))
    if run is None:
        raise NotFound
    return run


def awards(tx: Session, *, by: Actor, round_id: UUID) -> list[Award]:
    """The awards of a round with their lines, for those who may see its result."""
    row = seen(tx, by=by, round_id=round_id)
    rows = select(Award).where(Award.round_id == row.id, Award.state != "cancelled")
    return list(tx.scalars(rows.options(selectinload(Award.lines)).order_by(Award.id)))


def names(tx: Session, ids: set[UUID]) -> dict[str, Organisation]:
    """Organisations by id as text."""
    return {str(row.id): row for row in by_ids(tx, ids)}
