"""Photographs lose what a camera adds, weekdays become lots that rounds read, the calendar tells no one's figure."""

import io
import zlib
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.allocation.eligibility import day_capacity
from service.allocation.market import Bid, Lot
from service.events.models import Event
from service.harvests import days, photo, weeks
from service.harvests.schemas import DaysIn
from service.kernel.clock import today, week_of
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound
from service.listings.models import SupplyLot
from tests.harvests.pictures import picture
from tests.ids import without_ids
from tests.make import Caller, Maker, database_of, making, next_week
from tests.orders.test_pages import Browser

DAY = timedelta(days=1)
WEEK = week_of(today()) + 7 * DAY


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_written_anew_upright_and_without_tags(form: str) -> None:
    given = picture(form)
    assert b"Somchai" in given
    kept = photo.cleaned(given)
    with Image.open(io.BytesIO(kept.content)) as file:
        assert (file.format, file.size, dict(file.getexif()), file.info.get("icc_profile")) == (
            "JPEG", (60, 90), {}, None,
        )  # fmt: skip
    assert b"Exif" not in kept.content
    assert b"Somchai" not in kept.content


def test_a_large_photograph_becomes_small() -> None:
    kept = photo.cleaned(picture(size=(4000, 3000), tagged=False))
    assert (kept.width, kept.height) == (1280, 960)


def bomb() -> bytes:
    """A PNG that says it is 30,000 points wide and high."""
    head = (30_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\x00" * 90_001)), (b"IEND", b""))
    made = b"\x89PNG\r\n\x1a\n"
    for name, data in parts:
        made += len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
    return made


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + b"\x00" * 50, bomb(),
     picture()[:200], b"\xff\xd8\xff" + b"\x00" * 500, picture(size=(10, 10)), b"%PDF-1.7", picture("PNG")[:-30]],
)  # fmt: skip
def test_what_is_no_photograph_is_refused(data: bytes) -> None:
    with pytest.raises(photo.NotAPhotograph):
        photo.cleaned(data)


def test_only_who_may_change_the_offer_gives_it_a_photograph(tx: Session, make: Maker) -> None:
    group = make.organisation()
    offer, leader = make.offer(group), make.actor(group)
    photo.put(tx, by=leader, offer_id=offer.id, data=picture())
    first = offer.photo
    photo.put(tx, by=leader, offer_id=offer.id, data=picture("PNG", (200, 100)))
    assert offer.photo != first
    assert len(tx.scalars(select(Event).where(Event.verb == "offer.photographed")).all()) == 2
    kitchen, helper = make.actor(make.organisation("school")), make.actor(make.organisation("service_centre"))
    assert photo.of_offer(tx, by=kitchen, offer_id=offer.id).content.startswith(b"\xff\xd8\xff")
    for other in (kitchen, helper):
        with pytest.raises(NotAllowed):
            photo.put(tx, by=other, offer_id=offer.id, data=picture())
    photo.drop(tx, by=leader, offer_id=offer.id)
    assert offer.photo == ""
    with pytest.raises(NotFound):
        photo.of_offer(tx, by=leader, offer_id=offer.id)


def test_seven_quantities_become_lots_and_the_allocation_reads_them_day_by_day(tx: Session, make: Maker) -> None:
    group = make.organisation()
    offer = make.offer(group, lots=[(WEEK - 2 * DAY, WEEK + 16 * DAY, 30, 60)], pack_quantity=1)
    wanted = [20, 20, 0, 35, 0, 0, 10]
    days.put(tx, by=make.actor(group), offer_id=offer.id, version=offer.version,
             draft=DaysIn(week=WEEK, weeks=2, quantities=wanted, more=True))  # fmt: skip
    tx.flush()
    lots = tuple(Lot(lot.harvest_from, lot.harvest_until, lot.capacity_day, lot.capacity_week) for lot in offer.lots)
    bid = Bid(str(offer.id), str(group.id), offer.product_code, None, 2000, 0, 1, 100, (), lots)
    for number in range(2):
        given = [day_capacity(bid, WEEK + (7 * number + place) * DAY) for place in range(7)]
        assert given == wanted == days.of_week(offer.lots, WEEK + 7 * number * DAY)
    assert [day_capacity(bid, WEEK + place * DAY) for place in (-2, -1, 14, 16, 17)] == [30, 30, 30, 30, 0]
    assert len(offer.lots) == 8


@pytest.mark.parametrize(("week", "more", "passes"), [(60, False, False), (60, True, True), (210, False, True)])
def test_days_that_come_to_more_than_the_weeks_limit_so_far_are_asked_about(
    client: TestClient, week: int, more: bool, passes: bool
) -> None:
    with making(client) as make:
        group = make.organisation()
        offer = make.offer(group, lots=[(WEEK, WEEK + 6 * DAY, 30, week)], pack_quantity=1)
        leader, rival = make.person(group, "supplier_manager"), make.person(make.organisation(), "supplier_manager")
    body = {"week": str(WEEK), "quantities": [31] * 7, "more": more}
    path = f"/offers/{offer.id}/days"
    assert "60" not in without_ids(Caller(client, rival).put(path, body, version=1).text)
    sent = Caller(client, leader).put(path, body, version=1)
    assert sent.status_code == (200 if passes else 409)
    page = Browser(client, leader, "en").see(f"/listings/{offer.id}/days")
    assert ("at most 60 kg in a week" in page, 'name="more"' in page) == (not passes, not passes)
    if not passes:
        assert "at most 60 in a week. These days together come to 217." in sent.text
        with database_of(client).reading() as tx:
            assert [lot.capacity_week for lot in tx.scalars(select(SupplyLot))] == [60]


def test_weekdays_of_another_version_or_of_nothing_are_refused(tx: Session, make: Maker) -> None:
    group = make.organisation()
    offer, leader = make.offer(group), make.actor(group)
    draft = DaysIn(week=WEEK, quantities=[20] * 7)
    with pytest.raises(EditConflict):
        days.put(tx, by=leader, offer_id=offer.id, version=9, draft=draft)
    with pytest.raises(NotAllowed):
        days.put(tx, by=make.actor(make.organisation("school")), offer_id=offer.id, version=1, draft=draft)
    with pytest.raises((InvalidInput, ValueError)):
        DaysIn(week=WEEK + DAY, quantities=[20] * 7)


def lot(first: int, last: int, day: int, week: int) -> SupplyLot:
    return SupplyLot(harvest_from=WEEK + first * DAY, harvest_until=WEEK + last * DAY, capacity_day=day,
                     capacity_week=week)  # fmt: skip


def test_a_lot_gives_a_week_its_days_and_at_most_its_week() -> None:
    assert [weeks.in_week(lot(-1, 9, 10, 40), WEEK + 7 * n * DAY) for n in range(-1, 3)] == [10, 40, 30, 0]


def test_the_calendar_tells_a_range_where_it_would_be_one_groups_figure(tx: Session, make: Maker) -> None:
    ware, eggs = make.product(), make.product("EGG")
    window = [(WEEK, WEEK + DAY, 33, 66)]
    for _ in range(3):
        make.offer(make.organisation(), ware, lots=window)
    make.offer(make.organisation(), eggs, lots=window)
    make.offer(make.organisation(), eggs, lots=window, state="suspended")
    make.offer(make.organisation(place="520101"), eggs, lots=window)
    found = {one.product_code: one for one in weeks.calendar(tx, province_code="45")}
    assert (found["MORNING-GLORY"].exact, found["MORNING-GLORY"].week) == (198, WEEK)
    assert (found["EGG"].exact, found["EGG"].at_least, found["EGG"].below) == (None, 50, 200)


def scene(client: TestClient) -> dict[str, Any]:
    with making(client) as make:
        group, school = make.organisation(), make.organisation("school")
        offer = make.offer(group, lots=[(week_of(today()), week_of(today()) + 2 * DAY, 20, 60)])
        return {"leader": make.person(group), "cook": make.person(school, "buyer_officer"), "offer": str(offer.id)}


@pytest.mark.parametrize("language", ["th", "en"])
def test_a_photograph_is_added_on_a_page_and_served_so_that_it_can_do_nothing(
    client: TestClient, language: str
) -> None:
    made = scene(client)
    leader, path = Browser(client, made["leader"], language), f"/listings/{made['offer']}"
    assert 'type="file"' in leader.see(f"{path}/picture")
    sent = client.post(f"{path}/picture", files={"photo": ("a.php", picture(), "text/html")})
    assert sent.status_code == 303, sent.text
    assert f'src="{path}/photo?v=' in leader.see(path)
    answer = client.get(f"{path}/photo")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert b"Somchai" not in answer.content
    assert client.post(f"{path}/picture", files={"photo": ("a.jpg", b"nonsense", "image/jpeg")}).status_code == 422
    assert client.post(f"{path}/picture", data={}).status_code == 422
    assert client.post(f"{path}/picture", data={"remove": "yes"}).status_code == 303
    assert client.get(f"{path}/photo").status_code == 404


def test_last_week_is_repeated_with_at_most_three_taps(client: TestClient) -> None:
    made = scene(client)
    leader = Browser(client, made["leader"])
    first = client.get("/", follow_redirects=True).text
    assert 'href="/listings"' in first  # tap 1: from the first page
    page = leader.see("/listings")
    assert 'action="/listings/repeat"' in page  # tap 2: the button
    done = leader.send("/listings/repeat")
    assert "1 offer was repeated" in leader.see(done.headers["location"])  # nothing is left to tap


def test_weekdays_and_the_calendar_have_pages(client: TestClient) -> None:
    made = scene(client)
    leader, path = Browser(client, made["leader"]), f"/listings/{made['offer']}"
    page = leader.see(f"{path}/days")
    assert page.count('name="day-d') == 7
    sent = leader.send(f"{path}/days", version="1", week=str(WEEK), weeks="2", day__d0="45", day__d3="15")
    assert sent.status_code == 303, sent.text
    assert leader.send(f"{path}/days", version="2", week=str(WEEK), day__d0="-1").status_code == 422
    cook = Browser(client, made["cook"])
    shown = cook.see("/harvests")
    assert "50–200" in shown
    assert "20.00" not in shown
    assert cook.client.get(f"{path}/days").status_code == 403


@pytest.mark.parametrize("body", [{}, {"content": "%%%"}, {"content": b64encode(b"text").decode()}, {"content": 5}])
def test_programs_send_photographs_and_bad_ones_change_nothing(client: TestClient, body: dict[str, Any]) -> None:
    made = scene(client)
    caller, path = Caller(client, made["leader"]), f"/offers/{made['offer']}"
    assert caller.post(f"{path}/photo", body).status_code == 422
    assert caller.get(path).json()["photo"] == ""
    good = caller.post(f"{path}/photo", {"content": b64encode(picture()).decode()})
    assert len(good.json()["photo"]) == 12
    assert caller.get(f"{path}/photo").content.startswith(b"\xff\xd8\xff")
    planned = caller.put(
        f"{path}/days", {"week": str(next_week()), "quantities": [25] * 7}, version=good.json()["version"]
    )
    assert [part["capacity_week"] for part in planned.json()["lots"]] == [60, 175]
    assert client.delete(f"/api/v1{path}/photo", headers=caller.headers).json()["photo"] == ""
    items = caller.get("/harvests?province=45").json()["items"]
    assert {one["exact"] for one in items} == {None}
    with database_of(client).reading() as tx:
        assert tx.scalar(select(Event.verb).order_by(Event.id.desc()).limit(1)) == "offer.photo_dropped"
