"""The listings' API: versions, keys, filters, sealed prices, and refusals that write nothing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from service.kernel.clock import today, week_of
from service.listings.models import Offer
from tests.make import Caller, database_of, making, next_week


def body(**changes: Any) -> dict[str, Any]:
    first = next_week()
    lot = {"harvest_from": first.isoformat(), "harvest_until": (first + timedelta(days=4)).isoformat(),
           "capacity_day": 20, "capacity_week": 60}  # fmt: skip
    given = {"product_code": "MORNING-GLORY", "price_satang": 2345, "pack_quantity": 5, "minimum_quantity": 10}
    return given | {"lots": [lot]} | changes


def people(client: TestClient) -> tuple[Caller, Caller]:
    """A leader and a buyer of one province."""
    with making(client) as make:
        make.product()
        leader = make.person(make.organisation(), "supplier_manager")
        buyer = make.person(make.organisation("school"), "buyer_officer")
    return Caller(client, leader), Caller(client, buyer)


@pytest.mark.postgres
def test_an_offer_goes_from_draft_to_the_market_and_off_it(market: TestClient) -> None:
    leader, buyer = people(market)
    posted = leader.post("/offers", body(), key="k1")
    assert (posted.status_code, posted.headers["etag"], posted.json()["state"]) == (201, '"1"', "draft")
    assert leader.post("/offers", body(), key="k1").json() == posted.json()
    path = f"/offers/{posted.json()['id']}"
    assert buyer.get(path).status_code == 404

    assert leader.patch(path, {"price_satang": 2400}, None).status_code == 428
    assert leader.patch(path, {"price_satang": 2400}, 1).headers["etag"] == '"2"'
    assert leader.patch(path, {"price_satang": 2500}, 1).status_code == 412
    assert leader.post(f"{path}/publish", version=2).json()["state"] == "active"
    assert leader.get(path).headers["etag"] == '"3"'
    assert buyer.get(path).json()["price_satang"] is None
    assert leader.post(f"{path}/suspend", {}, version=3).json()["state"] == "suspended"
    assert leader.post(f"{path}/resume", version=4).json()["state"] == "active"
    assert leader.post(f"{path}/withdraw", {"reason": "sold at the gate"}, version=5).json()["state"] == "withdrawn"
    refused = leader.post(f"{path}/publish", version=6)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/wrong-state")


@pytest.mark.postgres
def test_the_list_filters_pages_and_seals(market: TestClient) -> None:
    leader, buyer = people(market)
    with making(market) as make:
        other = make.organisation()
        for code in ("MORNING-GLORY", "EGG"):
            make.offer(other, make.product(code))
        make.offer(other, state="draft")
    leader.post("/offers", body())

    seen = buyer.get("/offers").json()["items"]
    assert [item["state"] for item in seen] == ["active", "active"]
    assert all(item["price_satang"] is None and item["lots"] is None for item in seen)
    assert len(buyer.get("/offers?product=EGG&province=45").json()["items"]) == 1
    assert buyer.get("/offers?province=52").json()["items"] == []
    assert [item["price_satang"] for item in leader.get("/offers?mine=true").json()["items"]] == [2345]
    assert [item["state"] for item in leader.get("/offers?state=draft").json()["items"]] == ["draft"]
    first = buyer.get("/offers?limit=1").json()
    assert buyer.get(f"/offers?limit=1&cursor={first['next']}").json()["items"][0]["id"] == seen[1]["id"]
    by_price = [item["id"] for item in buyer.get("/offers?sort=price_satang&price_satang=2000").json()["items"]]
    assert by_price == [item["id"] for item in seen]


def test_repeating_last_week_answers_what_was_copied_and_nothing_the_second_time(client: TestClient) -> None:
    week = week_of(today())
    with making(client) as make:
        group = make.organisation()
        make.offer(group, lots=[(week, week, 20, 20)])
        leader = make.person(group)
    caller = Caller(client, leader)
    assert len(caller.post("/offers/repeat-last-week", {}).json()) == 1
    assert caller.post("/offers/repeat-last-week", {}).json() == []


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"product_code": "NONE"}, 422), ({"price_satang": 0}, 422), ({"price_satang": -5}, 422),
     ({"price_satang": 10**14}, 422), ({"price_satang": 20.5}, 422), ({"price_satang": None}, 422),
     ({"minimum_quantity": -1}, 422), ({"minimum_quantity": 12}, 409), ({"minimum_quantity": 25}, 409),
     ({"pack_quantity": 0}, 422), ({"reach_km": 0}, 422), ({"reach_km": 5000}, 422), ({"lots": "many"}, 422),
     ({"lots": [{"harvest_from": "2026-13-01"}]}, 422), ({"lots": [body()["lots"][0]] * 41}, 422),
     ({"grade_id": "00000000-0000-7000-8000-000000000000"}, 409),
     ({"certificate_ids": ["00000000-0000-7000-8000-000000000000"]}, 409),
     ({"organisation_id": "00000000-0000-7000-8000-000000000000"}, 404), ({"state": "active"}, 422)],
)  # fmt: skip
def test_a_wrong_offer_is_refused_with_words_and_nothing_is_written(
    client: TestClient, wrong: dict[str, Any], status: int
) -> None:
    leader, _ = people(client)
    answer = leader.post("/offers", body(**wrong))
    assert answer.status_code == status
    assert answer.json()["detail"]
    with database_of(client).reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Offer)) == 0


def test_an_offer_for_another_group_is_not_allowed(client: TestClient) -> None:
    leader, buyer = people(client)
    with making(client) as make:
        other = str(make.organisation().id)
    assert leader.post("/offers", body(organisation_id=other)).status_code == 403
    assert buyer.post("/offers", body()).status_code == 403


def test_the_wrong_field_of_a_lot_is_pointed_at(client: TestClient) -> None:
    leader, _ = people(client)
    lot = body()["lots"][0]
    answer = leader.post("/offers", body(lots=[lot, lot | {"capacity_week": 1000}]))
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/lots/1"]
