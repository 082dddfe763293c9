"""Laws that every generated instance obeys, whatever its features."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import solver
from solver import Instance, Result, check
from solver.bound import certify
from solver.improve import Search
from solver.relaxation import Relaxation
from solver.result import Prices
from solver.solve import EFFORTS_BY_NAME, solve_with
from tests.solver.made import instances, random_instance

MODEST = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
SEARCH_ONLY = replace(
    EFFORTS_BY_NAME["quick"], passes=100, exact_arcs=0, search=Search(work=600, work_an_arc=0.0, whole=(5,))
)
"""Without whole models for small parts, so that construction and search are tried on tiny instances."""


def searched(q: Instance, seed: int = 0, workers: int = 1) -> Result:
    return solve_with(q, SEARCH_ONLY, "quick", seed=seed, workers=workers)


@MODEST
@given(instances())
def test_a_solved_instance_verifies_and_its_bound_is_below_its_optimum(q: Instance) -> None:
    result = solver.solve(q)
    assert solver.verify(q, result) == []
    assert result.status in ("optimal", "infeasible")
    if result.objective is not None and result.bound is not None:
        assert result.bound <= result.objective + 1e-6 * max(1.0, abs(result.objective))


@MODEST
@given(instances(most_lines=6, most_offers=6, most_units=12))
def test_the_search_alone_obeys_every_rule_and_never_beats_the_optimum(q: Instance) -> None:
    proven, found = solver.solve(q), searched(q)
    assert solver.verify(q, found) == []
    assert (found.status == "infeasible") == (proven.status == "infeasible")
    if found.objective is not None:
        assert proven.objective is not None
        assert found.objective >= proven.objective - 1e-4


@MODEST
@given(instances(), st.integers(0, 2**31))
def test_any_prices_give_a_bound_below_the_optimum(q: Instance, seed: int) -> None:
    result = solver.solve(q)
    assume(result.objective is not None)
    rng = np.random.default_rng(seed)
    prices = Prices(
        line=rng.normal(10, 15, len(q.lines)),
        offer=rng.exponential(5, len(q.offers)),
        cap=np.minimum(rng.exponential(3, len(q.caps)), q.caps.penalty),
        split=np.where(q.lines.max_awards > 0, rng.exponential(5, len(q.lines)), 0.0),
    )
    assert result.objective is not None
    assert check.bound(q, replace(result, prices=prices)) <= result.objective + 1e-6 * max(1, abs(result.objective))


@MODEST
@given(instances(most_lines=6, most_offers=6))
def test_the_bound_of_the_search_and_of_the_checker_agree(q: Instance) -> None:
    proof = certify(Relaxation(q), 60)
    result = Result(instance_sha256="", status="feasible", prices=proof.prices)
    assert check.bound(q, result) == pytest.approx(proof.bound, rel=1e-9, abs=1e-7)


def test_the_same_seed_gives_the_same_plan_with_one_worker_or_two() -> None:
    q = random_instance(7, 12, 10, frozenset({"drops", "pickups", "caps", "split", "minimum", "step", "whole"}), 20)
    one, again, two = searched(q, seed=3), searched(q, seed=3), searched(q, seed=3, workers=2)
    for other in (again, two):
        assert other.awards.arc.tolist() == one.awards.arc.tolist()
        assert other.awards.quantity.tolist() == one.awards.quantity.tolist()
        assert other.prices.line.tolist() == one.prices.line.tolist()


@MODEST
@given(instances(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_proven_optimum(q: Instance, random: object) -> None:
    rng = np.random.default_rng(len(q.arcs))
    del random
    order = rng.permutation(len(q.arcs))
    place = np.argsort(order)
    arcs = {name: getattr(q.arcs, name)[order] for name in ("line", "offer", "drop", "unit_cost", "minimum", "step")}
    shuffled = replace(q, arcs=replace(q.arcs, **arcs), caps=replace(q.caps, arc=place[q.caps.arc]))
    one, two = solver.solve(q), solver.solve(shuffled)
    assert one.status == two.status
    if one.objective is not None:
        assert two.objective == pytest.approx(one.objective, abs=1e-4)


def test_independent_parts_are_solved_apart_and_add_up() -> None:
    features = frozenset({"drops", "split"})
    one, two = random_instance(1, 4, 4, features), random_instance(2, 4, 4, features)
    both = side_by_side(one, two)
    objectives = [solver.solve(q).objective for q in (one, two, both)]
    assert objectives[2] == pytest.approx((objectives[0] or 0) + (objectives[1] or 0), abs=1e-4)


def side_by_side(one: Instance, two: Instance) -> Instance:
    shift = {"arcs.line": "lines", "arcs.offer": "offers", "arcs.drop": "drops", "drops.pickup": "pickups"}
    columns = {}
    for key in ("lines.quantity", "lines.shortage_cost", "lines.max_awards", "lines.whole", "offers.capacity",
                "pickups.fee", "drops.fee", "drops.pickup", "arcs.line", "arcs.offer", "arcs.drop", "arcs.unit_cost",
                "arcs.minimum", "arcs.step"):  # fmt: skip
        more = two.column(key)
        if key in shift:
            more = np.where(more >= 0, more + len(getattr(one, shift[key])), -1)
        columns[key] = np.concatenate([one.column(key), more])
    return Instance.from_columns({k: v for k, v in columns.items() if len(v)})


def test_a_run_that_the_guard_ends_says_so_and_still_verifies() -> None:
    q = random_instance(5, 60, 50, frozenset({"drops", "pickups", "split"}), 30)
    result = solver.solve(q, "deep", time_limit_s=0.05)
    assert result.stopped_early
    assert solver.verify(q, result) == []


def test_progress_goes_forward_in_every_phase() -> None:
    q = random_instance(5, 40, 40, frozenset({"drops", "caps"}), 30)
    steps: list[dict[str, float | str | None]] = []
    solver.solve(q, progress=steps.append)
    assert {s["phase"] for s in steps} >= {"bound", "construct", "improve"}
    for phase in ("bound", "improve"):
        fractions = [float(s["fraction"] or 0) for s in steps if s["phase"] == phase]
        assert fractions == sorted(fractions)
        assert fractions[-1] <= 1
