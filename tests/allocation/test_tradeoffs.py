"""What preference costs and buys: at whole strengths the scenarios' own questions, and true when it is done."""

from dataclasses import replace
from functools import cache

import pytest

import solver
from service.allocation import margins, tradeoffs
from service.allocation.facts import deals_of
from service.allocation.market import Lot, Market
from service.allocation.numbers import grid_of, instance_of, margin_parts
from tests.rounds.test_caps import DAYS, bid, line, market, party

FULL = {"labour_tier_1": 10_000}


@cache
def two_groups() -> Market:
    """A cheap group without poor households' labour, and a dearer one that lives of it."""
    lots = (Lot(DAYS[0], DAYS[6], 60, 400),)
    bids = [bid("cheap", "a", price=2000, lots=lots), bid("dear", "b", price=2100, lots=lots)]
    parties = {"a": party(income_12_months=10**7), "b": party(shares=FULL, income_12_months=10**7)}
    return market([line("l", ceiling=2500)], bids, parties, median_income=10)


@cache
def compared() -> tradeoffs.Compared:
    return tradeoffs.compare(two_groups(), solve)


def solve(question: bytes, start: bytes | None, turn: int) -> bytes:
    begun = None if start is None else solver.result_from_bytes(start).awards
    assert (begun is None) == (turn == 0)
    return solver.result_to_json(solver.solve(solver.instance_from_bytes(question), seed=turn, start=begun)).encode()


def test_at_none_the_whole_and_twice_the_profile_the_questions_are_the_scenarios() -> None:
    grid = grid_of(two_groups())
    for strength, scenario in ((0, "least_cost"), (100, "policy"), (200, "most_social")):
        assert solver.digest(tradeoffs.question_at(grid, strength)) == solver.digest(instance_of(grid, scenario))


def test_along_the_curve_poor_households_never_earn_less_and_the_buyer_never_pays_less() -> None:
    points = compared().points
    assert [point.strength for point in points] == [0, 50, 100, 150, 200]
    paid, labour = [p.paid_satang for p in points], [p.poor_labour_satang for p in points]
    assert paid == sorted(paid)
    assert labour == sorted(labour)
    assert paid[0] < paid[2]
    assert labour[0] < labour[2]
    # 60 of 100 units move to the dearer group, at 1 baht more; two fifths of its price is labour.
    assert paid[2] - paid[0] == 20 * 100
    assert labour[2] == 60 * 2100 * 4 // 10


def test_the_price_of_a_weight_is_what_the_plan_without_it_saves_and_gives_up() -> None:
    found = {one.preference: one for one in compared().weights}
    assert (found["poor_labour"].paid_satang, found["poor_labour"].poor_labour_satang) == (2000, 20 * 2100 * 4 // 10)
    assert found["proximity"].paid_satang == 0  # both are as near
    assert tradeoffs.without(two_groups(), "equity").weights["equity_bp"] == 0


def test_the_missing_margin_would_have_closed_the_gap() -> None:
    weights, price = margins.Weights(), 2000
    for gap in (0.01, 0.37, 1.0, 1.6):
        ppm = tradeoffs.missing_margin_ppm(gap, price)
        assert price / 100 * ppm / margins.PPM == pytest.approx(gap, abs=price / 100 / margins.PPM)
        assert price * ppm >= gap * 100 * margins.PPM - 1e-6
    parts = {"poor_labour": 20_000, "proximity": 30_000}
    assert tradeoffs.openings(weights, parts, 50_000) == {"poor_labour": 60_000}
    assert set(tradeoffs.openings(weights, parts, 20_000)) == {
        "poor_labour", "local_resource", "income_sharing", "equity", "priority_area",
    }  # fmt: skip
    assert tradeoffs.openings(weights, parts, 101_000) == {}  # beyond the cap of all together


def test_a_certificate_that_closes_the_gap_wins_when_the_market_is_solved_again() -> None:
    lots = (Lot(DAYS[0], DAYS[6], 200, 400),)
    bids = [bid("cheap", "a", price=2000, lots=lots), bid("near", "b", price=2040, lots=lots)]
    before = market([line("l", ceiling=2500)], bids, {}, median_income=10)

    def deals(of: Market) -> tuple[list[str], solver.Explanation]:
        question = tradeoffs.question_at(grid_of(of), 100)
        result = solver.solve(question)
        return [deal.bid.id for deal in deals_of(of, question, result)], solver.explain(question, result)

    won, why = deals(before)
    assert won == ["cheap"]
    assert why.arcs.certain[1]
    parts = margin_parts(before, margins.Weights(), "b", "school")
    missing = tradeoffs.missing_margin_ppm(float(why.arcs.price_gap[1]), 2040)
    room = tradeoffs.openings(margins.Weights(), parts, missing)["local_resource"]
    for part, wins in ((0.9, ["cheap"]), (1.05, ["near"])):
        share = round(part * 10_000 * missing / room)
        attested = replace(before, parties={**before.parties, "b": party(shares={"inputs_district": share})})
        assert deals(attested)[0] == wins
