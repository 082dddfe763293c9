"""Regrouping: where every line goes whole to one offer, a few offers and all their lines are solved again, together.

A line is drawn, and with it the offers that would take it at least cost (its share of the fee in the cost, some
chance in the order) and one that is in use. All lines of these offers, and those that nobody serves, are free;
whatever lies outside stays as it is, so that the offers' whole capacity is theirs.
"""

from collections.abc import Callable

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


def regroup(p: Problem, t: Table, x: Ints, rounds: int, seed: int, late: Callable[[], bool]) -> Ints:
    """The plan `x` after `rounds` regroupings, shape (arcs,); never dearer."""
    rng = np.random.default_rng(seed)
    for k in range(rounds):
        if late():
            break
        x = _solved_again(p, x, _drawn(t, p.offer[x > 0], rng), Limits(units=_UNITS, seed=seed + k))
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
