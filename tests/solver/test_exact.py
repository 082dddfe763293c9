"""Small instances are solved to proven optimality, and an enumerator agrees."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import solver
from solver import Instance, check, exact
from solver.highs import Limits
from solver.problem import of_instance
from tests.solver.enumeration import is_feasible, least_cost, plan_cost, plan_count, plans
from tests.solver.made import clashing, instances, plain, random_instance

CLASHING = frozenset({"caps", "hard", "negative", "split", "step"})
MODEST = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@MODEST
@given(instances(most_lines=2, most_offers=3, most_units=4))
def test_an_enumerator_finds_no_better_plan(q: Instance) -> None:
    assume(plan_count(q) <= 4000)
    result = solver.solve(q)
    best = least_cost(q)
    if best is None:
        assert result.status == "infeasible"
        return
    assert result.status == "optimal"
    assert result.objective == pytest.approx(best, abs=1e-4)
    assert solver.verify(q, result) == []


@MODEST
@given(instances(most_lines=2, most_offers=2, most_units=3), st.integers(0, 10**6))
def test_the_checker_and_the_enumerator_judge_every_plan_alike(q: Instance, pick: int) -> None:
    assume(0 < plan_count(q) <= 2000 and len(q.arcs))
    every = list(plans(q))
    for x in every[pick % 7 :: max(1, len(every) // 40)]:
        quantity = np.array(x, np.int64)
        assert (check.violations(q, quantity) == []) == is_feasible(q, x)
        assert check.objective(q, quantity) == pytest.approx(plan_cost(q, x), abs=1e-6)


def test_caps_that_clash_are_named_and_no_others() -> None:
    result = solver.solve(clashing())
    assert result.status == "infeasible"
    assert result.clash.tolist() == [0, 2]
    assert result.objective is None
    assert solver.verify(clashing(), result) == []


def test_a_cap_nobody_can_mend_clashes_alone() -> None:
    q = plain(offers__capacity=[0, 0], caps__limit=[5.0, -1.0], caps__cap=[0, 1], caps__arc=[0, 1],
              caps__coefficient=[1.0, -1.0])  # fmt: skip
    result = solver.solve(q)
    assert (result.status, result.clash.tolist()) == ("infeasible", [1])


@settings(MODEST, max_examples=8)
@given(st.builds(random_instance, st.integers(0, 10**9), st.just(3), st.just(3), st.just(CLASHING)))
def test_the_clash_is_irreducible(q: Instance) -> None:
    result = solver.solve(q)
    assume(result.status == "infeasible")
    p, named = of_instance(q), np.isin(np.arange(len(q.caps)), result.clash)
    assert exact.can_be_met(p, named, Limits()) is False
    for j in result.clash:
        fewer = named.copy()
        fewer[j] = False
        assert exact.can_be_met(p, fewer, Limits()) is True


def test_what_cannot_be_served_is_shortage_and_not_an_error() -> None:
    q = plain(arcs__line=[0, 0], arcs__offer=[0, 1], arcs__unit_cost=[1.0, 2.0])
    result = solver.solve(q)
    assert result.status == "optimal"
    assert result.objective == pytest.approx(10 * 1 + 10 * 50)


def test_an_empty_question_has_an_empty_answer() -> None:
    q = Instance()
    result = solver.solve(q)
    assert (result.status, result.objective, len(result.awards)) == ("optimal", 0.0, 0)
    assert solver.verify(q, result) == []


def test_negative_unit_costs_are_earned_only_up_to_the_need() -> None:
    result = solver.solve(plain(arcs__unit_cost=[-1.0, -2.0, -3.0, -4.0]))
    assert result.objective == pytest.approx(-(8 * 1 + 2 * 2 + 0) - 10 * 4 + 10 * 0 - 0, abs=12)
    assert result.status == "optimal"


def test_more_capacity_never_raises_a_proven_optimum() -> None:
    for capacity in range(0, 14, 2):
        less = solver.solve(plain(offers__capacity=[capacity, 5])).objective
        more = solver.solve(plain(offers__capacity=[capacity + 2, 5])).objective
        assert less is not None
        assert more is not None
        assert more <= less + 1e-6


@MODEST
@given(instances(), st.integers(0, 3), st.integers(1, 5))
def test_one_larger_offer_never_raises_a_proven_optimum(q: Instance, which: int, units: int) -> None:
    assume(len(q.offers) > which)
    capacity = q.offers.capacity.copy()
    capacity[which] += units
    before, after = solver.solve(q), solver.solve(replace(q, offers=replace(q.offers, capacity=capacity)))
    if before.objective is not None:
        assert after.objective is not None
        assert after.objective <= before.objective + 1e-4
