"""Reads of rounds, runs, scenarios, stored files and awards, each under its permission."""

import gzip
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

import solver
from service.allocation.numbers import grid_of, question_of
from service.demand.models import Demand, DemandLine
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.rounds import rules, runs
from service.rounds.models import Award, Round, Run, Scenario
from service.rounds.reasons import Story, open_story
from service.rounds.schemas import RoundOut

FILES = {"instance": "npz", "result": "json", "snapshot": "json"}


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
    return _run(tx, seen(tx, by=by, round_id=round_id), number)


def _run(tx: Session, row: Round, number: int | None) -> Run:
    if number is None:
        run = runs.latest(tx, row.id, "first")
    else:
        run = tx.scalar(select(Run).where(Run.round_id == row.id, Run.number == number))
    if run is None:
        raise NotFound
    return run


@dataclass(frozen=True, slots=True)
class Sight:
    """A story as far as its reader may know it: everything, or a group's or kitchen's own part of it."""

    round: Round
    story: Story
    whole: bool


def line_sight(tx: Session, *, by: Actor, round_id: UUID, line_id: UUID, number: int | None = None) -> Sight:
    """A line's story: for the companies and the committee after closing, for its own kitchen after publication."""
    row = found(tx, round_id)
    demand = select(Demand.organisation_id).join(DemandLine, DemandLine.demand_id == Demand.id)
    owner = tx.scalar(demand.where(DemandLine.id == line_id))
    return _sight(tx, by, row, owner, number)


def supplier_sight(tx: Session, *, by: Actor, round_id: UUID, supplier_id: UUID, number: int | None = None) -> Sight:
    """A supplier's story: for the companies and the committee after closing, for itself after publication."""
    return _sight(tx, by, found(tx, round_id), supplier_id, number)


def _sight(tx: Session, by: Actor, row: Round, owner_id: UUID | None, number: int | None) -> Sight:
    whole = may(by, "round.see_result", **rules.whose(row))
    if whole:
        rules.must_be_unsealed(row)
    elif owner_id is not None and may(by, "award.see", organisation_id=owner_id):
        rules.must_be_published(row)
    else:
        raise NotFound
    run = _run(tx, row, number)
    if not whole and run.state != "applied":
        raise NotFound
    return Sight(row, open_story(tx, run), whole)


def scenarios(tx: Session, *, by: Actor, round_id: UUID, number: int | None = None) -> list[Scenario]:
    """The stored scenarios of a run."""
    run = run_of(tx, by=by, round_id=round_id, number=number)
    return list(tx.scalars(select(Scenario).where(Scenario.run_id == run.id).order_by(Scenario.name)))


def scenario(tx: Session, *, by: Actor, round_id: UUID, number: int, name: str) -> Scenario:
    """One stored scenario."""
    run = run_of(tx, by=by, round_id=round_id, number=number)
    row = tx.scalar(select(Scenario).where(Scenario.run_id == run.id, Scenario.name == name))
    if row is None:
        raise NotFound
    return row


def file_of(tx: Session, *, by: Actor, round_id: UUID, number: int, name: str, kind: str) -> tuple[str, bytes]:
    """A stored file and its name: the instance (NPZ) and result (JSON) that `python -m solver verify` takes."""
    if kind == "snapshot":
        run = run_of(tx, by=by, round_id=round_id, number=number)
        return f"snapshot-{number}.json", gzip.decompress(run.snapshot or b"")
    row = scenario(tx, by=by, round_id=round_id, number=number, name=name)
    return f"{name}-{number}-{kind}.{FILES[kind]}", row.instance if kind == "instance" else row.result


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A certificate computed anew from the stored files and the stored market."""

    violations: tuple[str, ...]
    same_question: bool  # the snapshot still gives this instance, byte for byte
    snapshot_intact: bool


def recompute(tx: Session, *, by: Actor, round_id: UUID, number: int, name: str) -> Recomputed:
    """Verify a stored scenario with the independent checker, and that its instance follows from the snapshot."""
    run = run_of(tx, by=by, round_id=round_id, number=number)
    row = scenario(tx, by=by, round_id=round_id, number=number, name=name)
    instance, result = solver.instance_from_bytes(row.instance), solver.result_from_bytes(row.result)
    frozen = runs.market_of(run)
    again = question_of(grid_of(frozen), name)
    return Recomputed(
        violations=tuple(solver.verify(instance, result)),
        same_question=solver.digest(again) == solver.digest(instance) == row.instance_sha256,
        snapshot_intact=runs.intact(run),
    )


def awards(tx: Session, *, by: Actor, round_id: UUID) -> list[Award]:
    """The awards of a round with their lines, for those who may see its result."""
    row = seen(tx, by=by, round_id=round_id)
    rows = select(Award).where(Award.round_id == row.id, Award.state != "cancelled")
    return list(tx.scalars(rows.options(selectinload(Award.lines)).order_by(Award.id)))


def names(tx: Session, ids: set[UUID]) -> dict[str, Organisation]:
    """Organisations by id as text."""
    wanted = sorted(ids)
    found_rows: list[Organisation] = []
    for start in range(0, len(wanted), 1000):
        found_rows += tx.scalars(select(Organisation).where(Organisation.id.in_(wanted[start : start + 1000])))
    return {str(row.id): row for row in found_rows}
