"""Before posting: who could serve a line, what would help, and that no ceiling and no draft tells a sealed price."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.demand.models import Demand, DemandLine, JointDemand
from service.kernel.actor import Actor
from service.kernel.clock import today, week_of
from service.kernel.ids import new_id
from service.kernel.problems import NotAllowed, NotFound
from service.listings.models import Offer
from service.outlook import queries
from service.parties.models import Conflict
from service.prices.actions import note_accepted
from tests.make import PASSWORD, Maker, making, next_week


class Town:
    """A school and three groups at growing distances, each with 20 kg a day of one product in packs of 5."""

    def __init__(self, make: Maker) -> None:
        self.make = make
        self.school = make.organisation("school")
        self.officer = make.actor(self.school, "buyer_officer")
        self.groups = [make.organisation(lat=16.05 + 0.1 * step) for step in range(3)]
        self.offers = [make.offer(group, price_satang=1800 + 500 * step) for step, group in enumerate(self.groups)]

    def draft(self, **cells: Any) -> Demand:
        return self.make.demand(self.school, [self.make.line(**cells)])

    def look(self, row: Demand, by: Actor | None = None) -> queries.LineOutlook:
        return queries.outlook(self.make.tx, by=by or self.officer, demand_id=row.id)[1][0]


@pytest.fixture
def town(make: Maker) -> Town:
    return Town(make)


def test_groups_units_and_kilometres_are_told_and_nobody_is_named(tx: Session, town: Town) -> None:
    found = town.look(town.draft(quantity=50))
    assert (found.reach.groups, found.reach.units, found.fill) == (3, 50, 1.0)
    assert (found.reach.nearest_km, found.reach.farthest_km) == (0, 29)
    short = town.look(town.draft(quantity=100, most_awards=2))
    assert (short.reach.groups, short.reach.units) == (3, 40)
    assert [(one.kind, one.reach.units) for one in short.advice] == [("outlook.groups", 60)]


def test_what_the_kitchens_of_a_pool_need_together_is_held_against_the_same_groups(
    tx: Session, make: Maker, town: Town
) -> None:
    row = town.draft(quantity=20)
    assert town.look(row).together is None
    line = row.lines[0]
    agreed = [[line.product_code, str(line.delivery_date), 90], [line.product_code, "2026-01-05", 5]]
    make.add(JointDemand(demand_id=row.id, pool_id=new_id(), district_code="4501", kitchens=3, totals=agreed))
    found = town.look(row).together
    assert found is not None
    assert (found.quantity, found.reach.groups, found.reach.units) == (90, 3, 60)


def test_a_ceiling_tells_nothing_about_prices(tx: Session, town: Town) -> None:
    ceilings = (1, 1799, 1800, 2299, 2300, 2800, 10**6)
    found = [town.look(town.draft(quantity=50, ceiling_satang=ceiling)) for ceiling in ceilings]
    assert len({repr((one.reach, one.advice)) for one in found}) == 1


def test_other_prices_change_nothing_and_are_not_even_read(tx: Session, town: Town) -> None:
    row = town.draft(quantity=77, most_awards=1)
    before = repr((town.look(row).reach, town.look(row).advice))
    tx.execute(update(Offer).values(price_satang=1))
    assert repr((town.look(row).reach, town.look(row).advice)) == before
    tx.expunge_all()
    offers = queries._offers(tx, row, {"MORNING-GLORY"})
    with pytest.raises(InvalidRequestError):
        _ = offers[0][0].price_satang


def test_what_would_serve_it_better_is_tried_on_the_market(tx: Session, make: Maker, town: Town) -> None:
    product = make.product()
    good, fair = make.grade(product, "A", 1), make.grade(product, "B", 2)
    for offer in town.offers[:2]:
        offer.grade_id = fair.id
    town.offers[2].grade_id = good.id
    town.offers[2].lots[0].harvest_from = next_week() + timedelta(days=3)
    tx.flush()
    found = town.look(town.draft(quantity=43, grade_id=good.id))
    assert (found.reach.groups, found.fill) == (0, 0)
    advice = {one.kind: one for one in found.advice}
    assert advice["outlook.day"].value == (next_week() + timedelta(days=3)).isoformat()
    assert (advice["outlook.day"].reach.groups, advice["outlook.grade"].reach.groups) == (1, 2)
    assert "outlook.ceiling" not in advice
    odd = town.look(town.draft(quantity=13))
    assert (odd.advice[0].kind, odd.advice[0].value, odd.advice[0].reach.units) == ("outlook.pack", "5", 15)
    town.offers[0].pack_quantity = 1
    tx.flush()
    served = town.look(town.draft(quantity=13))
    assert (served.fill, "outlook.pack" in {one.kind for one in served.advice}) == (1, False)  # it needs no more


def test_conflicts_reach_and_standing_count_as_in_a_round(tx: Session, make: Maker, town: Town) -> None:
    row = town.draft(quantity=10)
    make.add(Conflict(organisation_id=town.school.id, other_id=town.groups[0].id, reason="a cousin",
                      valid_from=today()))  # fmt: skip
    town.offers[1].reach_km = 5
    town.groups[2].state = "suspended"
    tx.flush()
    found = town.look(row)
    assert (found.reach.groups, found.reach.nearest_km) == (0, None)


def test_a_higher_ceiling_is_advised_by_closed_rounds_and_where_it_may_rise(
    tx: Session, make: Maker, town: Town
) -> None:
    row = town.draft(quantity=50, ceiling_satang=2000)
    assert town.look(row).paid is None
    for group in town.groups:
        note_accepted(tx, order_line_id=new_id(), product_code="MORNING-GLORY", province_code="45",
                      supplier_id=group.id, delivery_date=week_of(today()), quantity=5, price_satang=2100)  # fmt: skip
    tx.flush()
    found = town.look(row)
    assert [(one.kind, one.value) for one in found.advice] == [("outlook.ceiling", "2100")]
    assert found.paid is not None
    make.reference_price(found.product, lower_satang=1500, median_satang=1700, upper_satang=1800)
    found = town.look(row)  # 19.80 baht is the highest ceiling now
    assert (found.advice, found.paid is not None) == ([], True)


def test_the_outlook_is_the_buyers_own(tx: Session, make: Maker, town: Town) -> None:
    row = town.draft(quantity=10)
    with pytest.raises(NotFound):
        town.look(row, make.actor(make.organisation("school"), "buyer_officer"))
    with pytest.raises(NotAllowed):
        town.look(row, make.actor(town.school, "inspector"))


def test_the_page_and_the_api_say_the_same(client: TestClient) -> None:
    with making(client) as make:
        town = Town(make)
        row = town.draft(quantity=13)
        officer = make.person(town.school, "buyer_officer")
        names = [group.name_en for group in town.groups]
    client.cookies.set("lang", "en")
    client.post("/sign-in", data={"username": officer.username, "password": PASSWORD})
    page = client.get(f"/demands/{row.id}/outlook").text
    assert "Order a multiple of 5" in page
    assert f"/demands/{row.id}/outlook" in client.get(f"/demands/{row.id}").text
    assert [name for name in names if name in page] == []
    found = client.get(f"/api/v1/demands/{row.id}/outlook").json()
    assert [(one["reach"]["groups"], one["reach"]["units"]) for one in found] == [(3, 10)]
    assert "satang" not in client.get(f"/api/v1/demands/{row.id}/outlook").text
    assert found[0]["line_id"] == str(_line(row).id)


def _line(row: Demand) -> DemandLine:
    return row.lines[0]
