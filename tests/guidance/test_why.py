"""Why and why not: one's own offer in plain words, of others but quartiles of three, and only once published."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from service.allocation.eligibility import CONDITIONS
from service.allocation.margins import Weights
from service.guidance import rules, words
from service.kernel.db import Database
from service.kernel.i18n import LANGUAGES, speaking, translations
from service.people.models import Person
from service.results.stories import Reason
from solver.explain import ARC_CODES
from tests.conftest import client_of
from tests.ids import without_ids
from tests.make import Caller, making, next_week
from tests.orders.test_pages import Browser
from tests.rounds.test_sealed import Scene, publish, solved

OWN = 2471
OTHERS = (2013, 2027, 2039, 2051)
CEILING = 2600


@dataclass
class Told(Scene):
    """A round in which four groups win and one is too dear, with the people who ask."""

    people: dict[str, Person]
    groups: dict[str, UUID]


@pytest.fixture(scope="module")
def world(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    path = tmp_path_factory.mktemp("why") / "market.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{path}")
    yield _told(database)
    database.dispose()


def _told(database: Database) -> Told:
    with making(database) as make:
        ware, week = make.product(packs=(1,)), next_week()
        kitchen = make.organisation("school")
        lots = [(week, week, 20, 20)]
        groups = {"dear": make.organisation(), "bare": make.organisation(), "away": make.organisation()}
        make.reference_price(ware)
        reviewer = make.organisation("national_company", "100101")
        make.person(reviewer)
        papers = {}
        for number, price in enumerate((OWN, *OTHERS)):
            group = groups["dear"] if not number else make.organisation()
            papers[group.id] = make.certificate(group)
            make.offer(group, ware, price_satang=price, lots=lots, pack_quantity=1, certificates=(papers[group.id],))
            if number == 1:
                groups["won"] = group
        make.offer(groups["bare"], ware, price_satang=1999, lots=lots, pack_quantity=1)
        line = make.line(ware, quantity=80, ceiling_satang=CEILING, most_awards=0, certificate_kinds=["GAP"])
        budget = make.budget_line(kitchen, 10**10, reserved_satang=80 * CEILING)
        make.demand(kitchen, [line], state="planned", budget_line_id=budget.id)
        round_ = make.round(make.profile(family_share_bp=10_000))
        people = {name: make.person(group, "supplier_manager") for name, group in groups.items()}
        people["kitchen"] = make.person(kitchen, "buyer_officer")
        ids = {name: group.id for name, group in groups.items()}
        round_id = round_.id
    made = Told(client_of(database), {}, {}, round_id, people, ids)
    before = Browser(made.client, people["dear"])
    assert before.client.get(f"/why/{round_id}").status_code == 409  # nothing before it is published
    solved(made, database)
    assert before.client.get(f"/why/{round_id}").status_code == 409
    publish(made, database)
    return made


def asked(world: Told, name: str) -> Any:
    caller = Caller(world.client, world.people[name])
    return caller.get(f"/rounds/{world.round_id}/suppliers/{world.groups[name]}/why").json()["offers"]


def test_a_loser_reads_its_own_price_that_would_have_won_and_quartiles_of_the_others(world: Told) -> None:
    (offer,) = asked(world, "dear")
    (lost,) = offer["lost"]
    assert lost["code"] in rules.OF_PRICE
    assert lost["firmness"] in {"certain", "indication"}
    assert 1900 < lost["price_satang"] < OWN
    assert lost["price_satang"] % rules.STEP_SATANG == 0
    assert offer["others"] == {"lower_satang": 2024, "median_satang": 2033, "upper_satang": 2042, "groups": 4}
    assert (offer["causes"][0]["lines"], offer["causes"][0]["process"]) == (1, words.WHY[lost["code"]].process)
    told = without_ids(offer)
    assert not [price for price in OTHERS if str(price) in told or f"{price / 100:.2f}" in told]


def test_a_winner_reads_what_it_won_and_no_amount_that_it_could_have_asked_more(world: Told) -> None:
    (offer,) = asked(world, "won")
    (won,) = offer["won"]
    assert (won["won_quantity"], won["price_satang"], won["would"], offer["lost"]) == (20, None, "", [])
    assert offer["others"]["groups"] == 3


def test_a_missing_certificate_is_named_with_what_helps(world: Told) -> None:
    (offer,) = asked(world, "bare")
    (cause,) = offer["causes"]
    assert (cause["code"], cause["lines"], cause["process"]) == ("certificate", 1, "knowledge")
    assert "GAP" in cause["would"]
    assert asked(world, "away") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_plain_and_leads_on_to_help_and_to_the_price(world: Told, language: str) -> None:
    reader = Browser(world.client, world.people["dear"], language)
    page = reader.see(f"/why/{world.round_id}")
    prices = {f"{price / 100:.2f}" for price in OTHERS}
    assert not [price for price in prices if price in page]
    assert "24.71" in page
    help_page = re.search(r'href="(/why/help/\w+)"', page)
    assert help_page
    reader.see(help_page[1])
    advice = reader.see("/why/prices/MORNING-GLORY")
    assert "18.00" in advice  # the imported quartile of the province
    assert f'href="/why/{world.round_id}"' in advice
    assert not [price for price in prices if price in advice]
    assert f"/why/{world.round_id}" in reader.see("/why")


def test_nobody_else_reads_it(world: Told) -> None:
    path = f"/rounds/{world.round_id}/suppliers/{world.groups['dear']}/why"
    for name in ("won", "kitchen"):
        assert Caller(world.client, world.people[name]).get(path).status_code == 404
    kitchen = Browser(world.client, world.people["kitchen"])
    for page in ("/why", f"/why/{world.round_id}", "/why/prices/MORNING-GLORY"):
        assert kitchen.client.get(page).status_code == 404
    assert Caller(world.client, world.people["dear"]).get("/products/NOTHING/price-help").status_code == 404


def test_what_would_have_won_last_time_is_told_when_listing(world: Told) -> None:
    last = Caller(world.client, world.people["dear"]).get("/products/MORNING-GLORY/price-help").json()["last"]
    assert (last["own_price_satang"], last["won_lines"]) == (OWN, 0)
    assert last["price_satang"] < OWN


NONE = Weights(poor_labour_bp=0, local_resource_bp=0, income_sharing_bp=0)


class _Bid:
    price = 2000


def reason(code: str, **numbers: Any) -> Reason:
    return Reason(None, _Bid(), code, numbers, 1.0, {})  # type: ignore[arg-type]


def test_a_price_is_rounded_down_and_not_told_where_few_took_part() -> None:
    with speaking("en"):
        told = rules.at_price(reason("dearer", price_gap=0.3, certain=True), NONE, few=False)
        assert (told.price_satang, told.firmness) == (1950, "certain")
        assert "19.50" in told.text
        assert rules.at_price(reason("dearer", price_gap=0.3, certain=False), NONE, few=False).firmness == "indication"
        hidden = rules.at_price(reason("dearer", price_gap=0.3, certain=True), NONE, few=True)
        assert (hidden.price_satang, re.findall(r"\d", hidden.text)) == (None, [])
        for gap in (None, 0.0, 20.0, 500.0):
            assert rules.at_price(reason("dearer", price_gap=gap), NONE, few=False) == rules.NOTHING
    assert rules.is_narrow(reason("won", headroom=0.3))
    assert not rules.is_narrow(reason("won", headroom=5.0))
    assert not rules.is_narrow(reason("won"))


def test_shares_that_would_have_done_as_much_as_a_lower_price_are_those_that_can_still_grow_enough() -> None:
    weights = Weights(poor_labour_bp=800, local_resource_bp=300, income_sharing_bp=0, total_cap_bp=1_000)
    assert rules.attestable(reason("dearer", price_gap=0.5), weights) == ["poor_labour", "local_resource"]  # 2.5 %
    assert rules.attestable(reason("dearer", price_gap=1.5), weights) == ["poor_labour"]  # 7.5 %
    assert rules.attestable(reason("dearer", price_gap=3.0), weights) == []  # beyond what all together may count
    assert rules.attestable(reason("dearer"), weights) == []
    with speaking("en"):
        told = rules.at_price(reason("dearer", price_gap=1.5, certain=True), weights, few=False)
        assert told.text.endswith("would have done as much: Labour of poor households.")
        assert "attested" not in rules.at_price(reason("dearer", price_gap=1.5), weights, few=True).text


def test_every_code_has_plain_words_in_thai_and_a_process_that_helps() -> None:
    assert set(words.WHY) == set(ARC_CODES)
    assert set(words.BARRED) == set(CONDITIONS)
    thai = translations("th")
    for plain in (*words.WHY.values(), *words.BARRED.values()):
        assert plain.process in words.HELP
        for message in filter(None, (plain.decided, plain.todo, plain.would)):
            found = thai.gettext(message)
            assert found != message
            assert set(re.findall(r"\{\w+\}", found)) == set(re.findall(r"\{\w+\}", message))
        assert not re.search(r"\{\w+\}", plain.decided + plain.todo)  # what decided tells no amount


def test_a_page_of_help_is_there_for_everybody(client: TestClient) -> None:
    assert client.get("/why/help/knowledge").status_code == 200
    assert client.get("/why/help/luck").status_code in {404, 422}
