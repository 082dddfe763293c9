"""The durable solving of a run: three scenarios, each verified and stored, then the run is settled.

Every step may run again after a kill: a stored scenario is not solved twice, and a settled run stays settled.
No transaction is open while solving.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update

import solver
from service.allocation.facts import deals_of, facts_of, standing_deals
from service.allocation.market import Market, unpack
from service.allocation.numbers import Grid, grid_of, question_of
from service.allocation.solving import Effort, solve
from service.allocation.vocabulary import SCENARIOS
from service.kernel import jobs
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.rounds import reasons, runs
from service.rounds.models import Round, Run, Scenario

log = structlog.get_logger()
REPORT_EVERY_S = 1.0
LOST = "The worker ended without a result."
ATTEMPTS = 3  # a solver that was killed (memory, an operator) is tried again; what is stored is not solved twice


@jobs.workflow("solve_run")
def solve_run(run_id: str) -> None:
    """Solve a run and settle it; a fault is stored with the run, where people see it."""
    try:
        solve_scenarios(run_id)
        settle(run_id)
    except Exception as error:
        log.exception("run failed", run=run_id)
        give_up(run_id, last_words(error))


def last_words(error: Exception) -> str:
    """What to tell people of a fault: after retries, the last attempt's."""
    attempts = getattr(error, "errors", None)
    cause = attempts[-1] if attempts else error
    return f"{type(cause).__name__}: {cause}"[:900]


@jobs.step(name="solve_scenarios", retries_allowed=True, max_attempts=ATTEMPTS, interval_seconds=2.0)
def solve_scenarios(run_id: str) -> None:
    """Solve what is not stored yet."""
    runtime = jobs.runtime()
    solve_missing(runtime.database, runtime.settings, UUID(run_id))


@jobs.step(name="settle_run")
def settle(run_id: str) -> None:
    """Close the run's books."""
    with jobs.runtime().database.writing() as tx:
        runs.settle(tx, UUID(run_id))


@jobs.step(name="give_up_run")
def give_up(run_id: str, failure: str) -> None:
    """Mark the run and its round as failed."""
    with jobs.runtime().database.writing() as tx:
        runs.give_up(tx, UUID(run_id), failure)


def sweep(database: Database) -> None:
    """Start every run that waits; those that were lost fail, so that people can go on."""
    with database.reading() as tx:
        waiting = list(tx.scalars(select(Run.id).where(Run.state.in_(("queued", "solving")))))
    jobs.sweep(database, runs.QUEUE, "solve_run", waiting, lambda tx, key: runs.give_up(tx, key, LOST))


def solve_missing(database: Database, settings: Settings, run_id: UUID) -> None:
    """Solve, verify and store the scenarios that are not stored, some at the same time."""
    with database.writing() as tx:
        run = runs.begin(tx, run_id)
        row, market = tx.get_one(Round, run.round_id), unpack(run.snapshot or b"")
        stored = set(tx.scalars(select(Scenario.name).where(Scenario.run_id == run_id)))
    missing = [name for name in SCENARIOS if name not in stored]
    if not missing:
        return
    grid, report = grid_of(market), Report(database, run_id)
    effort = Effort(row.effort, row.seed, settings.solver_time_limit_s)
    with ThreadPoolExecutor(settings.solver_processes) as pool:
        for done in [pool.submit(_solve_one, database, run_id, grid, name, effort, report) for name in missing]:
            done.result()


def _solve_one(database: Database, run_id: UUID, grid: Grid, name: str, effort: Effort, report: "Report") -> None:
    instance = question_of(grid, name)
    stored_instance = solver.instance_to_bytes(instance)
    stored_result = solve(stored_instance, effort, lambda step: report(name, step))
    scenario = scenario_of(run_id, name, grid.market, stored_instance, stored_result)
    with database.writing() as tx:
        if tx.scalar(select(Scenario.id).where(Scenario.run_id == run_id, Scenario.name == name)) is None:
            tx.add(scenario)
    report(name, {"phase": "verified", "fraction": 1.0, "gap": scenario.gap}, urgent=True)


def scenario_of(run_id: UUID, name: str, market: Market, stored_instance: bytes, stored_result: bytes) -> Scenario:
    """Read the stored files back, verify them with the independent checker, and say what the plan means."""
    instance, result = solver.instance_from_bytes(stored_instance), solver.result_from_bytes(stored_result)
    deals = [*standing_deals(market), *deals_of(market, instance, result)]
    return Scenario(
        run_id=run_id,
        name=name,
        instance_sha256=solver.digest(instance),
        instance=stored_instance,
        result=stored_result,
        reasons=reasons.pack(solver.explain(instance, result)) if result.has_plan else b"",
        status=result.status,
        objective=result.objective,
        bound=result.bound,
        gap=result.gap,
        gap_served=result.gap_served,
        violations=len(solver.verify(instance, result)),
        facts=facts_of(market, deals)
        | {"arcs": len(instance.arcs), "stopped_early": result.stopped_early, "effort": result.engine.effort},
        solver_version=f"{result.engine.name} {result.engine.version}",
        runtime_ms=round(result.runtime_s * 1000),
        verified_at=now(),
    )


class Report:
    """Writes the run's progress to its row, at most once a second."""

    def __init__(self, database: Database, run_id: UUID) -> None:
        self._database, self._run_id = database, run_id
        self._lock, self._last = Lock(), 0.0
        self._steps: dict[str, Any] = {}

    def __call__(self, name: str, step: dict[str, Any], *, urgent: bool = False) -> None:
        """Note a scenario's step."""
        with self._lock:
            self._steps[name] = {key: step.get(key) for key in ("phase", "fraction", "objective", "bound", "gap")}
            if not urgent and monotonic() - self._last < REPORT_EVERY_S:
                return
            self._last = monotonic()
            with self._database.writing() as tx:
                tx.execute(update(Run).where(Run.id == self._run_id).values(progress=self._steps))
