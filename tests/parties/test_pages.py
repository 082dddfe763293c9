"""Pages of organisations: found, registered, edited, stepped, attested, without a script."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer_group
from starlette.testclient import TestClient

from service.kernel.clock import today
from service.parties.models import Conflict, District, Organisation, SocialShare
from service.people.models import Person
from tests.make import PASSWORD, database_of, making


def enter(client: TestClient, person: Person) -> None:
    client.post("/sign-out")
    client.cookies.set("lang", "en")
    assert client.post("/sign-in", data={"username": person.username, "password": PASSWORD}).status_code == 303


@pytest.fixture
def people(client: TestClient) -> dict[str, Person]:
    """A facilitator, a group's leader and an attester of one province."""
    with making(client) as make:
        group = make.organisation(name_en="Kale of Ban Dong", state="submitted", phone="0811111111")
        make.organisation("school", name_en="School 100%")
        make.organisation("school", place="520101", name_en="School far away")
        return {
            "facilitator": make.person(make.organisation("provincial_company"), "facilitator"),
            "leader": make.person(group, "supplier_manager"),
            "attester": make.person(make.organisation("attesting_agency"), "attester"),
        }


def group_of(client: TestClient) -> Organisation:
    with database_of(client).reading() as tx:
        found = select(Organisation).where(Organisation.name_en == "Kale of Ban Dong")
        return tx.scalars(found.options(undefer_group("contact"))).one()


def test_organisations_are_found_by_word_kind_and_province(client: TestClient, people: dict[str, Person]) -> None:
    enter(client, people["facilitator"])
    home = client.get("/organisations").text
    assert "Kale of Ban Dong" in home
    assert "School far away" not in home
    assert "School far away" in client.get("/organisations?province=&kind=school").text
    groups, kitchens = (client.get(f"/organisations?province=&kind={side}").text for side in ("groups", "kitchens"))
    assert ("Kale of Ban Dong" in groups, "School far away" in groups) == (True, False)
    assert ("Kale of Ban Dong" in kitchens, "School far away" in kitchens) == (False, True)
    assert "Kale of Ban Dong" in client.get("/organisations?words=KALE").text
    only = client.get("/organisations?words=100%25").text
    assert "School 100%" in only
    assert "Kale" not in only
    assert "Nothing found" in client.get("/organisations?words=zzz").text
    for nonsense in ("kind=queen", "state=king", "province=%20", "words=_"):
        assert client.get(f"/organisations?{nonsense}").status_code == 200
    assert client.get("/organisations?words=%00").status_code == 422
    assert client.get("/organisations?cursor=rubbish").status_code == 422


def test_a_long_list_goes_on_with_the_same_question(client: TestClient, people: dict[str, Person]) -> None:
    with making(client) as make:
        for _ in range(60):
            make.organisation("prison")
    enter(client, people["facilitator"])
    page = client.get("/organisations?kind=prison&words=Organisation").text
    link = re.search(r'rel="next" href="([^"]+)"', page)
    assert link is not None
    following = client.get(link[1].replace("&amp;", "&")).text
    assert (page.count('<li class="card">'), following.count('<li class="card">')) == (50, 10)


def test_an_organisation_shows_its_place_on_a_map_and_its_contact_to_those_who_may(
    client: TestClient, people: dict[str, Person]
) -> None:
    with database_of(client).writing() as tx:
        ring = [[103.5, 16.0], [103.8, 16.0], [103.8, 16.2], [103.5, 16.0]]
        tx.get_one(District, "4501").outline = [[ring]]
    path = f"/organisations/{group_of(client).id}"
    enter(client, people["facilitator"])
    page = client.get(path).text
    assert 'class="lit"' in page
    assert 'class="here"' in page
    assert "0811111111" in page
    enter(client, people["attester"])
    assert "0811111111" not in client.get(path).text


def test_a_facilitator_registers_in_two_steps(client: TestClient, people: dict[str, Person]) -> None:
    enter(client, people["facilitator"])
    assert "Place 450101" in client.get("/organisations/new?district=4501").text
    form = {
        "subdistrict_code": "450101",
        "kind": "farmer_group",
        "name_th": "กลุ่มใหม่",
        "scheme": "SVC",
        "registration_id": "77",
    }
    refused = client.post("/organisations/new?district=4501", data={**form, "heads": "-3", "phone": "call me"})
    assert refused.status_code == 422
    assert 'value="กลุ่มใหม่"' in refused.text
    assert refused.text.count('class="wrong"') == 2
    made = client.post("/organisations/new?district=4501", data=form)
    assert made.status_code == 303
    assert "กลุ่มใหม่" in client.get(made.headers["location"]).text
    assert client.post("/organisations/new", data={**form, "subdistrict_code": "520101"}).status_code == 403
    enter(client, people["leader"])
    assert client.get("/organisations/new").status_code == 403


def test_a_facilitator_qualifies_with_a_reason_and_a_leader_does_not(
    client: TestClient, people: dict[str, Person]
) -> None:
    path = f"/organisations/{group_of(client).id}"
    enter(client, people["leader"])
    assert "Change the state" not in client.get(path).text
    assert client.post(f"{path}/steps", data={"to": "qualified", "reason": "I say so"}).status_code == 403
    enter(client, people["facilitator"])
    assert client.post(f"{path}/steps", data={"to": "qualified"}).status_code == 422
    assert client.post(f"{path}/steps", data={"to": "submitted", "reason": "back"}).status_code == 422
    assert client.post(f"{path}/steps", data={"to": "qualified", "reason": "visited"}).status_code == 303
    assert group_of(client).state == "qualified"
    assert "visited" in client.get(path).text
    enter(client, people["attester"])
    assert "visited" not in client.get(path).text


def test_a_leader_edits_empties_a_field_and_never_overwrites_another(
    client: TestClient, people: dict[str, Person]
) -> None:
    path = f"/organisations/{group_of(client).id}/edit"
    enter(client, people["leader"])
    assert 'value="0811111111"' in client.get(path).text
    form = {"version": "1", "name_th": "กลุ่มเดิม", "phone": "", "member_households": "25"}
    assert client.post(path, data=form).status_code == 303
    group = group_of(client)
    assert (group.phone, group.member_households, group.version) == ("", 25, 2)
    assert client.post(path, data=form).status_code == 412
    assert client.post(path, data={**form, "version": "x"}).status_code == 422
    enter(client, people["attester"])
    assert client.get(path).status_code == 403


def test_a_declared_share_counts_half_and_an_attested_one_in_full(
    client: TestClient, people: dict[str, Person]
) -> None:
    path = f"/organisations/{group_of(client).id}/shares"
    enter(client, people["leader"])
    form = {"measure": "labour_tier_1", "valid_from": str(today()), "valid_until": str(today() + timedelta(days=300))}
    for wrong in ("", "101", "-1", "12.345", "half", "1e2"):
        assert client.post(path, data={**form, "declared_bp": wrong}).status_code == 422
    assert client.post(path, data={**form, "declared_bp": "40.5"}).status_code == 303
    assert "20.25 %" in client.get(path).text
    with database_of(client).reading() as tx:
        share = tx.scalars(select(SocialShare)).one()
    attest = f"{path}/{share.id}/attestation"
    assert client.post(attest, data={"attested_bp": "30", "evidence": "wage book seen"}).status_code == 403
    enter(client, people["attester"])
    assert client.post(attest, data={"attested_bp": "30"}).status_code == 422
    assert client.post(attest, data={"attested_bp": "30", "evidence": "wage book seen"}).status_code == 303
    page = client.get(path).text
    assert "35.25 %" in page
    assert 'class="attested" x="0" y="0" width="300.0"' in page


def test_a_leader_finds_the_other_side_and_declares_a_conflict(client: TestClient, people: dict[str, Person]) -> None:
    path = f"/organisations/{group_of(client).id}/conflicts"
    enter(client, people["leader"])
    page = client.get(f"{path}?words=School").text
    other = re.search(r'<option value="([0-9a-f-]{36})">School 100%', page)
    assert other is not None
    form = {"other_id": other[1], "reason": "my sister cooks there", "valid_from": str(today())}
    assert client.post(path, data={**form, "reason": ""}).status_code == 422
    assert client.post(f"{path}?words=School", data=form).status_code == 303
    assert client.post(path, data=form).status_code == 409
    assert "my sister cooks there" in client.get(path).text
    with database_of(client).reading() as tx:
        assert len(tx.scalars(select(Conflict)).all()) == 1


@pytest.mark.parametrize("page", ["", "/edit", "/shares", "/people", "/conflicts"])
def test_an_organisation_that_is_not_there_is_not_found(
    page: str, client: TestClient, people: dict[str, Person]
) -> None:
    enter(client, people["facilitator"])
    assert client.get(f"/organisations/00000000-0000-0000-0000-000000000000{page}").status_code == 404
    assert client.get(f"/organisations/rubbish{page}").status_code in {404, 422}
