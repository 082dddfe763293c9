"""Pages of the catalogue: searching, a product with its chart, certificates."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from service.kernel.clock import today, week_of
from service.people.models import Person
from tests.make import PASSWORD, making


def signed_in(client: TestClient, person: Person) -> TestClient:
    client.cookies.set("lang", "en")
    assert client.post("/sign-in", data={"username": person.username, "password": PASSWORD}).status_code == 303
    return client


def test_anyone_searches_the_catalogue_and_an_empty_answer_says_what_to_try(client: TestClient) -> None:
    with making(client) as make:
        make.product("RICE", name_en="Jasmine rice")
        make.product("SAUCE", name_en="Fish sauce", family="processed")
    client.cookies.set("lang", "en")
    assert "Jasmine rice" in client.get("/products?words=jasmin").text
    processed = client.get("/products?family=processed").text
    assert "Fish sauce" in processed
    assert "Jasmine rice" not in processed
    assert "Nothing found" in client.get("/products?words=zzzz").text
    assert client.get("/products?words=" + "x" * 101).status_code == 422


def test_a_product_shows_a_year_of_prices_as_chart_and_table(client: TestClient) -> None:
    with making(client) as make:
        product = make.product()
        for weeks in range(60):
            make.reference_price(product, week_of(today()) - timedelta(weeks=weeks))
    client.cookies.set("lang", "en")
    page = client.get("/products/MORNING-GLORY").text
    assert (page.count("<circle"), page.count("<tr>")) == (52, 53)
    assert "24.20" in page  # the upper quartile of 22 baht and a tenth


def test_without_a_price_it_is_said_that_nothing_limits_a_ceiling(client: TestClient) -> None:
    with making(client) as make:
        make.product()
    client.cookies.set("lang", "en")
    page = client.get("/products/MORNING-GLORY?province=45").text
    assert "There is no reference price" in page
    assert "<svg class" not in page
    assert client.get("/products/NOTHING").status_code == 404


def test_a_supplier_adds_and_revokes_a_certificate_and_is_warned_of_expiry(client: TestClient) -> None:
    with making(client) as make:
        make.certificate_kind()
        group = make.organisation()
        make.certificate(group, expires_on=today() + timedelta(days=20), number="SOON-1")
        leader = make.person(group, "supplier_manager")
    browser = signed_in(client, leader)
    assert "It expires in 20 days" in browser.get("/certificates").text
    form = {"kind_code": "GAP", "number": "NEW-9", "issued_on": f"{today()}", "expires_on": "2030-01-01"}
    refused = browser.post("/certificates", data=form | {"expires_on": "2020-01-01"})
    assert refused.status_code == 422
    assert 'value="NEW-9"' in refused.text
    assert browser.post("/certificates", data=form).headers["location"] == "/certificates"
    page = browser.get("/certificates").text
    assert "NEW-9" in page
    identity = page.split("/revoke")[0].rsplit("/certificates/", 1)[1]
    assert browser.post(f"/certificates/{identity}/revoke", data={"reason": "lost the field"}).status_code == 303
    assert "Revoked" in browser.get("/certificates").text


def test_a_form_takes_a_product_by_any_name_and_asks_which_one_where_several_bear_it(client: TestClient) -> None:
    with making(client) as make:
        make.certificate_kind()
        make.product("EGG", name_en="Egg")
        for code in ("KALE-1", "KALE-2"):
            make.product(code, name_en="Kale")
        make.product("OLD", name_en="Old rice", active=False)
        leader = make.person(make.organisation(), "supplier_manager")
    browser = signed_in(client, leader)
    form = {"kind_code": "GAP", "issued_on": f"{today()}", "expires_on": "2030-01-01"}
    for number, written in enumerate(("egg", "EGG", "old rice", "OLD", "")):
        made = browser.post("/certificates", data=form | {"number": f"N-{number}", "product_code": written})
        assert made.status_code == 303, written
    page = browser.get("/certificates").text
    assert [page.count(text) for text in ("· Egg", "· Old rice", "· all products")] == [2, 2, 1]
    assert '<option value="Egg">' in page  # suggested without a question to the server
    refused = browser.post("/certificates", data=form | {"number": "N-9", "product_code": "kale"})
    assert (refused.status_code, 'value="kale"' in refused.text, 'value="N-9"' in refused.text) == (422, True, True)
    assert all(f'name="_pick" value="{code}"' in refused.text for code in ("KALE-1", "KALE-2"))
    picked = browser.post("/certificates", data=form | {"number": "N-9", "product_code": "kale", "_pick": "KALE-2"})
    assert picked.status_code == 303
    assert browser.post("/certificates", data=form | {"number": "N-8", "product_code": "zz\0"}).status_code == 422


def test_a_centre_officer_chooses_a_group_first_and_a_buyer_finds_nothing(client: TestClient) -> None:
    with making(client) as make:
        group = make.organisation(name_en="Helped group")
        officer = make.person(make.organisation("service_centre"))
        buyer = make.person(make.organisation("school"))
        make.certificate_kind()
    browser = signed_in(client, officer)
    assert f"/certificates?for={group.id}" in browser.get("/certificates").text
    form = {"kind_code": "GAP", "number": "NEW-9", "issued_on": f"{today()}", "expires_on": "2030-01-01"}
    answer = browser.post(f"/certificates?for={group.id}", data=form)
    assert answer.headers["location"] == f"/certificates?for={group.id}"
    assert "NEW-9" in browser.get(answer.headers["location"]).text
    assert signed_in(client, buyer).get("/certificates").status_code == 404


@pytest.mark.parametrize("path", ["/certificates", "/certificates?for=nonsense"])
def test_certificates_need_a_signed_in_person(client: TestClient, path: str) -> None:
    assert client.get(path).headers["location"].startswith("/sign-in")


@pytest.mark.postgres
@pytest.mark.parametrize("path", ["/products/%00", "/products/RICE?province=%00", "/products?words=%00&family=%00"])
def test_an_address_that_cannot_be_printed_is_no_fault(market: TestClient, path: str) -> None:
    with making(market) as make:
        make.product("RICE")
    assert market.get(path).status_code in {404, 422}
