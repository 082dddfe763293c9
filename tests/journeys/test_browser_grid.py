"""A demand's grid at a keyboard: a block from the clipboard, mistakes at their cells, typing kept, a step back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from service.kernel.db import Database
from tests.browser import launch
from tests.conftest import app_of
from tests.journeys.visitor import Studio, Visitor
from tests.make import PASSWORD, making
from tests.server import here

pytestmark = [pytest.mark.browser]
BLOCK = "Kale\t30\t20\tTuesday\nKale\t{quantity}\t20.50\tWednesday\nJasmine rice\t5\t41\tThursday\n"
KEPT_MS = 3_000


@pytest.fixture
def officer(sqlite_template: Path, tmp_path: Path) -> Iterator[Visitor]:
    database = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'market.sqlite3')}")
    with making(database) as make:
        school = make.organisation("school")
        make.budget_line(school)
        make.product("KALE", name_en="Kale")
        make.product("RICE", name_en="Jasmine rice")
        person = make.person(school, "buyer_officer")
    with here(app_of(database)) as address, sync_playwright() as playwright, launch(playwright) as browser:
        studio = Studio(browser, address, tmp_path)
        visitor = studio.visitor(person.username, password=PASSWORD)
        visitor.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        yield visitor
        studio.leave()
    database.dispose()


def paste(officer: Visitor, block: str) -> None:
    """Copy cells elsewhere, and paste them into the first cell."""
    officer.page.evaluate("text => navigator.clipboard.writeText(text)", block)
    officer.page.locator("[name=lines-0-product_code]").focus()
    with officer.page.expect_navigation():
        officer.page.keyboard.press("Control+V")


def test_a_block_is_pasted_corrected_kept_and_taken_back(officer: Visitor) -> None:
    page = officer.page
    page.clock.install()
    officer.goto("/demands/new")
    officer.label("Title").fill("Vegetables")

    paste(officer, BLOCK.format(quantity="many"))
    expect(officer.find("alert")).to_contain_text("B2")  # the second row's quantity
    paste(officer, BLOCK.format(quantity="12"))
    quantities = [page.locator(f"[name=lines-{number}-quantity]") for number in range(3)]
    for place, number in zip(quantities, ("30", "12", "5"), strict=True):
        expect(place).to_have_value(number)
    expect(officer.label("Title")).to_have_value("Vegetables")

    quantities[1].fill("none")
    page.clock.fast_forward(KEPT_MS)
    assert officer.sees("What you typed is kept; it becomes a draft when you save it.")
    officer.goto("/demands/new")
    officer.button("Go on with it").click()
    expect(quantities[1]).to_have_value("none")
    officer.label("Title").fill("Vegetables and rice")
    officer.button("Save the draft").click()
    expect(officer.find("group", "Line %(number)s", number=2).locator(".wrong")).to_have_count(1)
    expect(page.locator(".wrong")).to_have_count(1)

    officer.button("Undo the last step").click()
    expect(quantities[1]).to_have_value("12")

    # From the middle of a row on, and beyond the last row.
    page.evaluate(
        "text => navigator.clipboard.writeText(text)", "\n".join(f"{number}\t9\tFri\t7.15" for number in range(12))
    )
    quantities[0].focus()
    page.keyboard.press("Control+V")
    expect(page.locator("[name=lines-11-quantity]")).to_have_value("11")
    expect(page.locator("[name=lines-11-delivery_date]")).to_have_value("4")
    expect(page.locator("[name=lines-11-window_from]")).to_have_value("7.15")
    expect(page.locator("[name=lines-11-product_code]")).to_have_value("")
    assert not officer.faults
