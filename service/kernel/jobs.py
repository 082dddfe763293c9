"""Durable work: the one door to DBOS. Workflows survive kill -9; any number of workers share PostgreSQL.

Our own row commits first and names the workflow (id = row id), so starting twice starts once; a schedule
sweeps rows whose start was lost. DBOS keeps its tables apart from ours.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, SetWorkflowID
from sqlalchemy import event
from sqlalchemy.orm import Session

from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.problems import Problem
from service.kernel.settings import Settings

log = structlog.get_logger()
step = DBOS.step
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
KEPT = timedelta(days=7)
FORGOTTEN_AT_ONCE = 2_000  # an hour's workflows are a quarter of that
VERSION = "1"  # workflows in flight resume only under the version that began them; raise it with their steps


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a workflow's steps may use: the settings and the market's database."""

    settings: Settings
    database: Database


@dataclass(frozen=True, slots=True)
class Timer:
    """A workflow that runs on a cron schedule (six fields, seconds first)."""

    name: str
    cron: str
    workflow: Callable[[datetime, Any], None]


_TO_START = "workflows_to_start"
_state: dict[str, Any] = {}
_workflows: dict[str, Callable[..., Any]] = {}


def workflow(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a durable workflow under the name by which floors below start it."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _workflows[name] = DBOS.workflow(name=name)(function)
        return _workflows[name]

    return register


def runtime() -> Runtime:
    """The settings and database of this process's workflows."""
    found: Runtime = _state["runtime"]
    return found


def prepare(settings: Settings) -> None:
    """Bring the tables of durable work to the newest revision: a process that only starts work finds them."""
    DBOS.migrate(settings.workflow_database_url())


def launch(use: Runtime, *, queues: dict[str, int], timers: list[Timer]) -> None:
    """Begin to execute workflows in this process: queues by name with their concurrency, and timers."""
    _state["runtime"] = use
    config: DBOSConfig = {
        "name": "pracharat-market",
        "system_database_url": use.settings.workflow_database_url(),
        "application_version": VERSION,
        "executor_id": use.settings.worker_id,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    for name, concurrency in queues.items():
        DBOS.register_queue(name, worker_concurrency=concurrency)
    for gone in {known["schedule_name"] for known in DBOS.list_schedules()} - {timer.name for timer in timers}:
        DBOS.delete_schedule(gone)
    for timer in timers:
        DBOS.apply_schedules(
            [{"schedule_name": timer.name, "workflow_fn": timer.workflow, "schedule": timer.cron, "context": None}]
        )
    _state["executing"] = True
    if use.database.is_sqlite:
        adopt(use.settings.worker_id)


def adopt(worker_id: str) -> int:
    """Take over what workers of other names left unfinished; give its number.

    Only where nobody else can be alive: an embedded database has one process. On PostgreSQL a worker comes back
    under its own name, or an operator says which one is dead (docs/operations.md).
    """
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    orphans = [left for left in pending if left.executor_id != worker_id]
    for left in orphans:
        DBOS.resume_workflow(left.workflow_id, queue_name=left.queue_name)
    return len(orphans)


def take_over(use: Runtime, dead: str) -> int:
    """Give the unfinished work of a dead worker back to the queues; give its number."""
    client = DBOSClient(system_database_url=use.settings.workflow_database_url())
    try:
        left = client.list_workflows(status="PENDING", executor_id=dead, load_input=False, load_output=False)
        for one in left:
            client.resume_workflow(one.workflow_id, queue_name=one.queue_name)
        return len(left)
    finally:
        client.destroy()


def sweep(
    database: Database, queue: str, name: str, ids: Sequence[UUID], give_up: Callable[[Session, UUID], object]
) -> None:
    """Start what waits, each under the id of its row: what runs already is not started again.

    One whose workflow has ended without settling its row would wait for ever: it is given up.
    """
    over = _ended([str(key) for key in ids])
    for key in ids:
        start(queue, name, str(key), str(key))
    apart(database, (key for key in ids if str(key) in over), give_up)


def _ended(workflow_ids: list[str]) -> set[str]:
    """Those of the workflows that will not go on by themselves: they ended, or were given up after many kills."""
    if not _state.get("executing") or not workflow_ids:
        return set()
    found = DBOS.list_workflows(workflow_ids=workflow_ids, status=ENDED, load_input=False, load_output=False)
    return {one.workflow_id for one in found}


def forget_old() -> int:
    """Delete what is kept of workflows that ended a while ago, a batch of them; give their number.

    The minute's timers alone leave thousands a day.
    """
    before = (now() - KEPT).isoformat()
    old = DBOS.list_workflows(
        status=ENDED, completed_before=before, limit=FORGOTTEN_AT_ONCE, load_input=False, load_output=False
    )
    if old:
        DBOS.delete_workflows([one.workflow_id for one in old])
    return len(old)


def connect(use: Runtime) -> None:
    """Only start workflows from this process; workers elsewhere execute them."""
    _state["runtime"] = use
    _state["client"] = DBOSClient(system_database_url=use.settings.workflow_database_url())


def stop() -> None:
    """Stop executing; what runs is resumed by the next launch."""
    if _state.pop("executing", False):
        DBOS.destroy()
    client = _state.pop("client", None)
    if client is not None:
        client.destroy()
    _state.pop("runtime", None)


def start(queue: str, name: str, workflow_id: str, *args: Any) -> None:
    """Enqueue a workflow under its id; a second start with the same id changes nothing."""
    if _state.get("executing"):
        with SetWorkflowID(workflow_id):
            DBOS.enqueue_workflow(queue, _workflows[name], *args)
    elif "client" in _state:
        options: Any = {"queue_name": queue, "workflow_name": name, "workflow_id": workflow_id}
        _state["client"].enqueue(options, *args)


def apart(database: Database, ids: Iterable[UUID], step: Callable[[Session, UUID], object]) -> None:
    """Take a step for each id in a transaction of its own: what one meets is logged and stops no other."""
    for key in ids:
        try:
            with database.writing() as tx:
                step(tx, key)
        except Problem as refusal:  # someone took the step meanwhile
            log.info("step refused", id=str(key), problem=refusal.slug())
        except Exception:
            log.exception("step failed", id=str(key))


def start_after_commit(tx: Session, queue: str, name: str, workflow_id: str, *args: Any) -> None:
    """Enqueue a workflow once the transaction has committed; a rolled back transaction starts nothing.

    What was committed stays so where the queue cannot be reached: what has a row is swept up later (service/work.py).
    """
    tx.info.setdefault(_TO_START, []).append((queue, name, workflow_id, *args))


@event.listens_for(Session, "after_commit")
def _start_all(tx: Session) -> None:
    if tx.in_nested_transaction():  # a savepoint: the commit is yet to come
        return
    for queue, name, workflow_id, *args in tx.info.pop(_TO_START, ()):
        try:
            start(queue, name, workflow_id, *args)
        except Exception:
            log.exception("start left to the sweep", workflow=name, workflow_id=workflow_id)
