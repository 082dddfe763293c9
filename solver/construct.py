"""A good first plan: a cheapest flow whose unit costs carry a share of the fees, repaired to obey every rule.

The shares come from the relaxation first and from the previous flow afterwards (slope scaling): a trip that
carries much is cheap a unit, a trip that carries little is dear and loses its last units to a fuller truck.
"""

from collections.abc import Callable

import numpy as np

from solver.flows import Flows
from solver.instance import Flags, Ints, Money
from solver.problem import Problem, cap_use, cost, overrun, sums
from solver.result import Prices

_ARCS_A_LINE = 8
_LITTLE = 0.03
_LARGEST_FLOW = 10**14


def fee_volumes(p: Problem, flow: Money) -> tuple[Money, Money]:
    """How many units would share the fee of each drop and each pickup if it were fully used like in `flow`."""
    inside, collected = np.flatnonzero(p.drop >= 0), np.flatnonzero(p.pickup >= 0)
    drop, drops = p.drop[inside], len(p.fee)
    carried, room = (sums(drop, v[inside], drops) for v in (flow, p.room))
    opened = np.zeros(drops)
    np.maximum.at(opened, drop, (flow / np.maximum(p.room, 1))[inside])
    volume = np.where(opened > 1e-3, carried / np.maximum(opened, 1e-3), room)
    pickup, pickups = p.pickup[collected], len(p.pickup_fee)
    brought, rooms = (sums(pickup, v[collected], pickups) for v in (carried, volume))
    up = np.zeros(pickups)
    np.maximum.at(up, pickup, opened[collected])
    return np.maximum(1.0, volume), np.maximum(1.0, np.where(up > 1e-3, brought / np.maximum(up, 1e-3), rooms))


def fee_shares(p: Problem, drop_volume: Money, pickup_volume: Money) -> Money:
    """Baht of fees that a unit on each arc carries, shape (arcs,)."""
    of_pickup = np.append(p.pickup_fee / pickup_volume, 0.0)
    share = np.append(p.fee / drop_volume + of_pickup[p.pickup], 0.0)
    return share[p.drop]


def cap_costs(p: Problem, price: Money) -> Money:
    """Baht a unit on each arc that the caps' prices add."""
    return sums(p.cap_arc, p.coefficient * price[p.cap], p.arcs)


def construct(p: Problem, prices: Prices, flow: Money, rounds: int, late: Callable[[], bool]) -> Ints:
    """The best of `rounds` flows, repaired; the empty plan where flows cannot serve. `late` says when to stop.

    From the second flow on, arcs whose awards break a minimum or a split limit are closed for the flows that
    follow, which find other offers for those units.
    """
    best = np.zeros(p.arcs, np.int64)
    if not p.arcs or int(p.need.astype(object).sum()) > _LARGEST_FLOW:
        return best
    volumes = fee_volumes(p, flow)
    fixed = p.cost + cap_costs(p, prices.cap) + prices.split[p.line] / p.room
    priced = fixed + prices.offer[p.offer]
    flows, closed = Flows(p, _best_arcs(p, priced + fee_shares(p, *volumes), flow)), np.zeros(p.arcs, bool)
    best_cost = _judged(p, best)
    for k in range(rounds):
        share = fee_shares(p, *volumes)
        x = flows.cheapest(fixed + share, closed)
        volumes = _carried(p, x, *volumes)
        y = repaired(p, x)
        if (value := _judged(p, y)) < best_cost:
            best, best_cost = y, value
        if late():
            break
        if k:
            worth = (p.short[p.line] - priced - share) * p.room
            closed |= _closed(p, x, worth, tiny=0.5 if k < rounds - 3 else 1.0)
    return best


def promising(p: Problem, prices: Prices, flow: Money) -> Ints:
    """The arcs of every line that look best, with a share of the fees or without, and whatever the relaxation uses."""
    priced = p.cost + cap_costs(p, prices.cap) + prices.offer[p.offer]
    shared = priced + fee_shares(p, *fee_volumes(p, flow))
    return np.union1d(_best_arcs(p, shared, flow), _best_arcs(p, priced, flow))


def of_open_offers(p: Problem, flow: Money) -> Flags:
    """Arcs of offers that the relaxation uses to more than a little, shape (arcs,)."""
    share = np.zeros(len(p.capacity))
    np.maximum.at(share, p.offer, flow / np.maximum(p.room, 1))
    return (share > _LITTLE)[p.offer]


def _closed(p: Problem, x: Ints, worth: Money, *, tiny: float) -> Flags:
    """Awards of the flow that cannot stay: below `tiny` of the minimum, or beyond the split limit and worth least."""
    used = np.flatnonzero(x)
    order = used[np.lexsort((-worth[used], p.line[used]))]
    rank = np.arange(len(order)) - np.searchsorted(p.line[order], p.line[order])
    most = p.awards[p.line[order]]
    closed = (x > 0) & (x < tiny * p.low)
    closed[order[(most > 0) & (rank >= most)]] = True
    return closed


def _judged(p: Problem, x: Ints) -> tuple[float, float]:
    return float(overrun(p, x).sum()), cost(p, x)


def _best_arcs(p: Problem, score: Money, flow: Money) -> Ints:
    """The cheapest few arcs of every line, and whatever the relaxation uses."""
    order = np.lexsort((score, p.line))
    rank = np.empty(p.arcs, np.int64)
    rank[order] = np.arange(p.arcs) - np.searchsorted(p.line[order], p.line[order])
    return np.flatnonzero((rank < _ARCS_A_LINE) | (flow > 1e-3 * p.room))


def _carried(p: Problem, x: Ints, drop_volume: Money, pickup_volume: Money) -> tuple[Money, Money]:
    """Volumes of this flow; what it leaves closed keeps its old volume."""
    inside, collected = np.flatnonzero(p.drop >= 0), np.flatnonzero(p.pickup >= 0)
    on_drop = sums(p.drop[inside], x[inside], len(p.fee))
    on_pickup = sums(p.pickup[collected], on_drop[collected], len(p.pickup_fee))
    return np.where(on_drop > 0, on_drop, drop_volume), np.where(on_pickup > 0, on_pickup, pickup_volume)


def repaired(p: Problem, x: Ints) -> Ints:
    """Take away what breaks a rule: packs, minimums, splits, whole lines, hard caps."""
    x = x - x % p.pack
    x[x < p.low] = 0
    _keep_largest(p, x)
    _drop_broken_wholes(p, x)
    for _ in range(8):
        over = overrun(p, x)
        if not over.any():
            break
        for j in np.flatnonzero(over):
            _relieve(p, x, int(j))
        _drop_broken_wholes(p, x)
    return x


def _keep_largest(p: Problem, x: Ints) -> None:
    used = np.flatnonzero(x)
    order = used[np.lexsort((-x[used], p.line[used]))]
    rank = np.arange(len(order)) - np.searchsorted(p.line[order], p.line[order])
    most = p.awards[p.line[order]]
    x[order[(most > 0) & (rank >= most)]] = 0


def _drop_broken_wholes(p: Problem, x: Ints) -> None:
    served = sums(p.line, x, p.lines)
    broken = p.whole & (served > 0) & (served < p.need)
    x[broken[p.line]] = 0


def _relieve(p: Problem, x: Ints, j: int) -> None:
    """Give up awards that push cap `j`, those first that save least a baht of the cap, until it is met."""
    entries = np.flatnonzero((p.cap == j) & (p.coefficient > 0))
    arcs = p.cap_arc[entries]
    used = x[arcs] > 0
    arcs, weight = arcs[used], p.coefficient[entries][used]
    worth = (p.short[p.line[arcs]] - p.cost[arcs]) / weight
    over = float((cap_use(p, x) - p.limit)[j])
    for i in np.argsort(worth, kind="stable"):
        if over <= 0:
            break
        over -= weight[i] * _cut_award(p, x, int(arcs[i]), over / weight[i])


def _cut_award(p: Problem, x: Ints, a: int, units: float) -> int:
    """Take about `units` (whole packs, at least) off arc `a`, or all of it; returns how many went."""
    old = int(x[a])
    packs = -(-int(np.ceil(min(units, old))) // int(p.pack[a]))
    left = old - packs * int(p.pack[a])
    x[a] = left if left >= p.low[a] and not p.whole[p.line[a]] else 0
    return old - int(x[a])
