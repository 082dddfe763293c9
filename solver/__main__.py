"""The command line: solve, verify, explain, info. Exit 0 done or verified, 1 not verified or no plan, 2 bad input."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

import solver
from solver import confirm, progress
from solver.check import TOLERANCE
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
    one.add_argument("--workers", type=_workers, default=_cores(), help="default: the machine's cores, at most four")
    one.add_argument("--time-limit", type=_seconds, metavar="S", help="a guard in seconds: a run it stops is marked")
    one.add_argument("--start", type=Path, metavar="RESULT", help="a plan of the same arcs to begin from")
    one.add_argument(
        "--log", action="store_true", help="a table of the run on standard error; without it a terminal shows a bar"
    )
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
    chosen.add_argument("--arc", type=int, metavar="N")
    chosen.add_argument("--cap", type=int, metavar="N", help="how full it is, and its price")
    three.add_argument("--confirm", action="store_true", help="apply each change, solve again, find the smallest")
    four = commands.add_parser("info", help="sizes and totals of an instance")
    four.set_defaults(command=_info)
    four.add_argument("instance", type=Path)
    return parser


def _cores() -> int:
    """More than a batch has members would not help."""
    return min(4, os.cpu_count() or 1)


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
    start = None if args.start is None else solver.read_result(args.start).awards
    with _silent_engine(), _reporter(args) as told:
        result = solver.solve(
            instance, args.effort, args.seed, args.workers, time_limit_s=args.time_limit, progress=told, start=start
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


@contextmanager
def _reporter(args: argparse.Namespace) -> Iterator[progress.Reporter | None]:
    """JSON lines or a table where they are asked for, a bar where a person looks on."""
    if args.progress:
        yield progress.json_lines(sys.stderr)
    elif args.log:
        yield progress.Table(sys.stderr)
    elif sys.stderr.isatty():
        bar = progress.Bar(sys.stderr)
        try:
            yield bar
        finally:
            bar.done()
    else:
        yield None


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
    if result.status == "optimal" and result.engine_bound is not None and result.gap and result.gap > TOLERANCE:
        print("that it is optimal is the engine's word; the certificate proves the gap above")
    return DONE


def _explain(args: argparse.Namespace) -> int:
    instance, result = solver.read_instance(args.instance), solver.read_result(args.result)
    for name, table in (("line", instance.lines), ("offer", instance.offers), ("arc", instance.arcs),
                        ("cap", instance.caps)):  # fmt: skip
        _in_table(name, getattr(args, name), len(table))
    if args.confirm and (args.line, args.offer, args.arc, args.cap) == (None,) * 4:
        refuse("--confirm", None, "needs one line, offer, arc or cap")
    wrong = solver.verify(instance, result)
    if wrong or not result.has_plan:
        print(wrong[0] if wrong else f"no plan to explain: {_summary(result)}", file=sys.stderr)
        return NOT_VERIFIED
    with _silent_engine():
        records = list(_records(instance, result, args))
    for record in records:
        print(json.dumps(record))
    return DONE


def _records(q: solver.Instance, result: solver.Result, args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Arcs, then short lines, then what solving again has confirmed."""
    if args.cap is not None:
        yield asdict((confirm.price_of_cap if args.confirm else confirm.state_of_cap)(q, result, args.cap))
        return
    told = solver.explain(q, result)
    arcs = _chosen(q, args)
    lines = told.short.line if args.line is None and args.offer is None else np.unique(q.arcs.line[arcs])
    lines = np.array([args.line]) if args.line is not None else lines
    yield from told.arc_records(arcs)
    yield from told.short_records(lines)
    if args.confirm:
        for arc in arcs.tolist():
            yield from map(asdict, confirm.confirm(q, result, told, arc))


def _chosen(q: solver.Instance, args: argparse.Namespace) -> Any:
    """The arcs that the options ask for."""
    if args.arc is not None:
        return np.array([args.arc])
    if args.line is not None:
        return np.flatnonzero(q.arcs.line == args.line)
    return np.arange(len(q.arcs)) if args.offer is None else np.flatnonzero(q.arcs.offer == args.offer)


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
