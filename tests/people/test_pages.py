"""The page of an organisation's people and roles, without a script."""

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.parties.models import Organisation
from service.people.models import Membership, Person
from tests.make import PASSWORD, database_of, making


def enter(client: TestClient, person: Person) -> None:
    client.post("/sign-out")
    client.cookies.set("lang", "en")
    assert client.post("/sign-in", data={"username": person.username, "password": PASSWORD}).status_code == 303


@pytest.fixture
def people(client: TestClient) -> dict[str, Person]:
    """A facilitator and a group's leader of one province."""
    with making(client) as make:
        return {
            "facilitator": make.person(make.organisation("provincial_company"), "facilitator"),
            "leader": make.person(make.organisation(name_en="Kale of Ban Dong"), "supplier_manager"),
        }


def group_of(client: TestClient, person: Person) -> Organisation:
    with database_of(client).reading() as tx:
        mine = select(Organisation).join(Membership, Membership.organisation_id == Organisation.id)
        return tx.scalars(mine.where(Membership.person_id == person.id)).one()


def test_a_leader_adds_a_person_and_moves_roles(client: TestClient, people: dict[str, Person]) -> None:
    path = f"/organisations/{group_of(client, people['leader']).id}/people"
    enter(client, people["leader"])
    form = {
        "display_name": "Malee",
        "username": "malee-of-pages",
        "password": "a long first password",
        "roles": ["supplier_member"],
    }
    short = client.post(path, data={**form, "password": "short-one"})
    assert short.status_code == 422
    assert "short-one" not in short.text
    assert client.post(path, data=form).status_code == 303
    assert "Malee" in client.get(path).text
    with database_of(client).reading() as tx:
        person = tx.scalars(select(Person).where(Person.username == "malee-of-pages")).one()
    roles = f"{path}/{person.id}/roles"
    assert client.post(f"{roles}/give", data={"role": "supplier_manager"}).status_code == 303
    assert client.post(f"{roles}/take", data={"role": "supplier_member"}).status_code == 303
    assert client.post(f"{roles}/take", data={"role": "supplier_member"}).status_code == 404
    assert client.post(f"{roles}/give", data={"role": "auditor"}).status_code == 409
    enter(client, people["facilitator"])
    assert client.get(path).status_code == 403
