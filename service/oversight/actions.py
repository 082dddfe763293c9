"""Have the whole log verified beside the web, with progress."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.events import actions as events
from service.events import checkpoints, verification
from service.kernel import jobs
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.oversight.models import LogCheck
from service.oversight.rules import outside
from service.oversight.schemas import VerdictOut
from service.parties.permissions import require

WORKFLOW = "log_check"
UNDER_WAY = LogCheck.state.in_(("queued", "running"))


def ask(tx: Session, *, by: Actor, head: str = "") -> LogCheck:
    """Queue a verification; one that is under way for the same head is given instead of a second one."""
    require(by, "events.see", province=by.province_code)
    noted = head.strip()
    if noted:
        verification.read_head(noted)
    row = tx.scalar(select(LogCheck).where(UNDER_WAY, LogCheck.head == noted).limit(1))
    if row is not None:
        return row
    row = LogCheck(asked_by=by.person_id, head=noted)
    tx.add(row)
    tx.flush()
    jobs.start_after_commit(tx, checkpoints.QUEUE, WORKFLOW, str(row.id), str(row.id))
    events.record(tx, by=by, verb="log_check.asked", subject=row)
    return row


def perform(database: Database, settings: Settings, check_id: UUID) -> None:
    """Verify and store what was seen; a check that was cut off begins again."""

    def tell(done: int, total: int) -> None:
        values = {"state": "running", "done": done, "total": total}
        with database.writing() as tx:
            tx.execute(update(LogCheck).where(LogCheck.id == check_id).values(values))

    with database.reading() as tx:
        row = tx.get_one(LogCheck, check_id)
        if row.state == "done":
            return
        verdict = verification.verify(tx, outside(settings, row.head), tell)
    with database.writing() as tx:
        row = tx.get_one(LogCheck, check_id)
        row.state, row.finished_at, row.done, row.total = "done", now(), verdict.sealed, verdict.sealed
        row.verdict = VerdictOut.of(verdict).model_dump(mode="json")
        events.record(tx, by=SYSTEM, verb="log_check.finished", subject=row,
                      change={"head": str(verdict.head), "faults": len(verdict.faults) + verdict.more})  # fmt: skip


def fail(tx: Session, check_id: UUID) -> None:
    """Mark a check that ended without a verdict."""
    row = tx.get_one(LogCheck, check_id)
    if row.state != "done":
        row.state, row.finished_at = "failed", now()


def sweep(database: Database) -> None:
    """Start the checks whose start was lost; those that were lost later fail, so that another can be asked for."""
    with database.reading() as tx:
        waiting = list(tx.scalars(select(LogCheck.id).where(UNDER_WAY)))
    jobs.sweep(database, checkpoints.QUEUE, WORKFLOW, waiting, fail)
