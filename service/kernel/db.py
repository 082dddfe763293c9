"""Database: declarative base, column types, and one way to read and to write.

SQLite serves one machine: WAL, one process-wide write lock (without it writers starve) and BEGIN IMMEDIATE.
PostgreSQL serves production: row locks where stock or budgets are taken, short lock timeouts.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Dialect, Engine, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.types import JSON

from service.kernel.ids import new_id
from service.kernel.problems import Busy

LOCK_WAIT_S = 20.0
STATEMENTS = 3_000  # kept compiled: all of the service's; with fewer a walk over its pages compiles each anew
_NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out (SQLite forgets time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; store UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "naive datetime"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Parent of every table."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: Json,
        list[str]: Json,
        list[Any]: Json,
    }


class Identified:
    """A row with a time-ordered id."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class Versioned:
    """A row that people edit: its version is the ETag, and a stale write fails."""

    version: Mapped[int] = mapped_column(default=1, sort_order=90)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Let every UPDATE name the version it was read at."""
        return {"version_id_col": cls.version}


class Database:
    """One engine, two ways in: `reading()` and `writing()`; a write commits when its block ends well."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url, pool_size=20, max_overflow=20)
        self.apart = None if self.is_sqlite else _engine_apart(url)
        self._write_engine = self.engine.execution_options(market_write=True)
        self._write_lock = threading.Lock()

    def new_session(self, *, write: bool) -> Session:
        """A session that has not touched the database yet; run it inside `transact`."""
        engine = self._write_engine if write else self.engine
        return Session(engine, expire_on_commit=False, autoflush=True, info={"database": self})

    @contextmanager
    def transact(self, tx: Session, *, write: bool) -> Iterator[Session]:
        """Run a block in one transaction of the session: commit at its end, roll back on any exception."""
        lock = write and self.is_sqlite
        if lock and not self._write_lock.acquire(timeout=LOCK_WAIT_S):
            raise Busy(headers={"Retry-After": "5"})
        try:
            with tx, tx.begin():
                yield tx
        finally:
            if lock:
                self._write_lock.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads."""
        with self.transact(self.new_session(write=False), write=False) as tx:
            yield tx

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that writes; committed when the block ends well."""
        with self.transact(self.new_session(write=True), write=True) as tx:
            yield tx

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        if self.apart is not None:
            self.apart.dispose()


def _sqlite_engine(url: str) -> Engine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "timeout": LOCK_WAIT_S}, pool_size=40, hide_parameters=True,
        query_cache_size=STATEMENTS,
    )  # fmt: skip
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: Any, record: Any) -> None:
    del record
    connection.isolation_level = None  # the driver's own transaction handling is off: `_begin` says BEGIN
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={int(LOCK_WAIT_S)}000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("market_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _engine_apart(url: str) -> Engine:
    """For single statements beside a transaction that holds a connection already: from one pool both could starve."""
    return _postgres_engine(url, pool_size=4, max_overflow=0, pool_timeout=5, isolation_level="AUTOCOMMIT")


def _postgres_engine(url: str, **pool: Any) -> Engine:
    timeouts = f"-c lock_timeout={int(LOCK_WAIT_S * 1000)} -c idle_in_transaction_session_timeout=120000"
    # A plan made for no values in particular walks the whole log for a rare verb: planning each time costs far less.
    options = f"{timeouts} -c plan_cache_mode=force_custom_plan"
    return create_engine(
        url,
        pool_pre_ping=True,
        query_cache_size=STATEMENTS,
        hide_parameters=True,  # a failed statement is logged without its values: they may be sealed or personal
        connect_args={"options": options, "prepare_threshold": 5},
        **pool,
    )


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: for fingerprints, not for signatures."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
