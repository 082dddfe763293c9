"""What preference costs and buys in a round: asked once, solved beside the web, read by who may see the result."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from service import work
from service.allocation import tradeoffs
from service.allocation.tradeoffs import Point
from service.comparisons import actions, plot, queries
from service.comparisons.models import Comparison
from service.kernel import jobs
from service.kernel.clock import today
from service.kernel.db import Database
from service.kernel.problems import NotAllowed
from service.parties.models import SocialShare
from service.people.models import Person
from service.procedure import actions as rounds
from service.rounds.rules import RoundStillSealed
from tests.conftest import client_of
from tests.make import Caller, making
from tests.orders.test_pages import Browser
from tests.rounds.test_chain import SETTINGS, settled

POOR, RICH = 2080, 2000  # satang a unit: a preference of a few per cent decides between them


@dataclass
class Scene:
    """A round with a cheap group and a slightly dearer one that lives of poor households' labour."""

    database: Database
    round_id: UUID
    people: dict[str, Person]
    actors: dict[str, Any]

    def ask(self, who: str = "auditor", number: int = 1) -> Comparison:
        with self.database.writing() as tx:
            return actions.ask(tx, by=self.actors[who], round_id=self.round_id, number=number)

    def found(self) -> Comparison:
        with self.database.reading() as tx:
            found = queries.of_run(tx, by=self.actors["auditor"], round_id=self.round_id, number=1)[1]
            assert found is not None
            return found


@pytest.fixture(autouse=True)
def one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question of so small a market is solved to proof at once; turns are tests/allocation's matter."""
    monkeypatch.setattr(tradeoffs, "TURNS", 1)


@pytest.fixture
def scene(database: Database) -> Scene:
    with making(database) as make:
        ware = make.product()
        for price, labour in ((POOR, 10_000), (RICH, 0)):
            group = make.organisation()
            make.offer(group, ware, price_satang=price)
            if labour:
                day = today()
                make.add(SocialShare(organisation_id=group.id, measure="labour_tier_1", declared_bp=labour,
                                     attested_bp=labour, attested_on=day, valid_from=day - timedelta(days=1),
                                     valid_until=day + timedelta(days=300)))  # fmt: skip
        school, company = make.organisation("school"), make.organisation("provincial_company")
        make.demand(school, [make.line(ware, quantity=20)], state="planned")
        places = {"auditor": (make.organisation("national_company", "100101"), "auditor"),
                  "facilitator": (company, "facilitator"), "school": (school, "buyer_officer"),
                  "committee": (make.organisation("provincial_committee"), "committee_member")}  # fmt: skip
        actors = {name: make.actor(*place) for name, place in places.items()}
        people = {name: make.person(*place) for name, place in places.items()}
        row = make.round(make.profile(family_share_bp=10_000, equity_bp=0))
        round_id = row.id
    return Scene(database, round_id, people, actors)


@pytest.fixture
def compared(scene: Scene) -> Scene:
    with scene.database.writing() as tx:
        rounds.close(tx, by=scene.actors["facilitator"], round_id=scene.round_id)
    settled(scene.database, scene)  # type: ignore[arg-type]
    return scene


def test_it_tells_what_more_preference_pays_and_what_each_one_buys(compared: Scene) -> None:
    asked = compared.ask()
    assert (asked.state, asked.points) == ("queued", [])
    actions.perform(compared.database, SETTINGS, asked.id)
    found = compared.found()
    assert (found.id, found.state) == (asked.id, "done")
    assert 0 < found.done <= found.total == 5 + 5  # equity is no part of the profile
    by_strength = {point["strength"]: point for point in found.points}
    assert list(by_strength) == [0, 50, 100, 150, 200]
    assert by_strength[0]["paid_satang"] == 20 * RICH
    assert by_strength[100]["paid_satang"] == 20 * POOR
    assert by_strength[0]["poor_labour_satang"] == 0 < by_strength[100]["poor_labour_satang"]
    prices = {price["preference"]: price for price in found.weights}
    assert set(prices) == {"poor_labour", "local_resource", "income_sharing", "proximity", "priority_area"}
    assert prices["poor_labour"]["paid_satang"] == 20 * (POOR - RICH)
    assert prices["poor_labour"]["poor_labour_satang"] == by_strength[100]["poor_labour_satang"]
    assert prices["proximity"]["paid_satang"] == 0
    actions.perform(compared.database, SETTINGS, asked.id)  # a worker that comes back finds it done
    assert compared.found().finished_at == found.finished_at


def test_it_is_asked_once_and_again_only_after_it_failed(compared: Scene) -> None:
    asked = compared.ask()
    assert compared.ask("committee").id == asked.id
    with compared.database.writing() as tx:
        actions.fail(tx, asked.id, "out of memory")
    assert compared.found().failure == "out of memory"
    again = compared.ask()
    assert again.id != asked.id
    actions.perform(compared.database, SETTINGS, asked.id)  # what failed stays failed
    with compared.database.reading() as tx:
        assert tx.get_one(Comparison, asked.id).state == "failed"


def test_nobody_compares_a_sealed_round_or_without_being_allowed(scene: Scene) -> None:
    with pytest.raises(RoundStillSealed):
        scene.ask()
    with pytest.raises(NotAllowed):
        scene.ask("school")


def test_one_whose_start_was_lost_is_swept_up_and_one_that_ended_without_a_result_fails(
    compared: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = compared.ask()
    with compared.database.writing() as tx:
        broken = Comparison(run_id=tx.get_one(Comparison, lost.id).run_id, state="running")
        tx.add(broken)
    started: list[str] = []
    monkeypatch.setattr(jobs, "start", lambda queue, name, key, *_: started.append(f"{queue} {name} {key}"))
    monkeypatch.setattr(jobs, "_ended", lambda _: {str(broken.id)})
    work.sweep_asked(compared.database)
    assert {f"{actions.QUEUE} {actions.WORKFLOW} {one.id}" for one in (lost, broken)} <= set(started)
    with compared.database.reading() as tx:
        assert [tx.get_one(Comparison, one.id).state for one in (lost, broken)] == ["queued", "failed"]


def test_the_page_asks_shows_how_far_it_is_and_then_the_curve(compared: Scene) -> None:
    client = client_of(compared.database)
    here = f"/rounds/{compared.round_id}/runs/1/comparison"
    reader = Browser(client, compared.people["committee"])
    assert f'href="{here}"' in reader.client.get(f"/rounds/{compared.round_id}").text
    assert "Nobody has asked for it" in reader.client.get(here).text
    assert reader.client.post(here, data={}).headers["location"] == here
    assert "It begins in a moment" in reader.client.get(here).text
    actions.perform(compared.database, SETTINGS, compared.found().id)
    page = reader.client.get(here).text
    assert f"{20 * RICH // 100}" in page
    assert f"+{20 * (POOR - RICH) // 100}" in page
    assert "<polyline" in page
    told = Caller(client, compared.people["auditor"]).get(here).json()
    assert told["state"] == "done"
    assert [point["strength"] for point in told["points"]] == [0, 50, 100, 150, 200]
    assert Caller(client, compared.people["school"]).get(here).status_code == 403


def test_plans_that_do_not_differ_share_a_dot_in_the_middle_and_others_stand_apart() -> None:
    same = [Point(strength, 500, 70, 600, 1, 0.0) for strength in (0, 50)]
    (dot,) = plot.draw(same).dots
    assert (dot.x, dot.y, dot.title) == ((plot.LEFT + plot.RIGHT) / 2, (plot.TOP + plot.BOTTOM) / 2, "0–50 %")
    curve = plot.draw([*same, Point(100, 700, 90, 600, 1, 0.0)])
    assert [(dot.x, dot.y, dot.title) for dot in curve.dots] == [
        (plot.LEFT, plot.BOTTOM, "0–50 %"), (plot.RIGHT, plot.TOP, "100 %")]  # fmt: skip
    assert curve.line == f"{plot.LEFT},{plot.BOTTOM} {plot.RIGHT},{plot.TOP}"
