"""Record an event; seal recorded events into the chain; verify the chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.events.models import Event, Seal
from service.events.rules import GENESIS, chained
from service.kernel.actor import Actor

SEALER_LOCK = 4_551_245_201  # any constant: the advisory lock that lets one sealer work at a time
BATCH = 5_000


def record(
    tx: Session,
    *,
    by: Actor,
    verb: str,
    subject: Any,
    change: dict[str, Any] | None = None,
    reason: str = "",
    on_behalf_of: UUID | None = None,
    province_code: str | None = None,
) -> None:
    """Write one event in the caller's transaction. `subject` is the changed row (it must have its id)."""
    tx.flush()
    tx.add(
        Event(
            transaction=_transaction(tx),
            person_id=by.person_id,
            organisation_id=by.organisation_id,
            on_behalf_of=on_behalf_of,
            verb=verb,
            subject_type=subject.__tablename__,
            subject_id=str(getattr(subject, "id", None) or subject.code),
            province_code=province_code,
            change=_plain(change or {}),
            reason=reason,
            request_id=tx.info.get("request_id", ""),
        )
    )


def _plain(change: dict[str, Any]) -> dict[str, Any]:
    """Numbers within 2**53 and text only: what canonical JSON can hold on every platform."""
    return {name: _plain_value(value) for name, value in change.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain_value(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**53:
        return value
    return str(value)


def _transaction(tx: Session) -> int:
    if tx.get_bind().dialect.name == "postgresql":
        return int(tx.scalar(text("select pg_current_xact_id()::text::bigint")) or 0)
    return 0


def seal(tx: Session) -> int:
    """Chain the events whose transactions have surely all ended, in commit-safe order; give their number.

    On PostgreSQL an event is sealed only once every transaction older than its own has ended, so no event can
    later appear before it; on SQLite writers come one at a time and ids are the commit order.
    """
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(SEALER_LOCK)))
    head = tx.scalar(select(Seal).order_by(Seal.sequence.desc()).limit(1))
    sequence, previous = (head.sequence, head.hash) if head else (0, GENESIS)
    sealed = 0
    for event in tx.scalars(_ready(tx)):
        sequence, sealed = sequence + 1, sealed + 1
        digest = chained(previous, event)
        tx.add(Seal(sequence=sequence, event_id=event.id, previous_hash=previous, hash=digest))
        previous = digest
    return sealed


def _ready(tx: Session) -> Any:
    query = select(Event).outerjoin(Seal, Seal.event_id == Event.id).where(Seal.sequence.is_(None))
    if tx.get_bind().dialect.name == "postgresql":
        query = query.where(text("events.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
    return query.order_by(Event.transaction, Event.id).limit(BATCH)


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the log is not what was sealed."""

    sequence: int
    event_id: int | None
    kind: str  # gap | missing | edited | reordered | unsealed_past


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification saw."""

    events: int
    sealed: int
    head: str
    faults: tuple[Fault, ...]


def verify(tx: Session) -> Verdict:
    """Recompute the whole chain; every edit, deletion, insertion before the head or reordering is a fault."""
    faults: list[Fault] = []
    previous, expected, last_event = GENESIS, 1, 0
    for seal_row, event in _chain(tx):
        faults += _faults_at(seal_row, event, previous, expected)
        previous, expected = seal_row.hash, seal_row.sequence + 1
        last_event = max(last_event, seal_row.event_id)
    unsealed = (
        _ready(tx).with_only_columns(Event.id).where(Event.id < last_event, Event.transaction == 0).order_by(None)
    )
    if tx.get_bind().dialect.name == "sqlite":
        faults += [Fault(0, number, "unsealed_past") for number in tx.scalars(unsealed)]
    total = tx.scalar(select(func.count()).select_from(Event)) or 0
    return Verdict(total, expected - 1, previous, tuple(faults))


def _chain(tx: Session) -> Iterator[tuple[Seal, Event | None]]:
    query = select(Seal, Event).outerjoin(Event, Event.id == Seal.event_id).order_by(Seal.sequence)
    for row in tx.execute(query.execution_options(yield_per=2_000)):
        yield row[0], row[1]


def _faults_at(seal_row: Seal, event: Event | None, previous: str, expected: int) -> list[Fault]:
    if seal_row.sequence != expected:
        return [Fault(expected, None, "gap")]
    if event is None:
        return [Fault(seal_row.sequence, seal_row.event_id, "missing")]
    if seal_row.previous_hash != previous:
        return [Fault(seal_row.sequence, event.id, "reordered")]
    if chained(previous, event) != seal_row.hash:
        return [Fault(seal_row.sequence, event.id, "edited")]
    return []
