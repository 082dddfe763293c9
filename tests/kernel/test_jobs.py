"""Durable work of workers that are gone: taken over on one machine, by an operator's word on several, never lost."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from service import work
from service.kernel import jobs
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.procedure import actions
from service.rounds import runs, workflow
from service.rounds.models import Round, Run
from tests.make import making
from tests.rounds.test_chain import Hands

QUEUES = {runs.QUEUE: 1}


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    """Leave no executor behind."""
    yield
    jobs.stop()


def runtime(database: Database, name: str) -> jobs.Runtime:
    return jobs.Runtime(Settings(database_url=database.url, worker_id=name), database)


def left_by(database: Database, name: str, **columns: str) -> Run:
    """A closed round whose run a worker began and left when it was killed."""
    with making(database) as make:
        hands = Hands(make)
    jobs.launch(runtime(database, name), queues={}, timers=[])
    with database.writing() as tx:
        actions.close(tx, by=hands.facilitator, round_id=hands.round_id)
    jobs.stop()
    with sqlite3.connect(Path(database.url.removeprefix("sqlite:///") + ".jobs")) as raw:
        changed = {"status": "PENDING", "executor_id": name} | columns
        row = raw.execute("update workflow_status set " + ", ".join(f"{column} = ?" for column in changed),
                          list(changed.values()))  # fmt: skip
        assert row.rowcount == 1
    return newest(database)


def newest(database: Database) -> Run:
    with database.reading() as tx:
        return tx.query(Run).order_by(Run.number.desc()).first() or pytest.fail("there is no run")


def state_when_done(database: Database) -> str:
    deadline = monotonic() + 90
    while newest(database).state in {"queued", "solving"} and monotonic() < deadline:
        sleep(0.2)
    return newest(database).state


def test_on_one_machine_a_worker_of_another_name_finishes_what_was_left(sqlite_database: Database) -> None:
    assert left_by(sqlite_database, "first").state == "queued"
    jobs.launch(runtime(sqlite_database, "second"), queues=QUEUES, timers=[])
    assert state_when_done(sqlite_database) == "solved"


def test_an_operator_hands_a_dead_workers_runs_to_another(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_by(sqlite_database, "first")
    monkeypatch.setattr(jobs, "adopt", lambda _: 0)  # as on PostgreSQL
    use = runtime(sqlite_database, "second")
    jobs.launch(use, queues=QUEUES, timers=[])
    assert jobs.take_over(use, "third") == 0
    sleep(2)
    assert newest(sqlite_database).state == "queued"
    assert jobs.take_over(use, "first") == 1
    assert state_when_done(sqlite_database) == "solved"


def test_a_run_whose_workflow_ended_without_a_result_fails_where_people_see_it(sqlite_database: Database) -> None:
    left_by(sqlite_database, "first", status="ERROR")
    jobs.launch(runtime(sqlite_database, "second"), queues=QUEUES, timers=[])
    workflow.sweep(sqlite_database)
    assert (newest(sqlite_database).state, newest(sqlite_database).failure) == ("failed", workflow.LOST)
    with sqlite_database.reading() as tx:
        assert tx.query(Round).one().state == "failed"


def test_a_run_whose_start_was_lost_is_started_by_the_sweep(sqlite_database: Database) -> None:
    with making(sqlite_database) as make:
        hands = Hands(make)
        actions.close(make.tx, by=hands.facilitator, round_id=hands.round_id)
    jobs.launch(runtime(sqlite_database, "first"), queues=QUEUES, timers=[])
    workflow.sweep(sqlite_database)
    workflow.sweep(sqlite_database)
    assert state_when_done(sqlite_database) == "solved"


def test_ended_workflows_are_forgotten_after_a_week_and_others_stay(sqlite_database: Database) -> None:
    old = str(int((now() - jobs.KEPT - timedelta(hours=1)).timestamp() * 1000))
    left_by(sqlite_database, "first", status="SUCCESS", completed_at=old)
    jobs.launch(runtime(sqlite_database, "second"), queues={}, timers=[])
    jobs.start(runs.QUEUE, "replay", "waits", "waits")
    work.forget_due()
    with sqlite3.connect(Path(sqlite_database.url.removeprefix("sqlite:///") + ".jobs")) as raw:
        assert raw.execute("select workflow_uuid from workflow_status").fetchall() == [("waits",)]


def test_work_starts_with_the_commit_and_not_with_a_savepoint_before_it(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(jobs, "start", lambda _queue, _name, workflow_id: started.append(workflow_id))

    def work(key: str, fault: Exception | None = None) -> None:
        with sqlite_database.writing() as tx:
            jobs.start_after_commit(tx, "queue", "name", key)
            with tx.begin_nested():
                tx.execute(text("select 1"))
            assert key not in started
            if fault is not None:
                raise fault

    work("committed")
    with pytest.raises(LookupError):
        work("rolled back", LookupError())
    assert started == ["committed"]
