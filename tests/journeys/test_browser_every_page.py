"""Every page that anyone can open, in Thai and partly in English: no serious finding of axe, nothing that scrolls
sideways or lies over something else on a phone and at 200 % zoom.

The pages are those of the walk over all routes (tests/trust), each looked at once, and again as other people to whom it
shows kinds of elements that nobody has looked at before.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from service.kernel.db import Database
from service.parties.models import Organisation
from tests.browser import launch
from tests.journeys.visitor import GRAVE, WIDER
from tests.server import here
from tests.trust.operations import OF_ONESELF, OPERATIONS
from tests.trust.test_walk import EVERYONE, address_of
from tests.trust.world import World, as_actor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROLES = [name for name in EVERYONE if not name.endswith(("-2", "-9"))]
LONG = "วิสาหกิจชุมชนกลุ่มเกษตรกรผู้ปลูกผักปลอดสารพิษบ้านหนองแวงเหนือ"
BAD = """<!doctype html><p>one<p style="margin-top:-2em">two<p style="width:900px;background:#ccc;color:#ddd">three"""
NARROW = (360, 640)  # a phone; a desk of 1280 px at 200 %
ELEMENT = re.compile(r"<(\w+)([^>]*)>")
OVERLAP = (Path(__file__).parent / "overlap.js").read_text(encoding="utf-8").partition("\n")[2]
KIND = re.compile(r'(?:class|role|type)="[^"]*"')
ONLY = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],
}


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    world = World(sqlite_database)
    with sqlite_database.writing() as tx:
        for number, row in enumerate(tx.scalars(select(Organisation).order_by(Organisation.id))):
            row.name_th = f"{LONG} {number}"
    yield world
    world.wire.close()


def addresses(world: World) -> Iterator[str]:
    """Every page that is written down, with what it is asked for."""
    pages = [(operation, route) for operation in OPERATIONS for route in operation.routes]
    yield from dict.fromkeys(
        address_of(world, operation, route)
        for operation, route in pages
        if route.startswith("GET /") and "/api/" not in route
    )
    yield from sorted(
        route[4:] for route in OF_ONESELF if route.startswith("GET /") and not re.search("/api/|{", route)
    )


def kinds(html: str) -> frozenset[str]:
    """The kinds of elements that a page is made of."""
    return frozenset(f"{tag} {' '.join(KIND.findall(rest))}" for tag, rest in ELEMENT.findall(html))


def looks(world: World) -> Iterator[tuple[str, str]]:
    """Which page is looked at by whom: each once, and again by others to whom it shows what nobody has seen yet."""
    seen: frozenset[str] = frozenset()
    for address in addresses(world):
        pages = held(world, address)
        while pages:
            who = max(pages, key=lambda name: len(pages[name] - seen))
            yield address, who
            seen |= pages.pop(who)
            pages = {name: parts for name, parts in pages.items() if parts - seen}


def held(world: World, address: str) -> dict[str, frozenset[str]]:
    """By person who may open it: what the page is made of. Parts of pages are none."""
    found: dict[str, frozenset[str]] = {}
    for who in ROLES:
        answer = world.wire.get(address, as_actor(who) | {"cookie": "lang=th"})
        if answer.status == 200 and "</html>" in answer.text:
            found[who] = kinds(answer.text)
    return found


def faults(page: Page) -> Iterator[str]:
    """What is wrong with the page that is open."""
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 800})
        yield from (f"{width} px wide: {one}" for one in page.evaluate(WIDER))
        yield from (f"{width} px, one over the other: {one}" for one in page.evaluate(OVERLAP))
    for one in Axe().run(page, options=ONLY).response["violations"]:
        if one["impact"] in GRAVE:
            yield from (
                f"{one['id']}: {node['html'][:150]} {node['failureSummary'][:200]}" for node in one["nodes"][:3]
            )


def test_every_page_of_every_role_is_free_of_serious_findings(world: World) -> None:
    wanted = list(looks(world))
    assert len(wanted) > 80
    found: list[str] = []
    with sync_playwright() as playwright, launch(playwright) as browser, here(world.app) as site:
        page = browser.new_page()
        page.set_content(BAD)
        assert len(list(faults(page))) >= 4  # it sees what it looks for
        for number, (address, who) in enumerate(wanted):
            language = "en" if number % 5 == 4 else "th"
            page.context.add_cookies([{"name": "lang", "value": language, "url": site}])
            page.context.set_extra_http_headers(as_actor(who))
            page.goto(site + address)
            found += [f"{address} as {who} ({language}): {fault}" for fault in faults(page)]
    assert not found, "\n" + "\n".join(found)
