"""Tries are counted once for all processes; two `Database`s over one PostgreSQL stand for two of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from limits import RateLimitItemPerMinute
from sqlalchemy import select, text
from starlette.testclient import TestClient

from service.kernel.db import Database
from service.tries import throttle, windows
from service.tries.models import Tried
from service.tries.throttle import TooManyAttempts
from tests.conftest import alike, client_of
from tests.make import PASSWORD, making

pytestmark = pytest.mark.postgres
LIMIT = RateLimitItemPerMinute(7)
CROWD = 24


@pytest.fixture
def twin(postgres_database: Database) -> Iterator[Database]:
    """Another process's way into the same database."""
    database = alike(Database(postgres_database.url))
    yield database
    database.dispose()


def lets_in(database: Database, *key: str) -> bool:
    try:
        throttle.of(database).count(LIMIT, *key)
    except TooManyAttempts:
        return False
    return True


def an_hour_later(database: Database) -> None:
    with database.writing() as tx:
        tx.execute(text("""UPDATE tries SET ends_at = ends_at - interval '1 hour',
                           times = ARRAY(SELECT at - interval '1 hour' FROM unnest(times) AS at)"""))  # fmt: skip


def test_of_a_crowd_at_two_processes_exactly_as_many_come_in_as_the_limit_says(
    postgres_database: Database, twin: Database
) -> None:
    start = Barrier(CROWD)

    def tries_it(number: int) -> bool:
        start.wait()
        return lets_in((postgres_database, twin)[number % 2], "door")

    with ThreadPoolExecutor(CROWD) as pool:
        assert sum(pool.map(tries_it, range(CROWD))) == LIMIT.amount
    assert lets_in(twin, "another door")


def test_a_full_window_says_for_how_long_and_has_room_again_and_nothing_old_is_kept(
    postgres_database: Database, twin: Database
) -> None:
    assert all(lets_in(postgres_database, "door") for _ in range(LIMIT.amount))
    with pytest.raises(TooManyAttempts) as refused:
        throttle.of(twin).must_have_room(LIMIT, "door")
    assert 50 <= int(refused.value.headers["Retry-After"]) <= 60
    an_hour_later(twin)
    throttle.of(twin).must_have_room(LIMIT, "door")
    assert sum(lets_in(twin, "door") for _ in range(LIMIT.amount + 2)) == LIMIT.amount
    throttle.of(postgres_database).forget(LIMIT, "door")
    assert lets_in(twin, "door")
    assert lets_in(twin, "door of somebody")
    with twin.writing() as tx:
        windows.forget_old(tx)
        kept = tx.scalars(select(Tried)).all()
        assert len(kept) == 2
        assert not any("door" in row.key for row in kept)
    an_hour_later(twin)
    with twin.writing() as tx:
        windows.forget_old(tx)
        assert tx.scalars(select(Tried)).all() == []


def test_a_password_is_guessed_ten_times_a_minute_at_all_processes_together(
    postgres_database: Database, twin: Database
) -> None:
    with making(postgres_database) as make:
        person = make.person(make.organisation(), "supplier_manager")
    processes = [client_of(database) for database in (postgres_database, twin)]

    def signs_in(client: TestClient, password: str) -> int:
        return client.post("/api/v1/sessions", json={"username": person.username, "password": password}).status_code

    assert [signs_in(processes[number % 2], "wrong") for number in range(12)] == [401] * 10 + [429] * 2
    assert {signs_in(client, PASSWORD) for client in processes} == {429}


def test_one_address_comes_to_all_processes_together(postgres_database: Database, twin: Database) -> None:
    processes = [client_of(database, sign_ins_per_minute=4) for database in (postgres_database, twin)]
    found = [
        processes[number % 2].post("/api/v1/sessions", json={"username": f"n{number}", "password": "x"}).status_code
        for number in range(6)
    ]
    assert found == [401] * 4 + [429] * 2
