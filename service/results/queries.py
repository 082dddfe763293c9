"""Reads of what was solved: stories, scenarios, stored files, certificates computed anew, each under its permission."""

import gzip
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import solver
from service.allocation.numbers import grid_of, question_of
from service.demand.models import Demand, DemandLine
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.permissions import may
from service.results.stories import Story, open_story
from service.rounds import queries as rounds
from service.rounds import rules, runs
from service.rounds.models import Round, Scenario

FILES = {"instance": "npz", "result": "json", "snapshot": "json"}


@dataclass(frozen=True, slots=True)
class Sight:
    """A story as far as its reader may know it: everything, or a group's or kitchen's own part of it."""

    round: Round
    story: Story
    whole: bool


def line_sight(tx: Session, *, by: Actor, round_id: UUID, line_id: UUID, number: int | None = None) -> Sight:
    """A line's story: for the companies and the committee after closing, for its own kitchen after publication."""
    row = rounds.found(tx, round_id)
    demand = select(Demand.organisation_id).join(DemandLine, DemandLine.demand_id == Demand.id)
    owner = tx.scalar(demand.where(DemandLine.id == line_id))
    return _sight(tx, by, row, owner, number)


def supplier_sight(tx: Session, *, by: Actor, round_id: UUID, supplier_id: UUID, number: int | None = None) -> Sight:
    """A supplier's story: for the companies and the committee after closing, for itself after publication."""
    return _sight(tx, by, rounds.found(tx, round_id), supplier_id, number)


def _sight(tx: Session, by: Actor, row: Round, owner_id: UUID | None, number: int | None) -> Sight:
    whole = may(by, "round.see_result", **rules.whose(row))
    if whole:
        rules.must_be_unsealed(row)
    elif owner_id is not None and may(by, "award.see", organisation_id=owner_id):
        rules.must_be_published(row)
    else:
        raise NotFound
    run = rounds.run_in(tx, row, number)
    if not whole and run.state != "applied":
        raise NotFound
    return Sight(row, open_story(tx, run), whole)


def scenarios(tx: Session, *, by: Actor, round_id: UUID, number: int | None = None) -> list[Scenario]:
    """The stored scenarios of a run."""
    run = rounds.run_of(tx, by=by, round_id=round_id, number=number)
    return list(tx.scalars(select(Scenario).where(Scenario.run_id == run.id).order_by(Scenario.name)))


def scenario(tx: Session, *, by: Actor, round_id: UUID, number: int, name: str) -> Scenario:
    """One stored scenario."""
    run = rounds.run_of(tx, by=by, round_id=round_id, number=number)
    row = tx.scalar(select(Scenario).where(Scenario.run_id == run.id, Scenario.name == name))
    if row is None:
        raise NotFound
    return row


def file_of(tx: Session, *, by: Actor, round_id: UUID, number: int, name: str, kind: str) -> tuple[str, bytes]:
    """A stored file and its name: the instance (NPZ) and result (JSON) that `python -m solver verify` takes."""
    if kind == "snapshot":
        run = rounds.run_of(tx, by=by, round_id=round_id, number=number)
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
    run = rounds.run_of(tx, by=by, round_id=round_id, number=number)
    row = scenario(tx, by=by, round_id=round_id, number=number, name=name)
    instance, result = solver.instance_from_bytes(row.instance), solver.result_from_bytes(row.result)
    frozen = runs.market_of(run)
    again = question_of(grid_of(frozen), name)
    return Recomputed(
        violations=tuple(solver.verify(instance, result)),
        same_question=solver.digest(again) == solver.digest(instance) == row.instance_sha256,
        snapshot_intact=runs.intact(run),
    )
