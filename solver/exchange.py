"""The nearest plan in which a losing arc wins, and what it would cost: facts beside the indications of prices.

Three exchanges on the arc's line are priced exactly, fees and caps with them: its units take the place of
shortage, of the line's dearest award, or of a part of that award. Each shows a plan that obeys every rule. So a
unit cost that is lower by more than what is said here makes that plan cheaper than the published one; where the
published plan is optimal, the arc would have won.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from solver.instance import Flags, Instance, Ints, Money


class Exchanges(NamedTuple):
    """Columns over the arcs, NaN where no exchange is possible.

    Of losing arcs, `price`: baht a unit by which the cost would have to fall for one exchange to pay; `units`: what
    the arc would carry in it; `capacity`: units that the offer would need more for an exchange that pays at today's
    cost. Of awards, `headroom`: baht a unit by which the cost could rise before shortage or an exchange is cheaper.
    """

    price: Money
    units: Money
    capacity: Money
    headroom: Money


def exchanges(plan: "Plan") -> Exchanges:
    """The best exchange of every losing arc."""
    q, x = plan.q, plan.x
    price, units = (np.full(len(q.arcs), np.nan) for _ in range(2))
    headroom = plan.until_shortage()
    lost = np.flatnonzero((x == 0) & (q.lines.quantity[q.arcs.line] > 0))
    left = plan.left[q.arcs.offer]
    for trade in plan.trades(lost, left):
        cost, given = plan.cost(trade), trade.less > 0
        np.fmin.at(headroom, trade.out[given], cost[given] / trade.less[given])
        asked = cost / trade.more
        better = np.isfinite(asked) & ~(asked >= price[trade.arc])
        price[trade.arc[better]], units[trade.arc[better]] = asked[better], trade.more[better]
    capacity = _capacities(plan, lost[left[lost] < plan.low[lost]])
    headroom[~np.isfinite(headroom)] = np.nan
    return Exchanges(np.maximum(price, 0.0), units, capacity, np.maximum(headroom, 0.0))


def _capacities(plan: "Plan", arcs: Ints) -> Money:
    """Units more in the offer with which an exchange pays, counting those that other lines gain more by."""
    everywhere = np.full(len(plan.x), np.iinfo(np.int64).max)
    units, gain, capacity = np.zeros(len(plan.x), np.int64), np.zeros(len(plan.x)), np.full(len(plan.x), np.nan)
    for trade in plan.trades(arcs, everywhere):
        each = -plan.cost(trade) / trade.more
        better = each > gain[trade.arc]
        units[trade.arc[better]], gain[trade.arc[better]] = trade.more[better], each[better]
    pays = np.flatnonzero(gain > 0)
    offer = plan.q.arcs.offer[pays]
    order = np.lexsort((-gain[pays], offer))
    pays, offer = pays[order], offer[order]
    total = np.cumsum(units[pays])
    first = np.searchsorted(offer, offer)
    capacity[pays] = total - (total - units[pays])[first] - plan.left[offer]
    return capacity


class Trade(NamedTuple):
    """Rows of equal length: `more` units on `arc`, `less` on the award `out` (-1 and 0: none)."""

    arc: Ints
    more: Ints
    out: Ints
    less: Ints

    def only(self, kept: Flags) -> "Trade":
        return Trade(*(column[kept] for column in self))


class Plan:
    """What a plan leaves on lines, offers, trips and caps, and what an exchange would change."""

    def __init__(self, q: Instance, x: Ints) -> None:
        self.q, self.x, a = q, x, q.arcs
        won = x > 0
        self.left = q.offers.capacity - _units(a.offer, x, len(q.offers))
        self.short = q.lines.quantity - _units(a.line, x, len(q.lines))
        self.awards = np.bincount(a.line[won], minlength=len(q.lines))
        self.on_drop = np.bincount(a.drop[won & (a.drop >= 0)], minlength=len(q.drops))
        made = (self.on_drop > 0) & (q.drops.pickup >= 0)
        self.on_pickup = np.bincount(q.drops.pickup[made], minlength=len(q.pickups))
        self.low = -(-np.maximum(a.minimum, 1) // a.step) * a.step
        self.dearest = np.full(len(q.lines), -1)
        rising = np.flatnonzero(won)[np.argsort(a.unit_cost[won], kind="stable")]
        self.dearest[a.line[rising]] = rising
        order = np.argsort(q.caps.arc, kind="stable")
        self.cap, self.cap_arc, self.coefficient = q.caps.cap[order], q.caps.arc[order], q.caps.coefficient[order]
        self.used = np.bincount(self.cap, weights=self.coefficient * x[self.cap_arc], minlength=len(q.caps))

    def trades(self, arc: Ints, left: Ints) -> Iterator[Trade]:
        """The exchanges on `arc` that obey line, offer, split, whole, minimum and step when `left` (shape (arcs,)) is
        what offers have left; caps are judged with the cost.
        """
        a = self.q.arcs
        short, left, step = self.short[a.line[arc]], left[arc], a.step[arc]
        none = np.zeros(len(arc), np.int64)
        yield self._allowed(Trade(arc, np.minimum(short, left) // step * step, none - 1, none))
        out = self.dearest[a.line[arc]]
        there = np.where(out >= 0, np.append(self.x, 0)[out], 0)
        more = np.minimum(there + short, left) // step * step
        yield self._allowed(Trade(arc, np.where(out >= 0, more, 0), out, there))
        pack = np.lcm(step, np.append(a.step, 1)[out])
        part = np.minimum(there - np.append(self.low, 0)[out], left) // pack * pack
        yield self._allowed(Trade(arc, np.where(out >= 0, part, 0), out, part))

    def until_shortage(self) -> Money:
        """Baht a unit by which each award could rise before leaving its units short is cheaper, its trip still made."""
        won = np.flatnonzero((self.x > 0) & ~self.q.lines.whole[self.q.arcs.line])
        rise, none = np.full(len(self.x), np.nan), np.zeros(len(won), np.int64)
        rise[won] = self.cost(Trade(won, -self.x[won], none - 1, none)) / self.x[won]
        return rise

    def _allowed(self, t: Trade) -> Trade:
        return t.only(self.obeys(t, self.short[self.q.arcs.line[t.arc]]))

    def obeys(self, t: Trade, short: Ints) -> Flags:
        """Which exchanges obey split, whole and minimum, on lines on which `short` units are short before them."""
        lines, d = self.q.lines, self.q.arcs.line[t.arc]
        awards = self.awards[d] + 1 - ((t.less > 0) & (t.less == np.append(self.x, 0)[t.out]))
        most = lines.max_awards[d]
        full = t.more - t.less == short
        kept: Flags = (t.more >= self.low[t.arc]) & ((most == 0) | (awards <= most)) & (~lines.whole[d] | full)
        return kept

    def cost(self, t: Trade) -> Money:
        """Baht that each exchange would add; infinite where a hard cap forbids it."""
        a, d = self.q.arcs, self.q.arcs.line[t.arc]
        units: Money = t.more * a.unit_cost[t.arc] - t.less * np.append(a.unit_cost, 0.0)[t.out]
        short: Money = (t.less - t.more) * self.q.lines.shortage_cost[d]
        return units + short + self._fees(t) + self._caps(t)

    def _fees(self, t: Trade) -> Money:
        """Trips that open with the arc, less those that end with the award."""
        q, x = self.q, np.append(self.x, 0)
        fee, pickup = np.append(q.drops.fee, 0.0), np.append(q.drops.pickup, -1)
        on_drop, on_pickup = np.append(self.on_drop, 1), np.append(self.on_pickup, 1)
        pickup_fee = np.append(q.pickups.fee, 0.0)
        here, there = q.arcs.drop[t.arc], np.append(q.arcs.drop, -1)[t.out]
        opens = on_drop[here] == 0
        ends = (t.less > 0) & (t.less == x[t.out]) & (there >= 0) & (there != here) & (on_drop[there] == 1)
        stops = ends & (pickup[there] >= 0) & (pickup[there] != pickup[here]) & (on_pickup[pickup[there]] == 1)
        starts = opens & (on_pickup[pickup[here]] == 0)
        paid: Money = opens * fee[here] + starts * pickup_fee[pickup[here]]
        saved: Money = ends * fee[there] + stops * pickup_fee[pickup[there]]
        return paid - saved

    def _caps(self, t: Trade) -> Money:
        """What the exchange changes in penalties; infinite where it breaks a hard cap."""
        caps, rows = self.q.caps, len(t.arc)
        if not len(self.cap) or not rows:
            return np.zeros(rows)
        given = np.flatnonzero(t.out >= 0)
        plus, minus = self._entries(t.arc), self._entries(t.out[given])
        row = np.concatenate([plus[0], given[minus[0]]])
        cap = np.concatenate([self.cap[plus[1]], self.cap[minus[1]]])
        by = np.concatenate([t.more[plus[0]] * self.coefficient[plus[1]],
                             -t.less[given[minus[0]]] * self.coefficient[minus[1]]])  # fmt: skip
        key, place = np.unique(row * len(caps) + cap, return_inverse=True)
        row, cap, by = key // len(caps), key % len(caps), np.bincount(place, weights=by, minlength=len(key))
        over = self.used[cap] + by - caps.limit[cap]
        hard = np.isinf(caps.penalty[cap])
        broken = hard & (by > 0) & (over > 1e-9 * np.maximum(1.0, np.abs(caps.limit[cap])))
        dearer = np.maximum(0.0, over) - np.maximum(0.0, over - by)
        paid = np.zeros(rows)
        np.add.at(paid, row, np.where(hard, 0.0, caps.penalty[cap]) * dearer)
        paid[row[broken]] = np.inf
        return paid

    def _entries(self, arcs: Ints) -> tuple[Ints, Ints]:
        """Every non-zero of the caps on these arcs: the place of its arc, and its own row."""
        start, stop = np.searchsorted(self.cap_arc, arcs, "left"), np.searchsorted(self.cap_arc, arcs, "right")
        count = stop - start
        place = np.repeat(np.arange(len(arcs)), count)
        return place, start[place] + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)


def _units(index: Ints, x: Ints, rows: int) -> Ints:
    return np.bincount(index, weights=x, minlength=rows).astype(np.int64)
