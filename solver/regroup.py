"""Regrouping: where every line goes whole to one offer, a few offers and all their lines are solved again, together.

A line is drawn, and with it the offers that would take it at least cost (its share of the fee in the cost, some
chance in the order) and one that is in use. All lines of these offers, and those that nobody serves, are free;
whatever lies outside stays as it is, so that the offers' whole capacity is theirs. Most groups are as good as can be
already: with a second worker the next group is solved ahead, and solved again where the one before it has changed.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from solver.exact import solve_whole
from solver.highs import Limits
from solver.instance import Flags, Ints
from solver.parts import of_lines
from solver.problem import Problem, cost, with_arcs
from solver.walk import Table

_OFFERS = 7
_UNITS = 0.03
_CHANCE = 1.0


def regroup(
    p: Problem, t: Table, x: Ints, rounds: int, seed: int, late: Callable[[], bool], *, workers: int = 1
) -> Ints:
    """The plan `x` after `rounds` regroupings, two at a time, shape (arcs,); never dearer."""
    rng = np.random.default_rng(seed)
    with ThreadPoolExecutor(1) as ahead:
        for k in range(0, rounds, 2):
            if late():
                break
            one, other = (
                partial(_solved_again, p, chosen=_drawn(t, p.offer[x > 0], rng), limits=Limits(units=_UNITS, seed=s))
                for s in (seed + k, seed + k + 1)
            )
            waiting = ahead.submit(other, x) if workers > 1 else None
            after = one(x)
            x = waiting.result() if waiting is not None and after is x else other(after)
    return x


def _drawn(t: Table, used: Ints, rng: np.random.Generator) -> Flags:
    """Which offers are regrouped, shape (offers,)."""
    offers = len(t.fee) - 1
    line = rng.integers(0, len(t.need))
    full = t.cost[line, :-1] + t.need[line] * t.fee[:-1] / np.maximum(t.capacity[:-1], 1.0)
    spread = float(np.sort(full)[: 2 * _OFFERS].std())
    score = full + _CHANCE * spread * rng.random(offers)
    chosen = np.zeros(offers, bool)
    chosen[np.argsort(score, kind="stable")[:_OFFERS]] = True
    if len(used):
        chosen[rng.choice(np.unique(used))] = True
    return chosen


def _solved_again(p: Problem, x: Ints, chosen: Flags, limits: Limits) -> Ints:
    """The better plan, or `x` itself."""
    at = np.full(p.lines, -1)
    at[p.line[x > 0]] = p.offer[x > 0]
    piece = of_lines(p, np.flatnonzero((at < 0) | chosen[at]))
    inside = np.flatnonzero(chosen[p.offer[piece.arcs]])
    arcs = piece.arcs[inside]
    part = with_arcs(piece.problem, inside)
    found = solve_whole(part, limits, x[arcs], choices=True)
    if found.status not in ("optimal", "feasible") or cost(part, found.x) >= cost(part, x[arcs]):
        return x
    out = x.copy()
    out[arcs] = found.x
    return out
