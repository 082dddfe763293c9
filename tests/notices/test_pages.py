"""People read their notices, choose how they are told, confirm addresses; heads keep webhooks; administrators look."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.notices import actions
from service.notices.models import Address, Delivery, Notice, Webhook
from service.notices.vocabulary import KINDS, LABELS, PUBLIC, SAMPLES
from service.notices.wording import content_of
from service.people.models import Person
from tests.make import Caller, database_of, making

ORDER: dict[str, str | int] = {"number": "69-45-0001", "supplier": "กลุ่ม", "supplier_en": "Group", "total": 5_000,
                               "demand": "Greens"}  # fmt: skip


@pytest.fixture
def officer(client: TestClient) -> Person:
    with making(client) as make:
        school = make.organisation("school")
        person = make.person(school, "buyer_head", "buyer_officer")
        actions.tell(make.tx, kind="order.made", organisation_id=school.id, facts=ORDER, path="/orders", key="order-1")
        return person


def signed_in(client: TestClient, person: Person, lang: str = "en") -> Caller:
    caller = Caller(client, person)
    client.cookies.set("session", caller.headers["Authorization"].removeprefix("Bearer "))
    client.cookies.set("lang", lang)
    return caller


def sent_code(client: TestClient) -> str:
    with database_of(client).reading() as tx:
        newest = select(Notice).where(Notice.kind == "address.code").order_by(Notice.id.desc()).limit(1)
        found = content_of(tx.scalars(newest).one())
    assert found is not None
    return str(found.facts["code"])


def test_the_head_of_every_page_counts_what_is_unread(client: TestClient, officer: Person) -> None:
    signed_in(client, officer)
    assert '<span class="count">1</span>' in client.get("/products").text
    page = client.get("/notices").text
    assert "Order 69-45-0001 is made" in page
    assert "Group supplies 50.00 baht of your demand “Greens”." in page
    [step] = re.findall(r'action="(/notices/[^"]+/open)"', page)
    opened = client.post(step)
    assert (opened.status_code, opened.headers["location"]) == (303, "/orders")
    assert 'class="count"' not in client.get("/products").text


def test_a_notice_reads_in_the_language_of_its_reader_and_is_nobody_elses(client: TestClient, officer: Person) -> None:
    caller = signed_in(client, officer, "th")
    [one] = caller.get("/me/notices").json()["items"]
    assert one["title"] == "เกิดใบสั่งซื้อ 69-45-0001 แล้ว"
    with making(client) as make:
        stranger = make.person(make.organisation("school"))
    other = Caller(client, stranger)
    assert other.get("/me/notices").json()["items"] == []
    assert other.post(f"/me/notices/{one['id']}/read", {}).status_code == 404
    assert caller.post("/me/notices/read", {}).status_code == 204
    assert caller.get("/me/notices").json()["items"][0]["read_at"]


def test_an_address_counts_once_its_code_was_brought_and_is_never_shown_whole(
    client: TestClient, officer: Person
) -> None:
    caller = Caller(client, officer)
    [row] = caller.post("/me/notices/addresses", {"channel": "sms", "address": "081-234 5678"}).json()
    assert row == {"channel": "sms", "hint": "+…678", "confirmed_at": None}
    path = "/me/notices/addresses/sms/confirmation"
    wrong = caller.post(path, {"code": "000000" if sent_code(client) != "000000" else "000001"})
    assert (wrong.status_code, wrong.json()["type"].rpartition("/")[2]) == (409, "wrong-notice-code")
    code = sent_code(client)
    assert caller.post(path, {"code": code}).json()[0]["confirmed_at"]
    assert caller.post(path, {"code": code}).status_code == 409
    with database_of(client).reading() as tx:
        assert tx.scalars(select(Address.address)).all() == ["+66812345678"]
        raw = tx.connection().exec_driver_sql("select address from notice_addresses").scalar()
        events = tx.connection().exec_driver_sql("select group_concat(change) from events").scalar()
    assert "812345678" not in f"{raw}{events}"
    assert client.delete("/api/v1/me/notices/addresses/sms", headers=caller.headers).status_code == 204
    assert caller.get("/me/notices/choices").json()["addresses"] == []


@pytest.mark.parametrize("body", [
    {"channel": "email", "address": "no address"}, {"channel": "email", "address": "a@b"},
    {"channel": "sms", "address": "12"}, {"channel": "sms", "address": "+66\n812345678x"},
    {"channel": "line", "address": "my.line.name"}, {"channel": "fax", "address": "081 234 5678"},
    {"channel": "webhook", "address": "https://example.org"}, {"channel": "email", "address": "a@b.th,c@d.th"},
])  # fmt: skip
def test_an_address_that_is_none_is_refused(client: TestClient, officer: Person, body: dict[str, str]) -> None:
    assert Caller(client, officer).post("/me/notices/addresses", body).status_code == 422
    with database_of(client).reading() as tx:
        assert tx.scalars(select(Address)).all() == []


def test_codes_are_not_sent_without_end(client: TestClient, officer: Person) -> None:
    caller, body = Caller(client, officer), {"channel": "email", "address": "kitchen@example.org"}
    answers = [caller.post("/me/notices/addresses", body).status_code for _ in range(6)]
    assert answers == [201] * 5 + [429]


def test_the_page_of_choices_keeps_what_was_chosen(client: TestClient, officer: Person) -> None:
    signed_in(client, officer)
    client.app.state.settings = client.app.state.settings.model_copy(  # type: ignore[attr-defined]
        update={"smtp_host": "mail.example", "mail_from": "market@example.org"})  # fmt: skip
    page = client.get("/notices/choices").text
    assert 'value="order.made:email" checked' in page
    assert "award.offered" not in page  # kitchens are offered nothing
    assert "order.made:sms" not in page  # a channel that nobody set up is not offered
    form = {"language": "en", "quiet_from": "20:00", "quiet_until": "07:00", "offered": "email",
            "kind": ["award.answered", "order.made", "round.published"],
            "box": ["award.answered:email", "round.published:email"]}  # fmt: skip
    assert client.post("/notices/choices", data=form).status_code == 303
    kept: Any = Caller(client, officer).get("/me/notices/choices").json()
    assert (kept["language"], kept["quiet_from"]) == ("en", "20:00:00")
    assert kept["channels"] == {"award.answered": ["email"], "order.made": [], "round.published": ["email"]}
    assert 'value="order.made:email" aria' in client.get("/notices/choices").text
    refused = client.post("/notices/addresses", data={"channel": "email", "address": "nowhere"})
    assert refused.status_code == 422
    assert "Write it like name@example.org." in refused.text


def test_every_kind_has_a_label_and_reads_in_both_languages(client: TestClient, officer: Person) -> None:
    signed_in(client, officer)
    assert {f"kind.{code}" for code in KINDS} <= LABELS.keys()
    page = client.get("/notices/previews").text
    assert page.count('lang="th"') >= len(PUBLIC)
    assert "โรงพยาบาลหนองสูง ต้องการซื้อจากท่าน 12,500.00 บาท" in page
    assert "Nong Sung hospital wants to buy from you: 12,500.00 baht" in page
    assert set(SAMPLES)  # a kind that needs another fact fails in the page above


def test_a_webhook_shows_its_secret_once_and_leads_to_the_public_internet_only(
    client: TestClient, officer: Person
) -> None:
    caller = signed_in(client, officer)
    with database_of(client).reading() as tx:
        place = tx.scalars(select(Notice.organisation_id)).first()
    path = f"/organisations/{place}/webhooks"
    for bad in (
        "http://example.org/hook",
        "https://127.0.0.1/x",
        "https://kitchen/x",
        "https://a:b@example.org/x",
        "https://[::ffff:10.0.0.1]/x",
        "ftp://example.org/xyz",
        "https://exa mple.org/",
        "https://x.internal/",
    ):
        assert caller.post(path, {"url": bad, "kinds": ["order.made"]}).status_code == 422, bad
    assert caller.post(path, {"url": "https://example.org/hook", "kinds": ["door.code"]}).status_code == 422
    shown = client.post(path, data={"url": "https://example.org/hook?token=abc", "kinds": "order.made"}).text
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]+", shown)
    assert "example.org" in shown
    assert "token=abc" not in shown
    assert secret not in client.get(path).text
    [row] = caller.get(path).json()
    assert client.delete(f"/api/v1{path}/{row['id']}", headers=caller.headers).status_code == 204
    with database_of(client).reading() as tx:
        ended = tx.scalars(select(Webhook)).one()
    assert (ended.active, ended.url, ended.secret) == (False, "", "")


def test_an_administrator_sees_what_was_given_up_and_sends_it_again(client: TestClient, officer: Person) -> None:
    with making(client) as make:
        boss = make.person(make.organisation("operator"), "administrator")
        notice = make.tx.scalars(select(Notice)).one()
        dead = make.add(Delivery(notice_id=notice.id, channel="email", lane="x", state="dead", tries=10,
                                 last_error="timeout"))  # fmt: skip
    signed_in(client, boss)
    page = client.get("/notices/log?state=dead").text
    assert officer.display_name in page
    assert "no answer in time" in page
    assert client.post(f"/notices/log/{dead.id}/replay?state=dead").headers["location"] == "/notices/log?state=dead"
    [row] = Caller(client, boss).get("/notice-deliveries?state=waiting").json()["items"]
    assert (row["id"], row["tries"], row["to"]) == (str(dead.id), 0, officer.display_name)
    assert Caller(client, boss).post(f"/notice-deliveries/{dead.id}/replay", {}).status_code == 409
    assert Caller(client, officer).get("/notice-deliveries").status_code == 403
