"""Have a run's market compared under other preferences beside the web, with progress."""

from collections.abc import Callable
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.allocation import tradeoffs
from service.allocation.solving import Effort, solve
from service.comparisons.known import newest
from service.comparisons.models import Comparison
from service.events import actions as events
from service.kernel import jobs
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.parties.permissions import require
from service.rounds import queries as rounds
from service.rounds import runs
from service.rounds.models import Round, Run
from service.rounds.rules import whose

QUEUE = WORKFLOW = "comparisons"  # a queue of its own: a round that closes does not wait behind one
EFFORT = "quick"
LOST = "The worker ended without a result."
UNDER_WAY = Comparison.state.in_(("queued", "running"))


def ask(tx: Session, *, by: Actor, round_id: UUID, number: int) -> Comparison:
    """Queue the comparison of a run; one that is there or under way is given, for it would come out the same."""
    row = rounds.found(tx, round_id)
    require(by, "round.compare", **whose(row))
    run = rounds.run_of(tx, by=by, round_id=round_id, number=number)
    tx.scalars(select(Run.id).where(Run.id == run.id).with_for_update()).one()
    known = newest(tx, run.id)
    if known is not None and known.state != "failed":
        return known
    made = Comparison(run_id=run.id, asked_by=by.person_id)
    tx.add(made)
    tx.flush()
    jobs.start_after_commit(tx, QUEUE, WORKFLOW, str(made.id), str(made.id))
    events.record(tx, by=by, verb="comparison.asked", subject=made, province_code=row.province_code,
                  change={"round": str(row.id), "run": str(run.id)})  # fmt: skip
    return made


def perform(database: Database, settings: Settings, comparison_id: UUID) -> None:
    """Solve every question of it and store what was found; one that was cut off begins again."""
    with database.reading() as tx:
        row = tx.get_one(Comparison, comparison_id)
        if row.state not in {"queued", "running"}:
            return
        run = tx.get_one(Run, row.run_id)
        market, seed = runs.market_of(run), tx.get_one(Round, run.round_id).seed
    told = _teller(database, comparison_id, tradeoffs.plans_of(market))

    def answer(question: bytes, start: bytes | None, turn: int) -> bytes:
        effort = Effort(EFFORT, seed + turn, settings.solver_time_limit_s)
        result = solve(question, effort, lambda _: None, start)
        told()
        return result

    found = tradeoffs.compare(market, answer)
    with database.writing() as tx:
        row = tx.get_one(Comparison, comparison_id)
        row.state, row.finished_at = "done", now()
        row.points, row.weights = [asdict(point) for point in found.points], [asdict(price) for price in found.weights]
        events.record(tx, by=SYSTEM, verb="comparison.finished", subject=row)


def _teller(database: Database, comparison_id: UUID, total: int) -> Callable[[], None]:
    """Tell that one more plan is there; the first word comes before the first plan."""
    done = -1

    def tell() -> None:
        nonlocal done
        done += 1
        values = {"state": "running", "done": done, "total": total}
        with database.writing() as tx:
            tx.execute(update(Comparison).where(Comparison.id == comparison_id).values(values))

    tell()
    return tell


def fail(tx: Session, comparison_id: UUID, failure: str) -> None:
    """Store why a comparison ended without a result, unless it has one."""
    row = tx.scalars(select(Comparison).where(Comparison.id == comparison_id).with_for_update()).one()
    if row.state in {"queued", "running"}:
        row.state, row.finished_at, row.failure = "failed", now(), failure
        events.record(tx, by=SYSTEM, verb="comparison.failed", subject=row, reason=failure)


def sweep(database: Database) -> None:
    """Start the comparisons whose start was lost; those that were lost later fail, so that another can be asked for."""
    with database.reading() as tx:
        waiting = list(tx.scalars(select(Comparison.id).where(UNDER_WAY)))
    jobs.sweep(database, QUEUE, WORKFLOW, waiting, lambda tx, key: fail(tx, key, LOST))
