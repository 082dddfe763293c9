"""Pages of lists of members: begun, filled by hand and by file, rated, attested, without a script."""

from uuid import UUID

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.households.models import Household, Roster, RosterLine
from service.kernel.clock import today
from service.parties.models import Organisation, SocialShare
from service.people.models import Person
from tests.households.roster import NUMBERS
from tests.make import PASSWORD, database_of, making


def enter(client: TestClient, person: Person) -> None:
    client.post("/sign-out")
    client.cookies.set("lang", "en")
    assert client.post("/sign-in", data={"username": person.username, "password": PASSWORD}).status_code == 303


@pytest.fixture
def sides(client: TestClient) -> dict[str, Person]:
    """A group's leader, an attester and a kitchen's officer of one province."""
    with making(client) as make:
        group = make.organisation(name_en="Kale of Ban Dong", member_households=3)
        return {
            "leader": make.person(group, "supplier_manager"),
            "agency": make.person(make.organisation("attesting_agency", name_en="Office"), "attester"),
            "officer": make.person(make.organisation("school"), "buyer_officer"),
        }


def lines(client: TestClient) -> list[UUID]:
    with database_of(client).reading() as tx:
        return list(tx.scalars(select(RosterLine.id).order_by(RosterLine.id)))


def test_a_list_goes_from_the_leader_to_the_agency_and_its_shares_to_the_group(
    client: TestClient, sides: dict[str, Person]
) -> None:
    with database_of(client).reading() as tx:
        agency = tx.scalars(select(Organisation).where(Organisation.kind == "attesting_agency")).one()
        group = tx.scalars(select(Organisation).where(Organisation.kind == "farmer_group")).one()
    enter(client, sides["leader"])
    day = today().isoformat()
    begun = client.post("/rosters", data={"attester_id": str(agency.id), "period_from": day, "period_until": day})
    assert begun.status_code == 303
    here = begun.headers["location"]
    again = client.post(
        "/rosters", data={"attester_id": str(agency.id), "period_from": day, "period_until": "2020-01-01"}
    )
    assert (again.status_code, "Begin a list" in again.text) == (422, True)
    assert client.post(f"{here}/members", data={"citizen_id": NUMBERS[0], "labour_days": "30"}).status_code == 303
    typed = client.post(f"{here}/members", data={"citizen_id": NUMBERS[1], "labour_days": "x", "member_no": "17"})
    assert typed.status_code == 422
    assert "17" in typed.text
    assert NUMBERS[1] not in typed.text
    csv = f"citizen_id,labour_days,member_no\n{NUMBERS[1]},30,2\n{NUMBERS[2]},40,3\n".encode()
    assert client.post(f"{here}/sheet", files={"sheet": ("members.csv", csv)}).status_code == 303
    assert client.post(f"{here}/sheet", data={"other": "1"}).status_code == 422
    assert client.post(f"{here}/steps/submit").status_code == 303
    page = client.get(here).text
    assert "With the agency" in page
    assert "Enter a household" not in page
    enter(client, sides["agency"])
    assert "Lists of members to attest" in client.get("/").text
    assert "Kale of Ban Dong" in client.get("/rosters").text
    first, second, third = lines(client)
    tiers = {f"tier-x{first.hex}": "1", f"tier-x{second.hex}": "4", f"tier-x{third.hex}": ""}
    assert client.post(f"{here}/tiers", data=tiers).status_code == 303
    assert client.post(f"{here}/tiers", data={f"tier-x{first.hex}": "9"}).status_code == 422
    assert client.post(f"{here}/tiers", data={f"tier-x{UUID(int=7).hex}": "1"}).status_code == 404
    assert "30.00 %" in client.get(here).text
    assert client.post(f"{here}/members/{third}/drop").status_code == 303
    assert client.post(f"{here}/steps/return", data={}).status_code == 422
    assert client.post(f"{here}/steps/attest").status_code == 303
    with database_of(client).reading() as tx:
        shares = tx.scalars(select(SocialShare).where(SocialShare.organisation_id == group.id)).all()
        assert {row.measure: row.attested_bp for row in shares}["labour_tier_1"] == 5000
        assert tx.scalars(select(Roster.state)).all() == ["attested"]
        assert len(tx.scalars(select(Household)).all()) == 3


def test_a_kitchen_finds_no_list_and_no_small_number_of_households(
    client: TestClient, sides: dict[str, Person]
) -> None:
    with database_of(client).reading() as tx:
        group = tx.scalars(select(Organisation).where(Organisation.kind == "farmer_group")).one()
    enter(client, sides["officer"])
    assert client.get("/rosters").status_code == 404
    assert "fewer than 5" in client.get(f"/organisations/{group.id}").text
    assert client.get(f"/api/v1/organisations/{group.id}").json()["member_households"] is None
    client.post("/sign-out")
    assert "fewer than 5" in client.get("/").text
    assert client.get("/households").status_code == 200
    enter(client, sides["leader"])
    assert "fewer than 5" not in client.get(f"/organisations/{group.id}").text
