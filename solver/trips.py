"""Moves on trips: what it would gain to close, open, exchange or merge each trip, for all trips in one pass.

An award moves whole from its trip to another arc of its line; what is short moves in as far as there is room. Two kinds
of moves are priced: a trip gathers awards (all of another trip, which then is closed, or those that gain), and a trip
scatters its awards over trips that are made anyway. The best moves are made first, each line once a pass; the plan's
books say what a move really gains, and a move that gains nothing is taken back.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.instance import Flags, Ints, Money
from solver.neighbourhood import Plan
from solver.problem import Problem, sums

_LEAST_GAIN = 1e-6
_WORTH_A_LOOK = 2e-4
_LOOKS, _PASSES = 10, 6
_PAIRS_A_LINE, _MOST_PAIRS = 4_000, 4_000_000  # a line with more, of thousands of small awards, is left as it is

Move = tuple[float, Ints]
"""Baht that a move promises, and its pairs."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Awards:
    """What can be moved, sorted by line: awards, and (arc -1) what each line is short of; columns of equal length."""

    line: Ints
    arc: Ints
    quantity: Ints
    unit_cost: Money
    trip: Ints
    start: Ints


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """An award and an arc of its line that could take it: units that move, the two trips, baht that it adds."""

    arc: Ints
    award: Ints
    quantity: Ints
    source: Ints
    target: Ints
    dearer: Money

    def only(self, kept: Flags) -> "Pairs":
        return Pairs(**{name: column[kept] for name, column in vars(self).items()})


class Trips:
    """The trips of a problem: its drops, one of its own without a fee for every arc without a drop, and no trip."""

    def __init__(self, p: Problem) -> None:
        self.p = p
        free = np.flatnonzero(p.drop < 0)
        self.drops, self.none = len(p.fee), len(p.fee) + len(free)
        self.of_arc = p.drop.copy()
        self.of_arc[free] = self.drops + np.arange(len(free))
        self.cheapest = self._cheapest()

    def _cheapest(self) -> Ints:
        """The cheapest arc of each line on each trip, sorted."""
        line, trip = self.p.line, self.of_arc
        order = np.lexsort((self.p.cost, trip, line))
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(line[order]) != 0) | (np.diff(trip[order]) != 0)
        return np.sort(order[first])

    def settle(self, plan: Plan, late: Callable[[], bool]) -> None:
        """Make moves anywhere until a look at all lines gains next to nothing."""
        everywhere = np.ones(self.p.lines, bool)
        for _ in range(_LOOKS):
            before = plan.cost()
            self.settle_around(plan, everywhere, late)
            if late() or before - plan.cost() < _WORTH_A_LOOK * abs(before):
                break

    def settle_around(self, plan: Plan, changed: Flags, late: Callable[[], bool]) -> None:
        """Make moves on the trips of these lines, then on those of the lines that were moved, until none gains."""
        for _ in range(_PASSES):
            if late() or not changed.any():
                break
            changed = _Pass(self, plan, self._near(changed)).moved()

    def _near(self, lines: Flags) -> Flags:
        """The lines that share a trip with one of these."""
        p, inside = self.p, self.p.drop >= 0
        touched = np.zeros(self.drops, bool)
        touched[p.drop[inside & lines[p.line]]] = True
        near = lines.copy()
        near[p.line[inside][touched[p.drop[inside]]]] = True
        return near


class _Pass:
    """One look at all pairs of the lines `near`."""

    def __init__(self, trips: Trips, plan: Plan, near: Flags) -> None:
        self.p, self.trips, self.plan = trips.p, trips, plan
        self.short = self.p.need - sums(self.p.line, plan.x, self.p.lines).astype(np.int64)
        self.left = self.p.capacity - plan.used
        self.riders = np.zeros(trips.none + 1, np.int64)
        self.riders[: trips.drops] = plan.awards_on_drop
        self.opening, self.closing, self.fee = self._fees()
        self.entering, self.leaving = self._cap_rates()
        self.awards = self._awards()
        self.pairs = self._pairs(near)

    def moved(self) -> Flags:
        """Make the moves that gain, the best first; the lines that were moved."""
        moves = [*self._gathering(), *self._scattering()]
        moves.sort(key=lambda move: -move[0])
        moved = np.zeros(self.p.lines, bool)
        for _, pairs in moves:
            lines = self.p.line[self.pairs.arc[pairs]]
            if not moved[lines].any():
                moved[lines] = self._made(pairs)
        return moved

    def _fees(self) -> tuple[Money, Money, Money]:
        """Baht to open and saved by closing each trip, with its pickup where it is the first or last on it; its fee."""
        p, plan, trips = self.p, self.plan, self.trips
        fee, pickup_fee = np.zeros(trips.none + 1), np.append(p.pickup_fee, 0.0)
        fee[: trips.drops] = p.fee
        on_pickup = np.append(plan.drops_on_pickup, 2)
        self.pickup = np.full(trips.none + 1, -1)
        self.pickup[: trips.drops] = p.pickup
        self.open = self.riders > 0
        self.open[trips.drops :] = True
        first, last = on_pickup[self.pickup] == 0, on_pickup[self.pickup] == 1
        opening = np.where(self.open, 0.0, fee + np.where(first, pickup_fee[self.pickup], 0.0))
        closing = np.where(self.open, fee + np.where(last, pickup_fee[self.pickup], 0.0), 0.0)
        return opening, closing, fee

    def _cap_rates(self) -> tuple[Money, Money]:
        """Baht a unit that soft caps charge for more on each arc and give back for less; inf: no room in a hard one."""
        p, plan = self.p, self.plan
        if not len(p.limit):
            return np.zeros(p.arcs), np.zeros(p.arcs)
        room = p.limit - plan.in_cap
        rate = p.coefficient * np.where(p.hard, 0.0, p.penalty)[p.cap]
        beyond = p.coefficient * np.minimum(p.room, p.need[p.line])[p.cap_arc] > room[p.cap]
        full = p.hard[p.cap] & (p.coefficient * p.low[p.cap_arc] > room[p.cap])
        entering = sums(p.cap_arc, np.where(beyond, rate, 0.0), p.arcs)
        blocked = np.zeros(p.arcs, bool)
        blocked[p.cap_arc[full]] = True
        return np.where(blocked, np.inf, entering), sums(p.cap_arc, np.where(room[p.cap] < 0, rate, 0.0), p.arcs)

    def _awards(self) -> Awards:
        p, plan, trips = self.p, self.plan, self.trips
        used, lines = np.flatnonzero(plan.x), np.flatnonzero(self.short > 0)
        line = np.concatenate([p.line[used], lines])
        order = np.argsort(line, kind="stable")
        arc = np.concatenate([used, np.full(len(lines), -1)])[order]
        saved = np.concatenate([(p.cost + self.leaving)[used], p.short[lines]])
        return Awards(
            line=line[order], arc=arc, quantity=np.concatenate([plan.x[used], self.short[lines]])[order],
            unit_cost=saved[order], trip=np.append(trips.of_arc, trips.none)[arc],
            start=np.searchsorted(line[order], np.arange(p.lines + 1)),
        )  # fmt: skip

    def _pairs(self, near: Flags) -> Pairs:
        """The pairs that keep every rule and cost less than the award's trip."""
        p, awards, trips = self.p, self.awards, self.trips
        arcs = trips.cheapest
        arcs = arcs[near[p.line[arcs]] & (self.left[p.offer[arcs]] > 0) & np.isfinite(self.entering[arcs])]
        count = np.diff(awards.start)
        pairs_of = np.bincount(p.line[arcs], minlength=p.lines) * count
        few = (pairs_of <= _PAIRS_A_LINE) & (np.cumsum(np.minimum(pairs_of, _PAIRS_A_LINE)) <= _MOST_PAIRS)
        arcs = arcs[few[p.line[arcs]]]
        count = count[p.line[arcs]]
        arc = np.repeat(arcs, count)
        award = np.arange(len(arc)) + np.repeat(awards.start[p.line[arcs]] - np.cumsum(count) + count, count)
        quantity = self._movable(arc, award)
        pairs = Pairs(
            arc=arc, award=award, quantity=quantity, source=awards.trip[award], target=trips.of_arc[arc],
            dearer=((p.cost + self.entering)[arc] - awards.unit_cost[award]) * quantity,
        )  # fmt: skip
        kept = (quantity > 0) & (pairs.source != pairs.target)
        return self._in_stock(pairs.only(kept & (pairs.dearer < np.maximum(self.closing[pairs.source], _LEAST_GAIN))))

    def _in_stock(self, pairs: Pairs) -> Pairs:
        """Those for which the offer has enough, the best of each trip first."""
        offer = self.p.offer[pairs.arc]
        order = np.lexsort((pairs.dearer, offer, pairs.target))
        asked = np.cumsum(pairs.quantity[order].astype(float))
        group = pairs.target[order] * len(self.left) + offer[order]
        before = (asked - pairs.quantity[order])[np.searchsorted(group, group)]
        kept = np.zeros(len(order), bool)
        kept[order] = asked - before <= self.left[offer[order]]
        return pairs.only(kept)

    def _movable(self, arc: Ints, award: Ints) -> Ints:
        """Units of each award that each arc can take: all of it or none, of a shortage as much as fits."""
        p, x, line = self.p, self.plan.x, self.p.line[arc]
        room = np.minimum(p.room[arc] - x[arc], self.left[p.offer[arc]])
        wanted = self.awards.quantity[award]
        missing = self.awards.arc[award] < 0
        part = np.minimum(wanted, room)
        quantity = np.where(missing & ~p.whole[line], part - part % p.pack[arc], wanted)
        count = np.bincount(p.line[x > 0], minlength=p.lines)[line]
        splits = missing & (x[arc] == 0) & (p.awards[line] > 0) & (count >= p.awards[line])
        after = x[arc] + quantity
        fits = (quantity <= room) & (after >= p.low[arc]) & (after % p.pack[arc] == 0) & ~splits
        return np.where(fits, quantity, 0)

    def _gathering(self) -> list[Move]:
        """Every trip with what it could take over from each other one: all, which closes the other, or what gains."""
        pairs, trips = self.pairs, self.trips
        width = trips.none + 1
        couples, couple = np.unique(pairs.target * width + pairs.source, return_inverse=True)
        target, source = np.divmod(couples, width)
        same_pickup = (self.pickup[target] == self.pickup[source]) & (self.pickup[target] >= 0)
        saved = np.where(same_pickup, self.fee[source], self.closing[source])
        everyone = (np.bincount(couple, minlength=len(couples)) == self.riders[source]) & (source < trips.drops)
        whole = np.where(everyone, saved - sums(couple, pairs.dearer, len(couples)), -np.inf)
        part = sums(couple, np.maximum(0.0, -pairs.dearer), len(couples))
        best = np.maximum(whole, part)
        gain = sums(target, best, width) - self.opening
        taken = (best > _LEAST_GAIN)[couple] & ((whole >= part)[couple] | (pairs.dearer < 0))
        return _grouped(pairs.target, taken, gain)

    def _scattering(self) -> list[Move]:
        """Every trip whose awards all find room on trips that are made anyway."""
        pairs, trips = self.pairs, self.trips
        there = np.flatnonzero(self.open[pairs.target])
        there = there[np.lexsort((pairs.dearer[there], pairs.award[there]))]
        _, first = np.unique(pairs.award[there], return_index=True)
        best = np.zeros(len(pairs.arc), bool)
        best[there[first]] = True
        placed = np.bincount(pairs.source[best], minlength=trips.none + 1)
        gain = self.closing - sums(pairs.source[best], pairs.dearer[best], trips.none + 1)
        gain[(placed < self.riders) | (self.riders == 0)] = -np.inf
        return _grouped(pairs.source, best, gain)

    def _made(self, pairs: Ints) -> bool:
        """Try the move; what breaks a rule or gains nothing is taken back."""
        plan, of, awards = self.plan, self.pairs, self.awards
        if len(np.unique(of.award[pairs])) < len(pairs):
            return False
        left = awards.arc[of.award[pairs]]
        real = left >= 0
        changed = np.concatenate([of.arc[pairs], left[real]])
        by = np.concatenate([of.quantity[pairs], -of.quantity[pairs][real]])
        arcs, place = np.unique(changed, return_inverse=True)
        old = plan.x[arcs]
        new = old + sums(place, by, len(arcs)).astype(np.int64)
        if not self._fits(arcs, new, old):
            return False
        cost, over = plan.cost(), plan.overrun()
        plan.replace_arcs(arcs, new)
        if plan.cost() < cost - _LEAST_GAIN and (plan.overrun() <= over).all():
            return True
        plan.replace_arcs(arcs, old)
        return False

    def _fits(self, arcs: Ints, new: Ints, old: Ints) -> bool:
        p = self.p
        offers, place = np.unique(p.offer[arcs], return_inverse=True)
        used = self.plan.used[offers] + sums(place, new - old, len(offers))
        good = (new <= p.room[arcs]) & ((new == 0) | (new >= p.low[arcs]))
        return bool(good.all() and (used <= p.capacity[offers]).all())


def _grouped(trip: Ints, taken: Flags, gain: Money) -> list[Move]:
    """The pairs `taken`, trip by trip, of the trips that gain."""
    pairs = np.flatnonzero(taken & (gain > _LEAST_GAIN)[trip])
    pairs = pairs[np.argsort(trip[pairs], kind="stable")]
    ends = np.flatnonzero(np.diff(trip[pairs])) + 1
    groups = np.split(pairs, ends) if len(pairs) else []
    return [(float(gain[trip[group[0]]]), group) for group in groups]
