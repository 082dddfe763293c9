"""Where every line goes whole to one offer: regrouping, and an optimum that neither order nor scale changes."""

from pathlib import Path

import numpy as np
import pytest

import solver
from solver.highs import _unit_of
from solver.problem import cost, keeps_rules, of_instance
from solver.published import single_source
from solver.regroup import regroup
from solver.walk import table, walk

OFFERS, LINES = 12, 16


def table_of(
    tmp_path: Path, seed: int, *, scale: float = 1.0, order: np.random.Generator | None = None
) -> solver.Instance:
    """A made single-source location file: 12 sites, 16 customers; on a scale, in another order."""
    rng = np.random.default_rng(seed)
    need = rng.integers(5, 36, LINES)
    capacity, fee = rng.integers(30, 90, OFFERS), rng.integers(100, 500, OFFERS)
    each = rng.integers(1, 80, (LINES, OFFERS))
    offers, lines = np.arange(OFFERS), np.arange(LINES)
    if order is not None:
        offers, lines = order.permutation(offers), order.permutation(lines)
    numbers = [capacity[offers], fee[offers] * scale, need[lines], *(each[lines][:, offers] * scale)]
    file = tmp_path / f"{seed}-{scale}-{order is None}"
    file.write_text(f"{OFFERS} {LINES}\n" + "\n".join(" ".join(map(str, row.tolist())) for row in numbers))
    return single_source(file)


@pytest.mark.parametrize("seed", [1, 2])
def test_neither_order_nor_scale_changes_a_proven_optimum(tmp_path: Path, seed: int) -> None:
    plain = solver.solve(table_of(tmp_path, seed), "quick")
    other = solver.solve(table_of(tmp_path, seed, scale=0.0137, order=np.random.default_rng(seed)), "quick")
    assert plain.status == other.status == "optimal"
    assert plain.objective is not None
    assert other.objective == pytest.approx(plain.objective * 0.0137, rel=1e-6)


def test_regrouping_makes_a_plan_cheaper_and_keeps_the_rules_with_any_number_of_workers(tmp_path: Path) -> None:
    p = of_instance(table_of(tmp_path, 3))
    choices = table(p)
    assert choices is not None
    first = walk(p, choices, 20, 0, lambda: False)
    later = regroup(p, choices, first, 10, 0, lambda: False)
    assert keeps_rules(p, later)
    assert cost(p, later) < cost(p, first)
    assert (regroup(p, choices, first, 10, 0, lambda: False, workers=2) == later).all()


def test_the_unit_of_costs_is_the_largest_that_divides_them_all() -> None:
    assert _unit_of(np.array([6.0, 9.0, -15.0, 0.0])) == pytest.approx(3.0)
    assert _unit_of(0.0137 * np.array([4.0, 6.0])) == pytest.approx(0.0274)
    assert _unit_of(np.array([1.0, np.pi])) == pytest.approx(np.pi * 1e-7)
    assert _unit_of(np.zeros(3)) == 1.0
