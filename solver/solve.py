"""Decompose, bound, construct, improve, result."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np

from solver import bound, check
from solver.bound import Certificate
from solver.codec import digest
from solver.construct import construct, of_open_offers, promising, repaired
from solver.exact import Exact, clash, least_overrun, solve_whole
from solver.highs import Limits
from solver.improve import Improver, Search
from solver.instance import Flags, Instance, Ints, Money, refuse
from solver.parts import Piece, independent, of_lines, spread
from solver.problem import Problem, cost, is_location, keeps_rules, of_instance, overrun, sums, with_arcs
from solver.regroup import regroup
from solver.relaxation import Relaxation
from solver.result import EFFORTS, Awards, Engine, Prices, Result
from solver.walk import table, walk

NAME, VERSION = "pracharat-solver", "16"
"""Name and version of the method in every result: the version counts up with every change that may change awards."""

_EASY_ARCS, _LARGEST_WHOLE = 100, 30_000
_FOR_THE_CORE = 0.4  # of a table's units, where it is too large to be tried whole at once

Progress = Callable[[dict[str, float | str | None]], None]


@dataclass(frozen=True)
class Effort:
    """What an effort buys, in passes, flows, steps, simplex iterations and nodes: never in seconds.

    Parts of at most `exact_arcs` arcs are tried as whole models with `exact_work` / arcs nodes; parts of at most
    `core_arcs`, if each offer hangs on one trip, with the few best arcs of each line. Tables of choices get `rounds` of
    regrouping and `units` of CP-SAT's deterministic time instead of nodes.
    """

    passes: int
    flows: int
    steps: int
    search: Search
    exact_arcs: int
    exact_work: int
    core_arcs: int
    units: float
    rounds: int


EFFORTS_BY_NAME = {
    "quick": Effort(
        passes=400, flows=10, steps=1_500, exact_arcs=250, exact_work=200_000, core_arcs=0,
        units=0.5, rounds=4,
        search=Search(work=8_000, work_an_arc=0.2, whole=(5,)),
    ),
    "standard": Effort(
        passes=700, flows=14, steps=3_000, exact_arcs=1_500, exact_work=15_000, core_arcs=200_000,
        units=1.5, rounds=35,
        search=Search(work=20_000, work_an_arc=0.5),
    ),
    "deep": Effort(
        passes=2_500, flows=24, steps=20_000, exact_arcs=5_000, exact_work=10**6, core_arcs=500_000,
        units=60.0, rounds=100,
        search=Search(work=300_000, work_an_arc=10.0, whole=(4, 9)),
    ),
}  # fmt: skip


class Clock:
    """The guard of a run: says when time is up and passes progress on."""

    def __init__(self, time_limit_s: float | None, progress: Progress | None) -> None:
        self.started, self.limit, self.progress = time.monotonic(), time_limit_s, progress
        self.bound: float | None = None
        self.stopped = False

    def runtime_s(self) -> float:
        return time.monotonic() - self.started

    def left_s(self) -> float | None:
        return None if self.limit is None else self.limit - self.runtime_s()

    def late(self) -> bool:
        left = self.left_s()
        self.stopped |= left is not None and left <= 0
        return self.stopped

    def tick(self, phase: str, fraction: float, objective: float | None, proved: float | None) -> bool:
        """Report; True when the run must end now."""
        known = [value for value in (self.bound, proved) if value is not None]
        self.bound = max(known, default=None)
        if self.progress is not None:
            self.progress({"phase": phase, "fraction": round(fraction, 4), "objective": objective, "bound": self.bound})
        return self.late()

    def proving(self, fraction: float, proved: float) -> bool:
        """Report while prices are sought."""
        return self.tick("bound", fraction, None, proved)


def solve(
    instance: Instance,
    effort: str = "quick",
    seed: int = 0,
    workers: int = 1,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
    start: Awards | None = None,
) -> Result:
    """Solve the instance; `start`, a plan of the same arcs (of another scenario, say), saves the first plan's flows."""
    if effort not in EFFORTS:
        refuse("effort", None, f"must be one of {', '.join(EFFORTS)}, not {effort!r:.40}")
    plan = EFFORTS_BY_NAME[effort]
    return solve_with(
        instance, plan, effort, seed=seed, workers=workers, time_limit_s=time_limit_s, progress=progress, start=start
    )


def solve_with(
    instance: Instance,
    plan: Effort,
    name: str,
    *,
    seed: int = 0,
    workers: int = 1,
    time_limit_s: float | None = None,
    progress: Progress | None = None,
    start: Awards | None = None,
) -> Result:
    """Solve with an effort of one's own, reported under `name`."""
    given = None if start is None else _quantities(instance, start)
    clock = Clock(time_limit_s, progress)
    p = of_instance(instance)
    proof = guide = bound.certify(Relaxation(instance), plan.passes, clock.proving, clock.late)
    if is_location(p) and not clock.stopped:  # there the formula's prices are poor guides
        guide = bound.certify(Relaxation(instance, gated=True), plan.passes, clock.proving, clock.late)
    run = _Run(instance, p, proof, guide, plan, clock, seed, workers, given)
    libraries = f"{VERSION} (ortools {version('ortools')}, numpy {np.__version__})"
    engine = Engine(name=NAME, version=libraries, effort=name, seed=seed)
    return run.result(engine)


class _Run:
    """One run: exact on small independent parts, search on the rest; `proof` is told, `guide` is followed."""

    def __init__(
        self, q: Instance, p: Problem, proof: Certificate, guide: Certificate, effort: Effort, clock: Clock,
        seed: int, workers: int, given: Ints | None,
    ) -> None:  # fmt: skip
        self.q, self.p, self.proof, self.guide, self.effort, self.clock = q, p, proof, guide, effort, clock
        self.seed, self.workers = seed, workers
        self.given = None if given is None else given[p.source]

    def result(self, engine: Engine) -> Result:
        x, proven, clashing = self._plan()
        ended: dict[str, Any] = {
            "engine": engine,
            "runtime_s": self.clock.runtime_s(),
            "stopped_early": self.clock.stopped,
        }
        sha = digest(self.q)
        if clashing is not None:
            return Result(instance_sha256=sha, status="infeasible", clash=clashing, **ended)
        on_arcs = np.zeros(len(self.q.arcs), np.int64)
        on_arcs[self.p.source] = x
        if check.violations(self.q, on_arcs):
            return Result(instance_sha256=sha, status="no_solution", **ended)
        return self._answer(sha, on_arcs, proven, ended)

    def _answer(self, sha: str, x: Ints, proven: float | None, ended: dict[str, Any]) -> Result:
        objective = cost(self.p, x[self.p.source])
        proved = self.proof.bound
        if self.guide is not self.proof:
            proven = max(self.guide.bound, -np.inf if proven is None else proven)
        short = self.p.need - sums(self.p.line, x[self.p.source], self.p.lines)
        served = objective - float(self.p.short @ short)
        known = proved if proven is None else max(proved, proven)
        optimal = objective - known <= 1e-6 * max(1.0, abs(objective))
        used = np.flatnonzero(x)
        return Result(
            instance_sha256=sha, status="optimal" if optimal else "feasible", objective=objective, bound=proved,
            gap=(objective - proved) / max(abs(objective), 1.0), gap_served=(objective - proved) / max(served, 1.0),
            engine_bound=proven, awards=Awards(arc=used, quantity=x[used]), prices=self.proof.prices, **ended,
        )  # fmt: skip

    def _plan(self) -> tuple[Ints, float | None, Ints | None]:
        """Quantities on the problem's arcs, the proven bound if there is one, the clash if there is one."""
        p = self.p
        lost = _caps_nobody_can_mend(p)
        if len(lost):
            return np.zeros(p.arcs, np.int64), None, lost[:1]
        part, count = independent(p)
        pieces = [of_lines(p, lines) for lines in np.split(np.argsort(part, kind="stable"), _ends(part, count))]
        solved = [(piece, self._exact(piece)) for piece in pieces]
        for piece, found in solved:
            if found is not None and found.status == "infeasible":
                return spread([], p.arcs), None, piece.caps[self._clash(piece)]
        left = [piece for piece, found in solved if not _settled(found)]
        start = spread([(piece, f.x) for piece, f in solved if f is not None and f.status != "nothing"], p.arcs)
        bounds = [found.bound if found is not None else -np.inf for _, found in solved]
        proven = float(sum(bounds)) + _cost_of_unreached_caps(p)
        if left:
            rest = np.sort(np.concatenate([piece.lines for piece in left]))
            started = np.zeros(p.lines, bool)
            for piece, found in solved:
                started[piece.lines] = found is not None and found.status != "nothing"
            x, clashing = self._searched(of_lines(p, rest), start, started)
            return x, proven if np.isfinite(proven) else None, clashing
        return start, proven if np.isfinite(proven) else None, None

    def _exact(self, piece: Piece) -> Exact | None:
        """Small parts as whole models; larger ones whose offers hang on trips of their own by their best arcs first,
        and whole when that was easy. None: the part is left to the search.
        """
        p = piece.problem
        if self.clock.stopped or p.arcs > max(self.effort.exact_arcs, self.effort.core_arcs):
            return None
        walked = self._walked(p)
        if p.arcs <= self.effort.exact_arcs:
            return self._whole(p, walked, choices=walked is not None)
        if not is_location(p):
            return None
        core = self._core(piece, walked)
        if core.status != "optimal" or p.arcs > _LARGEST_WHOLE or self.clock.stopped:
            return replace(core, status="feasible" if core.x.any() else "nothing")
        whole = self._whole(p, core.x, choices=walked is not None, share=1 - _FOR_THE_CORE)
        return whole if whole.status in ("optimal", "feasible") else replace(core, status="feasible", bound=-np.inf)

    def _whole(
        self, p: Problem, start: Ints | None, *, choices: bool = False, rough: bool = False, share: float = 1.0
    ) -> Exact:
        limits = replace(self._limits(p), units=share * self.effort.units)
        found = solve_whole(p, limits, start, choices=choices, rough=rough)
        self.clock.stopped |= found.out_of_time
        return found

    def _walked(self, p: Problem) -> Ints | None:
        """A plan by walkers, regrouped, where the problem is a table and too large for the engine alone."""
        choices = None if p.arcs <= _EASY_ARCS else table(p)
        if choices is None:
            return None
        x = walk(p, choices, self.effort.steps, self.seed, self.clock.late)
        rounds = self.effort.rounds + len(p.capacity) // 2
        return regroup(p, choices, x, rounds, self.seed, self.clock.late, workers=self.workers)

    def _core(self, piece: Piece, start: Ints | None) -> Exact:
        """The best plan found on the few best arcs of every line; its bound is not one of the part."""
        p = piece.problem
        x = np.zeros(p.arcs, np.int64) if start is None else start
        flow = self._flow(piece)
        good = promising(p, self._prices(piece), flow)
        fresh = start is None
        kept = good[of_open_offers(p, flow)[good]] if fresh else np.union1d(good, np.flatnonzero(x))
        found = self._whole(
            with_arcs(p, kept), None if fresh else x[kept], choices=not fresh, rough=fresh, share=_FOR_THE_CORE
        )
        out = np.zeros(p.arcs, np.int64)
        out[kept] = found.x
        if found.status not in ("optimal", "feasible") or cost(p, out) > cost(p, x):
            out = x
        return replace(found, x=out, bound=-np.inf)

    def _cost_of_others(self, piece: Piece, start: Ints) -> float:
        """Baht of the lines outside the piece, whose plan stands: progress is told of the whole."""
        rest = np.ones(self.p.lines, bool)
        rest[piece.lines] = False
        return cost(self.p, np.where(rest[self.p.line], start, 0)) - float(self.p.short[~rest] @ self.p.need[~rest])

    def _limits(self, p: Problem) -> Limits:
        nodes = max(1, self.effort.exact_work // max(1, p.arcs))
        return Limits(nodes=nodes, units=self.effort.units, seed=self.seed, time_limit_s=self.clock.left_s())

    def _clash(self, piece: Piece) -> Ints:
        found = clash(piece.problem, self._limits(piece.problem))
        return np.flatnonzero(piece.problem.hard) if found is None else found

    def _searched(self, piece: Piece, start: Ints, started: Flags) -> tuple[Ints, Ints | None]:
        """Construct, improve; where hard caps are still exceeded, ask the whole model for a plan or a clash."""
        p, on_piece, flow = piece.problem, self._prices(piece), self._flow(piece)
        first, served = start[piece.arcs], started[piece.lines]
        if not served.all():
            made = self._given(piece)
            if made is None:
                made = construct(p, on_piece, flow, self.effort.flows, self.clock.late)
            first = np.where(served[p.line], first, made)
        others = self._cost_of_others(piece, start)
        self.clock.tick("construct", 1.0, cost(p, first) + others, None)
        x, clashing = self._improved(piece, first, others), None
        if overrun(p, x).any():
            x, clashing = self._rescued(piece, x, others)
        out = start.copy()
        out[piece.arcs] = x
        return out, clashing

    def _given(self, piece: Piece) -> Ints | None:
        """The plan to start from, with what breaks this question's rules taken away; None where too much breaks."""
        if self.given is None:
            return None
        p = piece.problem
        x = repaired(p, np.minimum(self.given[piece.arcs], p.room))
        return x if keeps_rules(p, x) else None

    def _improved(self, piece: Piece, x: Ints, others: float) -> Ints:
        better = Improver(
            piece.problem, x, self._prices(piece), self._flow(piece), seed=self.seed, workers=self.workers
        )
        if not self.clock.stopped:
            watch = lambda done, value: self.clock.tick("improve", done, value + others, None)  # noqa: E731
            better.run(self.effort.search, watch, self.clock.left_s)
        return better.plan.x

    def _rescued(self, piece: Piece, x: Ints, others: float) -> tuple[Ints, Ints | None]:
        """The least that hard caps can be exceeded by: nothing (then improve from there), or proof that they clash."""
        p = piece.problem
        if self.clock.stopped:
            return x, None
        least = self._whole(least_overrun(p), x)
        if least.status == "optimal" and overrun(p, least.x).any():
            return x, piece.caps[self._clash(piece)]
        if least.status == "nothing" or overrun(p, least.x).any():
            return x, None
        return self._improved(piece, least.x, others), None

    def _flow(self, piece: Piece) -> Money:
        return self.guide.flow[self.p.source[piece.arcs]]

    def _prices(self, piece: Piece) -> Prices:
        all_of = self.guide.prices
        return Prices(
            line=all_of.line[piece.lines], offer=all_of.offer[piece.offers],
            cap=all_of.cap[piece.caps], split=all_of.split[piece.lines],
        )  # fmt: skip


def _settled(found: Exact | None) -> bool:
    """Nothing more to search: proven, or a table of choices that walkers, regrouping and CP-SAT have worked on."""
    return found is not None and (found.status == "optimal" or (found.choices and found.status == "feasible"))


def _quantities(q: Instance, start: Awards) -> Ints:
    wrong = (start.arc < 0) | (start.arc >= len(q.arcs)) | (start.quantity <= 0)
    if wrong.any() or len(np.unique(start.arc)) < len(start):
        refuse("start", int(np.argmax(wrong)), "must be a positive quantity on an arc of the instance, once")
    x = np.zeros(len(q.arcs), np.int64)
    x[start.arc] = start.quantity
    return x


def _ends(part: Ints, count: int) -> Ints:
    return np.cumsum(np.bincount(part, minlength=count))[:-1]


def _unreached(p: Problem) -> Ints:
    return np.flatnonzero(np.bincount(p.cap, minlength=len(p.limit)) == 0)


def _caps_nobody_can_mend(p: Problem) -> Ints:
    """Hard caps below zero on arcs none of which can carry an award."""
    caps = _unreached(p)
    return caps[p.hard[caps] & (p.limit[caps] < 0)]


def _cost_of_unreached_caps(p: Problem) -> float:
    caps = _unreached(p)
    caps = caps[~p.hard[caps]]
    return float(p.penalty[caps] @ np.maximum(0.0, -p.limit[caps]))
