"""The chain as it is stored, row by row, so that a byte that no reader understands is a fault and not a crash."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from json.encoder import c_make_encoder, encode_basestring_ascii  # type: ignore[attr-defined]
from typing import Any, NamedTuple

from sqlalchemy import JSON, Dialect, Row, literal_column, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType, TypeEngine

from service.events import rules
from service.events.models import Event, Seal
from service.kernel.db import UtcDateTime

A_BATCH = 2_000
LONGEST_NUMBER = 15  # digits that canonical JSON writes as they are
UNREADABLE = (ValueError, TypeError, AttributeError, StopIteration, RecursionError)  # never written by us
EVENTS, SEALS = Event.__table__, Seal.__table__


class Link(NamedTuple):
    """A seal and the event that it seals: `event` is None when that cannot be read, `found` false when it is gone."""

    sequence: int
    event_id: int
    previous_hash: str
    hash: str
    event: dict[str, Any] | None
    found: bool = True


class Line(NamedTuple):
    """A seal and the very bytes that it should be the hash of: None when the event cannot be read or is gone."""

    sequence: int
    event_id: int
    previous_hash: str
    hash: str
    text: bytes | None
    at: datetime | None
    province: str | None
    found: bool = True


def chain(tx: Session) -> Iterator[Link]:
    """The whole chain in its order, a few thousand rows in memory at a time."""
    reader = _Reader(tx.get_bind().dialect)
    return (reader.link(row) for row in _rows(tx, reader))


def lines(tx: Session) -> Iterator[Line]:
    """The same for who only hashes: on SQLite from stored text to hashed text, half as dear as over values."""
    reader = _Reader(tx.get_bind().dialect)
    if tx.get_bind().dialect.name == "sqlite":
        return (reader.line(row) for row in _rows(tx, reader))
    return (line_of(reader.link(row)) for row in _rows(tx, reader))


def line_of(link: Link) -> Line:
    """A link's line."""
    sequence, event_id, previous, digest, event, found = link
    try:
        text = None if event is None else rules.line(previous, event)
    except UNREADABLE:
        text = None
    if event is None or text is None:
        return Line(sequence, event_id, previous, digest, None, None, None, found)
    return Line(sequence, event_id, previous, digest, text, event["at"], event["province_code"])


def _rows(tx: Session, reader: "_Reader") -> Iterator[Row[Any]]:
    sealed = [SEALS.c[name].label(f"seal_{name}") for name in ("sequence", "event_id", "previous_hash", "hash")]
    query = select(*sealed, *reader.columns()).outerjoin_from(SEALS, EVENTS, EVENTS.c.id == SEALS.c.event_id)
    return iter(tx.execute(query.order_by(SEALS.c.sequence).execution_options(yield_per=A_BATCH)))


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
        self._named = _named(EVENTS.c.person_id.type, dialect)

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

    def line(self, row: Row[Any]) -> Line:
        """A row as SQLite keeps it, its moment and change spelled anew without becoming values for longer."""
        stored: tuple[Any, ...] = tuple(row)
        sequence, event_id, previous, digest, number, transaction, at, person, organisation, behalf = stored[:10]
        verb, kind, subject, province, change, reason, request = stored[10:]
        before, own, named = str(previous), str(digest), self._named
        try:
            moment, (spelled, first) = _moment(at), _change(change)
            text = rules.spelled(
                before, number, transaction, _spelled(moment, at), named(person), named(organisation), named(behalf),
                verb, kind, subject, province, reason, request, spelled, first=first,
            )  # fmt: skip
        except UNREADABLE:
            return Line(sequence, event_id, before, own, None, None, None, number is not None)
        return Line(sequence, event_id, before, own, text, moment, province)

    def _read(self, values: list[Any]) -> dict[str, Any] | None:
        """The event's values, or None when a column does not hold what we would have written."""
        try:
            for place, way in self._ways:
                values[place] = way(values[place])
        except UNREADABLE:
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


def _named(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], str]:
    """How an id becomes JSON."""
    read = _way(kind, dialect) or str

    def named(stored: Any) -> str:
        return "null" if stored is None else f'"{read(stored)}"'

    return lru_cache(A_BATCH)(named)


def _moment(stored: Any) -> datetime:
    text = f"{stored}+00:00"  # what names a zone already is refused
    moment = datetime.fromisoformat(text)
    return _same(moment, moment.isoformat(" ", "microseconds"), text)  # type: ignore[no-any-return]


def _spelled(at: datetime, stored: str) -> str:
    """As `isoformat` spells it, which names microseconds only when there are some."""
    return f"{stored[:10]}T{stored[11:] if at.microsecond else stored[11:19]}+00:00"


def _json(stored: Any) -> Any:
    value = json.loads(stored)
    return _same(value, "".join(_encode(value, 0)), stored)


def _change(stored: Any) -> tuple[str, bool]:
    """A stored change as canonical JSON, and whether it has the first revision's form."""
    try:
        value, _ = _scan(stored, 0)
        known = r"\ud" not in stored  # letters beyond the first plane are the ones that sort differently
    except _Rare:
        value, known = json.loads(stored), False
    _same(value, "".join(_encode(value, 0)), stored)
    return rules.compact(value) if known else rules.canonical(value), type(value) is dict


class _Rare(ValueError):
    """A number that takes the long way."""


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _Rare(digits)
    return int(digits)


def _fraction(digits: str) -> float:
    raise _Rare(digits)


def _same(value: Any, again: Any, stored: Any) -> Any:
    if again != stored:
        raise ValueError(stored)
    return value


# What json.dumps makes anew for every value.
_ASIS = {"sort_keys": False, "skipkeys": False, "allow_nan": True}
_encode = c_make_encoder(None, json.JSONEncoder().default, encode_basestring_ascii, None, ": ", ", ", **_ASIS)
_scan = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_fraction).scan_once  # type: ignore[attr-defined]
