"""Fixtures of every test: databases (SQLite and PostgreSQL), the app's client, a signed-in caller.

`tx` runs each test on both databases inside a transaction that is rolled back. `database` gives a whole fresh
database on both; `client` an app over a fresh SQLite one; `market` an app over each of the two.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from alembic import command
from alembic.config import Config
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import Dialect
from sqlalchemy.orm import Session
from starlette.datastructures import State
from starlette.testclient import TestClient

from service.app import create_app
from service.comparisons import actions as comparisons
from service.kernel.db import Database
from service.kernel.settings import ROOT, Settings
from service.people import passwords
from service.results import replays
from service.rounds import workflow
from tests.make import CHEAP, Maker
from tests.postgres import fresh_database
from tests.solving import solve_here

# What every process of the tests is given: a key of their own, and neither second factors nor limits where a test does
# not ask for them.
KEY = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
for name, value in {
    "SECRET_KEYS": KEY, "REQUIRE_SECOND_FACTOR": "false", "WRITES_PER_MINUTE": "0", "SIGN_INS_PER_MINUTE": "0",
}.items():  # fmt: skip
    os.environ.setdefault(f"MARKET_{name}", value)
# A fault's local variables take seconds to write, and the service's own logs leave them out too.
structlog.configure(processors=[
    structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
])  # fmt: skip

# A password's hash costs 50 ms by design. That the service's own is as strong as it says is a test of its own.
STRONG = passwords._hasher
passwords._hasher = CHEAP

FROM_HERE = {"Origin": "http://testserver"}  # as every browser says with a form of our own page
BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests go first: the last file to end keeps the other process waiting."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


_open = ExitStack()


def pytest_unconfigure() -> None:
    """End the thread of the clients' requests."""
    _open.close()


def migrated(url: str) -> str:
    """Bring the database to the newest revision."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    command.upgrade(config, "head")
    return url


_dialects: dict[str, Dialect] = {}
_statements: dict[Any, Any] = {}


def alike(database: Database) -> Database:
    """The database, sharing its compiled statements with all others of its kind: a fresh engine would begin anew."""
    for engine in (database.engine, database._write_engine):
        engine.dialect = _dialects.setdefault(engine.dialect.name, engine.dialect)
        engine.update_execution_options(compiled_cache=_statements)
    return database


@pytest.fixture(scope="session", autouse=True)
def solver_at_hand() -> Iterator[None]:
    """Rounds are solved in this process; journeys, and the first test of tests/rounds/test_chain.py, start children."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (workflow, replays, comparisons):
            patch.setattr(module, "solve", solve_here)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "market.sqlite3"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def shared_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("shared") / "market.sqlite3")
    database = alike(Database(f"sqlite:///{path}"))
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """A migrated, empty PostgreSQL database to copy; nobody else connects to it."""
    with fresh_database() as url:
        yield migrated(url)


@pytest.fixture(scope="session")
def shared_postgres(postgres_template: str) -> Iterator[Database]:
    with fresh_database(postgres_template) as url:
        database = alike(Database(url))
        yield database
        database.dispose()


@pytest.fixture(params=BOTH)
def tx(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session on each database whose every change is rolled back; actions may flush, nothing commits."""
    database: Database = request.getfixturevalue(f"shared_{request.param}")
    with database.engine.connect() as connection, connection.begin() as outer:
        with Session(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint", info={"database": database}
        ) as session:
            yield session
        outer.rollback()


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database of the test's own."""
    database = alike(Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'market.sqlite3')}"))
    yield database
    database.dispose()


@pytest.fixture
def postgres_database(postgres_template: str) -> Iterator[Database]:
    """A fresh PostgreSQL database of the test's own."""
    with fresh_database(postgres_template) as url:
        database = alike(Database(url))
        yield database
        database.dispose()


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh database of the test's own, on each engine."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@cache
def _built() -> FastAPI:
    """One app a process."""
    return create_app(_settings())


@cache
def _settings() -> Settings:
    """The environment, read once a process."""
    return Settings(database_url="sqlite:///:memory:")


@cache
def _portal() -> BlockingPortal:
    """One event loop a process for the clients' requests: otherwise each request starts two threads."""
    return _open.enter_context(start_blocking_portal())


def app_of(database: Database, **settings: Any) -> FastAPI:
    """The app over a database: a state of its own, the routes of all. Settings reach what reads them from the state."""
    app = copy(_built())
    chosen = _settings().model_copy(update={"database_url": database.url, **settings})
    app.state = State(vars(_built().state)["_state"] | {"database": database, "settings": chosen})
    app.middleware_stack = None
    return app


def client_of(database: Database, **settings: Any) -> TestClient:
    """A client of the app over a database; redirects are not followed. With settings it is an app built for them."""
    own = _settings().model_copy(update={"database_url": database.url, **settings})
    app = create_app(own, database) if settings else app_of(database)
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False, headers=FROM_HERE)
    client.portal = _portal()
    return client


@pytest.fixture
def client(sqlite_database: Database) -> TestClient:
    """The app over a fresh SQLite database."""
    return client_of(sqlite_database)


@pytest.fixture
def market(database: Database) -> TestClient:
    """The app over a fresh database of each engine."""
    return client_of(database)


@pytest.fixture
def make(tx: Session) -> Maker:
    """Builders of rows inside `tx`."""
    return Maker(tx)
