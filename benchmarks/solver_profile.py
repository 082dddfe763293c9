"""Where the time goes at each size, against the limit, and plan and bound over time; one command, one table.

    python -m benchmarks.solver_profile [--effort quick] [100/160 400/700 ...]

The limit of the price phase is one numpy pass over the arcs (a reduced cost an arc, its sums by line, offer and
drop, there and back) times the passes of the effort. The chart shows the last size.
"""

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

import solver
from benchmarks import chart
from benchmarks.generate import province
from benchmarks.machine import described
from solver.instance import Money
from solver.solve import EFFORTS_BY_NAME

OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "solver-progress.svg"
TAIL = 1.25  # passes at the last weight, of the effort's
Steps = list[tuple[float, str, float | None, float | None]]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("sizes", nargs="*", default=["100/160", "400/700"], help="buyers/suppliers")
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    args = parser.parse_args()
    print(described())
    print(f"{'size':<10} {'arcs':>7} {'cpu s':>7}   {'prices':>6} {'first plan':>10} {'improve':>7} {'rest':>5}   "
          f"{'ms a pass':>9} {'numpy ms':>8} {'x limit':>7} {'gap %':>6}")  # fmt: skip
    for size in args.sizes:
        buyers, suppliers = map(int, size.split("/"))
        measure(size, province(buyers, suppliers), args)
    return 0


def measure(size: str, q: solver.Instance, args: argparse.Namespace) -> None:
    """Solve once, note the CPU seconds at each word of progress, print the row, draw the chart."""
    steps: Steps = []
    started = time.process_time()

    def note(step: dict[str, float | str | None]) -> None:
        objective, bound = (None if step[k] is None else float(step[k] or 0.0) for k in ("objective", "bound"))
        steps.append((time.process_time() - started, str(step["phase"]), objective, bound))

    result = solver.solve(q, args.effort, workers=args.workers, progress=note)
    total = time.process_time() - started
    spent: dict[str, float] = defaultdict(float)
    before = 0.0
    for at, phase, _, _ in steps:
        spent[phase] += at - before
        before = at
    passes = TAIL * EFFORTS_BY_NAME[args.effort].passes
    one = _one_pass(q)
    parts = [100 * spent[phase] / total for phase in ("bound", "construct", "improve")]
    each = 1000 * spent["bound"] / passes
    print(f"{size:<10} {len(q.arcs):>7} {total:>7.1f}   {parts[0]:>5.0f}% {parts[1]:>9.0f}% {parts[2]:>6.0f}% "
          f"{100 - sum(parts):>4.0f}%   {each:>9.2f} {1000 * one:>8.2f} {each / (1000 * one):>7.1f} "
          f"{100 * (result.gap or 0.0):>6.2f}", flush=True)  # fmt: skip
    draw(args.output, f"Plan and bound over time, {size} at {args.effort}", steps, result)


def draw(path: Path, title: str, steps: Steps, result: solver.Result) -> None:
    """Both lines from where they are near each other: far off, they tell nothing."""
    assert result.objective is not None
    plan = [(at, value) for at, _, value, _ in steps if value is not None and value < 1.5 * result.objective]
    proved = [(at, value) for at, _, _, value in steps if value is not None and value > 0.7 * result.objective]
    if len(plan) < 2 or len(proved) < 2:
        return
    end = steps[-1][0]
    series = [
        chart.Series("plan", [*plan, (end, result.objective)]),
        chart.Series("bound", [*proved, (end, proved[-1][1])]),
    ]
    up = chart.axis("baht", [v for one in series for _, v in one.points])
    chart.save(path, title, chart.Axis("CPU seconds", 0.0, end), up, series)


def _one_pass(q: solver.Instance) -> float:
    """CPU seconds of one look at every arc in both directions, the mean of a second's worth."""
    a = q.arcs
    drop = np.where(a.drop < 0, len(q.drops), a.drop)
    price, x = np.ones(len(q.lines)), np.ones(len(a))
    started, count = time.process_time(), 0
    while time.process_time() - started < 1.0:
        reduced: Money = a.unit_cost - price.take(a.line) + 0.5
        np.clip(x - 0.1 * reduced, 0.0, 2.0, out=x)
        for index in (a.line, a.offer, drop):
            np.bincount(index, weights=x)
        count += 1
    return (time.process_time() - started) / count


if __name__ == "__main__":
    sys.exit(main())
