"""The chain as it is stored, row by row, so that a byte that no reader understands is a fault and not a crash."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import c_make_encoder, encode_basestring_ascii  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from sqlalchemy import JSON, Dialect, Row, literal_column, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType, TypeEngine

from service.events.models import Event, Seal
from service.kernel.db import UtcDateTime

A_BATCH = 2_000
EVENTS, SEALS = Event.__table__, Seal.__table__


class Link(NamedTuple):
    """A seal and the event that it seals: `event` is None when that cannot be read, `found` false when it is gone."""

    sequence: int
    event_id: int
    previous_hash: str
    hash: str
    event: dict[str, Any] | None
    found: bool = True


def chain(tx: Session, after: int = 0) -> Iterator[Link]:
    """The whole chain in its order, or what follows a place, a few thousand rows in memory at a time."""
    reader = _Reader(tx.get_bind().dialect)
    sealed = [SEALS.c[name].label(f"seal_{name}") for name in ("sequence", "event_id", "previous_hash", "hash")]
    query = select(*sealed, *reader.columns()).outerjoin_from(SEALS, EVENTS, EVENTS.c.id == SEALS.c.event_id)
    query = query.where(SEALS.c.sequence > after).order_by(SEALS.c.sequence)
    for row in tx.execute(query.execution_options(yield_per=A_BATCH)):
        yield reader.link(row)


def without_seal(tx: Session) -> list[int]:
    """Events that no seal names, at most a batch of them: the service writes none."""
    sealed = select(literal_column("1")).where(SEALS.c.event_id == EVENTS.c.id).exists()
    return list(tx.scalars(select(EVENTS.c.id).where(~sealed).order_by(EVENTS.c.id).limit(A_BATCH)))


class _Reader:
    """Reads event columns as stored: SQLite would keep anything in them, PostgreSQL has checked the types."""

    def __init__(self, dialect: Dialect) -> None:
        self._raw = dialect.name == "sqlite"
        self._names = [column.name for column in EVENTS.columns]
        found = [_way(column.type, dialect) for column in EVENTS.columns] if self._raw else []
        self._ways = [(place, way) for place, way in enumerate(found) if way]

    def columns(self) -> list[Any]:
        """The event's columns, unread on SQLite."""
        if not self._raw:
            return list(EVENTS.columns)
        return [type_coerce(column, NullType()).label(column.name) for column in EVENTS.columns]

    def link(self, row: Row[Any]) -> Link:
        """A row of the chain."""
        found: list[Any] = list(row)
        sequence, event_id, previous, digest, *values = found
        gone = values[0] is None
        return Link(sequence, event_id, str(previous), str(digest), None if gone else self._read(values), not gone)

    def _read(self, values: list[Any]) -> dict[str, Any] | None:
        """The event's values, or None when a column does not hold what we would have written."""
        try:
            for place, way in self._ways:
                values[place] = way(values[place])
        except (ValueError, TypeError, AttributeError):
            return None
        return dict(zip(self._names, values, strict=True))


def _way(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How a column is read, ids as text; what would have been stored otherwise is a ValueError."""
    if isinstance(kind, UtcDateTime):
        return _moment
    if isinstance(kind, JSON):
        return _json
    own = kind.dialect_impl(dialect)
    to_python, to_stored = own.result_processor(dialect, None), own.bind_processor(dialect)
    if to_python is None or to_stored is None:
        return None

    def read(stored: Any) -> Any:
        value = to_python(stored)
        return None if value is None else _same(str(value), to_stored(value), stored)

    return lru_cache(A_BATCH)(read)  # the same people and organisations recur


def _moment(stored: Any) -> datetime:
    moment = datetime.fromisoformat(stored)
    if moment.isoformat(" ", "microseconds") != stored:
        raise ValueError(stored)
    return moment.replace(tzinfo=UTC)


def _json(stored: Any) -> Any:
    value = json.loads(stored)
    return _same(value, "".join(_encode(value, 0)), stored)


def _same(value: Any, again: Any, stored: Any) -> Any:
    if again != stored:
        raise ValueError(stored)
    return value


# What json.dumps makes anew for every value.
_ASIS = {"sort_keys": False, "skipkeys": False, "allow_nan": True}
_encode = c_make_encoder(None, json.JSONEncoder().default, encode_basestring_ascii, None, ": ", ", ", **_ASIS)
