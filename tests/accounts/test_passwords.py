"""Passwords: length, the ones that everyone tries, changing one's own, and throttles by account and by address."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from starlette.testclient import TestClient

from service.events.models import Event
from service.kernel.clock import now
from service.kernel.db import Database
from service.people import passwords
from service.people.models import Person
from service.people.passwords import is_guessable
from tests.conftest import STRONG, client_of
from tests.make import PASSWORD, Caller, database_of, making

NEW = "copper lantern under rain"


@pytest.fixture
def leader(client: TestClient) -> Person:
    with making(client) as make:
        return make.person(make.organisation(), "supplier_manager")


@pytest.mark.parametrize(
    "password", ["password1234", "qwertyuiop123", "aaaaaaaaaaaa", "123456789012", "pracharat2569", "somchai-somchai"]
)
def test_passwords_that_everyone_tries_are_guessable(password: str) -> None:
    assert is_guessable(password, "somchai")


@pytest.mark.parametrize("password", [NEW, "หมากินข้าวทุกวันตอนเย็น", "x" * 60 + "Ka9!mq_2vNeRt"])
def test_long_passwords_of_any_letters_are_not(password: str) -> None:
    assert not is_guessable(password, "somchai")


def test_the_hash_is_argon2id(client: TestClient, leader: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", STRONG)
    Caller(client, leader).post("/me/password", {"present": PASSWORD, "chosen": NEW})
    with database_of(client).reading() as tx:
        assert tx.get_one(Person, leader.id).password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("chosen", ["short", "password1234", "x" * 129, "a\x00bcdefghijklmnop", 5, None])
def test_a_weak_or_malformed_password_is_refused_and_the_old_one_stays(
    chosen: Any, client: TestClient, leader: Person
) -> None:
    caller = Caller(client, leader)
    answer = caller.post("/me/password", {"present": PASSWORD, "chosen": chosen})
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} <= {"/chosen", "/"}
    Caller(client, leader)


def test_changing_it_needs_the_present_one_ends_other_sessions_and_is_recorded_without_it(
    client: TestClient, leader: Person
) -> None:
    caller, other = Caller(client, leader), Caller(client, leader)
    wrong = caller.post("/me/password", {"present": "not my password", "chosen": NEW})
    assert wrong.json()["type"] == "/problems/wrong-password"
    changed = caller.post("/me/password", {"present": PASSWORD, "chosen": NEW}, key="kept")
    assert changed.status_code == 200
    assert caller.get("/me").status_code == 401  # this session goes on under a new secret
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {changed.json()['token']}"}).status_code == 200
    assert other.get("/me").status_code == 401
    old = client.post("/api/v1/sessions", json={"username": leader.username, "password": PASSWORD})
    assert old.status_code == 401
    with database_of(client).reading() as tx:
        event = tx.scalars(select(Event).where(Event.verb == "password.changed")).one()
        kept = tx.connection().exec_driver_sql("select body from idempotent_answers").all()
    assert NEW not in str(event.change)
    assert kept == []  # an answer with a secret is never remembered


def test_the_page_changes_it_too(client: TestClient, leader: Person) -> None:
    client.post("/sign-in", data={"username": leader.username, "password": PASSWORD})
    refused = client.post("/account/password", data={"present": PASSWORD, "chosen": "password1234"})
    assert refused.status_code == 422
    assert "password1234" not in refused.text
    assert client.post("/account/password", data={"present": PASSWORD, "chosen": NEW}).status_code == 303
    assert client.get("/account").status_code == 200


def test_thirty_failures_close_an_account_for_the_hour_and_say_until_when(client: TestClient, leader: Person) -> None:
    wrong = {"username": leader.username, "password": "wrong"}
    codes: list[int] = []
    for minute in range(4):
        with time_machine.travel(now() + timedelta(seconds=61 * minute), tick=False):
            codes += [client.post("/api/v1/sessions", json=wrong).status_code for _ in range(11)]
    with time_machine.travel(now() + timedelta(seconds=61 * 4), tick=False):
        last = client.post("/api/v1/sessions", json={**wrong, "password": PASSWORD})
    assert codes[:33] == ([401] * 10 + [429]) * 3
    assert set(codes[33:]) == {429}
    assert last.status_code == 429  # the right password too
    assert int(last.headers["retry-after"]) > 1800


def test_one_address_tries_only_so_often_whatever_names_it_uses(sqlite_database: Database) -> None:
    client = client_of(sqlite_database, sign_ins_per_minute=5)
    answers = [
        client.post("/api/v1/sessions", json={"username": f"name-{number}", "password": "x"}) for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert answers[-1].json()["th"]["title"] != answers[-1].json()["en"]["title"]
    page = client.post("/sign-in", data={"username": "other", "password": "x"})
    assert (page.status_code, "retry-after" in page.headers) == (429, True)
    assert client.post("/api/v1/access-codes/redemption", json={"code": "ABCD-EFGH", "chosen": NEW}).status_code == 429


def test_writes_are_counted_by_account_and_by_address_and_reads_are_not(sqlite_database: Database) -> None:
    client = client_of(sqlite_database, writes_per_minute=3)
    with making(client) as make:
        first, second = (make.person(make.organisation(), "supplier_manager") for _ in range(2))
    one, two = Caller(client, first), Caller(client, second)
    pin = {"password": PASSWORD, "pin": "111111"}
    assert [one.post("/me/pin", pin).status_code for _ in range(4)] == [422, 422, 422, 429]
    assert two.post("/me/pin", pin).status_code == 422  # another account, the same address
    assert [client.post("/language", data={"lang": "en"}).status_code for _ in range(3)] == [303, 303, 429]
    refused = two.post("/me/pin", pin)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-attempts")
    assert one.get("/me").status_code == 200
