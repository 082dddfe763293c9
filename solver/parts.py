"""Cutting a problem: one piece with its own small tables, and the independent parts a problem falls into."""

from dataclasses import dataclass

import numpy as np

from solver.instance import Flags, Ints
from solver.problem import Problem, sums


@dataclass(frozen=True, eq=False, kw_only=True)
class Piece:
    """Some lines and arcs of a problem as a problem of its own, and which rows of the origin its rows are."""

    problem: Problem
    lines: Ints
    arcs: Ints
    offers: Ints
    drops: Ints
    pickups: Ints
    caps: Ints


def cut(p: Problem, lines: Ints, arcs: Ints) -> Piece:
    """The piece with these lines and arcs (sorted indices) and everything they touch."""
    offers, offer = np.unique(p.offer[arcs], return_inverse=True)
    drops, drop = _touched(p.drop[arcs])
    pickups, pickup = _touched(p.pickup[drops])
    inside, place = cap_entries(p, arcs)
    caps, cap = np.unique(p.cap[inside], return_inverse=True)
    small = Problem(
        need=p.need[lines], short=p.short[lines], awards=p.awards[lines], whole=p.whole[lines],
        capacity=p.capacity[offers], fee=p.fee[drops], pickup=pickup, pickup_fee=p.pickup_fee[pickups],
        line=np.searchsorted(lines, p.line[arcs]), offer=offer, drop=drop, cost=p.cost[arcs],
        low=p.low[arcs], room=p.room[arcs], pack=p.pack[arcs], source=arcs,
        limit=p.limit[caps], penalty=p.penalty[caps], cap=cap, cap_arc=place, coefficient=p.coefficient[inside],
    )  # fmt: skip
    return Piece(problem=small, lines=lines, arcs=arcs, offers=offers, drops=drops, pickups=pickups, caps=caps)


def _touched(index: Ints) -> tuple[Ints, Ints]:
    """The rows that `index` points at, and `index` renumbered to them; -1 stays -1."""
    rows = np.unique(index[index >= 0])
    return rows, np.where(index >= 0, np.searchsorted(rows, index), -1)


def cap_entries(p: Problem, arcs: Ints) -> tuple[Ints, Ints]:
    """The non-zeros on these arcs and the arcs' places; `p.cap_arc` is sorted."""
    start, stop = np.searchsorted(p.cap_arc, arcs, "left"), np.searchsorted(p.cap_arc, arcs, "right")
    count = stop - start
    place = np.repeat(np.arange(len(arcs)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return start[place] + within, place


def binding_caps(p: Problem) -> Flags:
    """Caps that some plan could exceed: the others never matter."""
    most = sums(p.cap, np.maximum(0.0, p.coefficient * p.room[p.cap_arc]), len(p.limit))
    return most > p.limit - 1e-9 * np.abs(p.limit)


def independent(p: Problem) -> tuple[Ints, int]:
    """Number the parts that share no line, offer, drop, pickup or cap: the part of every line, and their count."""
    starts = np.cumsum([0, p.lines, len(p.capacity), len(p.fee), len(p.pickup_fee)])
    inside, collected = np.flatnonzero(p.drop >= 0), np.flatnonzero(p.pickup >= 0)
    capped = binding_caps(p)[p.cap]
    tail = [p.line, p.line[inside], starts[2] + collected, p.line[p.cap_arc[capped]]]
    head = [starts[1] + p.offer, starts[2] + p.drop[inside], starts[3] + p.pickup[collected], starts[4] + p.cap[capped]]
    label = components(np.concatenate(tail), np.concatenate(head), int(starts[4]) + len(p.limit))
    names, part = np.unique(label[: p.lines], return_inverse=True)
    return part, len(names)


def components(tail: Ints, head: Ints, nodes: int) -> Ints:
    """The smallest node of each node's connected component, shape (nodes,)."""
    label = np.arange(nodes)
    while True:
        low = np.minimum(label[tail], label[head])
        new = label.copy()
        np.minimum.at(new, label[tail], low)
        np.minimum.at(new, label[head], low)
        new = new[new]
        if (new == label).all():
            return label
        label = new


def of_lines(p: Problem, lines: Ints) -> Piece:
    """The piece of these lines with all their arcs."""
    chosen = np.zeros(p.lines, bool)
    chosen[lines] = True
    return cut(p, lines, np.flatnonzero(chosen[p.line]))


def spread(pieces: list[tuple[Piece, Ints]], arcs: int) -> Ints:
    """Put the quantities of disjoint pieces back on the arcs of the origin."""
    x = np.zeros(arcs, np.int64)
    for piece, quantity in pieces:
        x[piece.arcs] = quantity
    return x
