"""Passkeys over the pages: made by their owner, a sign-in of two factors, and every lie refused."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from starlette.testclient import TestClient
from webauthn.helpers import bytes_to_base64url

from service.accounts import codes
from service.accounts.models import SignInSession
from service.events.models import Event
from service.kernel.clock import now
from service.kernel.db import Database
from service.passkeys.models import Passkey
from service.people.models import Person
from tests.conftest import client_of
from tests.make import PASSWORD, database_of, making
from tests.passkeys.device import PRESENT, Device


def asked(client: TestClient, path: str) -> tuple[str, dict[str, str]]:
    """What a page asks the device, and what its form carries back."""
    page = client.get(path).text
    found = re.search(r'data-passkey="([^"]+)"', page)
    sealed = re.search(r'name="question" value="([^"]+)"', page)
    assert found is not None, page
    assert sealed is not None
    return html.unescape(found[1]), {"question": html.unescape(sealed[1])}


def signed_in(client: TestClient, person: Person) -> None:
    client.cookies.set("lang", "en")
    assert client.post("/sign-in", data={"username": person.username, "password": PASSWORD}).status_code == 303


def add(client: TestClient, device: Device, **more: str) -> Any:
    options, form = asked(client, "/account/passkeys")
    sent = {**form, "credential": device.make(options), "password": PASSWORD, **more}
    return client.post("/account/passkeys", data=sent)


def enter(client: TestClient, device: Device, **more: str) -> Any:
    client.cookies.clear()
    client.cookies.set("lang", "en")
    options, form = asked(client, "/sign-in/passkey")
    return client.post("/sign-in/passkey", data={**form, "credential": device.answer(options), **more})


@pytest.fixture
def person(client: TestClient) -> Person:
    """Somebody of a group."""
    with making(client) as make:
        return make.person(make.organisation(), "supplier_manager")


@pytest.fixture
def device(client: TestClient, person: Person) -> Device:
    """The person's device."""
    signed_in(client, person)
    made = Device()
    assert add(client, made).status_code == 303
    return made


def test_a_passkey_signs_its_owner_in_with_two_factors_and_the_record_tells(
    client: TestClient, person: Person, device: Device
) -> None:
    assert "Not used yet" in client.get("/account/passkeys").text
    answer = enter(client, device, next="/account/passkeys")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/passkeys")
    page = client.get("/account/passkeys").text
    assert "Last used" in page
    with database_of(client).reading() as tx:
        newest = tx.scalars(select(SignInSession).order_by(SignInSession.created_at.desc()).limit(1)).one()
        assert newest.second_factor_at is not None
        row = tx.scalars(select(Passkey)).one()
        assert (row.person_id, row.sign_count) == (person.id, 1)
        events = tx.execute(select(Event.verb, Event.change).order_by(Event.id)).all()
    assert [verb for verb, _ in events] == ["session.started", "passkey.added", "session.started"]
    assert events[-1].change == [{"op": "add", "path": "/provider", "value": "passkey"}]
    assert client.post(f"/account/passkeys/{row.id}/end").status_code == 303
    assert enter(client, device).status_code == 401


def test_it_stands_for_the_code_of_roles_that_need_two_factors(sqlite_database: Database) -> None:
    client, device = client_of(sqlite_database, require_second_factor=True), Device()
    with making(client) as make:
        auditor = make.person(make.organisation("provincial_company"), "auditor")
        device.owner = bytes_to_base64url(auditor.id.bytes)
        make.tx.add(Passkey(person_id=auditor.id, credential=device.name, public_key=device.public_key))
    signed_in(client, auditor)
    assert client.get("/events").headers["location"].startswith("/second-factor")  # the password alone
    assert enter(client, device, next="/events").headers["location"] == "/events"
    assert client.get("/events").status_code == 200


def test_lies_old_answers_and_copies_are_refused(client: TestClient, device: Device) -> None:
    lies = {
        "another site": replace(device, site="http://evil.example"),
        "another host": replace(device, host="evil.example"),
        "an owner who was not recognised": replace(device, flags=PRESENT),
        "another key": replace(device, key=Device().key),
        "another owner": replace(device, owner=bytes_to_base64url(bytes(16))),
        "a passkey that nobody knows": replace(device, id=bytes(32)),
    }
    for what, liar in lies.items():
        assert enter(client, liar).status_code == 401, what
    assert enter(client, device).status_code == 303
    assert enter(client, replace(device, count=0)).status_code == 401  # a copy: its counter did not go on
    for nonsense in ("{}", "[]", "x", '{"id": 1}', device.answer('{"challenge": "AAAA"}')):
        _, form = asked(fresh(client), "/sign-in/passkey")
        assert client.post("/sign-in/passkey", data={**form, "credential": nonsense}).status_code == 401, nonsense


def test_a_question_is_answered_once_in_time_and_for_what_it_was_asked(client: TestClient, device: Device) -> None:
    options, form = asked(fresh(client), "/sign-in/passkey")
    old_options, old_form = asked(client, "/sign-in/passkey")
    sent = {**form, "credential": device.answer(options)}
    assert client.post("/sign-in/passkey", data=sent).status_code == 303
    again = {**form, "credential": device.answer(options)}
    assert fresh(client).post("/sign-in/passkey", data=again).status_code == 409
    with time_machine.travel(now() + timedelta(minutes=6), tick=True):
        late = {**old_form, "credential": device.answer(old_options)}
        assert client.post("/sign-in/passkey", data=late).status_code == 409
    for false in ("", "nonsense", form["question"][:-2]):
        assert client.post("/sign-in/passkey", data={**sent, "question": false}).status_code in {409, 422}


def test_only_its_owner_adds_one_with_the_password_on_the_session_that_asked(
    client: TestClient, person: Person, device: Device
) -> None:
    assert add(client, Device(), password="wrong-password").status_code == 409
    options, form = asked(client, "/account/passkeys")
    sent = {**form, "credential": Device().make(options), "password": PASSWORD}
    signed_in(fresh(client), person)
    assert client.post("/account/passkeys", data=sent).status_code == 409  # another session's question
    assert add(client, replace(Device(), flags=PRESENT)).status_code == 401
    assert add(client, replace(device)).status_code == 409  # known already
    with making(client) as make:
        stranger = make.person(make.organisation(), "supplier_manager")
    with database_of(client).reading() as tx:
        (row,) = tx.scalars(select(Passkey)).all()
    signed_in(fresh(client), stranger)
    assert client.post(f"/account/passkeys/{row.id}/end").status_code == 404
    assert fresh(client).post(f"/account/passkeys/{row.id}/end").status_code in {303, 401}
    with database_of(client).reading() as tx:
        assert len(tx.scalars(select(Passkey)).all()) == 1


def test_who_regains_an_account_with_a_code_finds_no_passkey_of_a_stranger(
    client: TestClient, person: Person, device: Device
) -> None:
    with making(client) as make:
        code = codes.make(make.tx, person.id, holds=timedelta(hours=1), issued_by=None).code
    chosen = {"code": code, "chosen": "correct horse battery staple"}
    assert fresh(client).post("/access", data=chosen).status_code == 303
    assert "Not used yet" not in client.get("/account/passkeys").text
    assert enter(client, device).status_code == 401


def fresh(client: TestClient) -> TestClient:
    """The browser without its cookies."""
    client.cookies.clear()
    client.cookies.set("lang", "en")
    return client


def test_without_a_password_only_who_has_just_come_in_adds_another(
    client: TestClient, person: Person, device: Device
) -> None:
    with database_of(client).writing() as tx:
        tx.get_one(Person, person.id).password_hash = ""
    enter(client, device)
    with time_machine.travel(now() + timedelta(minutes=20), tick=False):
        left_open = add(client, Device(), password="")
        assert (left_open.status_code, "Sign in again first" in left_open.text) == (409, True)
        enter(client, device)
        assert add(client, Device(), password="").status_code == 303
