"""Products: the importers' upsert, search by every name, and PUT."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.catalog import actions, queries
from service.catalog.models import Product
from service.catalog.rules import UnitIsFixed
from service.catalog.schemas import ProductIn
from service.events.models import Event
from service.kernel.actor import SYSTEM
from service.kernel.problems import NotAllowed, NotFound
from tests.make import Caller, Maker, making

RICE = {
    "code": "RICE-STICKY", "name_th": "ข้าวเหนียว", "name_en": "Sticky rice", "family": "agriculture", "unit": "KGM",
    "shelf_life_days": 180, "lead_time_days": 1,
    "aliases": [{"language": "en", "name": "Glutinous rice"}],
    "packs": [{"quantity": 5, "name_th": "ถุง", "name_en": "bag"}],
    "local_units": [{"name_th": "ถัง", "name_en": "tin", "factor_milli": 15000}],
    "grades": [{"code": "A", "rank": 1, "name_th": "ดี", "name_en": "good"}],
}  # fmt: skip


def put(tx: Session, **changes: object) -> tuple[Product, str]:
    return actions.put_product(tx, by=SYSTEM, draft=ProductIn.model_validate(RICE | changes))


def events_of(tx: Session, code: str) -> list[str]:
    return list(tx.scalars(select(Event.verb).where(Event.subject_id == code).order_by(Event.id)))


def test_an_importer_adds_then_changes_and_the_same_again_leaves_no_trace(tx: Session) -> None:
    assert put(tx)[1] == "added"
    assert put(tx)[1] == "same"
    row, done = put(tx, name_en="Sticky rice, milled", packs=[{"quantity": 25, "name_th": "กระสอบ", "name_en": "sack"}])

    assert (done, row.name_en, [pack.quantity for pack in row.packs]) == ("changed", "Sticky rice, milled", [25])
    assert events_of(tx, "RICE-STICKY") == ["product.added", "product.changed"]


def test_a_change_in_a_list_alone_is_a_new_version(tx: Session) -> None:
    before = put(tx)[0].version
    row, done = put(tx, aliases=[])
    tx.flush()
    assert (done, row.version) == ("changed", before + 1)


def test_grades_are_added_and_renamed_but_never_removed_since_offers_name_them(tx: Session) -> None:
    grade = put(tx)[0].grades[0].id
    put(tx, grades=[{"code": "B", "rank": 2, "name_th": "รอง", "name_en": "second"}])
    tx.flush()
    assert [(row.code, row.rank) for row in queries.product(tx, "RICE-STICKY").grades] == [("A", 1), ("B", 2)]
    assert queries.product(tx, "RICE-STICKY").grades[0].id == grade


def test_a_product_keeps_its_unit(tx: Session) -> None:
    put(tx)
    with pytest.raises(UnitIsFixed):
        put(tx, unit="LTR")


def test_a_farmer_may_not_edit_the_catalogue(tx: Session, make: Maker) -> None:
    with pytest.raises(NotAllowed):
        actions.put_product(tx, by=make.actor(make.organisation()), draft=ProductIn.model_validate(RICE))


@pytest.mark.parametrize("words", ["rice-st", "ข้าวเหนียว", "ขาวเหนียว", "glutinous", "STICKY", "stiky rice"])
def test_a_product_is_found_by_code_names_and_alias_even_misspelt(tx: Session, make: Maker, words: str) -> None:
    put(tx)
    make.product("EGG")
    tx.flush()
    assert [row.code for row in queries.products(tx, words=words)] == ["RICE-STICKY"]


def test_products_are_filtered_by_family_and_the_inactive_are_left_out(tx: Session, make: Maker) -> None:
    put(tx)
    make.product("CLEANING", family="service", unit="DAY")
    make.product("OLD", active=False)
    assert [row.code for row in queries.products(tx)] == ["CLEANING", "RICE-STICKY"]
    assert [row.code for row in queries.products(tx, family="service")] == ["CLEANING"]


def test_an_unknown_product_is_not_found(tx: Session) -> None:
    with pytest.raises(NotFound):
        queries.product(tx, "NOTHING")


def operator(client: TestClient) -> Caller:
    with making(client) as make:
        person = make.person(make.organisation("operator"))
    return Caller(client, person)


@pytest.mark.postgres
def test_put_adds_without_a_version_and_changes_only_under_one(market: TestClient) -> None:
    caller = operator(market)
    body = {name: value for name, value in RICE.items() if name != "code"}

    added = caller.put("/products/RICE-STICKY", body)
    assert (added.status_code, added.headers["etag"]) == (200, '"1"')
    assert caller.put("/products/RICE-STICKY", body).status_code == 428
    changed = caller.put("/products/RICE-STICKY", body | {"packs": []}, 1)
    assert (changed.status_code, changed.json()["packs"], changed.headers["etag"]) == (200, [], '"2"')
    assert caller.put("/products/RICE-STICKY", body, 1).status_code == 412
    assert caller.put("/products/OTHER", body, 1).status_code == 412
    assert caller.get("/products/RICE-STICKY").json()["local_units"][0]["factor_milli"] == 15000


@pytest.mark.parametrize(
    "wrong",
    [{"family": "gold"}, {"unit": "TON"}, {"name_th": ""}, {"name_en": "x" * 161}, {"shelf_life_days": -1},
     {"lead_time_days": 10**12}, {"packs": [{"quantity": 0, "name_th": "ถุง", "name_en": "bag"}]},
     {"local_units": [{"name_th": "ถัง", "name_en": "tin", "factor_milli": -5}]}, {"grades": [{"code": "A"}]},
     {"packs": [RICE["packs"][0], RICE["packs"][0]]}, {"price": 5}],  # type: ignore[index]
)  # fmt: skip
def test_a_wrong_product_is_refused_and_nothing_is_written(client: TestClient, wrong: dict[str, object]) -> None:
    caller = operator(client)
    body = {name: value for name, value in RICE.items() if name != "code"}
    answer = caller.put("/products/RICE-STICKY", body | wrong)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-input")
    assert answer.json()["errors"]
    assert caller.get("/products/RICE-STICKY").status_code == 404


def test_the_list_goes_on_from_its_cursor(client: TestClient) -> None:
    with making(client) as make:
        for number in range(5):
            make.product(f"P-{number}")
    first = client.get("/api/v1/products?limit=3").json()
    second = client.get(f"/api/v1/products?limit=3&cursor={first['next']}").json()
    assert [item["code"] for item in first["items"] + second["items"]] == [f"P-{number}" for number in range(5)]
    assert second["next"] is None
