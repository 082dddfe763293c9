"""People of an organisation and their roles: rules, use cases, API."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.events.models import Event
from service.events.rules import patch
from service.kernel.problems import NotAllowed, NotFound
from service.parties.vocabulary import Role
from service.people import actions, queries
from service.people.models import Membership, Person
from service.people.rules import LastManager, OwnRole, RoleNotOfKind
from service.people.schemas import PersonIn
from tests.make import Caller, Maker, database_of, making

SECRET = "correct horse battery"


def draft(username: str = "somchai", *roles: Role) -> PersonIn:
    return PersonIn(
        username=username, display_name="สมชาย", password=SECRET, roles=list(roles or [Role.SUPPLIER_MEMBER])
    )


def test_a_leader_adds_a_member_and_the_log_holds_no_name_and_no_password(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leader = make.actor(group, "supplier_manager")
    person = actions.add_person(tx, by=leader, organisation_id=group.id, draft=draft())
    found = {member.username: member.roles for member in queries.members(tx, by=leader, organisation_id=group.id)}
    assert found["somchai"] == ["supplier_member"]
    assert SECRET not in person.password_hash
    event = tx.scalars(select(Event).where(Event.verb == "person.added")).one()
    assert event.change == patch({"organisation": str(group.id), "roles": ["supplier_member"]})


def test_a_leader_manages_no_other_group_and_a_member_manages_nobody(tx: Session, make: Maker) -> None:
    mine, other = make.organisation(), make.organisation()
    for actor, at in ((make.actor(mine, "supplier_manager"), other), (make.actor(mine, "supplier_member"), mine)):
        with pytest.raises(NotAllowed):
            actions.add_person(tx, by=actor, organisation_id=at.id, draft=draft())
        with pytest.raises(NotAllowed):
            queries.members(tx, by=actor, organisation_id=at.id)


def test_nobody_gives_themself_a_role(tx: Session, make: Maker) -> None:
    company, operator = make.organisation("national_company"), make.actor(make.organisation("operator"))
    school = make.organisation("school")
    head = make.actor(school, "buyer_head")
    for by, organisation, role in ((operator, company, Role.AUDITOR), (head, school, Role.INSPECTOR)):
        assert by.person_id is not None
        with pytest.raises(OwnRole):
            actions.give_role(tx, by=by, organisation_id=organisation.id, person_id=by.person_id, role=role)


def test_a_role_of_another_kind_is_refused(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leader = make.actor(group, "supplier_manager")
    with pytest.raises(RoleNotOfKind):
        actions.add_person(tx, by=leader, organisation_id=group.id, draft=draft("auditor-x", Role.AUDITOR))
    assert tx.scalar(select(Person).where(Person.username == "auditor-x")) is None


def test_the_last_leader_keeps_the_role_until_another_has_it(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leader = make.actor(group, "supplier_manager")
    assert leader.person_id is not None
    facts: dict[str, Any] = {"by": leader, "organisation_id": group.id, "role": Role.SUPPLIER_MANAGER}
    with pytest.raises(LastManager):
        actions.take_role(tx, person_id=leader.person_id, **facts)
    second = actions.add_person(tx, by=leader, organisation_id=group.id, draft=draft())
    actions.give_role(tx, person_id=second.id, **facts)
    actions.take_role(tx, person_id=leader.person_id, **facts)
    held = tx.scalars(select(Membership.role).where(Membership.person_id == leader.person_id, Membership.active))
    assert held.all() == []


def test_only_the_operator_brings_in_someone_from_elsewhere(tx: Session, make: Maker) -> None:
    group = make.organisation()
    stranger = make.person(make.organisation())
    facts: dict[str, Any] = {"organisation_id": group.id, "person_id": stranger.id, "role": Role.SUPPLIER_MEMBER}
    with pytest.raises(NotFound):
        actions.give_role(tx, by=make.actor(group, "supplier_manager"), **facts)
    actions.give_role(tx, by=make.actor(make.organisation("operator")), **facts)
    assert len(queries.seats(tx, stranger.id)) == 2


PERSON = {"username": "malee", "display_name": "มาลี", "password": SECRET, "roles": ["supplier_member"]}


@pytest.mark.postgres
def test_the_api_adds_a_person_who_signs_in_and_loses_the_role(market: TestClient) -> None:
    with making(market) as make:
        group = make.organisation()
        leader = make.person(group, "supplier_manager")
    caller = Caller(market, leader)
    path = f"/organisations/{group.id}/people"
    made = caller.post(path, PERSON, key="once")
    assert made.status_code == 201
    assert caller.post(path, PERSON, key="once").json() == made.json()
    assert caller.post(path, PERSON).json()["errors"][0]["pointer"] == "/username"
    answer = market.post("/api/v1/sessions", json={"username": "MALEE ", "password": SECRET})
    assert answer.status_code == 401  # names are written as they were given out: in small letters
    answer = market.post("/api/v1/sessions", json={"username": "malee", "password": SECRET})
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert market.get("/api/v1/me", headers=headers).json()["roles"] == ["supplier_member"]
    roles = f"{path}/{made.json()['id']}/roles"
    gone = market.delete(f"/api/v1{roles}/supplier_member", headers=caller.headers)
    assert (gone.status_code, gone.json()["roles"]) == (200, [])
    assert market.get("/api/v1/me", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": None}, {"username": "a b"}, {"username": "\x00\x00\x00"}, {"username": "x" * 500},
        {"password": "short"}, {"password": "malee-malee-malee"}, {"roles": []}, {"roles": ["king"]},
        {"roles": "supplier_member"}, {"display_name": ""},
        {"display_name": "a\x00b"}, {"extra": 1}, {"roles": ["supplier_member"] * 50},
    ],
)  # fmt: skip
def test_bad_input_for_a_person_is_named_and_writes_nothing(wrong: dict[str, object], client: TestClient) -> None:
    with making(client) as make:
        group = make.organisation()
        leader = make.person(group, "supplier_manager")
    answer = Caller(client, leader).post(f"/organisations/{group.id}/people", {**PERSON, **wrong})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-input")
    with database_of(client).reading() as tx:
        assert len(tx.scalars(select(Person)).all()) == 1
