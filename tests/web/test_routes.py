"""A route is a use case: it commits before it answers, answers a known key from memory, and guards versions."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.kernel import db
from service.kernel.db import Database
from service.parties.models import Organisation
from service.web.answers import KEPT, forget_old
from service.web.models import IdempotentAnswer
from tests.web.small import small_client

SOMEBODY = {"Authorization": "Bearer somebody"}


@pytest.fixture
def small(database: Database) -> TestClient:
    return small_client(database)


def post(client: TestClient, body: Any, key: str | None = None, **headers: str) -> Any:
    given = SOMEBODY | headers | ({"Idempotency-Key": key} if key else {})
    return client.post("/api/v1/notes", json=body, headers=given)


def count(database: Database, model: Any = Organisation) -> int:
    with database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(model)) or 0


@contextmanager
def failing_commits() -> Iterator[None]:
    """The database fails at the last moment."""

    def fail(session: Session) -> None:
        if "call" in session.info:
            raise OperationalError("commit", {}, Exception("disk full"))

    event.listen(Session, "before_commit", fail)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", fail)


@pytest.mark.postgres
def test_a_call_whose_commit_fails_never_says_created(small: TestClient, database: Database) -> None:
    with failing_commits():
        answer = post(small, {"name": "lost"})
    assert answer.status_code >= 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert count(database) == 0


@pytest.mark.postgres
def test_what_was_answered_is_already_committed(small: TestClient, database: Database) -> None:
    assert post(small, {"name": "kept"}).status_code == 201
    assert count(database) == 1


@pytest.mark.postgres
def test_a_fault_writes_nothing_and_names_its_number(small: TestClient, database: Database) -> None:
    answer = small.post("/api/v1/notes/fault", headers=SOMEBODY | {"X-Request-Id": "request-of-test"})
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/unexpected")
    assert "request-of-test" in answer.json()["detail"]
    assert answer.headers["x-request-id"] == "request-of-test"
    assert "content-security-policy" in answer.headers
    assert count(database) == 0


def test_a_fault_on_a_page_is_a_page(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "transact", lambda *_, **__: 1 / 0)
    answer = small_client(sqlite_database).get("/notes")
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert "x-frame-options" in answer.headers


@pytest.mark.postgres
def test_one_key_gives_one_effect_and_one_answer(small: TestClient, database: Database) -> None:
    first, again = post(small, {"name": "once"}, "k1"), post(small, {"name": "once"}, "k1")
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert count(database) == 1


@pytest.mark.postgres
def test_a_key_of_another_request_is_refused(small: TestClient, database: Database) -> None:
    post(small, {"name": "once"}, "k1")
    other = post(small, {"name": "other"}, "k1")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert count(database) == 1


@pytest.mark.postgres
def test_keys_belong_to_their_caller(small: TestClient, database: Database) -> None:
    post(small, {"name": "mine"}, "k1")
    theirs = post(small, {"name": "theirs"}, "k1", Authorization="Bearer another")
    assert theirs.status_code == 201
    assert count(database) == 2


@pytest.mark.postgres
def test_a_refused_call_is_not_remembered(small: TestClient, database: Database) -> None:
    post(small, {"name": "taken"})
    assert post(small, {"name": "taken"}, "k1").status_code == 409
    assert post(small, {"name": "x"}, "k2").status_code == 422
    assert count(database, IdempotentAnswer) == 0
    assert post(small, {"name": "free"}, "k1").status_code == 201


@pytest.mark.postgres
def test_an_answer_without_a_body_is_remembered_too(small: TestClient, database: Database) -> None:
    headers = SOMEBODY | {"Idempotency-Key": "k1"}
    answers = [small.delete("/api/v1/notes", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert count(database) == 1


def test_answers_to_nobody_are_not_remembered(sqlite_database: Database) -> None:
    client = small_client(sqlite_database)
    answer = client.post("/api/v1/notes", json={"name": "public"}, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 201
    assert count(sqlite_database, IdempotentAnswer) == 0


@pytest.mark.postgres
def test_the_same_call_at_once_from_eight_has_one_effect(database: Database) -> None:
    start = threading.Barrier(8)

    def call(client: TestClient) -> Any:
        start.wait()
        return post(client, {"name": "at once"}, "k1")

    clients = [small_client(database) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 7
    assert count(database) == 1


@pytest.mark.postgres
def test_remembered_answers_are_forgotten_after_a_week(small: TestClient, database: Database) -> None:
    for key in ("old", "new"):
        post(small, {"name": f"note {key}"}, key)
    with database.writing() as tx:
        row = tx.scalars(select(IdempotentAnswer).where(IdempotentAnswer.key == "old")).one()
        row.created_at -= KEPT
    with database.writing() as tx:
        forget_old(tx)
    with database.reading() as tx:
        assert list(tx.scalars(select(IdempotentAnswer.key))) == ["new"]


@pytest.mark.postgres
def test_a_form_sent_twice_is_done_once(small: TestClient, database: Database) -> None:
    form = {"name": "by form", "_key": "k1"}
    small.cookies.set("session", "somebody")
    answers = [small.post("/notes", data=form) for _ in range(2)]
    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [(303, "/notes")] * 2
    assert count(database) == 1


@pytest.mark.postgres
def test_a_refused_form_is_shown_again_with_what_was_typed(small: TestClient, database: Database) -> None:
    answer = small.post("/notes", data={"name": "x", "username": "typed & kept"})
    assert answer.status_code == 422
    assert 'value="typed &amp; kept"' in answer.text
    assert 'role="alert"' in answer.text
    assert count(database) == 0


@pytest.mark.postgres
def test_edits_need_the_version_they_were_read_at(small: TestClient, database: Database) -> None:
    made = post(small, {"name": "first"})
    path = f"/api/v1/notes/{made.json()['id']}"

    def patch(name: str, match: str | None = None) -> Any:
        headers = SOMEBODY if match is None else SOMEBODY | {"If-Match": match}
        return small.patch(path, json={"name": name}, headers=headers)

    assert (made.headers["etag"], patch("none").status_code) == ('"1"', 428)
    assert [patch("bad", tag).status_code for tag in ('"2"', "*", '"x"', '"' + "9" * 30 + '"', "")] == [412] * 5
    changed = patch("second", made.headers["etag"])
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert patch("third", 'W/"1"').status_code == 412
    with database.reading() as tx:
        assert tx.scalar(select(Organisation.name_th)) == "second"


@pytest.mark.postgres
def test_a_row_that_stays_locked_is_busy_and_says_when_to_return(small: TestClient) -> None:
    answer = small.post("/api/v1/notes/stuck", headers=SOMEBODY)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/busy")
    assert answer.headers["retry-after"] == "5"


def test_a_write_lock_that_stays_taken_is_busy(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "LOCK_WAIT_S", 0.05)
    client = small_client(sqlite_database)
    with sqlite_database.writing():
        answer = post(client, {"name": "waits"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert post(client, {"name": "waits"}).status_code == 201


@pytest.mark.postgres
def test_pages_of_a_list_follow_each_other(small: TestClient) -> None:
    names = [f"note {number}" for number in range(5)]
    for name in names:
        post(small, {"name": name})
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = small.get(f"/api/v1/notes?limit=2{cursor and '&cursor=' + cursor}").json()
        seen += [item["name_th"] for item in page["items"]]
        cursor = page["next"]
    assert seen == names


@pytest.mark.parametrize("cursor", ["x", "!!!!", "AAAA", "%00", "a" * 64, "ก", "=" * 20, "-1", "%F0%9F%98%80"])
def test_a_cursor_from_nowhere_is_refused(sqlite_database: Database, cursor: str) -> None:
    answer = small_client(sqlite_database).get(f"/api/v1/notes?cursor={cursor}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-input")
