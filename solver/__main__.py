"""The command line: solve, verify, explain, info. Exit 0 done or verified, 1 not verified or no plan, 2 bad input."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import solver
from solver.instance import refuse
from solver.result import EFFORTS

DONE, NOT_VERIFIED, BAD_INPUT = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    args = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = args.command
    try:
        return command(args)
    except solver.BadInput as problem:
        print(f"bad input: {problem}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m solver", description="Awards, prices and a certificate.")
    commands = parser.add_subparsers(required=True, metavar="solve | verify | explain | info")
    one = commands.add_parser("solve", help="find awards and prices")
    one.set_defaults(command=_solve)
    one.add_argument("instance", type=Path)
    one.add_argument("-o", "--output", type=Path, help="result file, .npz or .json; default: standard output")
    one.add_argument("--effort", choices=EFFORTS, default="quick")
    one.add_argument("--seed", type=_seed, default=0)
    one.add_argument("--workers", type=_workers, default=1)
    one.add_argument("--time-limit", type=_seconds, metavar="S", help="a guard in seconds: a run it stops is marked")
    one.add_argument("--log", action="store_true", help="a table of the run on standard error")
    one.add_argument("--progress", action="store_true", help="a JSON line a step on standard error")
    two = commands.add_parser("verify", help="recompute feasibility, objective and bound from the files alone")
    two.set_defaults(command=_verify)
    three = commands.add_parser("explain", help="why each arc won or lost, why each line is short")
    three.set_defaults(command=_explain)
    for sub in (two, three):
        sub.add_argument("instance", type=Path)
        sub.add_argument("result", type=Path)
    chosen = three.add_mutually_exclusive_group()
    chosen.add_argument("--line", type=int, metavar="N")
    chosen.add_argument("--offer", type=int, metavar="N")
    four = commands.add_parser("info", help="sizes and totals of an instance")
    four.set_defaults(command=_info)
    four.add_argument("instance", type=Path)
    return parser


def _seed(text: str) -> int:
    return _in_range(int(text), 0, 2**31 - 1)


def _workers(text: str) -> int:
    return _in_range(int(text), 1, 64)


def _in_range(value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        message = f"must be from {least} to {most}"
        raise argparse.ArgumentTypeError(message)
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        message = "must be a positive number of seconds"
        raise argparse.ArgumentTypeError(message)
    return value


# Solve


def _solve(args: argparse.Namespace) -> int:
    instance = solver.read_instance(args.instance)
    with _silent_engine():
        result = solver.solve(
            instance, args.effort, args.seed, args.workers, time_limit_s=args.time_limit, progress=_reporter(args)
        )
    if args.output is None:
        print(solver.result_to_json(result))
    else:
        solver.write_result(result, args.output)
        print(_summary(result))
    return DONE if result.has_plan else NOT_VERIFIED


@contextmanager
def _silent_engine() -> Iterator[None]:
    """Native code chatters on standard output, which belongs to the result."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _reporter(args: argparse.Namespace) -> Callable[[dict[str, Any]], None] | None:
    if args.progress:
        return lambda step: print(json.dumps(step), file=sys.stderr, flush=True)
    if args.log:
        print(f"{'phase':<10} {'done':>6} {'objective':>18} {'bound':>18}", file=sys.stderr)
        return _log_line
    return None


def _log_line(step: dict[str, Any]) -> None:
    objective, proved = (f"{step[k]:,.2f}" if step[k] is not None else "-" for k in ("objective", "bound"))
    print(f"{step['phase']:<10} {step['fraction']:>6.1%} {objective:>18} {proved:>18}", file=sys.stderr, flush=True)


def _summary(result: solver.Result) -> str:
    early = ", stopped early: not reproducible" if result.stopped_early else ""
    if not result.has_plan:
        return f"{result.status}{early}" + (f", clashing caps: {_listed(result.clash)}" if len(result.clash) else "")
    return (
        f"{result.status}{early}: objective {result.objective:.2f}, bound {result.bound:.2f}, gap {result.gap:.4%}, "
        f"gap of the served part {result.gap_served:.4%}, {len(result.awards)} awards, {result.runtime_s:.1f} s"
    )


def _listed(values: Any) -> str:
    return ", ".join(map(str, values))


# Verify, explain, info


def _verify(args: argparse.Namespace) -> int:
    instance, result = solver.read_instance(args.instance), solver.read_result(args.result)
    found = solver.verify(instance, result)
    for sentence in found:
        print(sentence)
    if found:
        return NOT_VERIFIED
    if not result.has_plan:
        print(f"no plan to verify: {_summary(result)}")
        return NOT_VERIFIED
    print(f"verified: {_summary(result)}")
    return DONE


def _explain(args: argparse.Namespace) -> int:
    instance, result = solver.read_instance(args.instance), solver.read_result(args.result)
    _in_table("line", args.line, len(instance.lines))
    _in_table("offer", args.offer, len(instance.offers))
    wrong = solver.verify(instance, result)
    if wrong or not result.has_plan:
        print(wrong[0] if wrong else f"no plan to explain: {_summary(result)}", file=sys.stderr)
        return NOT_VERIFIED
    told = solver.explain(instance, result)
    arcs = np.ones(len(instance.arcs), bool)
    if args.line is not None:
        arcs = instance.arcs.line == args.line
    if args.offer is not None:
        arcs = instance.arcs.offer == args.offer
    lines = np.unique(instance.arcs.line[arcs]) if args.offer is not None else told.short.line
    if args.line is not None:
        lines = np.array([args.line])
    for record in [*told.arc_records(np.flatnonzero(arcs)), *told.short_records(lines)]:
        print(json.dumps(record))
    return DONE


def _in_table(name: str, row: int | None, rows: int) -> None:
    if row is not None and not 0 <= row < rows:
        refuse(f"--{name}", None, f"must be from 0 to {rows - 1}, not {row}")


def _info(args: argparse.Namespace) -> int:
    q = solver.read_instance(args.instance)
    rows = {t: len(getattr(q, t)) for t in ("lines", "offers", "arcs", "drops", "pickups", "caps")}
    hard = int(np.isinf(q.caps.penalty).sum())
    print(f"name      {q.name}")
    for table, count in rows.items():
        print(f"{table:<9} {count}" + (f" ({hard} hard)" if table == "caps" else ""))
    print(f"needed    {q.lines.quantity.sum(dtype=float):.0f} units")
    print(f"offered   {q.offers.capacity.sum(dtype=float):.0f} units")
    print(f"whole     {int(q.lines.whole.sum())} lines")
    print(f"digest    {solver.digest(q)}")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
