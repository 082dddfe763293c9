"""The cheapest flow of units from lines over offers to one sink, part by part.

Products and days make an allocation's network fall apart into many small ones, and many small flows are found
sooner than one large: a few thousand arcs stay in a core's cache, and the work grows faster than the arcs.
"""

from itertools import pairwise

import numpy as np

from solver.highs import least_cost_flow
from solver.instance import Flags, Ints, Money
from solver.parts import components
from solver.problem import Problem

_COST_STEPS = 10**5
_ARCS_A_FLOW = 1_000


class Flows:
    """Flows on the arcs `kept` of a problem: parts that share no line or offer, small ones put together."""

    def __init__(self, p: Problem, kept: Ints) -> None:
        self.p = p
        label = components(p.line[kept], p.lines + p.offer[kept], p.lines + len(p.capacity))[p.line[kept]]
        order = np.argsort(label, kind="stable")
        last = np.flatnonzero(np.diff(label[order], append=-1))  # the last arc of every part
        full = np.flatnonzero(np.diff((last + 1) // _ARCS_A_FLOW, append=-1))
        ends = np.concatenate([[0], last[full] + 1]).tolist()
        self.groups = [np.sort(kept[order[a:b]]) for a, b in pairwise(ends)]

    def cheapest(self, unit_cost: Money, closed: Flags) -> Ints:
        """Units on every arc of a cheapest flow that uses no closed arc, shape (arcs,)."""
        p, x = self.p, np.zeros(self.p.arcs, np.int64)
        dearest = max((float(np.abs(unit_cost[group]).max()) for group in self.groups), default=0.0)
        scale = _COST_STEPS / max(1e-9, dearest, float(p.short.max(initial=0.0)))
        for group in self.groups:
            arcs = group[~closed[group]]
            x[arcs] = self._of_part(arcs, np.rint(unit_cost[arcs] * scale).astype(np.int64), scale)
        return x

    def _of_part(self, arcs: Ints, unit_cost: Ints, scale: float) -> Ints:
        """Lines to offers to one sink; what stays short flows there directly at the shortage cost."""
        p = self.p
        (lines, line), (offers, offer) = (np.unique(of[arcs], return_inverse=True) for of in (p.line, p.offer))
        need = p.need[lines]
        demand, sink = int(need.sum()), len(lines) + len(offers)
        tail = np.concatenate([line, np.arange(sink)])
        head = np.concatenate([len(lines) + offer, np.full(sink, sink)])
        capacity = np.concatenate([p.room[arcs], need, np.minimum(p.capacity[offers], demand)])
        short = np.rint(p.short[lines] * scale).astype(np.int64)
        cost = np.concatenate([unit_cost, short, np.zeros(len(offers), np.int64)])
        supply = np.concatenate([need, np.zeros(len(offers), np.int64), [-demand]])
        return least_cost_flow(tail, head, capacity, cost, supply)[: len(arcs)]
