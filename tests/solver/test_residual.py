"""Re-solving with frozen awards is an ordinary instance, and equals the whole model with those awards fixed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import solver
from solver import BadInput, Instance, check
from solver.result import Awards
from tests.solver.enumeration import is_feasible, plan_cost, plan_count, plans
from tests.solver.made import instances, plain

MODEST = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def frozen_part(q: Instance, awards: Awards, keep: np.ndarray) -> Awards:
    """Some of the awards; those of a whole line together or not at all."""
    whole = q.lines.whole[q.arcs.line[awards.arc]]
    keep = np.where(whole, keep[q.arcs.line[awards.arc] % len(keep)], keep[: len(awards)])
    return Awards(arc=awards.arc[keep], quantity=awards.quantity[keep])


@MODEST
@given(instances(most_lines=2, most_offers=3, most_units=4), st.integers(0, 2**31))
def test_a_residual_solve_equals_the_whole_model_with_the_frozen_awards_fixed(q: Instance, seed: int) -> None:
    assume(len(q.arcs) and plan_count(q) <= 3000)
    first = solver.solve(q)
    assume(len(first.awards) > 0)
    keep = np.random.default_rng(seed).random(len(q.arcs)) < 0.5
    frozen = frozen_part(q, first.awards, keep)
    left = solver.residual(q, frozen)
    second = solver.solve(left.instance)
    fixed = dict(zip(frozen.arc.tolist(), frozen.quantity.tolist(), strict=True))
    best = min(
        plan_cost(q, x) for x in plans(q) if all(x[a] == units for a, units in fixed.items()) and is_feasible(q, x)
    )
    assert left.objective(second) == pytest.approx(best, abs=1e-4)
    merged = left.awards(second)
    x = np.zeros(len(q.arcs), np.int64)
    x[merged.arc] = merged.quantity
    assert check.violations(q, x) == []
    assert check.objective(q, x) == pytest.approx(best, abs=1e-4)


def test_trips_that_are_already_made_cost_nothing_more() -> None:
    q = plain(drops__fee=[30.0], arcs__drop=[0, -1, 0, -1])
    left = solver.residual(q, Awards(arc=np.array([0]), quantity=np.array([10])))
    assert left.instance.drops.fee.tolist() == [0.0]
    assert left.frozen_cost == pytest.approx(10 * 1 + 30)
    assert left.arcs.tolist() == [1, 2, 3]


def test_a_line_with_its_most_awards_takes_no_more() -> None:
    q = plain(lines__max_awards=[1, 2])
    left = solver.residual(q, Awards(arc=np.array([0, 2]), quantity=np.array([4, 3])))
    assert left.arcs.tolist() == [3]
    assert left.instance.lines.max_awards.tolist() == [0, 1]


def test_a_cap_without_arcs_left_is_left_out_and_its_penalty_is_paid() -> None:
    q = plain(caps__limit=[4.0], caps__penalty=[2.0], caps__cap=[0], caps__arc=[0], caps__coefficient=[1.0])
    left = solver.residual(q, Awards(arc=np.array([0]), quantity=np.array([10])))
    assert len(left.instance.caps) == 0
    assert left.frozen_cost == pytest.approx(10 + 2 * 6)


@pytest.mark.parametrize(("arc", "quantity"), [([9], [1]), ([0], [0]), ([0, 0], [1, 1]), ([0], [11]), ([0, 2], [8, 8])])
def test_awards_the_instance_cannot_carry_are_refused(arc: list[int], quantity: list[int]) -> None:
    with pytest.raises(BadInput):
        solver.residual(plain(), Awards(arc=np.array(arc), quantity=np.array(quantity)))


def test_frozen_awards_past_a_hard_cap_are_refused_when_nothing_can_mend_it() -> None:
    q = plain(caps__limit=[4.0], caps__cap=[0], caps__arc=[0], caps__coefficient=[1.0])
    assert np.isinf(replace(q).caps.penalty).all()
    with pytest.raises(BadInput):
        solver.residual(q, Awards(arc=np.array([0]), quantity=np.array([5])))
