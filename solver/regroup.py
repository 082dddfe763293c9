"""Regrouping: where every line goes whole to one offer, a few offers and all their lines are solved again, together.

A line is drawn, and with it the offers that would take it at least cost (its share of the fee in the cost, some
chance in the order) and one that is in use. All lines of these offers, and those that nobody serves, are free;
whatever lies outside stays as it is, so that the offers' whole capacity is theirs. Two groups without an offer in
common are solved side by side, whatever the number of workers, so that this number changes no plan.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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
_BATCH = 2


def regroup(
    p: Problem, t: Table, x: Ints, rounds: int, seed: int, late: Callable[[], bool], *, workers: int = 1
) -> Ints:
    """The plan `x` after `rounds` regroupings, shape (arcs,); never dearer."""
    rng = np.random.default_rng(seed)
    with ThreadPoolExecutor(workers) as threads:
        for k in range(0, rounds, _BATCH):
            if late():
                break
            groups = _groups(p, t, x, min(_BATCH, rounds - k), rng)
            limits = [Limits(units=_UNITS, seed=seed + k + i) for i in range(len(groups))]
            answers = list(threads.map(_solved_again, [p] * len(groups), [x] * len(groups), groups, limits))
            x = x.copy()
            for arcs, quantities in answers:
                x[arcs] = quantities
    return x


def _groups(p: Problem, t: Table, x: Ints, count: int, rng: np.random.Generator) -> list[tuple[Flags, Ints]]:
    """Offers of each group, shape (offers,), and its lines; lines that nobody serves are the first one's."""
    at = np.full(p.lines, -1)
    at[p.line[x > 0]] = p.offer[x > 0]
    free = np.ones(len(t.fee) - 1, bool)
    groups = []
    for i in range(count):
        chosen = _drawn(t, p.offer[x > 0], rng) & free
        free &= ~chosen
        groups.append((chosen, np.flatnonzero(np.where(at < 0, i == 0, chosen[at]))))
    return groups


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


def _solved_again(p: Problem, x: Ints, group: tuple[Flags, Ints], limits: Limits) -> tuple[Ints, Ints]:
    """The arcs of the group and their quantities in its best plan known."""
    chosen, lines = group
    piece = of_lines(p, lines)
    inside = np.flatnonzero(chosen[p.offer[piece.arcs]])
    arcs = piece.arcs[inside]
    part = with_arcs(piece.problem, inside)
    found = solve_whole(part, limits, x[arcs], choices=True)
    better = found.status in ("optimal", "feasible") and cost(part, found.x) < cost(part, x[arcs])
    return arcs, found.x if better else x[arcs]
