"""The checker rejects every kind of tampering."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import solver
from solver import Instance, Result, check
from solver.result import Awards, Prices
from tests.solver.made import clashing, plain, random_instance


@cache
def solved() -> tuple[Instance, Result]:
    q = random_instance(11, 8, 8, frozenset({"drops", "pickups", "caps", "split", "step", "minimum"}), 12)
    return q, solver.solve(q)


def _awarded(r: Result, **changes: Any) -> Result:
    return replace(r, awards=Awards(**({"arc": r.awards.arc, "quantity": r.awards.quantity} | changes)))


def _price(r: Result, name: str, change: Callable[[np.ndarray], np.ndarray]) -> Result:
    return replace(r, prices=replace(r.prices, **{name: change(getattr(r.prices, name))}))


TAMPERED: dict[str, Callable[[Result], Result]] = {
    "a larger quantity": lambda r: _awarded(r, quantity=r.awards.quantity + 1),
    "a quantity of nothing": lambda r: _awarded(r, quantity=r.awards.quantity * 0),
    "a negative quantity": lambda r: _awarded(r, quantity=-r.awards.quantity),
    "an arc that does not exist": lambda r: _awarded(r, arc=r.awards.arc + 10_000),
    "an arc named twice": lambda r: _awarded(r, arc=r.awards.arc * 0 + r.awards.arc[0]),
    "an award left out": lambda r: _awarded(r, arc=r.awards.arc[1:], quantity=r.awards.quantity[1:]),
    "a line price": lambda r: _price(r, "line", lambda p: p + 1.0),
    "an offer price below zero": lambda r: _price(r, "offer", lambda p: p - 1.0),
    "a price that is no number": lambda r: _price(r, "line", lambda p: p * np.nan),
    "a cap price above the penalty": lambda r: _price(r, "cap", lambda p: p + 1e9),
    "a split price where there is no limit": lambda r: _price(r, "split", lambda p: p + 1.0),
    "prices of another size": lambda r: _price(r, "offer", lambda p: p[1:]),
    "the objective": lambda r: replace(r, objective=(r.objective or 0) - 1),
    "the bound": lambda r: replace(r, bound=(r.bound or 0) + 1),
    "the gap": lambda r: replace(r, gap=(r.gap or 0) + 0.01),
    "the gap of the served part": lambda r: replace(r, gap_served=(r.gap_served or 0) - 0.01),
    "no objective": lambda r: replace(r, objective=None),
    "the digest": lambda r: replace(r, instance_sha256="0" * 64),
    "the status": lambda r: replace(r, status="feasible"),
    "a plan called infeasible": lambda r: replace(r, status="infeasible"),
    "a plan called no solution": lambda r: replace(r, status="no_solution"),
    "optimal without proof": lambda r: replace(r, engine_bound=None),
    "an engine bound above the objective": lambda r: replace(r, engine_bound=(r.objective or 0) + 1),
    "a clash beside a plan": lambda r: replace(r, clash=np.array([0])),
}


def test_the_honest_result_is_verified() -> None:
    q, result = solved()
    assert result.status == "optimal"
    assert solver.verify(q, result) == []


@pytest.mark.parametrize("kind", TAMPERED)
def test_tampering_is_rejected(kind: str) -> None:
    q, result = solved()
    assert solver.verify(q, TAMPERED[kind](result))


@pytest.mark.parametrize(
    ("rule", "columns", "quantities"),
    [
        ("line", {}, [6, 5, 0, 0]),
        ("offer", {}, [10, 0, 3, 0]),
        ("cap", {"caps__limit": [4.0], "caps__cap": [0], "caps__arc": [0], "caps__coefficient": [1.0]}, [5, 0, 0, 0]),
        ("cap", {"caps__limit": [-4.0], "caps__cap": [0], "caps__arc": [0], "caps__coefficient": [-1.0]}, [3, 0, 0, 0]),
        ("split", {"lines__max_awards": [1, 0]}, [5, 5, 0, 0]),
        ("whole", {"lines__whole": [True, False]}, [5, 0, 0, 0]),
        ("minimum", {"arcs__minimum": [4, 0, 0, 0]}, [3, 0, 0, 0]),
        ("step", {"arcs__step": [4, 1, 1, 1]}, [6, 0, 0, 0]),
    ],
)
def test_each_rule_is_checked_under_its_own_name(rule: str, columns: dict[str, Any], quantities: list[int]) -> None:
    found = check.violations(plain(**columns), np.array(quantities, np.int64))
    assert [sentence.split()[0] for sentence in found] == [rule]


def test_drops_pickups_and_soft_caps_are_paid_once() -> None:
    q = plain(
        pickups__fee=[100.0], drops__fee=[10.0, 20.0], drops__pickup=[0, 0], arcs__drop=[0, 1, 0, 1],
        caps__limit=[4.0], caps__penalty=[2.0], caps__cap=[0, 0], caps__arc=[0, 2], caps__coefficient=[1.0, 1.0],
    )  # fmt: skip
    x = np.array([5, 0, 5, 0], np.int64)
    assert check.objective(q, x) == pytest.approx(5 * 1 + 5 * 3 + 10 + 100 + 10 * 50 + 2 * 6)


def test_the_bound_follows_the_formula_on_a_worked_example() -> None:
    q = plain(drops__fee=[7.0], arcs__drop=[0, -1, -1, -1])
    prices = Prices(line=np.array([5.0, 60.0]), offer=np.array([1.0, 0.0]), cap=np.zeros(0), split=np.zeros(2))
    result = Result(instance_sha256="", status="feasible", prices=prices)
    fixed = 5 * 10 + 60 * 10 - 1 * 12 + min(0, 50 - 60) * 10
    arcs = min(0, 7 + (1 - 5 + 1) * 10) + (2 - 5) * 10 + (3 - 60 + 1) * 10 + (4 - 60) * 10
    assert check.bound(q, result) == pytest.approx(fixed + arcs)


def test_an_infeasible_answer_must_name_hard_caps_that_nothing_meets() -> None:
    q = clashing()
    result = solver.solve(q)
    assert solver.verify(q, result) == []
    for clash in ([], [1], [0, 0], [9], [1, 3]):
        assert solver.verify(q, replace(result, clash=np.array(clash, np.int64)))


def test_a_result_file_that_was_edited_is_rejected() -> None:
    q, result = solved()
    document = json.loads(solver.result_to_json(result))
    document["awards"]["quantity"][0] += 1
    assert solver.verify(q, solver.result_from_bytes(json.dumps(document).encode()))
