"""Limits against their definitions: weekly lots against a maximum flow, margins against the model's formula."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.allocation import margins
from service.allocation.caps import BAHT, Cap, _binding_sets
from service.allocation.eligibility import CONDITIONS, Eye, day_capacity
from service.allocation.margins import Standing, Weights
from service.allocation.market import Bid, Held, Line, Lot, Market, Override, Paper, Party
from service.allocation.numbers import grid_of, instance_of, question_of

MONDAY = date(2027, 1, 4)
DAYS = [MONDAY + timedelta(days=place) for place in range(7)]
HERE = {"subdistrict": "450101", "district": "4501", "province": "45"}


def party(kind: str = "farmer_group", **facts: Any) -> Party:
    given = {"kind": kind, **HERE, "lat": 16.0, "lng": 103.6, "member_households": 20, **facts}
    return Party(**given)


def line(name: str = "l", day: date = MONDAY, **facts: Any) -> Line:
    ids = {"id": name, "demand": "d", "budget_line": "b", "buyer": "school", "product": "RICE"}
    given = {"family": "agriculture", "grade_rank": None, "certificates": (), "quantity": 100, "day": day}
    bounds = {"ceiling": 2200, "most_awards": 3, "whole": False, "substitutes": ()}
    return Line(**{**ids, **given, **bounds, **facts})


def bid(name: str = "o", supplier: str = "group", **facts: Any) -> Bid:
    given = {"id": name, "supplier": supplier, "product": "RICE", "grade_rank": None, "price": 2000, "minimum": 0,
             "pack": 1, "reach_km": 60, "certificates": (), "lots": (Lot(DAYS[0], DAYS[6], 50, 200),)}  # fmt: skip
    return Bid(**{**given, **facts})


def market(lines: list[Line], bids: list[Bid], parties: dict[str, Party] | None = None, **facts: Any) -> Market:
    given = {"round": "r", "run": 1, "province": "45", "week": MONDAY, "closed_on": MONDAY - timedelta(days=4),
             "weights": Weights(family_share_bp=10_000).as_json(), "approved": {"b": 10**9},
             "parties": {"school": party("school"), **{b.supplier: party() for b in bids}, **(parties or {})},
             "lines": tuple(lines), "bids": tuple(bids)}  # fmt: skip
    return Market(**{**given, **facts})


def caps(of: Market, prefix: str) -> list[Cap]:
    return [cap for cap in grid_of(of).caps if cap.name.startswith(prefix)]


lots = st.builds(
    lambda first, length, day, week: Lot(DAYS[first], DAYS[min(6, first + length)], day, week),
    st.integers(0, 2), st.integers(0, 3), st.integers(1, 3), st.integers(1, 8),
)  # fmt: skip


def flows(lots: list[Lot], wanted: dict[date, int]) -> bool:
    """Whether the lots can give the days what they want, by trying every way to share each lot out."""
    left = {tuple(wanted.values())}
    for lot in lots:
        most = [lot.day if lot.first <= day <= lot.last else 0 for day in wanted]
        ways = [way for way in product(*(range(units + 1) for units in most)) if sum(way) <= lot.week]
        left = {tuple(max(0, need - units) for need, units in zip(needs, way, strict=True))
                for needs in left for way in ways}  # fmt: skip
    return any(not any(needs) for needs in left)


@settings(max_examples=150, deadline=None)
@given(st.lists(lots, min_size=1, max_size=3), st.lists(st.integers(0, 6), min_size=3, max_size=3))
def test_weekly_lots_allow_exactly_what_a_flow_can_deliver(found: list[Lot], units: list[int]) -> None:
    one, days = bid(lots=tuple(found)), DAYS[:3]
    wanted = dict(zip(days, units, strict=True))
    by_day = all(wanted[day] <= day_capacity(one, day) for day in days)
    by_sets = all(sum(wanted[day] for day in chosen) <= room for chosen, room in _binding_sets(one, days))
    assert (by_day and by_sets) == flows(found, wanted)


shares = st.dictionaries(
    st.sampled_from(
        [*(f"labour_tier_{n}" for n in (1, 2, 3, 4)), "inputs_district", "inputs_province", "income_sharing"]
    ),
    st.integers(0, 10_000),
)
places = st.sampled_from(["450101", "450102", "450201", "520101"]).map(
    lambda code: {"subdistrict": code, "district": code[:4], "province": code[:2]}
)


@given(shares, places, st.integers(0, 10**9), st.integers(0, 10**7), st.booleans())
def test_a_margin_is_the_models_formula_to_a_millionth(
    held: dict[str, int], place: dict[str, str], income: int, median: int, priority: bool
) -> None:
    weights = Weights(priority_districts=(place["district"],) if priority else ())
    parts = margins.margin_parts(weights, Standing(held, income, place), HERE, median)

    def share(name: str) -> Fraction:
        return Fraction(held.get(name, 0), 10_000)

    labour = sum(
        share(f"labour_tier_{n}") * weight
        for n, weight in ((1, Fraction(1)), (2, Fraction(7, 10)), (3, Fraction(3, 10)))
    )
    same = [place[part] == HERE[part] for part in ("subdistrict", "district", "province")]
    near = Fraction(next((3 - n for n, here in enumerate(same) if here), 0), 3)
    equity = max(Fraction(0), 1 - Fraction(income, median)) if median else Fraction(int(income == 0))
    exact = {
        "poor_labour": Fraction(8, 100) * min(Fraction(1), labour),
        "local_resource": Fraction(3, 100)
        * min(Fraction(1), share("inputs_district") + share("inputs_province") * 7 / 10),
        "income_sharing": Fraction(2, 100) * share("income_sharing"),
        "proximity": Fraction(3, 100) * near,
        "equity": Fraction(4, 100) * equity,
        "priority_area": Fraction(2, 100) * priority,
    }
    for name, value in exact.items():
        assert abs(parts[name] - value * margins.PPM) <= 10, name  # shares are whole basis points
    assert margins.margin_ppm(weights, parts) == min(150_000, sum(parts.values()))


def test_prices_near_the_largest_amount_do_not_overflow() -> None:
    dear = 9_900_000_000_000
    grid = grid_of(market([line(quantity=1, ceiling=dear)], [bid(price=dear)]))
    cost = instance_of(grid, "least_cost").arcs.unit_cost
    assert cost.tolist() == [pytest.approx(dear / BAHT)]


def test_a_weeks_capacity_below_a_days_holds_on_a_single_day_too() -> None:
    grid = grid_of(market([line()], [bid(lots=(Lot(DAYS[0], DAYS[6], 50, 30),))]))
    assert instance_of(grid, "policy").offers.capacity.tolist() == [30]


def test_income_of_member_households_in_the_year_is_a_hard_limit() -> None:
    of = market([line()], [bid()], {"group": party(member_households=2, income_year=39_990_000)})
    (cap,) = caps(of, "household-year")
    assert (cap.limit, cap.penalty, cap.coefficients.tolist()) == (100.0, None, [20.0])  # 2 x 200,000 - 399,900 baht


def test_a_limit_that_income_passed_meanwhile_keeps_what_stands_and_gives_no_more() -> None:
    of = market(
        [line(), line("m", DAYS[1])], [bid(price=1999)], {"group": party(member_households=1, income_year=10**9)},
        held=(Held("l", "o", 7, 1999),), answered=(("l", "o"),),
    )  # fmt: skip
    (cap,) = caps(of, "household-year")
    assert cap.limit == pytest.approx(7 * 19.99)
    left = question_of(grid_of(of), "policy")
    assert left.caps.limit.tolist() == [pytest.approx(0.0, abs=1e-9)]


def test_groups_of_one_owner_share_a_ceiling_and_a_group_of_its_own_has_none() -> None:
    owned = {"one": party(owners=("x", "y")), "two": party(owners=("x",)), "three": party(owners=("z",))}
    bids = [bid(name, name, lots=(Lot(DAYS[0], DAYS[0], 90, 90),)) for name in owned]
    of = market([line(quantity=10_000)], bids, owned, weights=Weights(owner_week_ceiling_satang=100_000).as_json())
    (cap,) = caps(of, "owner-week")
    assert (cap.name, cap.limit, cap.penalty, len(cap.arcs)) == ("owner-week:x", 1000.0, None, 2)


def test_a_share_of_a_family_is_soft_and_counts_the_whole_rounds_demand_at_ceilings() -> None:
    of = market([line(), line("m", family="processed", product="OIL")], [bid()], weights=Weights().as_json())
    (cap,) = caps(of, "family-share")
    assert cap.limit == pytest.approx(0.3 * 100 * 22.0)
    assert cap.penalty == 0.5


def test_a_reserved_share_is_a_soft_cap_with_negative_coefficients_for_groups_with_poor_labour() -> None:
    poor = {"poor": party(shares={"labour_tier_1": 2_000}), "group": party(shares={"labour_tier_1": 1_999})}
    weights = Weights(reserved_share_bp=2_500).as_json()
    (cap,) = caps(market([line()], [bid(), bid("p", "poor")], poor, weights=weights), "reserved")
    assert (cap.limit, cap.penalty, cap.coefficients.tolist()) == (-0.25 * 2200, 0.5, [-20.0])


PAPER = Paper("GAP", None, MONDAY - timedelta(days=9), MONDAY + timedelta(days=9), None)
WELL: dict[str, Any] = {
    "line": {"grade_rank": 2, "certificates": ("GAP",)},
    "bid": {"grade_rank": 2, "certificates": (PAPER,)},
}
BREAKS: dict[str, dict[str, Any]] = {
    "product": {"bid": {"product": "OIL"}},
    "not_qualified": {"group": {"qualified": False}},
    "ceiling": {"bid": {"price": 2201}},
    "lot": {"bid": {"lots": (Lot(DAYS[1], DAYS[6], 50, 200),)}},
    "lead_time": {"bid": {"lead_time_days": 5}},
    "grade": {"bid": {"grade_rank": 3}},
    "certificate": {"bid": {"certificates": (Paper("GAP", "OIL", PAPER.issued, PAPER.expires, None),)}},
    "conflict": {"market": {"conflicts": (("group", "school"),)}},
    "answered": {"market": {"answered": (("l", "o"),)}},
    "ruled_out": {"market": {"overrides": (Override("l", "o", 0, "quality"),)}},
    "out_of_produce": {"market": {"out_of_produce": (("o", MONDAY),)}},
    "reach": {"group": {"lat": 16.5}},
}


@pytest.mark.parametrize("code", BREAKS)
def test_each_condition_alone_makes_a_pair_ineligible_and_names_itself(code: str) -> None:
    broken = BREAKS[code]
    asked, offered = line(**WELL["line"]), bid(**{**WELL["bid"], **broken.get("bid", {})})
    of = market([asked], [offered], {"group": party(**broken.get("group", {}))}, **broken.get("market", {}))
    well = market([asked], [bid(**WELL["bid"])])
    assert list(Eye(well).against(asked, well.bids[0])) == []
    assert list(Eye(of).against(asked, offered)) == [code]


def test_every_condition_is_tried() -> None:
    assert set(BREAKS) == set(CONDITIONS)


@pytest.mark.parametrize(
    ("paper", "counts"),
    [
        (PAPER, True),
        (Paper("GAP", None, PAPER.issued, MONDAY, None), True),
        (Paper("GAP", None, PAPER.issued, MONDAY - timedelta(days=1), None), False),
        (Paper("GAP", None, MONDAY + timedelta(days=1), PAPER.expires, None), False),
        (Paper("GAP", None, PAPER.issued, PAPER.expires, MONDAY), False),
        (Paper("GAP", None, PAPER.issued, PAPER.expires, MONDAY + timedelta(days=1)), True),
        (Paper("FDA", None, PAPER.issued, PAPER.expires, None), False),
    ],
)
def test_a_certificate_counts_on_the_delivery_day(paper: Paper, counts: bool) -> None:
    of = market([line(certificates=("GAP",))], [bid(certificates=(paper,))])
    assert Eye(of).eligible(of.lines[0], of.bids[0]) is counts


@pytest.mark.parametrize(("kind", "factor"), [("hospital", 10), ("prison", 10), ("school", 5), ("private_buyer", 5)])
def test_shortage_costs_the_ceiling_times_the_kinds_factor(kind: str, factor: int) -> None:
    of = market([line()], [bid()], {"school": party(kind)})
    assert instance_of(grid_of(of), "policy").lines.shortage_cost.tolist() == [22.0 * factor]


def test_scenarios_count_the_margin_not_once_and_twice() -> None:
    of = market([line()], [bid()], {"group": party(shares={"labour_tier_1": 10_000})})
    grid = grid_of(of)
    costs = [instance_of(grid, name).arcs.unit_cost[0] for name in ("least_cost", "policy", "most_social")]
    margin = margins.margin_ppm(grid.weights, {"all": int(grid.margin_ppm[0])}) / margins.PPM
    assert costs == pytest.approx([20.0, 20.0 * (1 - margin), 20.0 * (1 - 2 * margin)])
    assert all(dear > cheap for dear, cheap in pairwise(costs))
    assert np.all(grid.margin_ppm <= 150_000)
