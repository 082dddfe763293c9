"""Record an event; give it its place in the chain when its transaction commits. `verification.py` recomputes the chain.

The seal is the transaction's last write, made under one lock that falls with the commit: places follow commits, none
is left out, and whoever reads up to a place will never see another event at or before it.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import event as hooks
from sqlalchemy import func, insert, inspect, select
from sqlalchemy.orm import Session

from service.events.models import Event, Seal
from service.events.rules import GENESIS, chained, patch, plain
from service.kernel.actor import Actor

COMMIT_LOCK = 4_551_245_201  # any constant: PostgreSQL's advisory lock on the chain's end
COLUMNS = [column.key for column in inspect(Event).column_attrs]
_NEW = "events_without_seal"


def record(
    tx: Session,
    *,
    by: Actor,
    verb: str,
    subject: Any,
    change: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    reason: str = "",
    on_behalf_of: UUID | None = None,
    province_code: str | None = None,
) -> None:
    """Write one event in the caller's transaction. `subject` is the changed row (it must have its id)."""
    tx.flush()
    row = Event(
        person_id=by.person_id,
        organisation_id=by.organisation_id,
        on_behalf_of=on_behalf_of,
        verb=verb,
        subject_type=subject.__tablename__,
        subject_id=str(getattr(subject, "id", None) or subject.code),
        province_code=province_code,
        change=plain(patch({**(change or {}), **by.through()}, before)),
        reason=reason,
        request_id=tx.info.get("request_id", ""),
    )
    tx.add(row)
    tx.info.setdefault(_NEW, []).append(row)


@hooks.listens_for(Session, "before_commit")
def _seal_new(tx: Session) -> None:
    if tx.in_nested_transaction() or not tx.info.get(_NEW):
        return
    tx.flush()  # every row lock is taken before the chain's, so that no two commits wait for each other
    kept = [row for row in tx.info.pop(_NEW) if row in tx]  # a savepoint may have been rolled back
    if kept:
        seal(tx, kept)


def seal(tx: Session, rows: Sequence[Event]) -> None:
    """Chain events at the end of the log; it stays locked until the transaction ends."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(COMMIT_LOCK)))  # apart from the next: its answer is older
    head = tx.execute(select(Seal.sequence, Seal.hash).order_by(Seal.sequence.desc()).limit(1)).first()
    last, previous = (head.sequence, head.hash) if head else (0, GENESIS)
    seals = []
    for sequence, row in enumerate(rows, last + 1):
        digest = chained(previous, {name: getattr(row, name) for name in COLUMNS})
        seals.append({"sequence": sequence, "event_id": row.id, "previous_hash": previous, "hash": digest})
        previous = digest
    tx.execute(insert(Seal), seals)
