"""Signing in and out: throttle, ended and expired sessions, seats, the language cookie, and where `next` may lead."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from starlette.testclient import TestClient

from service.accounts.models import SignInSession
from service.events.models import Event
from service.kernel.clock import now
from service.kernel.db import Database
from service.parties.models import Organisation
from service.people.models import Membership, Person
from tests.conftest import client_of
from tests.make import PASSWORD, Caller, database_of, making


@pytest.fixture
def person(client: TestClient) -> Person:
    """A group leader who also sits in a second group."""
    with making(client) as make:
        first, second = make.organisation(name_en="First"), make.organisation(name_en="Second")
        found = make.person(first, "supplier_manager")
        make.add(Membership(person_id=found.id, organisation_id=second.id, role="supplier_member"))
    return found


def signed_in(client: TestClient, person: Person, **form: str) -> None:
    answer = client.post("/sign-in", data={"username": person.username, "password": PASSWORD, **form})
    assert answer.status_code == 303, answer.text


def test_the_cookie_is_out_of_reach_of_scripts_and_its_secret_is_not_stored(client: TestClient, person: Person) -> None:
    answer = client.post("/sign-in", data={"username": person.username, "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    with database_of(client).reading() as tx:
        (row,) = tx.scalars(select(SignInSession))
    assert answer.cookies["session"] not in row.token_hash


@pytest.mark.parametrize("username", ["nobody-of-this-name", ""])
def test_a_wrong_name_and_a_wrong_password_are_refused_in_the_same_words(
    username: str, client: TestClient, person: Person
) -> None:
    wrong = client.post("/api/v1/sessions", json={"username": person.username, "password": "wrong"}).json()
    unknown = client.post("/api/v1/sessions", json={"username": username or "x", "password": "wrong"}).json()
    assert wrong["type"] == "/problems/sign-in-failed"
    assert wrong == unknown


def test_a_refused_sign_in_never_writes_the_password_into_the_page(client: TestClient, person: Person) -> None:
    answer = client.post("/sign-in", data={"username": person.username, "password": "my-secret-typo"})
    assert answer.status_code == 401
    assert person.username in answer.text
    assert "my-secret-typo" not in answer.text


def test_after_ten_attempts_in_a_minute_one_has_to_wait(client: TestClient, person: Person) -> None:
    codes = [
        client.post("/api/v1/sessions", json={"username": f"{person.username}-throttled", "password": "x"}).status_code
        for _ in range(11)
    ]
    assert codes == [401] * 10 + [429]
    answer = client.post("/api/v1/sessions", json={"username": f"{person.username}-THROTTLED", "password": PASSWORD})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    signed_in(client, person)  # others are not held up


@pytest.mark.parametrize("name", ["a\x00b", "x" * 100_000, " "])
def test_hostile_names_are_refused_without_a_fault(name: str, client: TestClient) -> None:
    answer = client.post("/api/v1/sessions", json={"username": name, "password": "x"})
    assert answer.status_code in {401, 422}


def test_a_session_that_was_ended_or_has_expired_speaks_for_nobody(client: TestClient, person: Person) -> None:
    first, second = Caller(client, person), Caller(client, person)
    assert client.delete("/api/v1/sessions/current", headers=first.headers).status_code == 204
    assert first.get("/me").status_code == 401
    assert second.get("/me").status_code == 200
    with time_machine.travel(now() + timedelta(hours=13), tick=True):
        assert second.get("/me").status_code == 401


def test_a_person_who_is_switched_off_is_out_at_once(client: TestClient, person: Person) -> None:
    caller = Caller(client, person)
    with database_of(client).writing() as tx:
        tx.get_one(Person, person.id).active = False
    assert caller.get("/me").status_code == 401
    assert client.post("/sign-in", data={"username": person.username, "password": PASSWORD}).status_code == 401


def test_one_takes_another_seat_and_only_ones_own(client: TestClient, person: Person) -> None:
    with making(client) as make:
        foreign = make.organisation()
        second = make.tx.scalars(select(Organisation).where(Organisation.name_en == "Second")).one()
    caller = Caller(client, person)
    assert caller.get("/me").json()["roles"] == ["supplier_manager"]
    assert caller.post("/me/organisation", {"organisation_id": str(foreign.id)}).status_code == 403
    old = caller.headers
    switched = caller.post("/me/organisation", {"organisation_id": str(second.id)})
    assert switched.status_code == 200
    caller.headers = {"Authorization": f"Bearer {switched.json()['token']}"}
    assert client.get("/api/v1/me", headers=old).status_code == 401  # the session goes on under a new secret
    me = caller.get("/me").json()
    assert (me["organisation_id"], me["roles"]) == (str(second.id), ["supplier_member"])
    with database_of(client).reading() as tx:
        verbs = tx.scalars(select(Event.verb).order_by(Event.id)).all()
    assert verbs == ["session.started", "session.switched"]


def test_the_page_of_seats_offers_the_others(client: TestClient, person: Person) -> None:
    client.cookies.set("lang", "en")
    signed_in(client, person)
    page = client.get("/seats").text
    assert "First" in page
    assert "Second" in page
    assert page.count('action="/seats"') == 1


@pytest.mark.parametrize(
    "where", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "\\\\evil.example",
              "javascript:x", "evil", "", "/a\\..\\evil", "/\r\nx: y"],
)  # fmt: skip
def test_next_never_leads_to_another_site(where: str, client: TestClient, person: Person) -> None:
    for path, form in (
        ("/sign-in", {"username": person.username, "password": PASSWORD}),
        ("/language", {"lang": "en"}),
    ):
        answer = client.post(path, data={**form, "next": where})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_next_leads_on_within_the_site(client: TestClient, person: Person) -> None:
    form = {"username": person.username, "password": PASSWORD, "next": "/organisations?words=ผัก"}
    assert client.post("/sign-in", data=form).headers["location"].startswith("/organisations?words=")


def test_the_language_cookie_speaks_and_nonsense_is_thai(client: TestClient) -> None:
    client.post("/language", data={"lang": "en", "next": "/sign-in"})
    assert '<html lang="en">' in client.get("/sign-in").text
    client.post("/language", data={"lang": "xx", "next": "/sign-in"})
    assert '<html lang="th">' in client.get("/sign-in").text


def test_a_form_of_another_site_is_refused(client: TestClient, person: Person) -> None:
    signed_in(client, person)
    answer = client.post("/sign-out", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert client.get("/seats").status_code == 200
    client.post("/sign-out")
    assert client.get("/seats", headers={"accept": "text/html"}).status_code in {303, 401}


def test_an_idle_session_ends_and_one_in_use_does_not(client: TestClient, person: Person) -> None:
    idle, used = Caller(client, person), Caller(client, person)
    with time_machine.travel(now() + timedelta(minutes=100), tick=True):
        assert used.get("/me").status_code == 200
    with time_machine.travel(now() + timedelta(minutes=130), tick=True):
        assert used.get("/me").status_code == 200
        assert idle.get("/me").status_code == 401


def test_sessions_are_listed_with_their_device_and_ended_one_by_one_or_all(client: TestClient, person: Person) -> None:
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
    credentials = {"username": person.username, "password": PASSWORD}
    for _ in range(2):
        client.post("/api/v1/sessions", json=credentials, headers={"user-agent": agent})
    caller = Caller(client, person)
    rows = caller.get("/sessions").json()
    assert [row["device"] for row in rows].count("Chrome, Android") == 2
    one = next(row["id"] for row in rows if row["device"] == "Chrome, Android")
    with making(client) as make:
        stranger = make.person(make.organisation(), "supplier_manager")
    assert client.delete(f"/api/v1/sessions/{one}", headers=Caller(client, stranger).headers).status_code == 404
    assert client.delete(f"/api/v1/sessions/{one}", headers=caller.headers).status_code == 204
    assert len(caller.get("/sessions").json()) == 2
    assert client.delete("/api/v1/sessions", headers=caller.headers).status_code == 204
    assert len(caller.get("/sessions").json()) == 1


def test_signing_in_again_ends_the_session_that_the_browser_had(client: TestClient, person: Person) -> None:
    signed_in(client, person)
    first = client.cookies["session"]
    signed_in(client, person)
    assert client.cookies["session"] != first
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {first}"}).status_code == 401


def test_a_change_of_roles_asks_for_a_new_sign_in(client: TestClient, person: Person) -> None:
    with making(client) as make:
        operator = make.person(make.organisation("operator"))
        second = make.tx.scalars(select(Organisation).where(Organisation.name_en == "Second")).one()
    caller, boss = Caller(client, person), Caller(client, operator)
    path = f"/organisations/{second.id}/people/{person.id}/roles"
    assert boss.post(path, {"role": "supplier_manager"}).status_code == 200
    assert caller.get("/me").status_code == 401
    assert Caller(client, person).get("/me").status_code == 200


def test_over_tls_the_cookie_is_bound_to_this_host(sqlite_database: Database) -> None:
    client = client_of(sqlite_database, cookie_secure=True)
    with making(client) as make:
        leader = make.person(make.organisation(), "supplier_manager")
    answer = client.post("/sign-in", data={"username": leader.username, "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
