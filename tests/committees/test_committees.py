"""Committees of demands: proposed, named, checked again at approval, carried to a copy; as action, API and page."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.committees import known as committees
from service.committees.models import Seat
from service.committees.rules import CommitteeMissing, CommitteeUnfit
from service.committees.schemas import CommitteeIn
from service.demand import actions, known
from service.demand.models import Demand
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.problems import EditConflict, NotAllowed, WrongState
from service.parties.models import Organisation
from service.people.models import Membership
from tests.make import Caller, Maker, making


class Kitchen:
    """A hospital with a large draft (220,000 baht), its officer and head, and five colleagues."""

    def __init__(self, make: Maker) -> None:
        self.hospital: Organisation = make.organisation("hospital")
        self.officer, self.head = (make.actor(self.hospital, role) for role in ("buyer_officer", "buyer_head"))
        self.inspectors = [make.person(self.hospital, "inspector") for _ in range(3)]
        self.other = make.person(self.hospital, "buyer_officer")
        self.demand = make.demand(self.hospital, [make.line(quantity=10_000)], created_by=self.officer.person_id)

    def seats(self, *kinds: str) -> CommitteeIn:
        """The inspectors, and then the other officer, in seats of these kinds."""
        people = [*self.inspectors, self.other]
        named = [{"person_id": one.id, "kind": kind} for one, kind in zip(people, kinds, strict=False)]
        return CommitteeIn.model_validate({"seats": named})


@pytest.fixture
def kitchen(make: Maker) -> Kitchen:
    return Kitchen(make)


def name(tx: Session, by: Actor, row: Demand, draft: CommitteeIn) -> None:
    actions.name_committee(tx, by=by, demand_id=row.id, version=row.version, draft=draft)
    tx.flush()


def test_inspectors_are_proposed_first_and_whoever_approves_never(tx: Session, kitchen: Kitchen) -> None:
    bench = known.bench(tx, kitchen.demand)
    assert bench.missing
    assert [seat.kind for seat in bench.seats] == ["chair", "member", "member", "substitute"]
    assert {seat.person_id for seat in bench.seats[:3]} == {one.id for one in kitchen.inspectors}
    assert kitchen.head.person_id not in {one.id for one in bench.eligible}


def test_a_large_total_is_approved_only_with_its_committee(tx: Session, kitchen: Kitchen) -> None:
    row = kitchen.demand
    with pytest.raises(CommitteeMissing):
        actions.approve(tx, by=kitchen.head, demand_id=row.id, version=row.version)
    seen = row.version
    name(tx, kitchen.officer, row, kitchen.seats("chair", "member", "member", "substitute"))
    with pytest.raises(EditConflict):  # the head approves what was read, the committee included
        actions.approve(tx, by=kitchen.head, demand_id=row.id, version=seen)
    actions.approve(tx, by=kitchen.head, demand_id=row.id, version=row.version)
    assert row.state == "planned"
    event = tx.scalars(select(Event).where(Event.verb == "demand.committee_named")).one()
    assert event.subject_id == str(row.id)
    with pytest.raises(WrongState):
        name(tx, kitchen.officer, row, kitchen.seats("chair", "member", "member"))


def test_somebody_who_leaves_makes_it_unfit_until_it_is_named_anew(tx: Session, kitchen: Kitchen) -> None:
    row = kitchen.demand
    name(tx, kitchen.officer, row, kitchen.seats("chair", "member", "member"))
    gone = kitchen.inspectors[1].id
    for membership in tx.scalars(select(Membership).where(Membership.person_id == gone)):
        membership.active = False
    tx.flush()
    with pytest.raises(CommitteeUnfit):
        actions.approve(tx, by=kitchen.head, demand_id=row.id, version=row.version)
    del kitchen.inspectors[1]
    name(tx, kitchen.officer, row, kitchen.seats("chair", "member", "member"))
    assert tx.scalar(select(func.count()).select_from(Seat)) == 3
    actions.approve(tx, by=kitchen.head, demand_id=row.id, version=row.version)


def test_a_copy_has_a_committee_of_its_own(tx: Session, kitchen: Kitchen) -> None:
    row = kitchen.demand
    name(tx, kitchen.officer, row, kitchen.seats("chair", "member", "member"))
    made = actions.copy(tx, by=kitchen.officer, demand_id=row.id, week=row.delivery_week)
    assert made.committee_id not in {None, row.committee_id}
    copied = committees.committee(tx, made.committee_id)
    assert copied is not None
    assert [seat.person_id for seat in copied.seats] == [one.id for one in kitchen.inspectors]


def test_inspectors_do_not_name_themselves(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    with pytest.raises(NotAllowed):
        name(tx, make.actor(kitchen.hospital, "inspector"), kitchen.demand, kitchen.seats("chair", "member", "member"))


def test_the_api_names_it_and_refuses_bad_seats_without_writing(client: TestClient) -> None:
    with making(client) as make:
        kitchen = Kitchen(make)
        stranger = make.person(make.organisation("school"))
        officer, outsider = (make.person(kitchen.hospital, "buyer_officer"), make.person(make.organisation("school")))
        path = f"/demands/{kitchen.demand.id}/committee"
        good = kitchen.seats("chair", "member", "member").model_dump(mode="json")
    caller = Caller(client, officer)
    proposed = caller.get(path).json()
    assert (proposed["proposed"], proposed["rule"]["least"], proposed["version"]) == (True, 3, 1)
    someone = good["seats"][0]["person_id"]
    bad: list[Any] = [
        {}, {"seats": []}, {"seats": "all"}, {"seats": good["seats"][:2]}, {"seats": [{"kind": "chair"}]},
        {"seats": [{"person_id": someone, "kind": "king"}]}, {"seats": good["seats"] * 10},
        {"seats": [*good["seats"][:2], {"person_id": str(stranger.id), "kind": "member"}]},
        {"seats": [*good["seats"][:2], {"person_id": str(uuid4()), "kind": "member"}]},
        good | {"chair": someone},
    ]  # fmt: skip
    for body in bad:
        assert caller.put(path, body, version=1).status_code == 422, body
    assert caller.put(path, good).status_code == 428
    assert Caller(client, outsider).get(path).status_code == 404
    named = caller.put(path, good, version=1)
    assert (named.status_code, named.json()["proposed"], named.json()["version"]) == (200, False, 2)
    assert caller.put(path, good, version=1).status_code == 412


def test_the_page_proposes_and_saves(client: TestClient) -> None:
    with making(client) as make:
        kitchen = Kitchen(make)
        officer = make.person(kitchen.hospital, "buyer_officer")
        people = [str(one.id) for one in kitchen.inspectors]
        path = f"/demands/{kitchen.demand.id}"
    caller = Caller(client, officer)
    page = client.get(f"{path}/committee?", headers=caller.headers).text
    assert "at least 3 people inspect" in page or "อย่างน้อย 3 คน" in page
    form = {"_version": "1", "chair": people[0], "member": [people[1], ""], "substitute": ["", ""]}
    refused = client.post(f"{path}/committee", data=form, headers=caller.headers)
    assert refused.status_code == 422
    form["member"] = people[1:]
    saved = client.post(f"{path}/committee", data=form, headers=caller.headers)  # fmt: skip
    assert (saved.status_code, saved.headers["location"]) == (303, path)
    assert kitchen.inspectors[0].display_name in client.get(path, headers=caller.headers).text
