"""Distance to the published optimum on every facility-location file; one command, one table.

python -m benchmarks.solver_published [--effort quick] [--workers N] [--only delmaire] [--data FOLDER]
"""

import argparse
import csv
import os
import sys
import time
from pathlib import Path

import solver
from benchmarks.machine import described
from solver.published import multi_source, single_source

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "instances"


def rows(folder: Path) -> list[tuple[str, float]]:
    """File and best known value of each published instance."""
    with (folder / "BEST_KNOWN.csv").open() as table:
        return [(row["file"], float(row["value"])) for row in csv.DictReader(table)]


def read(folder: Path, file: str) -> solver.Instance:
    return (multi_source if file.startswith("cflp") else single_source)(folder / file)


def measure(q: solver.Instance, best: float, effort: str, workers: int) -> tuple[float, str, float, float, float]:
    """Percent over the best known value, status, certificate's gap in percent, wall and CPU seconds."""
    started = time.process_time()
    result = solver.solve(q, effort, workers=workers)
    spent = time.process_time() - started
    assert solver.verify(q, result) == []
    assert result.objective is not None
    assert result.gap is not None
    return 100 * (result.objective - best) / best, result.status, 100 * result.gap, result.runtime_s, spent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1), help="as the solver's command")
    parser.add_argument("--only", default="", help="files whose name contains this")
    parser.add_argument("--data", type=Path, default=DATA)
    args = parser.parse_args()
    if not (args.data / "BEST_KNOWN.csv").exists():
        print(f"skipped: {args.data} holds no published instances (BEST_KNOWN.csv)")
        return 0
    print(described())
    print(f"{'file':<24} {'arcs':>6} {'over optimum %':>14} {'status':<9} {'certificate %':>13} {'wall s':>7}"
          f" {'cpu s':>7}")  # fmt: skip
    over, longest = [], 0.0
    for file, best in rows(args.data):
        if args.only in file:
            q = read(args.data, file)
            distance, status, gap, wall, spent = measure(q, best, args.effort, args.workers)
            over.append(distance)
            longest = max(longest, wall)
            print(f"{file:<24} {len(q.arcs):>6} {distance:>14.3f} {status:<9} {gap:>13.2f} {wall:>7.1f} {spent:>7.1f}",
                  flush=True)  # fmt: skip
    if over:
        solved = sum(d < 1e-3 for d in over)
        print(f"{len(over)} files, effort {args.effort}: {solved} at the optimum, "
              f"mean {sum(over) / len(over):.3f} % over, worst {max(over):.3f} %, longest {longest:.1f} s")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
