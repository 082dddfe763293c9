"""What agreeing on a day changes in the allocation: docs/pools.md says it, the solver shows it here."""

from datetime import date, timedelta

import pytest

import solver
from service.allocation.margins import Weights
from service.allocation.market import Bid, Line, Lot, Market, Party
from service.allocation.numbers import grid_of, instance_of
from solver import check

MONDAY = date(2027, 1, 4)
KITCHENS = ("one", "two", "three")


def party(kind: str, lat: float = 16.0) -> Party:
    return Party(kind, "450101", "4501", "45", lat, 103.6, member_households=20)


def needs(days: list[int], quantity: int = 3, products: tuple[str, ...] = ("KALE",)) -> list[Line]:
    """A line of each kitchen on its day; a kitchen that is named twice has two products."""
    buyers = KITCHENS if len(products) == 1 else ("one",) * len(products)
    wares = products if len(products) > 1 else products * len(days)
    return [
        Line(id=f"{buyer}-{ware}", demand=buyer, budget_line=buyer, buyer=buyer, product=ware, family="agriculture",
             grade_rank=None, certificates=(), quantity=quantity, day=MONDAY + timedelta(days=day), ceiling=2200,
             most_awards=3, whole=False, substitutes=())
        for buyer, ware, day in zip(buyers, wares, days, strict=True)
    ]  # fmt: skip


def planned(lines: list[Line], *, pickup_satang: int, minimum: int = 0) -> tuple[int, float]:
    """Units that the best plan gives, and what it costs in baht: one group, thirty kilometres away."""
    whole_week = (Lot(MONDAY, MONDAY + timedelta(days=6), 50, 200),)
    bids = [Bid(id=ware, supplier="group", product=ware, grade_rank=None, price=2000, minimum=minimum, pack=1,
                reach_km=60, certificates=(), lots=whole_week)
            for ware in sorted({line.product for line in lines})]  # fmt: skip
    weights = Weights(family_share_bp=10_000, trip_base_satang=2_500, trip_per_km_satang=350,
                      pickup_satang=pickup_satang).as_json()  # fmt: skip
    parties = {"group": party("farmer_group", 16.21), **{name: party("school") for name in KITCHENS}}
    market = Market("r", 1, "45", MONDAY, MONDAY - timedelta(days=4), weights, dict.fromkeys(KITCHENS, 10**9), parties,
                    tuple(lines), tuple(bids))  # fmt: skip
    instance = instance_of(grid_of(market), "least_cost")
    units = check.quantities(instance, solver.solve(instance, time_limit_s=5))
    return int(units.sum()), check.objective(instance, units)


def test_small_lines_become_worth_a_trip_on_one_day_where_collecting_has_a_price() -> None:
    apart, _ = planned(needs([0, 1, 2]), pickup_satang=20_000)
    together, _ = planned(needs([0, 0, 0]), pickup_satang=20_000)
    assert (apart, together) == (0, 9)


def test_where_groups_deliver_themselves_the_common_day_of_kitchens_changes_no_cost() -> None:
    apart, together = (planned(needs(days, 15), pickup_satang=0) for days in ([0, 1, 2], [0, 0, 0]))
    assert (apart[0], together[0]) == (45, 45)
    assert together[1] == pytest.approx(apart[1])


def test_one_day_for_all_may_be_more_than_a_group_can_bring() -> None:
    apart, together = (planned(needs(days, 30), pickup_satang=0)[0] for days in ([0, 1, 2], [0, 0, 0]))
    assert (apart, together) == (90, 50)


def test_the_products_of_one_kitchen_share_its_trip_on_a_common_day() -> None:
    (_, apart), (_, together) = (
        planned(needs(days, 30, ("KALE", "BASIL")), pickup_satang=0) for days in ([0, 1], [0, 0])
    )
    assert apart - together > 100  # baht of the second trip


def test_what_a_group_brings_at_least_counts_for_each_kitchen_by_itself() -> None:
    assert planned(needs([0, 0, 0]), pickup_satang=0, minimum=9)[0] == 0
