"""Organisations: registering, qualifying, editing, with permissions and versions."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.events.models import Event
from service.events.rules import patch
from service.kernel.problems import EditConflict, NotAllowed, WrongState
from service.parties import actions
from service.parties.schemas import OrganisationEdit
from tests.make import Caller, Maker, making


def test_a_facilitator_qualifies_a_group_of_the_province_and_the_log_knows(tx: Session, make: Maker) -> None:
    group = make.organisation(state="submitted")
    facilitator = make.actor(make.organisation("provincial_company"), "facilitator")

    actions.step(tx, by=facilitator, organisation_id=group.id, to="qualified", reason="visited and found in order")

    assert group.state == "qualified"
    event = tx.scalars(select(Event).where(Event.subject_id == str(group.id))).one()
    assert (event.verb, event.change) == ("organisation.qualified", patch({"from": "submitted", "to": "qualified"}))


def test_a_facilitator_of_another_province_may_not(tx: Session, make: Maker) -> None:
    group = make.organisation(state="submitted")
    stranger = make.actor(make.organisation("provincial_company", place="520101"), "facilitator")
    with pytest.raises(NotAllowed):
        actions.step(tx, by=stranger, organisation_id=group.id, to="qualified", reason="no business here")


def test_a_refused_organisation_cannot_be_qualified(tx: Session, make: Maker) -> None:
    group = make.organisation(state="refused")
    facilitator = make.actor(make.organisation("provincial_company"), "facilitator")
    with pytest.raises(WrongState):
        actions.step(tx, by=facilitator, organisation_id=group.id, to="qualified", reason="second thoughts")


def test_an_edit_of_an_old_version_is_refused(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leader = make.actor(group, "supplier_manager")
    actions.edit(tx, by=leader, organisation_id=group.id, version=1, changes=OrganisationEdit(phone="0811111111"))
    tx.flush()
    with pytest.raises(EditConflict):
        actions.edit(tx, by=leader, organisation_id=group.id, version=1, changes=OrganisationEdit(phone="0822222222"))


@pytest.mark.postgres
def test_the_api_registers_once_under_one_key_and_edits_under_its_etag(market: TestClient) -> None:
    with making(market) as make:
        make.place("450101")
        officer = make.person(make.organisation("provincial_company"), "facilitator")
    caller = Caller(market, officer)
    body = {"kind": "farmer_group", "scheme": "TEST", "registration_id": "unique", "name_th": "กลุ่มใหม่",
            "subdistrict_code": "450101"}  # fmt: skip

    first = caller.post("/organisations", body, key="k1")
    again = caller.post("/organisations", body, key="k1")
    other = caller.post("/organisations", body | {"name_th": "อื่น"}, key="k1")
    duplicate = caller.post("/organisations", body)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    assert (duplicate.status_code, duplicate.json()["type"]) == (409, "/problems/duplicate")
    path = f"/organisations/{first.json()['id']}"
    assert caller.patch(path, {"phone": "0811111111"}, None).status_code == 428
    changed = caller.patch(path, {"phone": "0811111111"}, 1)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert caller.patch(path, {"phone": "0822222222"}, 1).status_code == 412
