"""Moves on trips: each kind on an example that only it can better, and the laws they keep on any plan."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solver import Instance
from solver.construct import repaired
from solver.instance import Ints
from solver.neighbourhood import Plan
from solver.problem import Problem, cost, keeps_rules, of_instance, overrun, sums
from solver.trips import Trips
from tests.solver.made import instances, plain

MODEST = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def settled(q: Instance, x: list[int]) -> list[int]:
    """The quantities after all moves."""
    p = of_instance(q)
    plan = Plan(p, np.array(x))
    Trips(p).settle(plan, lambda: False)
    assert plan.cost() == pytest.approx(cost(p, plan.x))
    return [int(quantity) for quantity in plan.x]


def two_trucks(**columns: Any) -> Instance:
    """Two lines of 10 units; offers 0 and 1 come on a trip each for 50 baht, whoever they serve."""
    return plain(**{"drops__fee": [50.0, 50.0], "arcs__drop": [0, 1, 0, 1], "offers__capacity": [20, 20]} | columns)


def test_two_half_full_trips_become_one() -> None:
    """Each line is served by its own truck; line 1 moves to the first truck at a baht less, and saves the second."""
    assert settled(two_trucks(), [10, 0, 0, 10]) == [10, 0, 10, 0]


def test_nothing_moves_where_the_offer_has_too_little() -> None:
    q = two_trucks(offers__capacity=[12, 12])
    assert settled(q, [10, 0, 0, 10]) == [10, 0, 0, 10]


def test_what_is_short_moves_in_as_far_as_there_is_room() -> None:
    q = two_trucks(offers__capacity=[14, 1])
    assert settled(q, [10, 0, 0, 0]) == [10, 0, 4, 0]


def test_a_trip_that_is_not_made_takes_over_from_two() -> None:
    q = plain(
        arcs__line=[0, 1, 0, 1], arcs__offer=[0, 1, 2, 2], arcs__unit_cost=[1.0, 1.0, 2.0, 2.0],
        offers__capacity=[10, 10, 20], arcs__drop=[0, 1, 2, 2], drops__fee=[50.0, 50.0, 60.0],
    )  # fmt: skip
    assert settled(q, [10, 10, 0, 0]) == [0, 0, 10, 10]


def test_a_trip_scatters_over_others_that_are_made_anyway() -> None:
    """Lines 2 and 3 keep trips 1 and 2 on the road; lines 0 and 1 leave trip 0 for one of them each."""
    q = plain(
        lines__quantity=[10, 10, 10, 10], lines__shortage_cost=[50.0] * 4, offers__capacity=[20, 20, 20],
        arcs__line=[0, 1, 0, 1, 2, 3], arcs__offer=[0, 0, 1, 2, 1, 2], arcs__unit_cost=[1.0, 1.0, 2.0, 2.0, 1.0, 1.0],
        arcs__drop=[0, 0, 1, 2, 1, 2], drops__fee=[50.0, 90.0, 90.0],
    )  # fmt: skip
    assert settled(q, [10, 10, 0, 0, 10, 10]) == [0, 0, 10, 10, 10, 10]


def test_a_line_of_very_many_awards_is_left_as_it_is() -> None:
    """A hundred awards and a hundred and twenty arcs would be 12,000 pairs."""
    offers, awards = 120, 100
    q = Instance.from_columns(
        {
            "lines.quantity": [awards], "lines.shortage_cost": [50.0], "offers.capacity": [2] * offers,
            "arcs.line": [0] * offers, "arcs.offer": list(range(offers)),
            "arcs.unit_cost": [float(offers - a) for a in range(offers)],
        }
    )  # fmt: skip
    x = [1] * awards + [0] * (offers - awards)
    assert settled(q, x) == x


@pytest.mark.parametrize(("pickups", "moves"), [([0, 1], True), ([0, 0], False)])
def test_a_pickup_is_saved_by_its_last_trip_only(pickups: list[int], moves: bool) -> None:
    """Ten units cost 30 baht more on trip 0; trip 1 saves 20, and 40 with a pickup of its own."""
    q = two_trucks(
        drops__fee=[20.0, 20.0], drops__pickup=pickups, pickups__fee=[20.0, 20.0], arcs__unit_cost=[1.0, 9.0, 7.0, 4.0],
    )  # fmt: skip
    assert settled(q, [10, 0, 0, 10]) == ([10, 0, 10, 0] if moves else [10, 0, 0, 10])


def test_a_hard_cap_without_room_is_kept_and_a_soft_one_has_its_price() -> None:
    def capped(penalty: float) -> Instance:
        return two_trucks(caps__limit=[10.0], caps__penalty=[penalty], caps__cap=[0, 0], caps__arc=[0, 2],
                          caps__coefficient=[1.0, 1.0])  # fmt: skip

    apart, on_the_first, on_the_second = [10, 0, 0, 10], [10, 0, 10, 0], [0, 10, 0, 10]
    assert settled(capped(np.inf), apart) == on_the_second
    assert settled(capped(3.0), apart) == on_the_second  # 30 baht of penalty, where the second truck costs 20 more
    assert settled(capped(0.5), apart) == on_the_first


@MODEST
@given(instances(most_lines=7, most_offers=6, most_units=9), st.integers(0, 2**31))
def test_moves_keep_every_rule_and_never_cost_more(q: Instance, seed: int) -> None:
    p = of_instance(q)
    start = any_plan(p, seed)
    plan = Plan(p, start)
    Trips(p).settle(plan, lambda: False)
    assert keeps_rules(p, plan.x)
    assert (overrun(p, plan.x) <= overrun(p, start) + 1e-9).all()
    assert cost(p, plan.x) <= cost(p, start) + 1e-6
    assert plan.used.tolist() == sums(p.offer, plan.x, len(p.capacity)).tolist()


def any_plan(p: Problem, seed: int) -> Ints:
    """Arcs in any order take what is left, some of it; then what breaks a rule goes."""
    rng, x = np.random.default_rng(seed), np.zeros(p.arcs, np.int64)
    need, left = p.need.copy(), p.capacity.copy()
    for a in rng.permutation(p.arcs):
        most = int(min(p.room[a], need[p.line[a]], left[p.offer[a]]))
        x[a] = most if rng.random() < 0.5 else rng.integers(0, most + 1)
        need[p.line[a]] -= x[a]
        left[p.offer[a]] -= x[a]
    return repaired(p, x)
