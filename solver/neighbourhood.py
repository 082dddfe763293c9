"""A plan with its loads, and the part of a problem that is free again while the rest of the plan stands."""

from dataclasses import dataclass, replace

import numpy as np

from solver import highs
from solver.highs import Limits
from solver.instance import Flags, Ints, Money
from solver.mip import AllocationModel
from solver.parts import Piece, cap_entries, cut
from solver.problem import Problem, beyond, cap_use, cost, keeps_rules, overrun, sums, with_arcs

_WORK_A_CALL = 30
_ENTRIES_A_WORK = 20


class Plan:
    """Quantities on the arcs of a problem and what they use; `replace_arcs` keeps the books."""

    def __init__(self, p: Problem, x: Ints) -> None:
        self.p, self.x = p, np.zeros(p.arcs, np.int64)
        self.used = np.zeros(len(p.capacity), np.int64)
        self.awards_on_drop = np.zeros(len(p.fee), np.int64)
        self.drops_on_pickup = np.zeros(len(p.pickup_fee), np.int64)
        self.in_cap = np.zeros(len(p.limit))
        self.units_cost = float(p.short @ p.need)
        self.soft_penalty = np.where(p.hard, 0.0, p.penalty)
        self.split_prone = _likely_split(p)
        self.by_line = np.argsort(p.line, kind="stable")
        self.line_start = np.searchsorted(p.line[self.by_line], np.arange(p.lines + 1))
        self.replace_arcs(np.flatnonzero(x), x[np.flatnonzero(x)])

    def arcs_of(self, lines: Ints) -> Ints:
        """Sorted arcs of these lines."""
        start, stop = self.line_start[lines], self.line_start[lines + 1]
        count = stop - start
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return np.sort(self.by_line[np.repeat(start, count) + within])

    def replace_arcs(self, arcs: Ints, quantity: Ints) -> None:
        """Set new quantities on these arcs (sorted) and keep the books."""
        p, change = self.p, quantity - self.x[arcs]
        np.add.at(self.used, p.offer[arcs], change)
        self.units_cost += float((p.cost[arcs] - p.short[p.line[arcs]]) @ change)
        self._open_and_close(arcs, (quantity > 0).astype(np.int64) - (self.x[arcs] > 0))
        if len(p.limit):
            inside, place = cap_entries(p, arcs)
            np.add.at(self.in_cap, p.cap[inside], p.coefficient[inside] * change[place])
        self.x[arcs] = quantity

    def _open_and_close(self, arcs: Ints, change: Ints) -> None:
        p, inside = self.p, self.p.drop[arcs] >= 0
        touched = np.unique(p.drop[arcs][inside])
        was = self.awards_on_drop[touched] > 0
        np.add.at(self.awards_on_drop, p.drop[arcs][inside], change[inside])
        opened = (self.awards_on_drop[touched] > 0).astype(np.int64) - was
        collected = p.pickup[touched] >= 0
        pickups = np.unique(p.pickup[touched][collected])
        up = self.drops_on_pickup[pickups] > 0
        np.add.at(self.drops_on_pickup, p.pickup[touched][collected], opened[collected])
        change_up = (self.drops_on_pickup[pickups] > 0).astype(np.int64) - up
        self.units_cost += float(p.fee[touched] @ opened) + float(p.pickup_fee[pickups] @ change_up)

    def cost(self) -> float:
        """Baht, kept up to date by every change."""
        return self.units_cost + float(self.soft_penalty @ np.maximum(0.0, self.in_cap - self.p.limit))

    def overrun(self) -> Money:
        """By how much each hard cap is exceeded, shape (caps,)."""
        return beyond(self.p, self.in_cap)


def _likely_split(p: Problem) -> Flags:
    """Lines whose offers are small beside the need: their split limit is worth its rows from the start."""
    rooms = sums(p.line, p.room, p.lines)
    count = np.maximum(1, np.bincount(p.line, minlength=p.lines))
    likely: Flags = (p.awards > 0) & (rooms / count * p.awards < 1.5 * p.need)
    return likely


@dataclass(frozen=True, eq=False, kw_only=True)
class Neighbourhood:
    """A piece in which the rest of the plan has taken its share of rooms and paid for its trips."""

    piece: Piece
    old: Ints
    prone: Flags

    @property
    def lines(self) -> Ints:
        return self.piece.lines

    @property
    def size(self) -> int:
        return self.piece.problem.arcs


def free(plan: Plan, lines: Ints, arcs: Ints, repair_price: Money) -> Neighbourhood:
    """Free these lines on these arcs (which include all arcs they use now).

    A hard cap that the plan exceeds is softened to `repair_price` (baht a unit of excess), so that the
    neighbourhood may mend it.
    """
    piece = cut(plan.p, lines, arcs)
    old, small = plan.x[arcs], piece.problem
    used = sums(small.offer, old, len(piece.offers)).astype(np.int64)
    capacity = small.capacity - plan.used[piece.offers] + used
    open_outside, collected_outside = _open_outside(plan, piece, old)
    exceeded = plan.overrun()[piece.caps] > 0
    limit = small.limit - plan.in_cap[piece.caps] + cap_use(small, old)
    room = np.minimum(small.room, capacity[small.offer])
    small = replace(
        small, capacity=capacity, room=room - room % small.pack, limit=limit,
        fee=np.where(open_outside, 0.0, small.fee), pickup_fee=np.where(collected_outside, 0.0, small.pickup_fee),
        penalty=np.where(exceeded, repair_price[piece.caps], small.penalty),
    )  # fmt: skip
    kept = np.flatnonzero((small.room >= small.low) | (old > 0))
    piece = replace(piece, problem=with_arcs(small, kept), arcs=arcs[kept])
    prone = plan.split_prone[lines] | (sums(small.line, old > 0, len(lines)) >= small.awards)
    return Neighbourhood(piece=piece, old=old[kept], prone=prone)


def _open_outside(plan: Plan, piece: Piece, old: Ints) -> tuple[Flags, Flags]:
    small = piece.problem
    inside = small.drop >= 0
    mine = sums(small.drop[inside], old[inside] > 0, len(piece.drops))
    open_outside = plan.awards_on_drop[piece.drops] > mine
    closing = (plan.awards_on_drop[piece.drops] > 0) & ~open_outside & (small.pickup >= 0)
    mine_up = np.bincount(small.pickup[closing], minlength=len(piece.pickups))
    return open_outside, plan.drops_on_pickup[piece.pickups] > mine_up


@dataclass(frozen=True, eq=False, kw_only=True)
class Answer:
    """Better or equal quantities for a neighbourhood (None when the search found none), and what they cost to find:
    simplex iterations and their like.
    """

    x: Ints | None
    work: int


def solve(n: Neighbourhood, limits: Limits) -> Answer:
    """Solve the sub-model; again with more split rows while its answer splits lines too often."""
    p = n.piece.problem
    work = _WORK_A_CALL
    if not p.arcs:
        return Answer(x=None, work=work)
    split = n.prone
    for _ in range(3):
        model = AllocationModel(p, proof=False, split=split)
        out = highs.solve(model.model, limits)
        work += out.work + len(model.model.value) // _ENTRIES_A_WORK
        if out.status not in ("optimal", "feasible"):
            break
        x = _topped_up(p, model.quantities(out.values), out.values[model.packs] * model.unit)
        count = np.bincount(p.line[x > 0], minlength=p.lines)
        broken = (p.awards > 0) & (count > p.awards)
        if not broken.any():
            return Answer(x=x if _accepted(p, x, n.old) else None, work=work)
        split = split | broken
    return Answer(x=None, work=work)


def _accepted(p: Problem, x: Ints, old: Ints) -> bool:
    return keeps_rules(p, x) and not overrun(p, x).any() and cost(p, x) <= cost(p, old) + 1e-9


def _topped_up(p: Problem, x: Ints, wanted: Money) -> Ints:
    """Give back the units that rounding down cut off, where offer and arc still have room."""
    missing = np.rint(sums(p.line, wanted - x, p.lines)).astype(np.int64)
    if not missing.any():
        return x
    left = p.capacity - sums(p.offer, x, len(p.capacity)).astype(np.int64)
    order = np.flatnonzero((missing[p.line] > 0) & (p.pack == 1) & (wanted > 1e-6))
    for a in order[np.argsort(x[order] - wanted[order], kind="stable")]:
        if missing[p.line[a]] > 0 and left[p.offer[a]] > 0 and p.low[a] <= x[a] + 1 <= p.room[a]:
            x[a] += 1
            missing[p.line[a]] -= 1
            left[p.offer[a]] -= 1
    return x
