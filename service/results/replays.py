"""Replays: an auditor has a scenario solved again from its snapshot and is told "identical" or the differences."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

import solver
from service.allocation.market import Market
from service.allocation.numbers import grid_of, question_of
from service.allocation.solving import Effort, solve
from service.events import actions as events
from service.kernel import jobs
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.parties.permissions import require
from service.results import queries
from service.results.models import Replay
from service.rounds import queries as rounds
from service.rounds import rules, runs
from service.rounds.models import Round, Run, Scenario

MOST_DIFFERENCES = 200


def ask(tx: Session, *, by: Actor, round_id: UUID, number: int, name: str) -> Replay:
    """Queue a replay of a stored scenario."""
    row = rounds.seen(tx, by=by, round_id=round_id)
    require(by, "round.replay", **rules.whose(row))
    scenario = queries.scenario(tx, by=by, round_id=round_id, number=number, name=name)
    replay = Replay(scenario_id=scenario.id, asked_by=by.person_id)
    tx.add(replay)
    tx.flush()
    jobs.start_after_commit(tx, runs.QUEUE, "replay", str(replay.id), str(replay.id))
    events.record(tx, by=by, verb="replay.asked", subject=replay, province_code=row.province_code,
                  change={"round": str(row.id), "scenario": name})  # fmt: skip
    return replay


def of_scenario(tx: Session, *, by: Actor, round_id: UUID, number: int, name: str) -> Sequence[Replay]:
    """The replays of a scenario, newest first."""
    scenario = queries.scenario(tx, by=by, round_id=round_id, number=number, name=name)
    return tx.scalars(select(Replay).where(Replay.scenario_id == scenario.id).order_by(Replay.id.desc())).all()


def perform(database: Database, settings: Settings, replay_id: UUID) -> None:
    """Build the instance from the snapshot, solve it with the round's effort and seed, and compare."""
    with database.reading() as tx:
        replay = tx.get_one(Replay, replay_id)
        scenario = tx.get_one(Scenario, replay.scenario_id)
        run = tx.get_one(Run, scenario.run_id)
        row, market = tx.get_one(Round, run.round_id), runs.market_of(run)
        name, stored = scenario.name, solver.result_from_bytes(scenario.result)
    if replay.state != "queued":
        return
    instance = question_of(grid_of(market), name)
    effort = Effort(stored.engine.effort, row.seed, settings.solver_time_limit_s)
    again = solver.result_from_bytes(solve(solver.instance_to_bytes(instance), effort, lambda _: None))
    with database.writing() as tx:
        finish(tx, replay_id, differences(market, instance, stored, again))


def fail(tx: Session, replay_id: UUID, failure: str) -> None:
    """Store that a replay ended without a result, unless it has one."""
    if tx.scalars(select(Replay).where(Replay.id == replay_id).with_for_update()).one().state == "queued":
        finish(tx, replay_id, [], failure)


def finish(tx: Session, replay_id: UUID, found: list[dict[str, Any]], failure: str = "") -> None:
    """Store what a replay found."""
    replay = tx.get_one(Replay, replay_id)
    replay.state, replay.finished_at, replay.failure = ("failed" if failure else "done"), now(), failure
    replay.identical, replay.differences = (None if failure else not found), found[:MOST_DIFFERENCES]
    events.record(tx, by=SYSTEM, verb="replay.finished", subject=replay,
                  change={"identical": replay.identical, "differences": len(found)})  # fmt: skip


def differences(
    market: Market, instance: solver.Instance, stored: solver.Result, again: solver.Result
) -> list[dict[str, Any]]:
    """Where two results of one question differ: the question itself, the certificate, awards arc by arc."""
    if stored.instance_sha256 != again.instance_sha256:
        return [{"what": "instance", "stored": stored.instance_sha256, "again": again.instance_sha256}]
    found: list[dict[str, Any]] = [
        {"what": what, "stored": getattr(stored, what), "again": getattr(again, what)}
        for what in ("status", "objective", "bound")
        if getattr(stored, what) != getattr(again, what)
    ]
    before, after = (dict(zip(r.awards.arc.tolist(), r.awards.quantity.tolist(), strict=True)) for r in (stored, again))
    for arc in sorted({*before, *after}):
        if before.get(arc, 0) != after.get(arc, 0):
            line = market.lines[instance.arcs.line[arc]].id
            offer = instance.ids.offers[instance.arcs.offer[arc]].split("|")[0]
            found.append({"what": "award", "line": line, "offer": offer, "stored": before.get(arc, 0),
                          "again": after.get(arc, 0)})  # fmt: skip
    return found
