"""Keys of programs: shown once, hashed, scoped, ended, renewed, never beyond their owner, and named in the log."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from starlette.testclient import TestClient

from service.events.models import Event
from service.kernel.clock import now
from service.keys.models import ApiKey
from service.people.models import Membership, Person
from tests.make import PASSWORD, Caller, database_of, making

ALL = ["parties:read", "parties:write"]


@pytest.fixture
def leader(client: TestClient) -> Person:
    with making(client) as make:
        return make.person(make.organisation(name_en="Kale of Ban Dong"), "supplier_manager")


def made(client: TestClient, person: Person, *scopes: str, **more: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """A key and the headers that carry it."""
    body = {"name": "accounting", "scopes": list(scopes or ALL), **more}
    answer = Caller(client, person).post("/me/keys", body, key="once")
    assert answer.status_code == 201, answer.text
    return answer.json(), {"Authorization": f"Bearer {answer.json()['secret']}"}


def test_a_key_is_shown_once_kept_as_a_hash_and_named_in_what_it_does(client: TestClient, leader: Person) -> None:
    key, headers = made(client, leader)
    assert key["secret"].startswith("mk_")
    assert "secret" not in Caller(client, leader).get("/me/keys").json()[0]
    path = f"/api/v1/organisations/{key['organisation_id']}"
    edited = client.patch(path, json={"name_en": "Kale"}, headers=headers | {"If-Match": '"1"'})
    assert edited.status_code == 200
    with database_of(client).reading() as tx:
        row = tx.scalars(select(ApiKey)).one()
        event = tx.scalars(select(Event).where(Event.verb == "organisation.edited")).one()
        kept = tx.connection().exec_driver_sql("select body from idempotent_answers").all()
    assert key["secret"] not in row.key_hash + row.hint
    assert (event.person_id, key["id"] in str(event.change)) == (leader.id, True)
    assert row.last_used_at is not None
    assert kept == []


def test_a_key_reaches_its_scopes_and_no_further(client: TestClient, leader: Person) -> None:
    _, headers = made(client, leader, "parties:read")
    assert client.get("/api/v1/organisations", headers=headers).status_code == 200
    for method, path in (("GET", "/api/v1/offers"), ("POST", "/api/v1/organisations"), ("GET", "/api/v1/me"),
                         ("GET", "/api/v1/me/keys"), ("POST", "/api/v1/me/keys"), ("POST", "/api/v1/me/password"),
                         ("GET", "/api/v1/sessions"), ("DELETE", "/api/v1/sessions"), ("GET", "/account"),
                         ("GET", "/organisations")):  # fmt: skip
        answer = client.request(method, path, headers=headers, json={})
        assert answer.status_code in {403, 422}, (method, path)
        assert client.request(method, path, headers=headers).status_code in {403, 422}, (method, path)
    assert client.get("/api/v1/offers", headers=headers).json()["type"] == "/problems/out-of-scope"
    assert client.delete("/api/v1/sessions/current", headers=headers).status_code == 401


def test_it_never_exceeds_its_owner(client: TestClient, leader: Person) -> None:
    key, headers = made(client, leader)
    with making(client) as make:
        other = make.organisation()
    foreign = client.patch(f"/api/v1/organisations/{other.id}", json={"name_en": "Mine"},
                           headers=headers | {"If-Match": '"1"'})  # fmt: skip
    assert foreign.status_code == 403
    with database_of(client).writing() as tx:
        tx.scalars(select(Membership).where(Membership.person_id == leader.id)).one().role = "supplier_member"
    path = f"/api/v1/organisations/{key['organisation_id']}"
    assert client.patch(path, json={"name_en": "K"}, headers=headers | {"If-Match": '"1"'}).status_code == 403
    with database_of(client).writing() as tx:
        tx.get_one(Person, leader.id).active = False
    assert client.get("/api/v1/organisations", headers=headers).status_code == 401


def test_it_ends_with_its_time_by_its_owner_and_with_a_new_secret(client: TestClient, leader: Person) -> None:
    caller = Caller(client, leader)
    key, old = made(client, leader, days=10)
    renewed = caller.post(f"/me/keys/{key['id']}/renewal").json()
    new = {"Authorization": f"Bearer {renewed['secret']}"}
    assert client.get("/api/v1/organisations", headers=old).status_code == 401
    assert client.get("/api/v1/organisations", headers=new).status_code == 200
    with time_machine.travel(now() + timedelta(days=10), tick=True):
        assert client.get("/api/v1/organisations", headers=new).status_code == 401
    with making(client) as make:
        stranger = make.person(make.organisation(), "supplier_manager")
    path = f"/api/v1/me/keys/{key['id']}"
    assert client.delete(path, headers=Caller(client, stranger).headers).status_code == 404
    assert client.delete(path, headers=caller.headers).status_code == 204
    assert client.get("/api/v1/organisations", headers=new).status_code == 401
    assert caller.post(f"/me/keys/{key['id']}/renewal").status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["accounts:write"]}, {"scopes": ["keys:read"]}, {"scopes": "all"},
              {"days": 0}, {"days": 367}, {"days": 10**30}, {"name": ""}, {"name": "a\x00b"}, {"more": 1}],
)  # fmt: skip
def test_bad_input_makes_no_key(wrong: dict[str, Any], client: TestClient, leader: Person) -> None:
    answer = Caller(client, leader).post("/me/keys", {"name": "accounting", "scopes": ALL, **wrong})
    assert answer.status_code == 422
    with database_of(client).reading() as tx:
        assert tx.scalars(select(ApiKey)).all() == []


def test_the_page_makes_renews_and_ends_keys(client: TestClient, leader: Person) -> None:
    client.cookies.set("lang", "en")
    client.post("/sign-in", data={"username": leader.username, "password": PASSWORD})
    assert "No keys" in client.get("/account/keys").text
    assert client.post("/account/keys", data={"name": "accounting", "days": "30"}).status_code == 422
    page = client.post("/account/keys", data={"name": "accounting", "days": "30", "scopes": ALL}).text
    assert "mk_" in page
    (key,) = Caller(client, leader).get("/me/keys").json()
    assert client.get("/account/keys").text.count(key["hint"]) == 1
    assert "It is shown this once" in client.post(f"/account/keys/{key['id']}/renewal").text
    assert client.post(f"/account/keys/{key['id']}/end").status_code == 303
    assert "No keys" in client.get("/account/keys").text
