"""The certificate lies below the optimum, whatever the instance and whatever the prices; lies about it are found."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import solver
from solver import Instance, Result, check
from solver.bound import certify
from solver.instance import Ints
from solver.relaxation import Relaxation
from solver.result import Awards, Prices
from tests.solver import counted, enumeration
from tests.solver.made import FEATURES, random_instance

HOW_MANY = 2000
SOLVED = 60
Drawn = tuple[Instance, Ints, float]


def drawn(seed: int) -> Iterator[Drawn]:
    """Small instances with any mixture of features, all their plans, and the cost of the best one."""
    rng = np.random.default_rng(seed)
    while True:
        features = frozenset(name for name in FEATURES if rng.random() < 0.5)
        lines, offers, units = rng.integers(1, 4, 3).tolist()
        q = random_instance(int(rng.integers(2**31)), lines, offers, features, units + 1)
        x = counted.all_plans(q)
        found = None if x is None else counted.best(q, x)
        if x is not None and found is not None:
            yield q, x, found


def kinds(q: Instance) -> set[str]:
    """The constraint kinds that an instance has."""
    room = np.minimum(q.lines.quantity[q.arcs.line], q.offers.capacity[q.arcs.offer])
    hard = np.isinf(q.caps.penalty)
    there = {
        "arcs": len(q.arcs) > 0,
        "whole": q.lines.whole.any(),
        "split": (q.lines.max_awards > 0).any(),
        "minimum": (q.arcs.minimum > 1).any(),
        "minimum above room": (q.arcs.minimum > room).any(),
        "step": (q.arcs.step > 1).any(),
        "hard cap": hard.any(),
        "soft cap": (~hard).any(),
        "negative coefficient": (q.caps.coefficient < 0).any(),
        "cap to be reached": (hard & (q.caps.limit < 0)).any(),
        "trip without pickup": ((q.drops.pickup < 0) & (q.drops.fee > 0)).any(),
        "trip with pickup": (q.drops.pickup >= 0).any(),
        "arc without trip": len(q.drops) > 0 and (q.arcs.drop < 0).any(),
        "room of zero": (room == 0).any(),
        "negative unit cost": (q.arcs.unit_cost < 0).any(),
        "free shortage": (q.lines.shortage_cost < 15).any(),
    }
    return {name for name, found in there.items() if found}


def any_prices(q: Instance, rng: np.random.Generator) -> Prices:
    """Prices of any size that the format allows."""
    size = 10 ** rng.uniform(-1, 2)
    return Prices(
        line=rng.normal(size, 2 * size, len(q.lines)),
        offer=rng.exponential(size, len(q.offers)) * (rng.random(len(q.offers)) < 0.7),
        cap=np.minimum(rng.exponential(size, len(q.caps)), q.caps.penalty),
        split=np.where(q.lines.max_awards > 0, rng.exponential(size, len(q.lines)), 0.0),
    )


def proved(q: Instance, prices: Prices) -> float:
    return check.bound(q, Result(instance_sha256="", status="feasible", prices=prices))


def test_on_thousands_of_instances_no_prices_prove_more_than_the_optimum() -> None:
    rng, seen, closed, stronger = np.random.default_rng(1), Counter[str](), 0, 0
    for i, (q, _, optimum) in zip(range(HOW_MANY), drawn(1), strict=False):
        seen.update(kinds(q))
        allowed = optimum + 1e-6 * max(1.0, abs(optimum))
        proof = certify(Relaxation(q), 12)
        assert proof.bound <= allowed, (i, proof.bound, optimum)
        assert proved(q, proof.prices) == pytest.approx(proof.bound, rel=1e-9, abs=1e-6)
        gated = certify(Relaxation(q, gated=True), 12)
        assert gated.bound <= allowed, (i, gated.bound, optimum)
        stronger += gated.bound > proof.bound + 0.01 * abs(optimum)
        for prices in (any_prices(q, rng), any_prices(q, rng)):
            assert proved(q, prices) <= allowed, (i, prices, optimum)
        closed += proof.bound >= optimum - 0.02 * abs(optimum)
    assert seen.pop("cap to be reached") >= 10
    assert min(seen.values()) >= HOW_MANY // 20, seen
    assert len(seen) == 15
    assert closed > HOW_MANY // 20  # the certificates are not empty words
    assert stronger > HOW_MANY // 20


def test_the_fast_enumerator_agrees_with_the_plain_one() -> None:
    for _, (q, x, optimum) in zip(range(25), drawn(2), strict=False):
        if enumeration.plan_count(q) <= 2000:
            assert enumeration.least_cost(q) == pytest.approx(optimum, abs=1e-9)
            assert len(x) <= enumeration.plan_count(q)


@cache
def solved() -> list[tuple[Instance, Result, Ints, float]]:
    """Instances that were solved, with their optimum by enumeration."""
    return [(q, solver.solve(q), x, best) for _, (q, x, best) in zip(range(SOLVED), drawn(3), strict=False)]


def test_what_is_called_optimal_is_the_best_of_all_plans() -> None:
    for q, result, _, optimum in solved():
        assert result.status == "optimal"
        assert result.objective == pytest.approx(optimum, abs=1e-4)
        assert solver.verify(q, result) == []


def _awards(r: Result, arc: Ints, quantity: Ints) -> Result:
    return replace(r, awards=Awards(arc=arc, quantity=quantity))


def _moved(values: np.ndarray, i: int, by: float) -> np.ndarray:
    out = values.copy()
    out[i % len(out)] += values.dtype.type(by)
    return out


def _one_unit(r: Result, i: int, by: float) -> Result:
    return _awards(r, r.awards.arc, _moved(r.awards.quantity, i, np.sign(by)))


def _one_arc(r: Result, i: int, by: float) -> Result:
    return _awards(r, _moved(r.awards.arc, i, np.sign(by)), r.awards.quantity)


def _twice(r: Result, i: int, by: float) -> Result:
    return _awards(r, np.append(r.awards.arc, r.awards.arc[i % len(r.awards)]), np.append(r.awards.quantity, 1))


def _left_out(r: Result, i: int, by: float) -> Result:
    keep = np.arange(len(r.awards)) != i % len(r.awards)
    return _awards(r, r.awards.arc[keep], r.awards.quantity[keep])


def _price(name: str) -> Callable[[Result, int, float], Result]:
    def change(r: Result, i: int, by: float) -> Result:
        return replace(r, prices=replace(r.prices, **{name: _moved(getattr(r.prices, name), i, by)}))

    return change


def _number(name: str) -> Callable[[Result, int, float], Result]:
    def change(r: Result, _: int, by: float) -> Result:
        changed: dict[str, Any] = {name: (getattr(r, name) or 0.0) + by}
        return replace(r, **changed)

    return change


TAMPERS: dict[str, Callable[[Result, int, float], Result]] = {
    "quantity": _one_unit,
    "arc": _one_arc,
    "awards twice": _twice,
    "awards left out": _left_out,
    **{f"price of {name}": _price(name) for name in ("line", "offer", "cap", "split")},
    **{name: _number(name) for name in ("objective", "bound", "gap", "gap_served")},
}


@pytest.mark.parametrize("kind", TAMPERS)
def test_what_verify_lets_pass_after_tampering_is_still_true(kind: str) -> None:
    """A changed price may prove the same bound; whatever is accepted must hold, and most is not accepted."""
    rng, rejected, tried = np.random.default_rng(5), 0, 0
    for q, result, _, optimum in solved():
        for by in (-3.0, -0.01, 0.01, 3.0):
            sizes = {"price of cap": len(q.caps), "price of offer": len(q.offers)}
            if not sizes.get(kind, len(result.awards)):
                continue
            tampered = TAMPERS[kind](result, int(rng.integers(100)), by)
            tried += 1
            if solver.verify(q, tampered):
                rejected += 1
                continue
            assert kind.startswith("price")
            assert tampered.objective is not None
            assert tampered.bound is not None
            assert tampered.objective == pytest.approx(optimum, abs=1e-4)
            assert tampered.bound <= optimum + 1e-5 * max(1.0, abs(optimum))
    assert tried > 100
    assert rejected == tried or kind.startswith("price")
    assert rejected > tried // 2 or kind == "price of cap"


def test_awards_in_another_order_are_the_same_plan_but_swapped_quantities_are_not() -> None:
    swapped = 0
    for q, result, _, _ in solved():
        arc, units = result.awards.arc, result.awards.quantity
        assert solver.verify(q, _awards(result, arc[::-1], units[::-1])) == []
        if (units != units[::-1]).any():
            swapped += 1
            assert solver.verify(q, _awards(result, arc, units[::-1]))
    assert swapped > 0


def test_the_digest_the_status_the_engine_bound_and_a_clash_cannot_be_made_up() -> None:
    for q, result, _, optimum in solved():
        assert solver.verify(q, replace(result, instance_sha256=result.instance_sha256[::-1]))
        for status in ("feasible", "infeasible", "no_solution"):
            assert solver.verify(q, replace(result, status=status))
        assert solver.verify(q, replace(result, engine_bound=optimum + 0.01 + 1e-5 * abs(optimum)))
        assert solver.verify(q, replace(result, clash=np.array([0])))
        nothing = replace(result, awards=Awards(), prices=Prices(), objective=None, bound=None, gap=None,
                          gap_served=None, engine_bound=None)  # fmt: skip
        if not (np.isinf(q.caps.penalty) & (q.caps.limit < 0)).any():
            for claim in (np.arange(len(q.caps)), np.arange(0)):
                assert solver.verify(q, replace(nothing, status="infeasible", clash=claim))
