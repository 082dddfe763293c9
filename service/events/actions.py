"""Record an event; seal recorded events into the chain. `verification.py` recomputes the chain."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text
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
    """The database's number of the transaction, asked once a transaction."""
    if tx.get_bind().dialect.name != "postgresql":
        return 0
    known = tx.info.get("transaction")
    if known is None or known[0] is not tx.get_transaction():
        number = tx.scalar(text("select pg_current_xact_id()::text::bigint"))
        known = tx.info["transaction"] = (tx.get_transaction(), int(number or 0))
    return int(known[1])


def seal(tx: Session) -> int:
    """Chain the events whose transactions have surely all ended, in commit-safe order; give their number.

    On PostgreSQL an event is sealed only once every transaction older than its own has ended, so no event can
    later appear before it; on SQLite writers come one at a time and ids are the commit order.
    """
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(SEALER_LOCK)))
    head = tx.scalar(select(Seal).order_by(Seal.sequence.desc()).limit(1))
    previous, first = (head.hash, head.sequence + 1) if head else (GENESIS, 1)
    seals = []
    for sequence, event in enumerate(tx.execute(_ready(tx)).mappings(), first):
        digest = chained(previous, dict(event))
        seals.append({"sequence": sequence, "event_id": event["id"], "previous_hash": previous, "hash": digest})
        previous = digest
    if seals:
        tx.execute(insert(Seal), seals)
    return len(seals)


def _ready(tx: Session) -> Any:
    query = select(*Event.__table__.columns).outerjoin(Seal, Seal.event_id == Event.id).where(Seal.sequence.is_(None))
    if tx.get_bind().dialect.name == "postgresql":
        query = query.where(text("events.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
    return query.order_by(Event.transaction, Event.id).limit(BATCH)
