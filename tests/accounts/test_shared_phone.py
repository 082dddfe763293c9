"""One phone for a group: whoever answers gives a PIN and the record holds that person; helping others to an account."""

import re
from typing import Any
from uuid import uuid4

import pyotp
import pytest
import time_machine
from sqlalchemy import select
from starlette.testclient import TestClient

from service.accounts.models import OneTimeCode
from service.accounts.rules import ACTING_FOR
from service.events.models import Event
from service.kernel.clock import now
from service.kernel.db import Database
from service.parties.models import Organisation
from service.people.models import Membership, Person
from service.recovery.rules import BY_HAND
from service.rounds.models import Award
from tests.conftest import client_of
from tests.make import PASSWORD, Caller, database_of, making

PIN = "482915"
UNKNOWN = uuid4()
NEW = "copper lantern under rain"


class Group:
    """A group that answers on one phone, with its account's holder, another leader and a member, and an award."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        with making(client) as make:
            self.row = make.organisation(shared_phone=True, name_en="Kale of Ban Dong")
            self.holder = make.person(self.row, "supplier_manager")
            self.second = make.person(self.row, "supplier_manager")
            self.member = make.person(self.row, "supplier_member")
            award = make.published_award(self.row)
            self.award, self.line = award, award.lines[0]

    def caller(self, person: Person) -> "Phone":
        return Phone(self.client, person)


class Phone(Caller):
    """A program on the phone; it goes on with the token it was given last."""

    def named(self, person: Person, pin: str = PIN) -> Any:
        answer = self.post("/sessions/current/person", {"person_id": str(person.id), "pin": pin})
        if answer.status_code == 200:
            self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        return answer

    def answers(self, group: Group) -> Any:
        line = {"award_line_id": str(group.line.id), "answer": "accepted"}
        return self.post(f"/awards/{group.award.id}/answers", {"lines": [line]}, version=group.award.version)


@pytest.fixture
def group(client: TestClient) -> Group:
    return Group(client)


@pytest.mark.parametrize(("kind", "head", "other"), [
    ("hospital", "buyer_head", "buyer_officer"), ("farmer_group", "supplier_manager", "supplier_member"),
])  # fmt: skip
def test_only_on_the_shared_phone_of_a_group_a_pin_makes_somebody_else_of_a_session(
    kind: str, head: str, other: str, client: TestClient
) -> None:
    """Otherwise the head of a kitchen sets an officer's PIN, writes a demand as the officer, and approves it."""
    with making(client) as make:
        place = make.organisation(kind, shared_phone=kind == "hospital")
        first, second = make.person(place, head), make.person(place, other)
    phone = Phone(client, first)
    assert phone.post(f"/organisations/{place.id}/people/{second.id}/pin", {"pin": PIN}).status_code == 204
    assert phone.named(second).status_code == 403
    assert phone.get("/me").json()["person_id"] == str(first.id)


def test_on_a_shared_phone_nobody_answers_unnamed_and_the_record_holds_who_did(group: Group) -> None:
    phone = group.caller(group.holder)
    assert phone.answers(group).json()["type"] == "/problems/name-yourself"
    path = f"/organisations/{group.row.id}/people/{group.second.id}/pin"
    assert phone.post(path, {"pin": PIN}).status_code == 204
    assert [one["id"] for one in phone.get("/sessions/current/people").json()] == [str(group.second.id)]
    assert phone.named(group.second).status_code == 200
    assert phone.get("/me").json()["person_id"] == str(group.second.id)
    assert phone.answers(group).status_code == 200
    with database_of(group.client).reading() as tx:
        event = tx.scalars(select(Event).where(Event.verb == "award.answered")).one()
        assert tx.get_one(Award, group.award.id).state == "active"
    assert (event.person_id, event.organisation_id) == (group.second.id, group.row.id)
    assert str(group.holder.id) in str(event.change)  # whose account the phone is signed in with
    assert PIN not in str(event.change)


def test_a_name_holds_for_a_quarter_of_an_hour_or_until_the_phone_is_handed_on(group: Group) -> None:
    phone = group.caller(group.holder)
    assert phone.post("/me/pin", {"password": PASSWORD, "pin": PIN}).status_code == 204
    phone.named(group.holder)
    with time_machine.travel(now() + ACTING_FOR, tick=True):
        assert phone.answers(group).json()["type"] == "/problems/name-yourself"
    back = group.client.delete("/api/v1/sessions/current/person", headers=phone.headers)
    phone.headers = {"Authorization": f"Bearer {back.json()['token']}"}
    assert phone.answers(group).json()["type"] == "/problems/name-yourself"


def test_whoever_names_themselves_has_their_own_rights_only(group: Group) -> None:
    phone = group.caller(group.holder)
    phone.post(f"/organisations/{group.row.id}/people/{group.member.id}/pin", {"pin": PIN})
    assert phone.named(group.member).status_code == 200
    assert phone.answers(group).status_code == 403


def test_a_wrong_pin_a_stranger_and_too_many_tries_are_refused(group: Group) -> None:
    with making(group.client) as make:
        stranger = make.person(make.organisation(), "supplier_manager")
    other = group.caller(stranger)
    other.post("/me/pin", {"password": PASSWORD, "pin": PIN})
    phone = group.caller(group.holder)
    phone.post("/me/pin", {"password": PASSWORD, "pin": PIN})
    assert phone.named(stranger).json()["type"] == "/problems/wrong-pin"  # a PIN of another group
    assert phone.named(group.second).json()["type"] == "/problems/wrong-pin"  # no PIN at all
    tries = [phone.named(group.holder, "000001").status_code for _ in range(11)]
    assert tries == [409] * 10 + [429]
    assert phone.named(group.holder).status_code == 429  # the right one too


def test_a_phone_of_ones_own_answers_with_one_tap(client: TestClient) -> None:
    group = Group(client)
    with database_of(client).writing() as tx:
        tx.get_one(Organisation, group.row.id).shared_phone = False
    assert group.caller(group.holder).answers(group).status_code == 200


def test_the_pages_ask_who_answers_and_then_take_one_tap(group: Group) -> None:
    client, page = group.client, f"/awards/{group.award.id}"
    client.cookies.set("lang", "en")
    client.post("/sign-in", data={"username": group.holder.username, "password": PASSWORD})
    assert "Nobody has a PIN yet" in client.get("/phone").text
    assert client.post("/account/pin", data={"password": PASSWORD, "pin": "111111"}).status_code == 422
    assert client.post("/account/pin", data={"password": PASSWORD, "pin": PIN}).status_code == 303
    shown = client.get(page).text
    assert f'href="/phone?next={page}"' in shown
    assert "Accept everything" not in shown
    wrong = client.post("/phone", data={"person_id": str(group.holder.id), "pin": "000001", "next": page})
    assert wrong.status_code == 409
    named = client.post("/phone", data={"person_id": str(group.holder.id), "pin": PIN, "next": page})
    assert named.headers["location"] == page
    assert "Accept everything" in client.get(page).text
    assert client.post("/phone/back").status_code == 303
    assert "Accept everything" not in client.get(page).text


def test_someone_changes_their_pin_on_the_phone_with_the_present_one_only(group: Group) -> None:
    client = group.client
    client.cookies.set("lang", "en")
    client.post("/sign-in", data={"username": group.holder.username, "password": PASSWORD})
    for person in (group.second, group.member):
        path = f"/organisations/{group.row.id}/accounts/{person.id}/pin"
        assert client.post(path, data={"pin": PIN}).status_code == 303
    assert 'href="/phone/pin"' in client.get("/phone").text
    assert f"/organisations/{group.row.id}/accounts" in client.get("/phone/pin").text
    form = {"person_id": str(group.second.id), "present": PIN, "pin": "730164"}
    for wrong, status in (({"present": "000000"}, 409), ({"pin": "111111"}, 422), ({"pin": ""}, 422),
                          ({"person_id": str(group.holder.id)}, 409), ({"person_id": str(UNKNOWN)}, 409)):  # fmt: skip
        assert client.post("/phone/pin", data=form | wrong).status_code == status, wrong
    assert client.post("/phone/pin", data=form).headers["location"] == "/phone"
    for pin, status in ((PIN, 409), ("730164", 303)):
        assert client.post("/phone", data={"person_id": str(group.second.id), "pin": pin}).status_code == status
    with database_of(client).reading() as tx:
        events = tx.scalars(select(Event).where(Event.verb == "pin.set").order_by(Event.id)).all()
    assert [event.person_id for event in events] == [group.holder.id, group.holder.id, group.second.id]
    assert not any(pin in str(event.change) for event in events for pin in (PIN, "730164"))


# Help with the accounts of others.


def people_path(group: Group, person: Person) -> str:
    return f"/organisations/{group.row.id}/people/{person.id}"


def test_an_officer_hands_over_a_code_that_opens_the_account_once(group: Group) -> None:
    client = group.client
    with making(client) as make:
        officer = make.person(make.organisation("service_centre"), "centre_officer")
    member, helper = group.caller(group.member), group.caller(officer)
    issued = helper.post(people_path(group, group.member) + "/access-codes")
    assert issued.status_code == 201
    code = issued.json()["code"]
    with database_of(client).reading() as tx:
        row = tx.scalars(select(OneTimeCode)).one()
        events = tx.scalars(select(Event).where(Event.verb == "access_code.issued")).all()
    assert code.replace("-", "") not in row.code_hash
    assert [event.person_id for event in events] == [officer.id]
    weak = client.post(
        "/api/v1/access-codes/redemption", json={"code": code, "chosen": group.member.username + "-2569"}
    )
    assert weak.status_code == 422
    typed = {"code": code.lower().replace("-", " "), "chosen": NEW}
    opened = client.post("/api/v1/access-codes/redemption", json=typed)
    assert opened.status_code == 201
    assert member.get("/me").status_code == 401  # sessions before it have ended
    assert client.post("/api/v1/access-codes/redemption", json=typed).json()["type"] == "/problems/wrong-code"
    entered = client.post("/api/v1/sessions", json={"username": group.member.username, "password": NEW})
    assert entered.status_code == 201


def test_a_code_ends_with_its_time_and_with_the_next_one(group: Group) -> None:
    leader = group.caller(group.holder)
    first, second = (leader.post(people_path(group, group.member) + "/access-codes").json()["code"] for _ in range(2))
    path = "/api/v1/access-codes/redemption"
    assert group.client.post(path, json={"code": first, "chosen": NEW}).status_code == 401
    with time_machine.travel(now() + BY_HAND, tick=True):
        assert group.client.post(path, json={"code": second, "chosen": NEW}).status_code == 401


HELPERS = {
    "a member": ("farmer_group", "supplier_member", "own"), "another group's leader": ("farmer_group", "", "other"),
    "another province's officer": ("service_centre", "", "away"), "a facilitator": ("provincial_company", "", "other"),
    "an auditor of the nation": ("national_company", "", "other"),
}  # fmt: skip


@pytest.mark.parametrize("who", HELPERS)
@pytest.mark.parametrize("step", ["access-codes", "pin", "second-factor-removal"])
def test_nobody_else_helps(who: str, step: str, group: Group) -> None:
    kind, role, where = HELPERS[who]
    with making(group.client) as make:
        place = "520101" if where == "away" else "450101"
        at = make.tx.get_one(Organisation, group.row.id) if where == "own" else make.organisation(kind, place)
        person = make.person(at, *filter(None, [role]))
    body = {"pin": {"pin": PIN}, "second-factor-removal": {"reason": "lost it"}}.get(step)
    assert Caller(group.client, person).post(f"{people_path(group, group.second)}/{step}", body).status_code == 403


def test_a_leader_takes_over_nobody_who_also_has_a_role_elsewhere(group: Group) -> None:
    with making(group.client) as make:
        company = make.organisation("national_company")
        make.add(Membership(person_id=group.member.id, organisation_id=company.id, role="auditor"))
        operator = make.person(make.organisation("operator"))
    path = people_path(group, group.member) + "/access-codes"
    assert group.caller(group.holder).post(path).json()["type"] == "/problems/not-theirs"
    assert group.caller(operator).post(path).status_code == 201


def test_a_service_centre_helps_groups_and_no_institution(client: TestClient) -> None:
    with making(client) as make:
        officer = make.person(make.organisation("service_centre"), "centre_officer")
        hospital = make.organisation("hospital")
        head = make.person(hospital, "buyer_head")
    answer = Caller(client, officer).post(f"/organisations/{hospital.id}/people/{head.id}/access-codes")
    assert answer.status_code == 403


def test_a_lost_authenticator_is_taken_away_with_a_reason_and_the_person_enrols_anew(sqlite_database: Database) -> None:
    client = client_of(sqlite_database, require_second_factor=False)
    group = Group(client)
    leader, member = group.caller(group.holder), group.caller(group.member)
    path = people_path(group, group.member) + "/second-factor-removal"
    assert leader.post(path, {"reason": "phone fell into the pond"}).status_code == 204  # there is none
    enrol(member)
    assert Caller(client, group.member).get("/me").status_code == 401
    assert leader.post(path, {}).status_code == 422
    assert leader.post(path, {"reason": "phone fell into the pond"}).status_code == 204
    assert Caller(client, group.member).get("/me").status_code == 200
    with database_of(client).reading() as tx:
        event = tx.scalars(select(Event).where(Event.verb == "second_factor.removed")).one()
    assert (event.person_id, event.reason) == (group.holder.id, "phone fell into the pond")


def enrol(caller: Caller) -> None:
    secret = caller.post("/me/second-factor").json()["secret"]
    confirmed = caller.post("/me/second-factor/confirmation", {"code": pyotp.TOTP(secret).now()})
    caller.headers = {"Authorization": f"Bearer {confirmed.json()['token']}"}


def test_the_pages_of_help_and_of_the_code(group: Group) -> None:
    client = group.client
    client.cookies.set("lang", "en")
    client.post("/sign-in", data={"username": group.holder.username, "password": PASSWORD})
    with making(client) as make:
        fresh = make.add(Person(username="fresh-one", display_name="Fresh", password_hash=""))
        make.add(Membership(person_id=fresh.id, organisation_id=group.row.id, role="supplier_member"))
    assert "Fresh" in client.get(f"/organisations/{group.row.id}/accounts").text
    here = f"/organisations/{group.row.id}/accounts/{fresh.id}"
    assert client.get(here).status_code == 200
    page = client.post(f"{here}/code", data={}).text
    code = code_in(page)
    assert client.post(f"{here}/pin", data={"pin": PIN}).status_code == 303
    client.post("/sign-out")
    assert client.post("/sign-in", data={"username": "fresh-one", "password": "anything"}).status_code == 401
    assert client.get("/access").status_code == 200
    assert client.post("/access", data={"code": code, "chosen": "password1234"}).status_code == 422
    assert client.post("/access", data={"code": code, "chosen": NEW}).headers["location"] == "/"
    assert client.get("/account").status_code == 200


def code_in(page: str) -> str:
    found = re.search(r"<code>([2-9A-Z]{4}(?:-[2-9A-Z]{4}){3})</code>", page)
    assert found is not None
    return found[1]
