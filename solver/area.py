"""The lie of the land: which lines share trips, which arcs look cheap, which trips compete for the same lines."""

import numpy as np

from solver.construct import cap_costs, fee_shares, fee_volumes
from solver.instance import Flags, Ints, Money
from solver.neighbourhood import Plan
from solver.parts import components
from solver.problem import Problem, sums
from solver.result import Prices

_LARGEST_CLUSTER = 40
_SPARE_ARCS = 2


class Map:
    """What neighbourhoods are chosen by: clusters of lines, scores of arcs, scarce offers."""

    def __init__(self, p: Problem, prices: Prices, flow: Money) -> None:
        self.p = p
        inside = np.flatnonzero(p.drop >= 0)
        label = components(p.line[inside], p.lines + p.drop[inside], p.lines + len(p.fee))[: p.lines]
        sizes = np.bincount(label, minlength=p.lines)
        label = np.where(sizes[label] > _LARGEST_CLUSTER, np.arange(p.lines), label)
        _, self.cluster = np.unique(label, return_inverse=True)
        self.count = int(self.cluster.max(initial=-1)) + 1
        self.line_order = np.argsort(self.cluster, kind="stable")
        self.line_start = np.searchsorted(self.cluster[self.line_order], np.arange(self.count + 1))
        self.base = p.cost + prices.offer[p.offer] + cap_costs(p, prices.cap)
        self.share = fee_shares(p, *fee_volumes(p, flow))
        self.scarcity = prices.offer * p.capacity
        self.by_offer = np.argsort(p.offer, kind="stable")
        self.offer_start = np.searchsorted(p.offer[self.by_offer], np.arange(len(p.capacity) + 1))
        self._pickups()

    def _pickups(self) -> None:
        p = self.p
        pickup = np.append(p.pickup, -1)[p.drop] if len(p.pickup) else np.full(p.arcs, -1)
        trips = np.where(p.drop >= 0, p.drop, -1) if not (pickup >= 0).any() else pickup
        self.trip = trips
        self.by_trip = np.argsort(trips, kind="stable")
        count = max(len(p.pickup_fee), len(p.fee))
        self.trip_start = np.searchsorted(trips[self.by_trip], np.arange(count + 1))
        self.trips = np.flatnonzero(np.diff(self.trip_start))

    def lines_of(self, clusters: Ints) -> Ints:
        pieces = [self.line_order[self.line_start[c] : self.line_start[c + 1]] for c in clusters]
        return np.sort(np.concatenate(pieces)) if pieces else np.zeros(0, np.int64)

    def clusters_on_offer(self, offer: int) -> Ints:
        arcs = self.by_offer[self.offer_start[offer] : self.offer_start[offer + 1]]
        return self._nearest_first(arcs)

    def users_of(self, offer: int, plan: Plan) -> Ints:
        """The lines that this offer serves now, the largest first."""
        arcs = self.by_offer[self.offer_start[offer] : self.offer_start[offer + 1]]
        arcs = arcs[plan.x[arcs] > 0]
        return self.p.line[arcs[np.argsort(-plan.x[arcs], kind="stable")]]

    def clusters_on_trip(self, trip: int) -> Ints:
        return self._nearest_first(self.by_trip[self.trip_start[trip] : self.trip_start[trip + 1]])

    def _nearest_first(self, arcs: Ints) -> Ints:
        order = arcs[np.argsort((self.base + self.share - self.line_best)[arcs], kind="stable")]
        clusters = self.cluster[self.p.line[order]]
        _, first = np.unique(clusters, return_index=True)
        return clusters[np.sort(first)]

    @property
    def line_best(self) -> Money:
        if not hasattr(self, "_best"):
            best = np.full(self.p.lines, np.inf)
            np.minimum.at(best, self.p.line, self.base + self.share)
            self._best: Money = best[self.p.line]
        return self._best


def chosen_arcs(area: Map, plan: Plan, lines: Ints, best: int, noise: Money | None) -> Ints:
    """The arcs these lines use now, and for every line its `best` cheapest with room left."""
    p = area.p
    arcs = plan.arcs_of(lines)
    fee = np.where(np.append(plan.awards_on_drop, 0)[p.drop[arcs]] > 0, 0.0, area.share[arcs])
    score = area.base[arcs] + fee
    if noise is not None:
        score = score + noise[: len(arcs)] * area.share[arcs]
    mine = plan.x[arcs] > 0
    used_here = _used_by(p, plan, arcs)
    left = p.capacity[p.offer[arcs]] - plan.used[p.offer[arcs]] + used_here
    score = np.where(left >= p.low[arcs], score, np.inf)
    order = np.lexsort((score, p.line[arcs]))
    line = p.line[arcs][order]
    rank = np.empty(len(arcs), np.int64)
    rank[order] = np.arange(len(arcs)) - np.searchsorted(line, line)
    return arcs[mine | ((rank < best) & np.isfinite(score))]


def _used_by(p: Problem, plan: Plan, arcs: Ints) -> Ints:
    offers, place = np.unique(p.offer[arcs], return_inverse=True)
    used = sums(place, plan.x[arcs], len(offers))
    return used[place].astype(np.int64)


def arcs_for_a_cap(area: Map, plan: Plan, rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Lines and arcs that could mend a hard cap that the plan exceeds: arcs that give room in it or take too much."""
    p, over = area.p, plan.overrun()
    j = int(rng.choice(len(over), p=over / over.sum()))
    entries = np.flatnonzero(p.cap == j)
    arcs, weight = p.cap_arc[entries], p.coefficient[entries]
    helpful = arcs[((weight < 0) & (plan.x[arcs] < p.room[arcs])) | ((weight > 0) & (plan.x[arcs] > 0))]
    lines = rng.permutation(np.unique(p.line[helpful]))[:count]
    users = [area.users_of(int(o), plan)[:3] for o in np.unique(p.offer[helpful[np.isin(p.line[helpful], lines)]])]
    lines = np.unique(np.concatenate([lines, *users[:count]]))
    return lines, np.union1d(
        helpful[np.isin(p.line[helpful], lines)], chosen_arcs(area, plan, lines, _SPARE_ARCS, None)
    )


def lines_for_a_short_one(area: Map, plan: Plan, rng: np.random.Generator, count: int) -> Ints:
    """The cluster of a short line, and up to `count` lines that use the offers which would serve it best."""
    p = area.p
    missing = (p.need - sums(p.line, plan.x, p.lines)) * p.short
    if not missing.any():
        return np.zeros(0, np.int64)
    d = int(rng.choice(p.lines, p=missing / missing.sum()))
    arcs = plan.arcs_of(np.array([d]))
    worth = (p.short[d] - (area.base + area.share)[arcs]) * p.room[arcs] * (0.5 + rng.random(len(arcs)))
    best = p.offer[arcs[np.argsort(-worth, kind="stable")]]
    users = [area.users_of(int(o), plan) for o in best[: count // 2 + 2]]
    donors = np.concatenate([u[: max(2, count // 3)] for u in users] or [np.zeros(0, np.int64)])
    _, first = np.unique(donors, return_index=True)
    return np.union1d(area.lines_of(area.cluster[[d]]), donors[np.sort(first)][:count])


def rival_trips(area: Map, plan: Plan, rng: np.random.Generator, count: int) -> Flags | None:
    """A trip in use and `count - 1` that its lines could use instead, as a mask over arcs; None without trips."""
    used = np.flatnonzero((plan.x > 0) & (area.trip >= 0))
    if not len(used):
        return None
    first = area.trip[rng.choice(used)]
    arcs = plan.arcs_of(np.unique(area.p.line[used[area.trip[used] == first]]))
    arcs = arcs[area.trip[arcs] >= 0]
    regret = (area.base + area.share)[arcs] - area.line_best[arcs]
    regret *= 0.5 + rng.random(len(arcs))
    rivals = area.trip[arcs[np.argsort(regret, kind="stable")]]
    _, place = np.unique(rivals, return_index=True)
    chosen = np.append(first, rivals[np.sort(place)][: count - 1])
    return np.isin(area.trip, chosen)


def lines_on_trips(area: Map, plan: Plan, on: Flags) -> Ints:
    """Lines that these trips serve now, and short lines that they could serve."""
    p = area.p
    short = p.need > sums(p.line, plan.x, p.lines)
    return np.unique(p.line[on & ((plan.x > 0) | short[p.line])])


def arcs_on_trips(area: Map, plan: Plan, lines: Ints, on: Flags) -> Ints:
    """The arcs of these lines on those trips, and the few best besides."""
    spare = chosen_arcs(area, plan, lines, _SPARE_ARCS, None)
    arcs = plan.arcs_of(lines)
    return np.union1d(arcs[on[arcs]], spare)
