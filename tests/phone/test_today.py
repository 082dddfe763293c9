"""Today: what a group has to answer, to deliver and to confirm, on one screen."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.events.models import Event
from service.kernel.clock import now, today
from service.listings.models import Offer
from service.orders.models import Order, OrderLine
from service.people.models import Person
from service.rounds.models import AwardLine
from tests.make import PASSWORD, database_of, making


def signed_in(client: TestClient, person: Person, language: str = "en") -> TestClient:
    """The client as that person, reading that language."""
    client.cookies.clear()
    client.post("/sign-in", data={"username": person.username, "password": PASSWORD})
    client.cookies.set("lang", language)
    return client


class Day:
    """A group with an award to answer, one delivery the day after tomorrow, and an offer that nobody touched."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        with making(client) as make:
            group, kitchen = make.organisation(), make.organisation("hospital", address="1 Kitchen Road")
            make.published_award(group, kitchen, lines=((40, 2033),), hours=5)
            done = make.published_award(group, kitchen, lines=((30, 1000),))
            self.leader, self.member = make.person(group, "supplier_manager"), make.person(group, "supplier_member")
            self.buyer = make.person(kitchen, "buyer_officer")
            line = make.tx.scalars(select(AwardLine).where(AwardLine.award_id == done.id)).one()
            line.answer, line.accepted_quantity, done.state = "accepted", 30, "active"
            order = make.add(Order(number="PO-TEST-1", award_id=done.id, demand_id=done.demand_id, buyer_id=kitchen.id,
                                   supplier_id=group.id, total_satang=30_000))  # fmt: skip
            make.add(OrderLine(order_id=order.id, award_line_id=line.id, product_code=line.product_code,
                               quantity=30, delivery_date=today() + timedelta(days=2), price_satang=1000,
                               total_satang=30_000))  # fmt: skip
            offer = make.tx.scalars(select(Offer).where(Offer.organisation_id == group.id)).first()
            assert offer is not None
            offer.created_at = now() - timedelta(days=8)
            self.offer = str(offer.id)


@pytest.fixture
def day(client: TestClient) -> Day:
    return Day(client)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["813.20 baht", "4 hours left", "not yet known", "Deliver", "30 kg", "1 Kitchen Road", "Is it still"]),
        ("th", ["813.20 บาท", "เหลือ 4 ชั่วโมง", "ยังไม่มีข้อมูล", "ส่งของ", "30 กิโลกรัม", "ของยังมีอยู่ไหม"]),
    ],
)
def test_a_group_lands_on_what_it_has_to_decide(day: Day, language: str, words: list[str]) -> None:
    client = signed_in(day.client, day.leader, language)
    assert client.get("/").headers["location"] == "/today"
    page = client.get("/today").text
    assert [word for word in words if word not in page] == []
    assert "30 kg" in client.get("/today/deliveries").text.replace("กิโลกรัม", "kg")


def test_members_look_and_buyers_have_no_such_day(day: Day) -> None:
    assert "/still" not in signed_in(day.client, day.member).get("/today").text
    assert signed_in(day.client, day.buyer).get("/today").status_code == 403


def test_a_confirmed_offer_is_not_asked_about_again_and_a_gone_one_pauses(day: Day) -> None:
    client = signed_in(day.client, day.leader)
    version = re.findall(r'name="version" value="(\d+)"', client.get("/today").text)[0]
    assert client.post(f"/today/offers/{day.offer}/still").status_code == 303
    assert "/still" not in client.get("/today").text
    assert client.post(f"/today/offers/{day.offer}/gone", data={"version": "99"}).status_code == 412
    assert client.post(f"/today/offers/{day.offer}/gone", data={"version": version}).status_code == 303
    again = client.post(f"/today/offers/{day.offer}/still")
    assert (again.status_code, "This step is not possible now" in again.text) == (409, True)
    with database_of(client).reading() as tx:
        assert [offer.state for offer in tx.scalars(select(Offer)) if str(offer.id) == day.offer] == ["suspended"]
        verbs = list(tx.scalars(select(Event.verb).where(Event.subject_id == day.offer)))
    assert verbs == ["offer.confirmed", "offer.suspended"]
