"""The strong linear relaxation of an instance, arc by arc, and the formula of the certificate.

It has one row `x <= U y` an arc and is never written down: what it says of a point is a handful of `np.bincount`
over the arcs.
"""

from collections.abc import Iterator

import numpy as np

from solver.instance import Instance, Ints, Money
from solver.problem import gates, sums


class Relaxation:
    """The usable arcs of an instance, sorted by pickup and drop, with the rooms of the certificate's formula.

    When `gated`, an offer whose arcs all hang on one trip has its capacity only as far as the trip is made.
    """

    def __init__(self, q: Instance, *, gated: bool = False) -> None:
        a = q.arcs
        room = np.minimum(q.lines.quantity[a.line], q.offers.capacity[a.offer])
        pickup = np.append(q.drops.pickup, -1)[a.drop]
        usable = np.flatnonzero((room > 0) & (a.minimum <= room))
        self.arc: Ints = usable[np.lexsort((a.drop[usable], pickup[usable]))]
        self.q = q
        self.lines, self.offers, self.caps = len(q.lines), len(q.offers), len(q.caps)
        self.drops, self.pickups = len(q.drops), len(q.pickups)
        self.room: Money = room[self.arc].astype(float)
        self.line, self.offer, self.cost = a.line[self.arc], a.offer[self.arc], a.unit_cost[self.arc]
        # "No drop" and "no pickup" are one more row at the end that costs nothing and is always open.
        self.drop = np.where(a.drop[self.arc] < 0, len(q.drops), a.drop[self.arc])
        self.pickup = np.where(q.drops.pickup < 0, len(q.pickups), q.drops.pickup)
        place = np.full(len(a), -1)
        place[self.arc] = np.arange(len(self.arc))
        inside = place[q.caps.arc] >= 0
        self.cap, self.cap_arc = q.caps.cap[inside], place[q.caps.arc[inside]]
        self.coefficient = q.caps.coefficient[inside]
        self.layers = list(_layers(self.cap, self.cap_arc, self.coefficient, len(self.arc), self.caps))
        self.share, self.spare = 1 / self.room, np.empty(len(self.arc))  # an array of this size is dear to come by
        self._gate(gated=gated)

    def _gate(self, *, gated: bool) -> None:
        """Offers behind a trip, the trip's place among drops and then pickups, and what the trip makes available."""
        q, trip = self.q, np.full(self.offers, -1)
        if gated:
            drop = q.arcs.drop[self.arc]
            by_drop, by_pickup = gates(self.offer, drop, q.drops.pickup, q.drops.fee, q.pickups.fee, self.offers)
            trip = np.where(by_drop >= 0, by_drop, np.where(by_pickup >= 0, self.drops + 1 + by_pickup, -1))
        self.behind = np.flatnonzero(trip >= 0)
        self.trip = trip[self.behind]
        wanted = sums(self.offer, self.room, self.offers)
        self.supply = np.minimum(wanted, q.offers.capacity)[self.behind]
        self.capacity = q.offers.capacity.astype(float)
        self.capacity[self.behind] = 0.0

    def of_trips(self, price: Money) -> Money:
        """What opening each drop and each pickup makes available, at the offers' prices; baht, 0 where nothing."""
        return sums(self.trip, price[self.behind] * self.supply, self.drops + self.pickups + 2)

    def of_caps(self, price: Money) -> Money | float:
        """`sum_j e_ja price_j` of every arc."""
        padded = np.append(price, 0.0)
        return sum((coefficient * padded.take(cap) for cap, coefficient in self.layers), start=0.0)

    def in_caps(self, x: Money) -> Money:
        """The left-hand side of every cap."""
        total = np.zeros(self.caps + 1)
        for cap, coefficient in self.layers:
            total += sums(cap, np.multiply(coefficient, x, out=self.spare), self.caps + 1)
        return total[:-1]

    def certificate(self, line: Money, offer: Money, cap: Money, split: Money) -> float:
        """The lower bound (baht) that these prices prove."""
        q = self.q
        reduced = self.cost - line[self.line] + offer[self.offer] + self.of_caps(cap) + split[self.line] / self.room
        gain = np.minimum(0.0, reduced) * self.room
        drops, opened = sums(self.drop, gain, self.drops + 1), self.of_trips(offer)
        free_arcs, drops = drops[-1], np.minimum(0.0, q.drops.fee - opened[: self.drops] + drops[:-1])
        pickups = sums(self.pickup, drops, self.pickups + 1)
        collected = q.pickups.fee - opened[self.drops + 1 : -1]
        served = pickups[-1] + np.minimum(0.0, collected + pickups[:-1]).sum() + free_arcs
        short = np.minimum(0.0, q.lines.shortage_cost - line) @ q.lines.quantity
        fixed = line @ q.lines.quantity - offer @ self.capacity - cap @ q.caps.limit - split @ q.lines.max_awards
        return float(fixed + short + served)


def _layers(cap: Ints, arc: Ints, coefficient: Money, arcs: int, caps: int) -> Iterator[tuple[Ints, Money]]:
    """The caps of every arc, one an arc in each layer: cap (`caps` where there is none) and coefficient.

    Whole columns are quicker to look at than entries, and an arc is in two or three caps.
    """
    order = np.argsort(arc, kind="stable")
    cap, arc, coefficient = cap[order], arc[order], coefficient[order]
    depth = np.arange(len(arc)) - np.searchsorted(arc, arc)
    for k in range(int(depth.max(initial=-1)) + 1):
        at = depth == k
        of_arc, size = np.full(arcs, caps), np.zeros(arcs)
        of_arc[arc[at]], size[arc[at]] = cap[at], coefficient[at]
        yield of_arc, size
