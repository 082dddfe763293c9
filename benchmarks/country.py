"""The country: 77 provinces with their real numbers of schools, hospitals and prisons, at `quick`, one table.

    python -m benchmarks.country                    all of it
    python -m benchmarks.country --share 0.05       every province at a twentieth of its size
    python -m benchmarks.country --only 45,10       some provinces

Kitchens are counted (benchmarks/data/provinces.csv), towns are the district seats, all else is made up by
benchmarks/generate.py: about 17 lines a kitchen over two or three days, 20 offers in reach of a line. Provinces
are solved by two processes, each with a bound on its memory; rows stand in the order in which they finish. Then
totals, the slope of seconds against arcs, and a chart of it.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np

import solver
from benchmarks import chart
from benchmarks.generate import province, seats, table
from benchmarks.machine import described

ASKS, REACH, SUPPLIERS_A_BUYER = (2, 4), 20, 2
MEMORY_MB = 3000
LIMIT_S, LIMIT_MB = 20 * 60, 6 * 1024
OUTPUT = Path(__file__).with_name("results") / "country.svg"
Row = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--share", type=float, default=1.0, help="of each province's kitchens")
    parser.add_argument("--only", default="", help="codes of provinces")
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one(args.one, args.share, args.effort)))
        return 0
    print(described())
    print(f"{'province':<26} {'kitchens':>8} {'lines':>7} {'arcs':>9} {'objective':>15} {'gap %':>6} {'cpu s':>8} "
          f"{'wall s':>8} {'MB':>6} {'verified':>8}")  # fmt: skip
    started = time.monotonic()
    rows = list(_finished(args))
    return _close(rows, time.monotonic() - started, args)


def _finished(args: argparse.Namespace) -> Iterator[Row]:
    """Rows as they come; the largest provinces start first, so that the two processes end together."""
    wanted = [r for r in table("provinces.csv") if not args.only or r["code"] in args.only.split(",")]
    wanted.sort(key=lambda r: -_kitchens(r))
    with ThreadPoolExecutor(args.processes) as pool:
        for done in as_completed([pool.submit(_child, r["code"], args) for r in wanted]):
            row = done.result()
            if "failed" in row:
                print(f"{row['name']:<26} failed: {row['failed']}", flush=True)
            else:
                print(f"{row['name']:<26} {row['kitchens']:>8} {row['lines']:>7} {row['arcs']:>9} "
                      f"{row['objective']:>15,.0f} {100 * row['gap']:>6.2f} {row['cpu_s']:>8.1f} {row['wall_s']:>8.1f} "
                      f"{row['mb']:>6} {'yes' if row['verified'] else 'NO':>8}", flush=True)  # fmt: skip
            yield row


def _kitchens(row: dict[str, str]) -> int:
    return int(row["schools"]) + int(row["hospitals"]) + int(row["prisons"])


def _child(code: str, args: argparse.Namespace) -> Row:
    command = [sys.executable, "-m", "benchmarks.country", "--one", code, "--share", str(args.share)]
    done = subprocess.run([*command, "--effort", args.effort], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"name": code, "failed": (done.stderr.strip().splitlines() or ["ended"])[-1][:150]}
    row: Row = json.loads(done.stdout.strip().splitlines()[-1])
    return row


def one(code: str, share: float, effort: str) -> Row:
    """Generate, solve and verify one province within the memory that a process may use."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MB << 20, MEMORY_MB << 20))
    row = next(r for r in table("provinces.csv") if r["code"] == code)
    kitchens = max(5, round(share * _kitchens(row)))
    q = province(kitchens, SUPPLIERS_A_BUYER * kitchens, int(code), REACH, towns=seats(code), asks=ASKS)
    wall, cpu = time.monotonic(), time.process_time()
    result = solver.solve(q, effort)
    spent = {"wall_s": time.monotonic() - wall, "cpu_s": time.process_time() - cpu}
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return spent | {
        "name": row["name"], "kitchens": kitchens, "lines": len(q.lines), "arcs": len(q.arcs), "mb": peak_mb,
        "objective": result.objective, "bound": result.bound, "gap": result.gap,
        "verified": solver.verify(q, result) == [],
    }  # fmt: skip


def _close(rows: list[Row], wall: float, args: argparse.Namespace) -> int:
    """Totals against the limits, the slope, the chart."""
    good = [r for r in rows if "failed" not in r]
    totals = {key: sum(r[key] for r in good) for key in ("kitchens", "lines", "arcs", "objective", "bound", "cpu_s")}
    gap = (totals["objective"] - totals["bound"]) / max(1.0, totals["objective"])
    memory = sum(sorted((r["mb"] for r in good), reverse=True)[: args.processes])
    print(f"{'all ' + str(len(good)):<26} {totals['kitchens']:>8} {totals['lines']:>7} {totals['arcs']:>9} "
          f"{totals['objective']:>15,.0f} {100 * gap:>6.2f} {totals['cpu_s']:>8.1f} {wall:>8.1f} {memory:>6} "
          f"{'yes' if all(r['verified'] for r in good) else 'NO':>8}")  # fmt: skip
    print(f"wall {wall:.0f} s of {LIMIT_S} s (ratio {wall / LIMIT_S:.2f}); cpu / {args.processes} processes "
          f"{totals['cpu_s'] / args.processes:.0f} s; the two largest together {memory} of {LIMIT_MB} MB")  # fmt: skip
    if len(good) > 2:
        arcs, cpu = (np.array([r[key] for r in good], float) for key in ("arcs", "cpu_s"))
        slope, level = np.polyfit(np.log(arcs), np.log(cpu), 1)
        print(f"slope of CPU seconds against arcs, log-log: {slope:.3f}")
        line = [(a, float(np.exp(level) * a**slope)) for a in (arcs.min(), arcs.max())]
        series = [chart.Series("provinces", list(zip(arcs.tolist(), cpu.tolist(), strict=True)), dots=True),
                  chart.Series(f"slope {slope:.2f}", line)]  # fmt: skip
        across, up = chart.axis("arcs", arcs, log=True), chart.axis("CPU seconds", cpu, log=True)
        chart.save(args.output, f"Time against arcs at {args.effort}", across, up, series)
    return len(rows) - len(good)


if __name__ == "__main__":
    sys.exit(main())
