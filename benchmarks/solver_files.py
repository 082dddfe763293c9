"""Start-up, reading and verifying against their limits, measured in the same run; one command, one table.

    python -m benchmarks.solver_files [1500/3000]

CPU seconds, the least of three. Beside each stands what no program could avoid: starting Python with numpy,
`np.load` of the same bytes, one numpy pass over the same arcs.
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import solver
from benchmarks.generate import province
from benchmarks.machine import described
from solver import bound
from solver.relaxation import Relaxation
from solver.result import Awards, Result

REPEATS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("size", nargs="?", default="1500/3000", help="buyers/suppliers")
    args = parser.parse_args()
    buyers, suppliers = map(int, args.size.split("/"))
    q = province(buyers, suppliers)
    data, result = solver.instance_to_bytes(q), _result(q)
    print(described())
    print(f"province {args.size}: {len(q.arcs)} arcs, NPZ of {len(data) / 1e6:.1f} MB")
    print(f"{'what':<34} {'cpu s':>7} {'limit s':>8} {'floor s':>8} {'x floor':>8}  floor")
    with tempfile.TemporaryDirectory(prefix="solver-files-") as folder:
        small = Path(folder, "small.json")
        solver.write_instance(province(4, 6), small)
        fails = _row("python -m solver info, small file", _child("-m", "solver", "info", str(small)), 1.0,
                     _child("-c", "import numpy"), "python -c 'import numpy'")  # fmt: skip
    fails += _row("read the NPZ", _least(lambda: solver.instance_from_bytes(data)), 0.5,
                  _least(lambda: _loaded(data)), "np.load of the same bytes")  # fmt: skip
    one_pass = _least(lambda: _one_pass(q))
    fails += _row("verify, with the digest", _least(lambda: solver.verify(q, result)), 2.0, one_pass,
                  "one pass over the arcs, three sums")  # fmt: skip
    fails += _row("explain", _least(lambda: solver.explain(q, result)), None, one_pass, "the same")
    return fails


def _row(what: str, spent: float, limit: float | None, floor: float, floor_is: str) -> int:
    late = limit is not None and spent > limit
    limit_s = "-" if limit is None else f"{limit:.1f}"
    ratio = spent / floor
    print(f"{what:<34} {spent:>7.3f} {limit_s:>8} {floor:>8.3f} {ratio:>8.1f}  {floor_is}{'  LATE' if late else ''}")
    return int(late)


def _least(work: Callable[[], Any]) -> float:
    """The least CPU seconds of a few runs."""
    spent = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return min(spent)


def _child(*arguments: str) -> float:
    spent = []
    for _ in range(REPEATS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def _loaded(data: bytes) -> dict[str, Any]:
    with np.load(io.BytesIO(data)) as archive:
        return {key: archive[key] for key in archive.files}


def _one_pass(q: solver.Instance) -> float:
    """What a look at every arc costs: one reduced cost, summed by line, offer and drop."""
    a = q.arcs
    reduced = a.unit_cost - q.lines.shortage_cost[a.line]
    sums = [np.bincount(index, weights=reduced) for index in (a.line, a.offer, a.drop)]
    return float(sum(s.min() for s in sums))


def _result(q: solver.Instance) -> Result:
    """A plan to verify without solving: each line's cheapest arc that still has room, with a few passes' prices."""
    order = np.lexsort((q.arcs.unit_cost, q.arcs.line))
    first = order[np.unique(q.arcs.line[order], return_index=True)[1]]
    _, one_each = np.unique(q.arcs.offer[first], return_index=True)
    arc = np.sort(first[one_each])
    room = np.minimum(q.lines.quantity[q.arcs.line[arc]], q.offers.capacity[q.arcs.offer[arc]])
    quantity = room // q.arcs.step[arc] * q.arcs.step[arc]
    kept = (quantity >= np.maximum(1, q.arcs.minimum[arc])) & ~q.lines.whole[q.arcs.line[arc]]
    prices = bound.certify(Relaxation(q), 20).prices
    awards = Awards(arc=arc[kept], quantity=quantity[kept])
    return Result(instance_sha256=solver.digest(q), status="feasible", awards=awards, prices=prices)


if __name__ == "__main__":
    sys.exit(main())
