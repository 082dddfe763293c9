"""Pages of offers: posting in local units, saving, steps, repeating; what others see."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.catalog.models import LocalUnit
from service.kernel.clock import today, week_of
from service.listings.models import WHOLE_OFFER, Offer
from service.parties.models import Organisation
from service.people.models import Person
from tests.make import PASSWORD, database_of, making, next_week


def signed_in(client: TestClient, person: Person) -> TestClient:
    client.cookies.set("lang", "en")
    assert client.post("/sign-in", data={"username": person.username, "password": PASSWORD}).status_code == 303
    return client


@pytest.fixture
def group(client: TestClient) -> Organisation:
    """A group whose leader is signed in; bunches of 500 g are a local unit."""
    with making(client) as make:
        made = make.organisation()
        product = make.product()
        make.add(LocalUnit(product_code=product.code, name_th="กำ", name_en="bunch", factor_milli=500))
        leader = make.person(made, "supplier_manager")
    signed_in(client, leader)
    return made


def form(**changes: Any) -> dict[str, Any]:
    first = next_week()
    given = {"price": "24.50", "pack_quantity": "5", "reach_km": "60", "minimum_quantity": "0",
             "lots-0-harvest_from": f"{first}", "lots-0-harvest_until": f"{first + timedelta(days=1)}",
             "lots-0-capacity_day": "20", "lots-1-harvest_from": "", "lots-1-capacity_day": ""}  # fmt: skip
    return given | changes


def offers(client: TestClient) -> list[Offer]:
    with database_of(client).reading() as tx:
        return list(tx.scalars(select(Offer).options(*WHOLE_OFFER).order_by(Offer.id)))


def test_a_leader_posts_on_the_market_with_few_fields(client: TestClient, group: Organisation) -> None:
    assert "/listings/new?product=MORNING-GLORY" in client.get("/listings/new").text
    assert client.get("/listings/new?product=MORNING-GLORY").status_code == 200
    answer = client.post("/listings/new?product=MORNING-GLORY", data=form(then="publish"))
    assert answer.headers["location"] == "/listings"
    (row,) = offers(client)
    assert (row.state, row.price_satang, row.organisation_id) == ("active", 2450, group.id)
    assert [(lot.capacity_day, lot.capacity_week) for lot in row.lots] == [(20, 40)]
    page = client.get("/listings").text
    assert "24.50" in page
    assert "On the market" in page


def test_quantities_in_a_local_unit_are_converted_exactly_or_refused(client: TestClient, group: Organisation) -> None:
    path = "/listings/new?product=MORNING-GLORY"
    refused = client.post(path, data=form(unit="กำ", **{"lots-0-capacity_day": "41"}))
    assert refused.status_code == 409
    assert "whole units" in refused.text
    assert 'value="41"' in refused.text
    assert client.post(path, data=form(unit="กำ", **{"lots-0-capacity_day": "40"})).status_code == 303
    assert [lot.capacity_day for lot in offers(client)[0].lots] == [20]
    assert client.post(path, data=form(unit="cartload")).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"price": ""}, "This is needed."), ({"price": "cheap"}, "amount in baht"),
     ({"lots-0-capacity_day": "-1"}, "more than 0"), ({"lots-0-harvest_from": "2099-01-01"}, "ends before it begins"),
     ({"minimum_quantity": "7"}, "5, 10"), ({"lots-0-capacity_day": "999999999999"}, "at most"),
     ({"grade_id": "00000000-0000-7000-8000-000000000000"}, "belongs to another product"),
     ({"lots-0-capacity_day": ""}, "This is needed.")],
)  # fmt: skip
def test_a_refused_form_keeps_what_was_typed_and_writes_nothing(
    client: TestClient, group: Organisation, wrong: dict[str, str], words: str
) -> None:
    answer = client.post("/listings/new?product=MORNING-GLORY", data=form(reach_km="77", then="publish") | wrong)
    assert answer.status_code in {409, 422}
    assert words in answer.text
    assert 'value="77"' in answer.text
    assert offers(client) == []


def test_the_form_changes_an_offer_removes_a_lot_and_knows_a_stale_version(
    client: TestClient, group: Organisation
) -> None:
    with making(client) as make:
        week = next_week()
        row = make.offer(
            group, lots=[(week, week, 20, 20), (week + timedelta(days=1), week + timedelta(days=1), 30, 30)]
        )
    path = f"/listings/{row.id}"
    assert "20.00" in client.get(path).text
    second = {"lots-1-harvest_from": f"{next_week()}", "lots-1-harvest_until": f"{next_week()}"}
    changed = form(version="1", **second, **{"lots-1-capacity_day": "55", "lots-0-remove": "true"})
    assert client.post(path, data=changed).headers["location"] == "/listings"
    (after,) = offers(client)
    assert (after.price_satang, [lot.capacity_day for lot in after.lots], after.version) == (2450, [55], 2)
    stale = client.post(path, data=changed)
    assert stale.status_code == 412
    assert "Someone changed this meanwhile" in stale.text


def test_steps_are_buttons(client: TestClient, group: Organisation) -> None:
    with making(client) as make:
        row = make.offer(group, state="draft")
    for version, (step, state) in enumerate(
        [("publish", "active"), ("suspend", "suspended"), ("resume", "active"), ("withdraw", "withdrawn")], 1
    ):
        assert f"/listings/{row.id}/{step}" in client.get(f"/listings/{row.id}").text
        assert client.post(f"/listings/{row.id}/{step}", data={"version": str(version)}).status_code == 303
        assert offers(client)[0].state == state
    assert client.post(f"/listings/{row.id}/publish", data={"version": "5"}).status_code == 409
    assert client.post(f"/listings/{row.id}/explode", data={"version": "5"}).status_code == 404


def test_last_week_is_repeated_by_one_button_and_a_double_click_is_harmless(
    client: TestClient, group: Organisation
) -> None:
    week = week_of(today())
    with making(client) as make:
        make.offer(group, lots=[(week, week, 20, 20)])
    assert "Repeat last week" in client.get("/listings").text
    first = client.post("/listings/repeat", data={"_key": "one"})
    again = client.post("/listings/repeat", data={"_key": "one"})
    assert first.headers["location"] == again.headers["location"] == "/listings?repeated=1"
    assert "1 offer was repeated" in client.get("/listings?repeated=1").text
    assert "Nothing to repeat" in client.get("/listings").text
    assert len(offers(client)) == 2


def test_a_buyer_sees_the_market_without_any_price(client: TestClient, group: Organisation) -> None:
    with making(client) as make:
        row = make.offer(group, price_satang=1_987_654)
        buyer = make.person(make.organisation("school"))
    signed_in(client, buyer)
    for path in ("/listings", f"/listings/{row.id}", "/listings?product=MORNING-GLORY", "/listings?product=morning"):
        page = client.get(path).text
        assert "Morning glory" in page
        assert "19,876" not in page
        assert "19876" not in page
    assert client.get("/listings/new").status_code == 403
    assert client.post(f"/listings/{row.id}", data=form(version="1")).status_code == 403


def test_a_centre_officer_sees_a_groups_offers_without_price_and_is_led_to_the_visit(
    client: TestClient, group: Organisation
) -> None:
    with making(client) as make:
        officer = make.person(make.organisation("service_centre"))
        row = make.offer(group, price_satang=2450, state="draft")
    signed_in(client, officer)
    assert f"/listings?for={group.id}" in client.get("/listings").text
    for path in (f"/listings?for={group.id}", f"/listings/{row.id}"):
        page = client.get(path).text
        assert ("24.5" in page, "Morning glory" in page, 'name="price"' in page) == (False, True, False)
    assert f"/visits/{group.id}#offer" in client.get(f"/listings?for={group.id}").text
    assert client.get(f"/listings/new?for={group.id}").headers["location"] == f"/visits/{group.id}#offer"
    posted = client.post(f"/listings/new?product=MORNING-GLORY&for={group.id}", data=form())
    assert (posted.status_code, len(offers(client))) == (403, 1)
    assert client.post(f"/listings/{row.id}/publish", data={"version": "1"}).status_code == 403


def test_a_company_pauses_with_a_reason_that_the_group_reads(client: TestClient, group: Organisation) -> None:
    with making(client) as make:
        row = make.offer(group)
        leader = make.person(group, "supplier_manager")
        company = make.person(make.organisation("provincial_company"), "facilitator")
    signed_in(client, company)
    assert client.post(f"/listings/{row.id}/suspend", data={"version": "1"}).status_code == 422
    sent = client.post(f"/listings/{row.id}/suspend", data={"version": "1", "reason": "residue found"})
    assert sent.headers["location"] == f"/listings/{row.id}"
    signed_in(client, leader)
    assert "residue found" in client.get(f"/listings/{row.id}").text
    assert client.post(f"/listings/{row.id}/resume", data={"version": "2"}).status_code == 403


def test_addresses_with_nonsense_are_no_fault(client: TestClient, group: Organisation) -> None:
    assert client.get("/listings/new?product=%00").status_code == 422
    assert client.get("/listings?for=nonsense").status_code == 422
    assert client.get("/listings/00000000-0000-7000-8000-000000000000").status_code == 404
    assert client.get("/listings?product=%00&cursor=%00").status_code == 422


def test_who_offers_something_new_chooses_from_few_likely_products(client: TestClient, group: Organisation) -> None:
    """First what the group had, then what groups like it offer; a name that is one product's leads to its form."""
    with making(client) as make:
        rival, stranger = make.organisation("cooperative"), make.organisation("charity")
        kale, rice = make.product("KALE"), make.product("RICE")
        for owner, product in ((group, make.product()), (rival, make.product()), (rival, kale), (stranger, rice)):
            make.offer(owner, product)
    first, _, rest = client.get("/listings/new").text.partition("<details")
    places = [first.find(f"product={code}") for code in ("MORNING-GLORY", "KALE")]
    assert -1 < places[0] < places[1]
    assert "product=RICE" not in first
    assert "product=RICE" in rest
    assert client.get("/listings/new?words=KALE").headers["location"] == "/listings/new?product=KALE"
