"""Pages of awards and orders in both languages: cards, the confirmation, refusals that keep what was typed."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from service.orders import queries
from service.orders.models import Order
from service.parties.models import Organisation
from service.people.models import Person
from service.rounds.models import Award, AwardLine
from tests.make import PASSWORD, database_of, making


class Browser:
    """A person before the pages, in a language."""

    def __init__(self, client: TestClient, person: Person, language: str = "en") -> None:
        client.cookies.clear()
        client.post("/sign-in", data={"username": person.username, "password": PASSWORD})
        client.cookies.set("lang", language)
        self.client = client

    def see(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, **data: str) -> Any:
        return self.client.post(path, data={name.replace("__", "-"): value for name, value in data.items()})


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's first answer that needs no more typing."""
    form = next(part for part in page.split("<form") if 'name="_sure"' in part)
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


class Scene:
    """An award of two lines, its group's leader, its buyer's officer, and a group without awards."""

    def __init__(self, client: TestClient) -> None:
        with making(client) as make:
            group, hospital = make.organisation(), make.organisation("hospital", phone="043 111 222")
            award = make.published_award(group, hospital, lines=((40, 2033), (15, 1999)))
            self.buyer_name = hospital.name_en
            self.path, self.lines = f"/awards/{award.id}", [str(line.id) for line in award.lines]
            self.leader, self.member = make.person(group, "supplier_manager"), make.person(group, "supplier_member")
            self.officer = make.person(hospital, "buyer_officer")
            self.newcomer = make.person(make.organisation())
        self.client = client

    def award(self) -> Award:
        with database_of(self.client).reading() as tx:
            return tx.scalars(select(Award)).one()

    def answers(self) -> list[str | None]:
        with database_of(self.client).reading() as tx:
            return list(tx.scalars(select(AwardLine.answer).order_by(AwardLine.delivery_date)))

    def part(self, quantity: str, **more: str) -> dict[str, str]:
        given = {"version": "1", "lines__0__award_line_id": self.lines[0], "lines__0__answer": "partially_accepted"}
        return given | {"lines__0__quantity": quantity} | more


@pytest.fixture
def scene(client: TestClient) -> Scene:
    return Scene(client)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["1 award waits", "40 kg", "20.33 baht/kg", "1,113.05 baht", "23 hours left", "Open and answer"]),
        ("th", ["รอคำตอบ", "40 กิโลกรัม", "20.33 บาท", "1,113.05 บาท", "เหลือ 23 ชั่วโมง", "เปิดดูและตอบ"]),
    ],
)
def test_today_shows_each_award_as_a_card(scene: Scene, language: str, words: list[str]) -> None:
    page = Browser(scene.client, scene.leader, language).see("/awards")
    assert [word for word in words if word not in page] == []


@pytest.mark.parametrize("language", ["en", "th"])
def test_empty_lists_say_what_will_be_here(scene: Scene, language: str) -> None:
    browser = Browser(scene.client, scene.newcomer, language)
    assert 'class="empty"' in browser.see("/awards")
    assert 'class="empty"' in browser.see("/orders")


def test_one_tap_accepts_everything_and_leads_to_the_order(scene: Scene) -> None:
    browser = Browser(scene.client, scene.leader)
    page = browser.see(scene.path)
    assert page.index("40 kg") < page.index("Accept everything")  # what it is stands before the button that takes it
    data = hidden(page)
    answer = browser.client.post(scene.path, data=data)
    twice = browser.client.post(scene.path, data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{scene.path}/result")
    assert twice.status_code == 303
    assert scene.answers() == ["accepted", "accepted"]
    result = browser.see(answer.headers["location"])
    assert "Done: the order stands" in result
    order_path = re.findall(r'href="(/orders/[0-9a-f-]+)"', result)[0]
    order = browser.see(order_path)
    assert "1,113.05" in order
    assert "043 111 222" in order
    assert order_path in browser.see("/orders")
    assert "Accept everything" not in browser.see(scene.path)


def test_a_part_is_confirmed_with_its_total_before_it_counts(scene: Scene) -> None:
    browser = Browser(scene.client, scene.leader)
    shown = browser.send(scene.path, **scene.part("25", lines__0__reason="labour"))
    assert shown.status_code == 200
    assert "Total 508.25 baht" in shown.text
    assert scene.answers() == [None, None]
    data = hidden(shown.text)
    assert (data["lines-0-quantity"], data["lines-0-reason"]) == ("25", "labour")
    assert browser.client.post(scene.path, data=data).status_code == 303
    assert scene.answers() == ["partially_accepted", None]
    assert "1 line still waits" in browser.see(f"{scene.path}/result")


@pytest.mark.parametrize("language", ["en", "th"])
def test_a_refused_part_comes_back_with_what_was_typed(scene: Scene, language: str) -> None:
    answer = Browser(scene.client, scene.leader, language).send(
        scene.path, **scene.part("7", lines__0__reason="weather")
    )
    assert answer.status_code == 422
    assert 'value="7"' in answer.text
    assert '<option value="weather" selected>' in answer.text
    assert answer.text.count('id="f-lines-0-quantity"') == 1
    assert len(re.findall(r'<details class="choice" open>', answer.text)) == 1
    assert scene.answers() == [None, None]


def test_declining_needs_a_reason_and_keeps_the_note(scene: Scene) -> None:
    browser = Browser(scene.client, scene.leader)
    given = {"version": "1", "lines__0__award_line_id": scene.lines[1], "lines__0__answer": "declined",
             "lines__0__note": "road closed"}  # fmt: skip
    refused = browser.send(scene.path, **given)
    assert (refused.status_code, 'value="road closed"' in refused.text) == (422, True)
    sure = browser.send(scene.path, **given, lines__0__reason="too_far", _sure="yes")
    assert sure.status_code == 303
    assert scene.answers() == [None, "declined"]
    assert "Your answer is recorded" in browser.see(f"{scene.path}/result")


def test_a_stale_page_is_told_and_shows_the_present_award(scene: Scene) -> None:
    browser = Browser(scene.client, scene.leader)
    browser.send(scene.path, **scene.part("25"), _sure="yes")
    again = browser.send(scene.path, **scene.part("30"), _sure="yes")
    assert (again.status_code, "Someone changed this meanwhile" in again.text) == (412, True)
    assert '<input type="hidden" name="version" value="2">' in again.text


@pytest.mark.parametrize(
    "data", [{}, {"version": "x"}, {"version": "1"}, {"version": "1", "lines__0__answer": "accepted"}]
)
def test_a_broken_form_is_refused_with_the_page(scene: Scene, data: dict[str, str]) -> None:
    answer = Browser(scene.client, scene.leader).send(scene.path, **data, _sure="yes")
    assert (answer.status_code, 'class="refusal"' in answer.text) == (422, True)
    assert scene.answers() == [None, None]


def test_only_who_may_answer_is_offered_the_buttons(scene: Scene) -> None:
    for person in (scene.member, scene.officer):
        page = Browser(scene.client, person).see(scene.path)
        assert "lines-0-answer" not in page
    assert Browser(scene.client, scene.newcomer).client.get(scene.path).status_code == 404
    scene.client.cookies.clear()
    assert scene.client.get(scene.path).headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("language", ["en", "th"])
def test_both_sides_open_the_same_order(scene: Scene, language: str) -> None:
    Browser(scene.client, scene.leader).send(scene.path, **scene.part("25"), _sure="yes")
    with database_of(scene.client).reading() as tx:
        order = tx.scalars(select(Order)).one()
    for person in (scene.leader, scene.officer):
        browser = Browser(scene.client, person, language)
        assert order.number in browser.see("/orders")
        page = browser.see(f"/orders/{order.id}")
        assert "508.25" in page
        assert scene.buyer_name in page if language == "en" else "ใบสั่งซื้อ" in page


def test_many_awards_are_one_short_list_with_their_true_number_and_lead_on_to_the_next(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_OPEN", 4)
    with making(scene.client) as make:
        award = make.tx.scalars(select(Award)).one()
        group = make.tx.get_one(Organisation, award.supplier_id)
        for _ in range(4):
            make.published_award(group, make.organisation("school"))
    browser = Browser(scene.client, scene.leader)
    page = browser.see("/awards")
    assert "5 awards wait for an answer" in page
    assert "Only the 4 most urgent" in page
    assert page.count('<li><a href="/awards/') == 4
    browser.client.post(scene.path, data=hidden(browser.see(scene.path)))
    assert "The next one (4 wait)" in browser.see(f"{scene.path}/result")
