"""The search on instances of some size: same answers anywhere, guards that hold, reserved shares that are met."""

import time
from dataclasses import replace

import numpy as np
import pytest

import solver
from benchmarks.generate import province
from solver import BadInput, Instance, Result
from solver.bound import certify
from solver.improve import Improver, Search
from solver.problem import cost, of_instance
from solver.relaxation import Relaxation
from solver.result import Awards
from solver.solve import EFFORTS_BY_NAME, solve_with
from solver.walk import table, walk
from tests.solver.made import plain, with_reserved_shares

SHORT = replace(EFFORTS_BY_NAME["quick"], passes=80, flows=4, exact_arcs=0, search=Search(work=3_000, work_an_arc=0.0))


@pytest.fixture(scope="module")
def district() -> Instance:
    return province(24, 40, seed=5)


def short_run(q: Instance, workers: int = 1) -> Result:
    return solve_with(q, SHORT, "quick", seed=3, workers=workers)


def test_batches_of_neighbourhoods_give_the_same_plan_with_one_worker_or_two(district: Instance) -> None:
    one, two = short_run(district), short_run(district, workers=2)
    assert one.awards.arc.tolist() == two.awards.arc.tolist()
    assert one.awards.quantity.tolist() == two.awards.quantity.tolist()
    assert solver.verify(district, one) == []


def test_shares_that_must_be_reserved_are_reserved(district: Instance) -> None:
    q = with_reserved_shares(district, 0.2)
    result = short_run(q)
    assert result.status == "feasible"
    assert solver.verify(q, result) == []


def test_a_time_limit_is_kept_and_told(district: Instance) -> None:
    started = time.process_time()
    result = solver.solve(district, "deep", time_limit_s=1.0)
    assert time.process_time() - started < 4.0
    assert result.stopped_early
    assert solver.verify(district, result) == []


def test_progress_tells_the_cost_of_the_whole_plan_and_falls_to_the_result(district: Instance) -> None:
    steps: list[dict[str, float | str | None]] = []
    result = solve_with(district, SHORT, "quick", progress=steps.append)
    told = [float(s["objective"] or 0) for s in steps if s["phase"] == "improve"]
    assert told == sorted(told, reverse=True)
    assert told[-1] == pytest.approx(result.objective)
    assert all(s["bound"] is not None for s in steps)


def a_table(seed: int) -> Instance:
    """Nine whole lines of one award each, four offers with a fee of their own."""
    rng = np.random.default_rng(seed)
    lines, offers = 9, 4
    return Instance.from_columns(
        {
            "lines.quantity": rng.integers(3, 9, lines),
            "lines.shortage_cost": np.full(lines, 80.0),
            "lines.max_awards": np.ones(lines, int),
            "lines.whole": np.ones(lines, bool),
            "offers.capacity": rng.integers(12, 25, offers),
            "pickups.fee": rng.uniform(20, 90, offers),
            "drops.fee": np.zeros(offers),
            "drops.pickup": np.arange(offers),
            "arcs.line": np.repeat(np.arange(lines), offers),
            "arcs.offer": np.tile(np.arange(offers), lines),
            "arcs.drop": np.tile(np.arange(offers), lines),
            "arcs.unit_cost": rng.uniform(1, 20, lines * offers),
        }
    )


def test_walkers_find_the_optimum_of_small_tables() -> None:
    for seed in range(3):
        q = a_table(seed)
        p = of_instance(q)
        places = table(p)
        assert places is not None
        x = walk(p, places, 2_000, seed=0, late=lambda: False)
        assert cost(p, x) == pytest.approx(solver.solve(q).objective, rel=0.01)


def test_only_single_source_problems_are_tables() -> None:
    assert table(of_instance(plain())) is None


def test_a_plan_to_start_from_is_never_made_worse(district: Instance) -> None:
    first = short_run(district)
    again = solve_with(district, SHORT, "quick", seed=4, start=first.awards)
    assert again.objective is not None
    assert first.objective is not None
    assert again.objective <= first.objective + 1e-6
    with pytest.raises(BadInput):
        solver.solve(district, start=Awards(arc=np.array([len(district.arcs)]), quantity=np.array([1])))


def test_a_search_that_finds_nothing_to_free_comes_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hard cap that stays exceeded can leave no neighbourhood at all to draw."""
    q = province(5, 8, 1)
    p, proof, looks = of_instance(q), certify(Relaxation(q), 20), 0
    nothing = (np.zeros(0, np.int64), np.zeros(0, np.int64))
    monkeypatch.setattr(Improver, "_freed", lambda *_: nothing)

    def too_long(_done: float, _value: float) -> bool:
        nonlocal looks
        looks += 1
        return looks > 10_000

    search = Improver(p, np.zeros(p.arcs, np.int64), proof.prices, proof.flow[p.source], seed=1, workers=1)
    assert not search.run(Search(work=1_000, work_an_arc=0.0), too_long, lambda: None)
    assert 0 < looks < 10_000
