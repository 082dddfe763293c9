"""Every step of a round, tried by everyone who has no business with it, in every state: nothing moves."""

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from service.kernel.db import Database
from service.parties.models import Organisation
from service.parties.vocabulary import ROLES_OF_KIND, Role
from service.people.models import Membership, Person
from service.rounds.models import Round
from service.rounds.vocabulary import LIVE
from tests.asgi import Wire
from tests.conftest import FROM_HERE, client_of
from tests.make import PASSWORD, Caller, making

STEPS: dict[str, dict[str, str]] = {
    "open": {}, "close": {"note": "now"}, "solve": {}, "propose": {}, "cancel": {"reason": "because"}, "review": {},
    "send-back": {"reason": "because"}, "approve": {"note": ""}, "publish": {},
}  # fmt: skip
STRANGERS = [("school", "45"), ("farmer_group", "45"), ("provincial_committee", "45"), ("provincial_committee", "52"),
             ("service_centre", "45"), ("attesting_agency", "45"), ("village_fund", "45"), ("operator", "45"),
             ("provincial_company", "52")]  # fmt: skip


@pytest.fixture
def client(sqlite_database: Database) -> TestClient:
    return client_of(sqlite_database)


@pytest.mark.slow
def test_no_stranger_moves_a_round(sqlite_database: Database, client: TestClient) -> None:
    with making(sqlite_database) as make:
        make.place()
        round_id = make.round(make.profile()).id
        found = [make.person(make.organisation(kind, place=f"{place}0101")) for kind, place in STRANGERS]
    wire = Wire(client.app)
    for person in found:
        headers = Caller(client, person).headers | {"if-match": '"1"'}
        for state in sorted(LIVE):
            with sqlite_database.writing() as tx:
                tx.execute(update(Round).values(state=state))
            for step, body in STEPS.items():
                api = wire.json("POST", f"/api/v1/rounds/{round_id}/{step}", body, headers)
                page = wire.form(f"/rounds/{round_id}/{step}", body | {"_version": "1"}, headers | FROM_HERE)
                for answer in (api, page):
                    assert answer.status in {403, 404, 409, 422}, (person.username, state, step, answer.text)
            with sqlite_database.reading() as tx:
                row = tx.scalars(select(Round)).one()
                assert (row.state, row.version) == (state, 1)
    wire.close()


def test_nobody_gives_themself_what_their_kind_of_organisation_does_not_have(
    sqlite_database: Database, client: TestClient
) -> None:
    with making(sqlite_database) as make:
        school, company = make.organisation("school"), make.organisation("provincial_company")
        head, auditor = make.person(school, "buyer_head"), make.person(company, "auditor")
    caller, other = Caller(client, head), Caller(client, auditor)
    for role in set(Role) - ROLES_OF_KIND["school"]:
        answer = caller.post(f"/organisations/{school.id}/people/{head.id}/roles", {"role": role})
        assert answer.status_code == 409, role
    for unknown in ("system", "root", ""):
        assert caller.post(f"/organisations/{school.id}/people/{head.id}/roles", {"role": unknown}).status_code == 422
    for path in (f"/organisations/{company.id}/people/{head.id}/roles", f"/organisations/{company.id}/people"):
        body = {"role": "auditor"} if path.endswith("roles") else new_person("auditor")
        assert caller.post(path, body).status_code in {403, 404}
        assert other.post(path, body).status_code in {403, 404}
    assert caller.post("/me/organisation", {"organisation_id": str(company.id)}).status_code == 403


def new_person(*roles: str) -> dict[str, object]:
    return {"username": "somebody-new", "display_name": "Somebody", "password": PASSWORD, "roles": list(roles)}


def test_a_known_user_name_brings_no_account_of_another_organisation_in(
    sqlite_database: Database, client: TestClient
) -> None:
    with making(sqlite_database) as make:
        school, group = make.organisation("school"), make.organisation()
        head, member = make.person(school, "buyer_head"), make.person(group, "supplier_manager")
    caller = Caller(client, head)
    taken = caller.post(
        f"/organisations/{school.id}/people", new_person("buyer_officer") | {"username": member.username}
    )
    assert taken.status_code == 422
    stranger = caller.post(f"/organisations/{school.id}/people/{member.id}/roles", {"role": "buyer_officer"})
    assert stranger.status_code == 404
    with sqlite_database.reading() as tx:
        assert tx.get_one(Person, member.id).password_hash == member.password_hash
        held = tx.scalars(select(Membership.organisation_id).where(Membership.person_id == member.id))
        assert set(held) == {group.id}


def test_a_suspended_group_accepts_no_award_but_may_decline(sqlite_database: Database, client: TestClient) -> None:
    with making(sqlite_database) as make:
        award = make.published_award()
        group = make.tx.get_one(Organisation, award.supplier_id)
        manager = make.person(group, "supplier_manager")
        group.state, line = "suspended", award.lines[0].id
    caller = Caller(client, manager)
    path = f"/awards/{award.id}/answers"
    yes = {"lines": [{"award_line_id": str(line), "answer": "accepted"}]}
    assert caller.post(path, yes, version=1).json()["type"] == "/problems/not-qualified"
    no = {"lines": [{"award_line_id": str(line), "answer": "declined", "reason": "price"}]}
    assert caller.post(path, no, version=1).status_code == 200


def test_a_suspended_kitchen_approves_no_demand(sqlite_database: Database, client: TestClient) -> None:
    with making(sqlite_database) as make:
        school = make.organisation("school")
        demand, head = make.demand(school), make.person(school, "buyer_head")
        school.state = "suspended"
    answer = Caller(client, head).post(f"/demands/{demand.id}/approve", version=1)
    assert answer.json()["type"] == "/problems/not-qualified"
