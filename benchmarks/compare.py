"""Our plan beside what HiGHS, SCIP and CP-SAT find on the whole model in ten times our time.

    python -m benchmarks.compare 100/160                  the table, from the file where it was kept
    python -m benchmarks.compare 100/160 --take           take every row again
    python -m benchmarks.compare 100/160 --take --only ours     take those rows again whose name holds this

Every run has a process of its own. The others get the whole model as arrays, both links of trips, all cores,
and ten times the CPU seconds of our `standard` as wall seconds for each link; our plan is not given to them.
Each plan is judged by the checker. A row is kept in benchmarks/results/ with the machine it was taken on.
"""

import argparse
import datetime as dt
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from ortools.math_opt.python import mathopt
from ortools.math_opt.solvers import highs_pb2

import solver
from benchmarks.generate import province
from benchmarks.machine import described
from benchmarks.whole_model import WholeModel
from solver import check
from solver.instance import Ints

RESULTS = Path(__file__).with_name("results")
OURS = ("quick", "standard", "deep")
ENGINES = {"HiGHS": mathopt.SolverType.HIGHS, "SCIP": mathopt.SolverType.GSCIP, "CP-SAT": mathopt.SolverType.CP_SAT}
THREADS = {"HiGHS": 2, "CP-SAT": 8}  # with fewer workers CP-SAT leaves half of its strategies out
METHODS = [f"ours {effort}" for effort in OURS] + [f"{e} {link}" for e in ENGINES for link in ("strong", "weak")]
TIMES_OURS = 10
Row = dict[str, Any]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("sizes", nargs="*", default=["100/160"], help="buyers/suppliers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--take", action="store_true", help="take the rows again")
    parser.add_argument("--only", default="", help="with --take: the rows whose name holds this")
    parser.add_argument("--limit", type=float, help="seconds for each of the others; default ten times ours")
    parser.add_argument("--threads", type=int, help="of CP-SAT; default 8, which takes 6 GB on 100,000 arcs")
    parser.add_argument("--efforts", nargs="*", default=list(OURS), choices=OURS)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        print(json.dumps(_run(args.run, args.sizes[0], args.seed, args.limit, args.threads)))
        return 0
    for size in args.sizes:
        kept = _kept(size, args.seed)
        if args.take or not kept["rows"]:
            take(kept, size, args)
        show(kept, size)
    return 0


def take(kept: Row, size: str, args: argparse.Namespace) -> None:
    """Take the rows one after the other, and keep each as soon as it is there."""
    for method in METHODS:
        if args.only in method and method.split()[1] not in set(OURS) - set(args.efforts):
            ours = kept["rows"].get("ours standard", {}).get("cpu_s", 10.0)
            limit = None if method.startswith("ours") else args.limit or TIMES_OURS * ours
            _note(kept, size, args.seed, method, limit, args.threads)


def _note(kept: Row, size: str, seed: int, method: str, limit: float | None, threads: int | None) -> None:
    command = [sys.executable, "-m", "benchmarks.compare", size, "--seed", str(seed), "--run", method]
    command += ["--limit", str(limit)] if limit else []
    command += ["--threads", str(threads)] if threads else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        failed = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        row: Row = {"failed": failed[:200]}
    else:
        row = json.loads(done.stdout.strip().splitlines()[-1])
    row |= {"threads": threads} if threads else {}
    row |= {"limit_s": limit, "machine": described(), "taken": dt.datetime.now(dt.UTC).date().isoformat()}
    kept["rows"][method] = row
    values = [r["objective"] for r in kept["rows"].values() if r.get("objective") is not None and not r["violations"]]
    known = [kept["best_known"]] if kept["best_known"] is not None else []
    kept["best_known"] = min(values + known, default=None)
    RESULTS.mkdir(exist_ok=True)
    _file(size, seed).write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    print(f"taken: {size} {method}: {row.get('objective', row.get('failed'))}", file=sys.stderr, flush=True)


def _file(size: str, seed: int) -> Path:
    return RESULTS / f"compare-{size.replace('/', '-')}-seed{seed}.json"


def _kept(size: str, seed: int) -> Row:
    """What was kept of this very instance; the rows of another are not of use."""
    sha = solver.digest(_instance(size, seed))
    kept: Row = json.loads(_file(size, seed).read_text()) if _file(size, seed).exists() else {}
    if kept.get("instance_sha256") != sha:
        kept = {"instance_sha256": sha, "size": size, "seed": seed, "best_known": None, "rows": {}}
    return kept


def _instance(size: str, seed: int) -> solver.Instance:
    buyers, suppliers = map(int, size.split("/"))
    return province(buyers, suppliers, seed)


# One run, in a process of its own


def _run(method: str, size: str, seed: int, limit: float | None, threads: int | None) -> Row:
    q = _instance(size, seed)
    wall, cpu = time.monotonic(), time.process_time()
    name, kind = method.split()
    found = _ours(q, kind) if name == "ours" else _theirs(q, name, kind, limit or 60.0, threads)
    found |= {"wall_s": round(time.monotonic() - wall, 2), "cpu_s": round(time.process_time() - cpu, 2)}
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _ours(q: solver.Instance, effort: str) -> Row:
    result = solver.solve(q, effort, workers=2)
    x = check.quantities(q, result) if result.has_plan else None
    return _judged(q, x, result.bound) | {"engine_bound": result.engine_bound}


def _theirs(q: solver.Instance, engine: str, link: str, limit: float, threads: int | None = None) -> Row:
    whole = WholeModel(q, strong=link == "strong")
    model = mathopt.Model.from_model_proto(whole.proto)
    out = mathopt.solve(model, ENGINES[engine], params=_parameters(engine, limit, threads))
    x = None
    if out.has_primal_feasible_solution():
        x = whole.quantities(np.fromiter(out.variable_values().values(), float, whole.out.width))
    bound = out.termination.objective_bounds.dual_bound
    return _judged(q, x, bound if np.isfinite(bound) else None) | {"reason": out.termination.reason.name}


def _parameters(engine: str, limit: float, threads: int | None) -> mathopt.SolveParameters:
    """As many threads as help; this build of SCIP has no concurrent mode."""
    parameters = mathopt.SolveParameters(time_limit=dt.timedelta(seconds=limit))
    if engine == "HiGHS":
        parameters.highs = highs_pb2.HighsOptionsProto(
            int_options={"threads": THREADS[engine]}, string_options={"parallel": "on"}
        )
    elif engine == "CP-SAT":
        parameters.threads = threads or THREADS[engine]
    return parameters


def _judged(q: solver.Instance, x: Ints | None, bound: float | None) -> Row:
    if x is None:
        return {"objective": None, "bound": bound, "violations": 0}
    return {"objective": check.objective(q, x), "bound": bound, "violations": len(check.violations(q, x))}


# The table


def show(kept: Row, size: str) -> None:
    """The rows of one instance beside the best of the others and the best plan known."""
    rows = kept["rows"]
    others = [r["objective"] for m, r in rows.items() if not m.startswith("ours") and _counts(r)]
    bounds = [r["bound"] for r in rows.values() if r.get("bound") is not None]
    print(f"province {size} seed {kept['seed']}, {described()}")
    print(f"{'method':<14} {'objective':>13} {'bound':>13} {'gap %':>7} {'/ best of them':>14} {'over best %':>11} "
          f"{'over best bound %':>17} {'cpu s':>8} {'wall s':>8} {'MB':>6} {'taken':>11}")  # fmt: skip
    for method, row in sorted(rows.items(), key=lambda named: METHODS.index(named[0])):
        _show_row(method, row, min(others, default=None), kept["best_known"], max(bounds, default=None))
    machines = sorted({row["machine"] for row in rows.values()} - {described()})
    for machine in machines:
        print(f"rows also taken on {machine}")


def _counts(row: Row) -> bool:
    return row.get("objective") is not None and not row["violations"]


def _show_row(method: str, row: Row, best_other: float | None, best: float | None, top: float | None) -> None:
    if "failed" in row:
        print(f"{method:<14} failed: {row['failed']}")
        return
    value, bound = row["objective"], row["bound"]
    text = [f"{method:<14}", _number(value, 13, ",.0f"), _number(bound, 13, ",.0f")]
    gap = None if value is None or bound is None else (value - bound) / max(1, abs(value))
    text.append(f"{'> 100':>7}" if gap is not None and gap > 1 else _number(gap and 100 * gap, 7, ".2f"))
    text.append(_number(value / best_other if value is not None and best_other else None, 14, ".3f"))
    text.append(_number(100 * (value / best - 1) if value is not None and best else None, 11, ".2f"))
    text.append(_number(100 * (value / top - 1) if value is not None and top else None, 17, ".2f"))
    times = f"{row['cpu_s']:>8.1f} {row['wall_s']:>8.1f} {row['peak_mb']:>6} {row['taken']:>11}"
    print(*text, times, "INFEASIBLE" if row["violations"] else "")


def _number(value: float | None, width: int, form: str) -> str:
    return f"{'-' if value is None else format(value, form):>{width}}"


if __name__ == "__main__":
    sys.exit(main())
