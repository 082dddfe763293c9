"""Someone who has never seen the service goes from signing in to a week's demand from a menu, counting every action.

On a desk and on a telephone: under five minutes, at most forty actions, and the head finds the draft to approve.
"""

from collections.abc import Iterator
from time import monotonic

import pytest
from playwright.sync_api import Locator, expect, sync_playwright

from service.kernel.clock import today
from service.menus.drafting import next_week
from tests.browser import launch
from tests.journeys.visitor import DESK, PHONE, Studio, Visitor
from tests.server import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MOST_ACTIONS, MOST_SECONDS = 40, 300


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """The demonstration, served once for this file."""
    folder = tmp_path_factory.mktemp("menus")
    with sync_playwright() as playwright, launch(playwright) as browser, serving(folder, "--demo") as server:
        yield Studio(browser, server.address, folder)


class Newcomer:
    """A visitor whose clicks and entries are counted; opening the browser at the first page is free."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.actions, self.began = visitor, 0, monotonic()

    def click(self, place: Locator) -> None:
        self.actions += 1
        place.click()

    def fill(self, place: Locator, text: str) -> None:
        self.actions += 2  # going there and typing
        place.fill(text)


@pytest.mark.parametrize(
    ("username", "size", "language"),
    [("demo-lampang-school", DESK, "th"), ("demo-roiet-school", PHONE, "en")],
    ids=["desk", "telephone"],
)
def test_a_newcomer_plans_a_week_and_its_demand_waits_for_the_head(
    studio: Studio, username: str, size: tuple[int, int], language: str
) -> None:
    visitor = studio.visitor(size=size, language=language)
    visitor.goto("/sign-in")
    person = Newcomer(visitor)
    person.fill(visitor.label("User name"), f"{username}-officer")
    person.fill(visitor.label("Password"), "demo")
    person.click(visitor.page.get_by_role("main").get_by_role("button", name=visitor.said("Sign in")))
    person.click(visitor.link("Plan the week"))

    # Last week's menu is there to start from; two dishes change, and the cost follows while they are typed.
    person.click(visitor.button("Copy the menu"))
    assert visitor.sees("Cost a head and day")
    day = visitor.page.get_by_role("group").first
    person.fill(day.get_by_role("combobox").nth(1), "ผัดคะน้า")
    visitor.page.keyboard.press("Tab")
    expect(visitor.page.locator("#cost")).to_contain_text(visitor.said("Not saved yet."))
    visitor.look("menu-plan")
    person.click(visitor.button("Save the menu"))
    expect(day.get_by_role("combobox").nth(1)).to_have_value("ผัดคะน้าหมู")

    person.click(visitor.link("Heads"))
    person.fill(visitor.page.get_by_role("textbox").first, "240")
    visitor.look("menu-heads")
    person.click(visitor.button("Save the heads"))
    person.click(visitor.page.get_by_role("main").get_by_role("link").first)
    person.click(visitor.link("What the saved menu needs"))
    visitor.look("menu-need")
    row = visitor.find("row").filter(has_text="240").first
    person.click(row.get_by_text(visitor.said("Where it comes from")))
    expect(row).to_contain_text("× 240 =")
    person.click(visitor.button("Write the draft demand"))

    assert visitor.sees("The head of your institution approves the total here.")
    posted = visitor.path
    assert posted.startswith("/demands/")
    assert person.actions <= MOST_ACTIONS, person.actions
    assert monotonic() - person.began < MOST_SECONDS
    print(f"{person.actions} actions, {monotonic() - person.began:.0f} s")  # noqa: T201 - told with -s

    head = studio.visitor(f"{username}-head", size=size, language=language)
    head.goto(f"/demands?state=draft&week={next_week(today())}")
    expect(head.page.locator(f'main a[href="{posted}"]')).to_be_visible()
    head.goto(posted)
    expect(head.find("heading", "Approve the whole")).to_be_visible()
    assert not visitor.faults
