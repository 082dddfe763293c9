"""The API of awards and orders: the way of an answer, versions, who sees what, and that bad input writes nothing."""

from functools import cached_property
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from service.events.models import Event
from service.orders.models import Order, OrderLine
from service.parties.models import Organisation, SupplierIncome
from service.rounds.models import AwardLine
from tests.make import Caller, database_of, making

UNKNOWN = "00000000-0000-7000-8000-000000000000"


class Scene:
    """A group with an award of two lines from a hospital, another award of the group's, and onlookers."""

    def __init__(self, client: TestClient, hours: float = 24) -> None:
        with making(client) as make:
            group = make.organisation(phone="081 000 0001", contact_name="Leader")
            hospital = make.organisation("hospital", phone="043 000 0002", lat=16.2, lng=103.8)
            round_ = make.published_round()
            award = make.published_award(group, hospital, lines=((40, 2033), (15, 1999)), round_=round_, hours=hours)
            other = make.published_award(group, round_=round_)
            self.path = f"/awards/{award.id}"
            self.lines = [str(line.id) for line in award.lines]
            self.foreign_line = str(other.lines[0].id)
            self.people = {
                "leader": make.person(group, "supplier_manager"),
                "member": make.person(group, "supplier_member"),
                "buyer": make.person(hospital, "buyer_officer"),
                "stranger": make.person(make.organisation()),
                "facilitator": make.person(make.organisation("provincial_company"), "facilitator"),
                "far": make.person(make.organisation("provincial_company", place="520101"), "facilitator"),
                "centre": make.person(make.organisation("service_centre")),
            }
        self.client, self.database = client, database_of(client)

    def __call__(self, who: str) -> Caller:
        return Caller(self.client, self.people[who])

    @cached_property
    def leader(self) -> Caller:
        return self("leader")

    def full(self, place: int = 0) -> dict[str, Any]:
        return {"award_line_id": self.lines[place], "answer": "accepted"}

    def answer(self, *lines: Any, **options: Any) -> Any:
        return self.leader.post(f"{self.path}/answers", {"lines": list(lines)}, **{"version": 1, **options})

    def rows(self) -> tuple[int, ...]:
        with self.database.reading() as tx:
            counts = [tx.scalar(select(func.count()).select_from(t)) or 0 for t in (Order, OrderLine, SupplierIncome)]
            answered = select(func.count()).where(AwardLine.answer.is_not(None))
            events = select(func.count()).where(Event.verb.regexp_match("^(award|order|run|demand)"))
            return (*counts, tx.scalar(answered) or 0, tx.scalar(events) or 0)


@pytest.fixture
def scene(client: TestClient) -> Scene:
    return Scene(client)


@pytest.mark.postgres
def test_an_award_is_read_answered_once_under_one_key_and_becomes_an_order(market: TestClient) -> None:
    scene = Scene(market)
    seen = scene.leader.get(scene.path)
    assert (seen.status_code, seen.headers["etag"]) == (200, '"1"')
    award = seen.json()
    assert (award["state"], award["open"], award["total_satang"], award["order_id"]) == ("pending", True, 111_305, None)
    assert 86_000 < award["seconds_left"] <= 86_400
    assert award["km"] == 30.1
    assert award["buyer"]["district"]["code"] == "4501"
    assert award["lines"][0]["product"]["unit"] == "KGM"
    assert [line["pack_quantity"] for line in award["lines"]] == [5, 5]

    part = {"award_line_id": scene.lines[1], "answer": "partially_accepted", "quantity": 10, "reason": "labour"}
    first = scene.answer(scene.full(), part, key="once")
    again = scene.answer(scene.full(), part, key="once")
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (first.json()["state"], first.json()["accepted_satang"]) == ("active", 40 * 2033 + 10 * 1999)

    order = scene("buyer").get(f"/orders/{first.json()['order_id']}")
    assert order.status_code == 200
    assert order.json()["number"] == first.json()["order_number"]
    assert order.json()["total_satang"] == 101_310
    assert [line["quantity"] for line in order.json()["lines"]] == [40, 10]
    assert order.json()["supplier_contact"]["phone"] == "081 000 0001"
    assert order.json()["buyer_contact"]["phone"] == "043 000 0002"


def test_a_second_answer_meets_the_version_and_then_the_rule(scene: Scene) -> None:
    decline = {"award_line_id": scene.lines[0], "answer": "declined", "reason": "too_far", "note": "flooded road"}
    assert scene.answer(decline).status_code == 200
    assert scene.answer(scene.full()).status_code == 412
    refused = scene.answer(scene.full(), version=2)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/already-answered")
    line = scene.leader.get(scene.path).json()["lines"][0]
    assert (line["answer"], line["decline_reason"], line["answer_note"]) == ("declined", "too_far", "flooded road")


def test_a_late_answer_is_refused(client: TestClient) -> None:
    scene = Scene(client, hours=-1)
    refused = scene.answer(scene.full())
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-late")
    assert "256" in refused.json()["th"]["detail"]  # the year in the Buddhist era


def test_an_answer_needs_the_version_that_was_read(scene: Scene) -> None:
    body = {"lines": [scene.full()]}
    assert scene.leader.post(f"{scene.path}/answers", body).status_code == 428
    assert scene.answer(scene.full(), version=7).status_code == 412


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"answer": "accepted"}, "/lines/0/award_line_id"),
        ({"award_line_id": "x", "answer": "accepted"}, "/lines/0/award_line_id"),
        ({"award_line_id": UNKNOWN, "answer": "accepted"}, "/lines/0/award_line_id"),
        ({"award_line_id": "foreign", "answer": "accepted"}, "/lines/0/award_line_id"),
        ({"award_line_id": "mine"}, "/lines/0/answer"),
        ({"award_line_id": "mine", "answer": "perhaps"}, "/lines/0/answer"),
        ({"award_line_id": "mine", "answer": "expired"}, "/lines/0/answer"),
        ({"award_line_id": "mine", "answer": "accepted", "quantity": 5}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "accepted", "reason": "price"}, "/lines/0/reason"),
        ({"award_line_id": "mine", "answer": "declined"}, "/lines/0/reason"),
        ({"award_line_id": "mine", "answer": "declined", "reason": "boredom"}, "/lines/0/reason"),
        ({"award_line_id": "mine", "answer": "declined", "reason": "price", "quantity": 5}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "declined", "reason": "price", "note": "x" * 501}, "/lines/0/note"),
        ({"award_line_id": "mine", "answer": "partially_accepted"}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "partially_accepted", "quantity": "much"}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "partially_accepted", "quantity": 5.5}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "partially_accepted", "quantity": -5}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "partially_accepted", "quantity": 0}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "partially_accepted", "quantity": 7}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "partially_accepted", "quantity": 40}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "partially_accepted", "quantity": 10**30}, "/lines/0/quantity"),
        ({"award_line_id": "mine", "answer": "accepted", "price_satang": 1}, "/lines/0/price_satang"),
        ("accepted", "/lines/0"),
    ],
)
def test_a_bad_answer_names_its_field_and_writes_nothing(scene: Scene, line: Any, pointer: str) -> None:
    named = {"mine": scene.lines[0], "foreign": scene.foreign_line}
    if isinstance(line, dict) and line.get("award_line_id") in named:
        line = line | {"award_line_id": named[line["award_line_id"]]}
    before = scene.rows()
    refused = scene.answer(line, scene.full(1))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-input")
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert scene.rows() == before


@pytest.mark.parametrize("body", [None, {}, [], {"lines": None}, {"lines": []}, {"lines": "all"}, {"all": True}])
def test_a_body_without_answers_is_refused(scene: Scene, body: Any) -> None:
    before = scene.rows()
    assert scene.leader.post(f"{scene.path}/answers", body, version=1).status_code == 422
    assert scene.rows() == before


def test_a_line_is_not_answered_twice_in_one_call(scene: Scene) -> None:
    before = scene.rows()
    assert scene.answer(scene.full(), scene.full()).status_code == 422
    assert scene.answer(*[scene.full()] * 201).status_code == 422
    assert scene.rows() == before


def test_who_may_answer_and_who_finds_nothing(scene: Scene) -> None:
    before = scene.rows()
    expected = {"stranger": 404, "far": 404, "member": 403, "buyer": 403, "facilitator": 403, "centre": 403}
    for who, status in expected.items():
        caller = scene(who)
        answer = caller.post(f"{scene.path}/answers", {"lines": [scene.full()]}, version=1)
        assert (who, answer.status_code) == (who, status)
        assert caller.get(scene.path).status_code == (404 if status == 404 else 200)
    assert scene.rows() == before
    unknown = scene.leader.post(f"/awards/{UNKNOWN}/answers", {"lines": [scene.full()]}, version=1)
    assert unknown.status_code == 404


def test_lists_hold_what_the_reader_may_know_by_state_and_waiting(scene: Scene) -> None:
    assert len(scene.leader.get("/awards").json()["items"]) == 2
    assert len(scene("buyer").get("/awards").json()["items"]) == 1
    assert scene("stranger").get("/awards").json() == {"items": [], "next": None}
    scene.answer(scene.full(0), scene.full(1))
    assert [award["state"] for award in scene.leader.get("/awards?open=true").json()["items"]] == ["pending"]
    assert [award["state"] for award in scene.leader.get("/awards?open=false").json()["items"]] == ["active"]
    assert len(scene.leader.get("/awards?state=active").json()["items"]) == 1
    assert scene.leader.get("/awards?state=lost").status_code == 422
    first = scene.leader.get("/awards?limit=1").json()
    rest = scene.leader.get(f"/awards?limit=1&cursor={first['next']}").json()
    assert rest["next"] is None
    assert first["items"][0]["id"] != rest["items"][0]["id"]
    for who, number in (("leader", 1), ("buyer", 1), ("facilitator", 1), ("stranger", 0), ("far", 0)):
        orders = scene(who).get("/orders").json()["items"]
        assert (who, len(orders)) == (who, number)


def test_an_order_is_unknown_to_strangers_and_shows_contacts_to_its_sides(scene: Scene) -> None:
    order_id = scene.answer(scene.full()).json()["order_id"]
    assert scene("stranger").get(f"/orders/{order_id}").status_code == 404
    assert scene("far").get(f"/orders/{order_id}").status_code == 404
    assert scene.leader.get(f"/orders/{UNKNOWN}").status_code == 404
    assert scene("member").get(f"/orders/{order_id}").json()["buyer_contact"]["phone"] == "043 000 0002"
    assert scene.client.get(f"/api/v1/orders/{order_id}").status_code == 401


def test_prices_and_contacts_stay_out_of_the_events(scene: Scene) -> None:
    scene.answer(scene.full())
    with scene.database.reading() as tx:
        changes = [str(event.change) for event in tx.scalars(select(Event))]
        phones = list(tx.scalars(select(Organisation.phone).where(Organisation.phone != "")))
    assert not [change for change in changes if "price" in change or any(phone in change for phone in phones)]
