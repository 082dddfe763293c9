"""The durable solving of a replay."""

from uuid import UUID

import structlog
from sqlalchemy import select

from service.kernel import jobs
from service.kernel.db import Database
from service.results import replays
from service.results.models import Replay
from service.rounds import runs
from service.rounds.workflow import LOST, last_words

log = structlog.get_logger()


@jobs.workflow("replay")
def replay(replay_id: str) -> None:
    """Solve a stored scenario again and compare."""
    try:
        replay_scenario(replay_id)
    except Exception as error:
        log.exception("replay failed", replay=replay_id)
        fail_replay(replay_id, last_words(error))


@jobs.step(name="replay_scenario")
def replay_scenario(replay_id: str) -> None:
    """Solve and compare."""
    runtime = jobs.runtime()
    replays.perform(runtime.database, runtime.settings, UUID(replay_id))


@jobs.step(name="fail_replay")
def fail_replay(replay_id: str, failure: str) -> None:
    """Store that a replay failed."""
    with jobs.runtime().database.writing() as tx:
        replays.fail(tx, UUID(replay_id), failure)


def sweep(database: Database) -> None:
    """Start every replay that waits; those that were lost fail, so that another can be asked for."""
    with database.reading() as tx:
        waiting = list(tx.scalars(select(Replay.id).where(Replay.state == "queued")))
    jobs.sweep(database, runs.QUEUE, "replay", waiting, lambda tx, key: replays.fail(tx, key, LOST))
