"""The question as the search sees it: usable arcs only, rooms tightened to whole packs, plain arrays.

A `Problem` is an instance, a part of it, or a neighbourhood of a plan: all three are solved by the same code.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.instance import Flags, Instance, Ints, Money

_MOSTLY = 0.8


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Columns of lines (need, short, awards, whole), offers (capacity), drops, pickups, arcs and caps.

    `low` and `room` are the least and the largest positive quantity of an arc, both multiples of `pack`;
    `source` says which arc of the origin an arc is; the caps'
    non-zeros are sorted by arc.
    """

    need: Ints
    short: Money
    awards: Ints
    whole: Flags
    capacity: Ints
    fee: Money
    pickup: Ints
    pickup_fee: Money
    line: Ints
    offer: Ints
    drop: Ints
    cost: Money
    low: Ints
    room: Ints
    pack: Ints
    source: Ints
    limit: Money
    penalty: Money
    cap: Ints
    cap_arc: Ints
    coefficient: Money

    @property
    def arcs(self) -> int:
        return len(self.line)

    @property
    def lines(self) -> int:
        return len(self.need)

    @property
    def hard(self) -> Flags:
        return np.isinf(self.penalty)


def of_instance(q: Instance) -> Problem:
    """Every line, offer, drop, pickup and cap of the instance, and the arcs that can carry an award."""
    a = q.arcs
    room = np.minimum(q.lines.quantity[a.line], q.offers.capacity[a.offer])
    room -= room % a.step
    low = -(-np.maximum(a.minimum, 1) // a.step) * a.step
    kept = np.flatnonzero((room > 0) & (low <= room))
    cap, cap_arc, coefficient = _kept_caps(q.caps.cap, q.caps.arc, q.caps.coefficient, kept, len(a))
    return Problem(
        need=q.lines.quantity, short=q.lines.shortage_cost, awards=q.lines.max_awards, whole=q.lines.whole,
        capacity=q.offers.capacity, fee=q.drops.fee, pickup=q.drops.pickup, pickup_fee=q.pickups.fee,
        line=a.line[kept], offer=a.offer[kept], drop=a.drop[kept], cost=a.unit_cost[kept],
        low=low[kept], room=room[kept], pack=a.step[kept], source=kept,
        limit=q.caps.limit, penalty=q.caps.penalty, cap=cap, cap_arc=cap_arc, coefficient=coefficient,
    )  # fmt: skip


def with_arcs(p: Problem, kept: Ints) -> Problem:
    """The same tables with only the arcs `kept` (sorted indices)."""
    cap, cap_arc, coefficient = _kept_caps(p.cap, p.cap_arc, p.coefficient, kept, p.arcs)
    return replace(
        p, line=p.line[kept], offer=p.offer[kept], drop=p.drop[kept], cost=p.cost[kept], low=p.low[kept],
        room=p.room[kept], pack=p.pack[kept], source=p.source[kept], cap=cap, cap_arc=cap_arc, coefficient=coefficient,
    )  # fmt: skip


def _kept_caps(cap: Ints, arc: Ints, coefficient: Money, kept: Ints, arcs: int) -> tuple[Ints, Ints, Money]:
    place = np.full(arcs, -1)
    place[kept] = np.arange(len(kept))
    stays = np.flatnonzero(place[arc] >= 0)
    stays = stays[np.argsort(place[arc[stays]], kind="stable")]
    return cap[stays], place[arc[stays]], coefficient[stays]


def sums(index: Ints, values: NDArray[Any], rows: int) -> Money:
    """The sum of the values of each index, shape (rows,)."""
    out: Money = np.bincount(index, weights=values, minlength=rows)  # type: ignore[assignment]
    return out


def cap_use(p: Problem, x: Ints) -> Money:
    """The left-hand side of every cap, shape (caps,)."""
    return sums(p.cap, p.coefficient * x[p.cap_arc], len(p.limit))


def cost(p: Problem, x: Ints) -> float:
    """Baht of the quantities `x`; hard caps cost nothing here, see `broken`."""
    excess = np.maximum(0.0, cap_use(p, x) - p.limit)
    soft = ~p.hard
    drops = open_drops(p, x)
    return (
        float(p.cost @ x)
        + float(p.fee @ drops)
        + float(p.pickup_fee @ open_pickups(p, drops))
        + float(p.short @ (p.need - sums(p.line, x, p.lines)))
        + float(p.penalty[soft] @ excess[soft])
    )


def open_drops(p: Problem, x: Ints) -> Flags:
    made = np.zeros(len(p.fee), bool)
    made[p.drop[(x > 0) & (p.drop >= 0)]] = True
    return made


def open_pickups(p: Problem, drops: Flags) -> Flags:
    opened = np.zeros(len(p.pickup_fee), bool)
    opened[p.pickup[drops & (p.pickup >= 0)]] = True
    return opened


def keeps_rules(p: Problem, x: Ints) -> bool:
    """Every rule but the caps."""
    served = sums(p.line, x, p.lines)
    used = sums(p.offer, x, len(p.capacity))
    count = np.bincount(p.line[x > 0], minlength=p.lines)
    return bool(
        (served <= p.need).all()
        and (used <= p.capacity).all()
        and ((p.awards == 0) | (count <= p.awards)).all()
        and (~p.whole | (served == 0) | (served == p.need)).all()
        and ((x == 0) | ((x >= p.low) & (x <= p.room))).all()
        and (x % p.pack == 0).all()
    )


def overrun(p: Problem, x: Ints) -> Money:
    """By how much each hard cap is exceeded beyond rounding, shape (caps,)."""
    return beyond(p, cap_use(p, x))


def beyond(p: Problem, used: Money) -> Money:
    """By how much the left-hand sides `used` exceed hard caps beyond rounding, shape (caps,)."""
    excess = used - p.limit
    tolerance = 2e-7 * np.maximum(1.0, np.abs(p.limit))
    return np.where(p.hard & (excess > tolerance), excess, 0.0)


def gates(offer: Ints, drop: Ints, pickup: Ints, fee: Money, pickup_fee: Money, offers: int) -> tuple[Ints, Ints]:
    """The one drop with a fee, or else the one pickup, that all arcs of each offer hang on; -1 where there is none."""
    of_arc = np.append(pickup, -1)[drop]
    by_drop = _only(offer, np.where(np.append(fee, 0.0)[drop] > 0, drop, -1), offers)
    by_pickup = _only(offer, np.where(np.append(pickup_fee, 0.0)[of_arc] > 0, of_arc, -1), offers)
    return by_drop, np.where(by_drop >= 0, -1, by_pickup)


def gates_of(p: Problem) -> tuple[Ints, Ints]:
    """The gates of a problem's offers."""
    return gates(p.offer, p.drop, p.pickup, p.fee, p.pickup_fee, len(p.capacity))


def is_location(p: Problem) -> bool:
    """Does nearly every offer hang on one trip, its only fee? Then what the open trips can carry is worth a row."""
    by_drop, by_pickup = gates_of(p)
    dear = np.zeros(len(p.capacity), bool)
    dear[p.offer[np.append(p.fee, 0.0)[p.drop] > 0]] = True
    return len(by_drop) > 0 and float(((by_drop >= 0) | ((by_pickup >= 0) & ~dear)).mean()) > _MOSTLY


def _only(index: Ints, value: Ints, rows: int) -> Ints:
    """The one value that all entries of each index share, -1 where they differ or there are none."""
    least, most = np.full(rows, np.iinfo(np.int64).max), np.full(rows, -1)
    np.minimum.at(least, index, value)
    np.maximum.at(most, index, value)
    return np.where(least == most, most, -1)
