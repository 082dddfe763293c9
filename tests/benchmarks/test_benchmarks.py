"""What benchmarks rest on: the generator, the whole model they give to others, measures, charts, what is kept."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ortools.math_opt.python import mathopt

import solver
from benchmarks import chart, compare, country, fairness
from benchmarks.__main__ import EACH
from benchmarks.generate import province, seats, table
from benchmarks.whole_model import WholeModel
from solver import check
from tests.solver.made import FEATURES, random_instance

ROOT = Path(__file__).resolve().parents[2]


def test_every_benchmark_is_listed_and_there() -> None:
    done = subprocess.run([sys.executable, "-m", "benchmarks", "--list"], capture_output=True, text=True, cwd=ROOT,
                          check=True)  # fmt: skip
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(EACH)
    assert all((ROOT / "benchmarks" / f"{name}.py").exists() for name in EACH)


def test_the_same_seed_gives_the_same_province_and_another_seed_another() -> None:
    one, again, other = province(12, 20, 1), province(12, 20, 1), province(12, 20, 2)
    assert solver.digest(one) == solver.digest(again) != solver.digest(other)
    kept = json.loads((ROOT / "benchmarks" / "results" / "compare-100-160-seed1.json").read_text())
    assert kept["instance_sha256"] == solver.digest(province(100, 160, 1))  # what was compared can be made again


def test_the_country_has_its_kitchens_and_every_province_its_seats() -> None:
    rows = table("provinces.csv")
    assert len(rows) == 77
    assert sum(map(country._kitchens, rows)) == 36_768
    for row in rows:
        assert len(seats(row["code"])) >= 3
    q = province(12, 20, 1, towns=seats("45"), asks=country.ASKS)
    assert len(q.lines) > 12 * 2 * 5
    with pytest.raises(SystemExit):
        seats("01")


@pytest.mark.parametrize("strong", [True, False])
def test_others_get_the_same_question(strong: bool) -> None:
    """The whole model, solved by SCIP, has the optimum of our own proof and a plan that the checker accepts."""
    rng, infeasible = np.random.default_rng(3), 0
    for seed in range(14):
        features = frozenset(name for name in FEATURES if rng.random() < 0.7)
        q = random_instance(seed, 4, 4, features, 8)
        ours, whole = solver.solve(q), WholeModel(q, strong=strong)
        out = mathopt.solve(mathopt.Model.from_model_proto(whole.proto), mathopt.SolverType.GSCIP)
        assert out.has_primal_feasible_solution() == (ours.status == "optimal")
        if ours.objective is None:
            infeasible += 1
            continue
        x = whole.quantities(np.fromiter(out.variable_values().values(), float, whole.out.width))
        assert check.violations(q, x) == []
        assert check.objective(q, x) == pytest.approx(ours.objective, abs=1e-4)
    assert infeasible < 10


def test_measures_of_fairness_at_their_ends() -> None:
    even, one = np.full(10, 3.0), np.eye(10)[0]
    assert (fairness.gini(even), fairness.jain(even), fairness.top_tenth(even)) == pytest.approx((0.0, 1.0, 0.1))
    assert (fairness.gini(one), fairness.jain(one), fairness.top_tenth(one)) == pytest.approx((0.9, 0.1, 1.0))
    assert fairness.gini(np.zeros(4)) == fairness.jain(np.zeros(4)) == fairness.top_tenth(np.zeros(4)) == 0.0


def test_a_week_is_served_by_greedy_plans_within_every_limit() -> None:
    rng = np.random.default_rng(2)
    p = fairness.province(rng, 8, 16)
    now = fairness.week(rng, p, 3)
    for rank in (now.price, now.km):
        x = fairness.greedy(now, rank)
        assert x.sum() > 0.5 * now.q.lines.quantity.sum()
        assert check.violations(now.q, x) == []


def test_a_chart_is_well_formed_and_carries_no_style_or_script(tmp_path: Path) -> None:
    points = [(10.0, 2.0), (1000.0, 150.0)]
    series = [chart.Series("a & b", points), chart.Series("dots", points, dots=True)]
    axes = [chart.axis(name, [p[i] for p in points], log=True) for i, name in enumerate(("x", "y"))]
    chart.save(tmp_path / "c.svg", "A <title>", axes[0], axes[1], series)
    text = (tmp_path / "c.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"<(\w+)", text)) == {"svg", "title", "rect", "text", "line", "polyline", "circle"}
    assert text.count("<text") == text.count("</text>")
    assert "a &amp; b" in text
    assert "A &lt;title&gt;" in text
    assert "style" not in text


def test_kept_rows_of_another_instance_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "RESULTS", tmp_path)
    stale = {"instance_sha256": "0" * 64, "rows": {"ours quick": {}}, "best_known": 1.0}
    (tmp_path / "compare-5-8-seed1.json").write_text(json.dumps(stale))
    assert compare._kept("5/8", 1)["rows"] == {}
