"""Roles of review are given by two people: asked for by one, approved by another, and both stand in the record."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.events.models import Event
from service.events.rules import patch
from service.kernel.actor import SYSTEM, Actor
from service.kernel.problems import NotAllowed, NotFound, Problem, WrongState
from service.parties.vocabulary import Role
from service.people import actions, queries, requests
from service.people.models import Membership, Person, RoleRequest
from service.people.rules import SecondPerson
from service.people.schemas import PersonIn
from tests.make import PASSWORD, Caller, Maker, database_of, making


def roles_of(tx: Session, person_id: UUID) -> list[str]:
    return list(tx.scalars(select(Membership.role).where(Membership.person_id == person_id, Membership.active)))


def refused(problem: type[Problem], step: Callable[..., Any], **facts: Any) -> None:
    with pytest.raises(problem):
        step(**facts)


def test_one_administrator_asks_another_approves_and_the_record_names_both(tx: Session, make: Maker) -> None:
    operator, company = make.organisation("operator"), make.organisation("provincial_company")
    first, second, friend = make.actor(operator), make.actor(operator), make.person(company, "facilitator")
    facts: dict[str, Any] = {"organisation_id": company.id, "person_id": friend.id, "role": Role.AUDITOR}
    for _ in range(2):  # asked twice it waits once
        actions.give_role(tx, by=first, **facts)
    assert roles_of(tx, friend.id) == ["facilitator"]
    [waits] = requests.waiting(tx, by=second)
    assert (waits.role, waits.is_own, waits.person_id) == ("auditor", False, friend.id)
    [member] = [one for one in queries.members(tx, by=first, organisation_id=company.id) if one.id == friend.id]
    assert (member.roles, member.waiting) == (["facilitator"], ["auditor"])
    refused(SecondPerson, requests.approve, tx=tx, by=first, request_id=waits.id)
    stranger = make.actor(company, "facilitator")
    refused(NotFound, requests.approve, tx=tx, by=stranger, request_id=waits.id)
    refused(NotAllowed, requests.waiting, tx=tx, by=stranger)
    requests.approve(tx, by=second, request_id=waits.id)
    assert sorted(roles_of(tx, friend.id)) == ["auditor", "facilitator"]
    assert friend.sign_in_anew_at is not None
    given = tx.scalars(select(Event).where(Event.verb == "role.given")).one()
    assert given.person_id == second.person_id
    assert given.change == patch({"organisation": str(company.id), "role": "auditor", "asked_by": str(first.person_id)})
    refused(WrongState, requests.approve, tx=tx, by=second, request_id=waits.id)
    assert requests.waiting(tx, by=second) == []


def test_who_is_to_have_the_role_does_not_approve_it(tx: Session, make: Maker) -> None:
    operator, company = make.organisation("operator"), make.organisation("national_company")
    first, second = make.actor(operator), make.actor(operator)
    assert second.person_id is not None
    actions.give_role(tx, by=first, organisation_id=company.id, person_id=second.person_id, role=Role.AUDITOR)
    row = tx.scalars(select(RoleRequest)).one()
    refused(SecondPerson, requests.approve, tx=tx, by=second, request_id=row.id)


def test_heads_name_heads_together_and_other_institutions_know_nothing(tx: Session, make: Maker) -> None:
    school, other = make.organisation("school"), make.organisation("school")
    first, second, foreign = (make.actor(at, "buyer_head") for at in (school, school, other))
    officer = make.person(school, "buyer_officer")
    actions.give_role(tx, by=first, organisation_id=school.id, person_id=officer.id, role=Role.BUYER_HEAD)
    row = tx.scalars(select(RoleRequest)).one()
    assert requests.waiting(tx, by=foreign) == []
    refused(NotFound, requests.approve, tx=tx, by=foreign, request_id=row.id)
    requests.refuse(tx, by=second, request_id=row.id, reason="still in training")
    event = tx.scalars(select(Event).where(Event.verb == "role.refused")).one()
    assert (row.state, event.reason, roles_of(tx, officer.id)) == ("refused", "still in training", ["buyer_officer"])
    actions.give_role(tx, by=first, organisation_id=school.id, person_id=officer.id, role=Role.INSPECTOR)
    assert sorted(roles_of(tx, officer.id)) == ["buyer_officer", "inspector"]  # no role of review


def test_the_machines_own_operator_makes_the_first_accounts_alone(tx: Session, make: Maker) -> None:
    draft = PersonIn(username="first", display_name="First", password="copper lantern under rain",
                     roles=[Role.ADMINISTRATOR])  # fmt: skip
    row = actions.add_person(tx, by=SYSTEM, organisation_id=make.organisation("operator").id, draft=draft)
    assert roles_of(tx, row.id) == ["administrator"]


def test_an_account_for_a_role_of_review_cannot_be_used_before_the_approval(client: TestClient) -> None:
    with making(client) as make:
        operator, company = make.organisation("operator"), make.organisation("provincial_company", name_en="Company 45")
        first, second = make.person(operator), make.person(operator)
    path = f"/organisations/{company.id}/people"
    body = {"username": "new-auditor", "display_name": "New Auditor", "password": "copper lantern under rain",
            "roles": ["auditor"]}  # fmt: skip
    made = Caller(client, first).post(path, body).json()
    assert (made["roles"], made["waiting"]) == ([], ["auditor"])
    entry = {"username": "new-auditor", "password": body["password"]}
    assert client.post("/api/v1/sessions", json=entry).status_code == 401
    client.cookies.set("lang", "en")
    client.post("/sign-in", data={"username": first.username, "password": PASSWORD})
    own = client.get("/roles").text
    assert "Take it back" in own
    assert "/approve" not in own
    assert "waits for a second person" in client.get(path).text
    client.post("/sign-out")
    client.post("/sign-in", data={"username": second.username, "password": PASSWORD})
    page = client.get("/roles").text
    assert "Company 45" in page
    [key] = [str(one["id"]) for one in Caller(client, second).get("/role-requests").json()]
    assert client.post(f"/roles/{key}/refuse", data={"reason": ""}).status_code == 422
    assert client.post(f"/roles/{key}/approve").status_code == 303
    assert client.post("/api/v1/sessions", json=entry).status_code == 201
    with database_of(client).reading() as tx:
        person = tx.scalars(select(Person).where(Person.username == "new-auditor")).one()
        assert roles_of(tx, person.id) == ["auditor"]


def test_a_program_of_the_one_who_asked_is_no_second_person(tx: Session, make: Maker) -> None:
    operator = make.organisation("operator")
    first, target = make.actor(operator), make.person(operator, "administrator")
    company = make.organisation("provincial_company")
    actions.give_role(tx, by=first, organisation_id=company.id, person_id=target.id, role=Role.AUDITOR)
    row = tx.scalars(select(RoleRequest)).one()
    key = Actor(first.person_id, operator.id, "operator", None, frozenset({"administrator"}), key_id=row.id)
    refused(SecondPerson, requests.approve, tx=tx, by=key, request_id=row.id)
