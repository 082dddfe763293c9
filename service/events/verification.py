"""Verify the whole chain, as a stream: what was edited, deleted, inserted, swapped or dated back is a fault.

Columns are read as they are stored, so that a byte that no reader understands is a fault and not a crash. The end
of the log can be cut off without a trace inside it; a head that someone noted elsewhere (`SEQ:HASH`) finds that too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Dialect, Row, Select, func, literal_column, or_, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType, TypeEngine

from service.events.models import Event, Seal
from service.events.rules import GENESIS, chained
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput

A_BATCH = 2_000
LONGEST_TRANSACTION = timedelta(hours=1)  # an event is never sealed later than this after younger ones
EVENTS, SEALS = Event.__table__, Seal.__table__
FAULTS = {
    "gap": N_("a seal is missing here"),
    "missing": N_("the sealed event is gone"),
    "edited": N_("the event is not what was sealed"),
    "reordered": N_("the seal does not follow the one before it"),
    "backdated": N_("the event carries an older time than its place allows"),
    "inserted": N_("an event was put among older ones and has no seal"),
    "other_head": N_("the chain does not hold the head that was noted"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the log is not what was sealed; `kind` is one of FAULTS."""

    sequence: int
    event_id: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last place of the chain, fit to be noted on paper."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification saw."""

    events: int
    sealed: int
    head: Head
    faults: tuple[Fault, ...]


def read_head(text: str) -> Head:
    """A head as `Head` writes it, or InvalidInput."""
    number, _, digest = text.strip().partition(":")
    if not number.isascii() or not number.isdecimal() or len(number) > 15 or len(digest) != 64:
        raise InvalidInput(errors=(FieldError("/head", N_("Write a noted head as number:hash.")),))
    return Head(int(number), digest.lower())


@dataclass
class _Walk:
    """Where the walk along the chain stands."""

    noted: Head | None
    head: Head = field(default_factory=lambda: Head(0, GENESIS))
    latest: datetime | None = None
    sealed: int = 0
    last: tuple[int, int] = (0, 0)  # the highest place in commit order: transaction, event
    faults: list[Fault] = field(default_factory=list)

    def fault(self, kind: str, event_id: int | None, sequence: int) -> None:
        self.faults.append(Fault(sequence, event_id, kind))


def verify(tx: Session, noted: Head | None = None) -> Verdict:
    """Recompute every hash in order, then look for events that were slipped in; `noted` is a head of before."""
    walk = _Walk(noted)
    reader = _Reader(tx.get_bind().dialect)
    for row in _chain(tx, reader):
        _step(walk, row, reader)
    if noted is not None and noted.sequence > walk.head.sequence:
        walk.fault("other_head", None, noted.sequence)
    for event_id in tx.scalars(_inserted(walk.last)):
        walk.fault("inserted", event_id, 0)
    total = tx.scalar(select(func.count()).select_from(EVENTS)) or 0
    return Verdict(total, walk.sealed, walk.head, tuple(walk.faults))


def _chain(tx: Session, reader: "_Reader") -> Iterator[Row[Any]]:
    sealed = [SEALS.c[name].label(f"seal_{name}") for name in ("sequence", "event_id", "previous_hash", "hash")]
    query = select(*sealed, *reader.columns()).outerjoin_from(SEALS, EVENTS, EVENTS.c.id == SEALS.c.event_id)
    return iter(tx.execute(query.order_by(SEALS.c.sequence).execution_options(yield_per=A_BATCH)))


def _step(walk: _Walk, row: Row[Any], reader: "_Reader") -> None:
    sequence = row.seal_sequence
    if sequence != walk.head.sequence + 1:
        walk.fault("gap", None, walk.head.sequence + 1)
    elif row.seal_previous_hash != walk.head.hash:
        walk.fault("reordered", row.seal_event_id, sequence)
    _check_event(walk, row, reader)
    walk.head, walk.sealed = Head(sequence, row.seal_hash), walk.sealed + 1
    if walk.noted is not None and walk.noted.sequence == sequence and walk.noted.hash != row.seal_hash:
        walk.fault("other_head", row.seal_event_id, sequence)


def _check_event(walk: _Walk, row: Row[Any], reader: "_Reader") -> None:
    if row.id is None:
        walk.fault("missing", row.seal_event_id, row.seal_sequence)
        return
    event = reader.read(row)
    if event is None or _hash(row.seal_previous_hash, event) != row.seal_hash:
        walk.fault("edited", row.seal_event_id, row.seal_sequence)
        return
    walk.last = max(walk.last, (event["transaction"], event["id"]))
    if walk.latest is not None and event["at"] < walk.latest - LONGEST_TRANSACTION:
        walk.fault("backdated", row.seal_event_id, row.seal_sequence)
    walk.latest = event["at"] if walk.latest is None else max(walk.latest, event["at"])


def _hash(previous: str, event: dict[str, Any]) -> str | None:
    try:
        return chained(previous, event)
    except (ValueError, TypeError, AttributeError):  # what stands there was never written by us
        return None


def _inserted(last: tuple[int, int]) -> Select[int]:
    """Events without a seal whose place in commit order lies before a sealed one."""
    before = or_(
        EVENTS.c.transaction < last[0],
        (EVENTS.c.transaction == last[0]) & (EVENTS.c.id < last[1]),
    )
    sealed = select(literal_column("1")).where(SEALS.c.event_id == EVENTS.c.id).exists()
    query: Select[int] = select(EVENTS.c.id)
    return query.where(before, ~sealed).order_by(EVENTS.c.id)


class _Reader:
    """Reads event columns as stored: SQLite would keep anything in them, PostgreSQL has checked the types."""

    def __init__(self, dialect: Dialect) -> None:
        self._raw = dialect.name == "sqlite"
        self._names = [column.name for column in EVENTS.columns]
        found = {column.name: _ways(column.type, dialect) for column in EVENTS.columns} if self._raw else {}
        self._ways = {name: ways for name, ways in found.items() if any(ways)}

    def columns(self) -> list[Any]:
        """The event's columns, unread on SQLite."""
        if not self._raw:
            return list(EVENTS.columns)
        return [type_coerce(column, NullType()).label(column.name) for column in EVENTS.columns]

    def read(self, row: Row[Any]) -> dict[str, Any] | None:
        """The event's values, or None when a column does not hold what we would have written."""
        values = dict(zip(self._names, row[-len(self._names) :], strict=True))
        try:
            for name, (to_python, to_stored) in self._ways.items():
                stored = values[name]
                values[name] = value = to_python(stored) if to_python else stored
                if to_stored and to_stored(value) != stored:
                    return None
        except (ValueError, TypeError, AttributeError):
            return None
        return values


def _ways(kind: TypeEngine[Any], dialect: Dialect) -> tuple[Any, Any]:
    """How the dialect reads a stored value, and how it would have stored what was read."""
    own = kind.dialect_impl(dialect)
    return own.result_processor(dialect, None), own.bind_processor(dialect)
