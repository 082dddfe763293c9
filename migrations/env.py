"""Alembic's environment: one metadata, SQLite by rebuilt tables, PostgreSQL with short waits for locks.

Each revision is its own transaction. On PostgreSQL a migration that cannot have its lock in five seconds gives up
rather than queue every reader behind it; a long statement sets its own `statement_timeout` first.
"""

from pathlib import Path
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection, Engine, TypeDecorator, create_engine, event, pool
from sqlalchemy.engine import make_url

from service import models  # noqa: F401 - its import fills the metadata
from service.kernel.db import Base
from service.kernel.settings import settings

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "60s"


def url() -> str:
    """The caller's address (tests, operator verbs), else the setting."""
    address: str = context.config.attributes.get("database_url") or settings().database_url
    return address


def plain_type(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write database types into a revision, never the service's own: a revision outlives the code of its day."""
    if kind != "type":
        return False
    if isinstance(item, TypeDecorator) and type(item).__module__.startswith("service."):
        return f"sa.{item.impl_instance!r}"
    if type(item) is JSON and "postgresql" in item._variant_mapping:  # noqa: SLF001 - Alembic writes an unimported name
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def offline() -> None:
    """Print the SQL for PostgreSQL or SQLite instead of running it."""
    dialect = make_url(url()).get_backend_name()
    context.configure(
        dialect_name=dialect,
        target_metadata=Base.metadata,
        literal_binds=True,
        render_as_batch=dialect == "sqlite",
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
        if dialect == "postgresql":
            context.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            context.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
        context.run_migrations()


def online() -> None:
    """Migrate the database; a caller may hand over its connection in `config.attributes`."""
    given = context.config.attributes.get("connection")
    if isinstance(given, Connection):
        migrate(given)
        return
    engine = _engine()
    with engine.connect() as connection:
        migrate(connection)
    engine.dispose()


def _engine() -> Engine:
    address = make_url(url())
    engine = create_engine(address, poolclass=pool.NullPool)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _short_waits)
    else:
        if address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _own_transactions)
        event.listen(engine, "begin", _begin)
    return engine


def _short_waits(connection: Any, record: object) -> None:
    del record
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
    connection.commit()


def _own_transactions(connection: Any, record: object) -> None:
    del record
    connection.isolation_level = None  # the driver would leave DDL outside the transaction: `_begin` says BEGIN


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def migrate(connection: Connection) -> None:
    """Run the revisions; SQLite rebuilds a table to change it, with foreign keys unchecked meanwhile."""
    is_sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=is_sqlite,
        transaction_per_migration=True,
        transactional_ddl=True,
        render_item=plain_type,
        compare_type=True,
        compare_server_default=not is_sqlite,  # SQLite cannot tell an identity; PostgreSQL's check covers both
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    online()
