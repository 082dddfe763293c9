"""Time, gap and memory on synthetic provinces; one command, one table.

python -m benchmarks.solver_provinces [--effort quick] [--seed 1] [100/160 400/700 ...]
"""

import argparse
import resource
import sys
import time

import solver
from benchmarks.generate import province
from benchmarks.machine import described


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("sizes", nargs="*", default=["100/160", "400/700"], help="buyers/suppliers")
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--seed", type=int, default=1, help="of the province")
    parser.add_argument("--workers", type=int, default=1)
    args = parser.parse_args()
    print(described())
    print(f"{'size':<10} {'lines':>6} {'arcs':>7} {'objective':>14} {'bound':>14} {'gap %':>6} {'wall s':>7} "
          f"{'cpu s':>7} {'explain s':>9} {'MB':>5} verified")  # fmt: skip
    for size in args.sizes:
        buyers, suppliers = map(int, size.split("/"))
        measure(size, province(buyers, suppliers, args.seed), args.effort, args.workers)
    return 0


def measure(size: str, q: solver.Instance, effort: str, workers: int) -> None:
    """Solve, verify, explain, and print one row."""
    cpu = time.process_time()
    result = solver.solve(q, effort, workers=workers)
    cpu = time.process_time() - cpu
    verified = solver.verify(q, result) == []
    started = time.monotonic()
    solver.explain(q, result)
    explained = time.monotonic() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert result.objective is not None
    assert result.bound is not None
    assert result.gap is not None
    print(f"{size:<10} {len(q.lines):>6} {len(q.arcs):>7} {result.objective:>14,.0f} {result.bound:>14,.0f} "
          f"{100 * result.gap:>6.2f} {result.runtime_s:>7.1f} {cpu:>7.1f} {explained:>9.2f} {peak_mb:>5.0f} "
          f"{'yes' if verified else 'NO'}", flush=True)  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
