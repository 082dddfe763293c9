"""Prices and the certificate: an annealed, reflected Halpern primal-dual method on the strong linear relaxation.

The relaxation has one row `x <= U y` an arc and is never written down: a pass is a handful of `np.bincount`
over the arcs. The number of passes is the whole effort, so equal questions get equal prices on every machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from solver.instance import Instance, Ints, Money
from solver.problem import gates, sums
from solver.result import Prices

_RESTART_PASSES = 20
_CERTIFY_PASSES = 40
_WEIGH_PASSES = 5
_ANNEAL_TO = 1 / 200
_ANNEAL_PASSES = 800
_TAIL = 0.25
_OMEGA_TIMES_RHO = 12.0
_STEP = 0.998

Watch = Callable[[float, float], bool]
"""Called with (fraction done, best bound in baht); True asks to stop early."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Certificate:
    """The best prices seen, the bound they prove (baht) and the fractional plan beside them, shape (arcs,)."""

    prices: Prices
    bound: float
    flow: Money
    stopped: bool


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
        self.share = 1 / self.room
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
            total += sums(cap, coefficient * x, self.caps + 1)
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


class _Layout:
    """Where each block of variables (x y v u) and of prices (line offer cap split w pi) stands in one long vector."""

    def __init__(self, r: Relaxation) -> None:
        q, n = r.q, len(r.arc)
        self.x, self.y, self.v, self.u = _blocks(n, len(q.drops) + 1, len(q.pickups) + 1, len(q.lines))
        sizes = (len(q.lines), len(q.offers), len(q.caps), len(q.lines), n, len(q.drops))
        self.line, self.offer, self.cap, self.split, self.w, self.pi = _blocks(*sizes)
        self.trips = slice(self.y.start, self.v.stop)
        self.inequalities = (self.cap, self.split, self.w, self.pi)
        self.variables, self.rows = self.u.stop, self.pi.stop


def _blocks(*sizes: int) -> list[slice]:
    ends = np.cumsum((0, *sizes)).tolist()
    return [slice(a, b) for a, b in pairwise(ends)]


def _entries(r: Relaxation, at: _Layout) -> tuple[Ints, Ints, Money]:
    """Row, column and size of every entry of the relaxation's matrix."""
    q, n = r.q, np.arange(len(r.arc))
    ones, drops = np.ones(len(n)), np.arange(len(q.drops))
    blocks = [
        (at.line.start + r.line, n, ones),
        (at.line.start + np.arange(len(q.lines)), at.u.start + np.arange(len(q.lines)), np.ones(len(q.lines))),
        (at.offer.start + r.offer, n, ones),
        (at.offer.start + r.behind, at.trips.start + r.trip, r.supply),
        (at.cap.start + r.cap, r.cap_arc, np.abs(r.coefficient)),
        (at.split.start + r.line, n, np.where(q.lines.max_awards[r.line] > 0, 1 / r.room, 0.0)),
        (at.w.start + n, n, ones),
        (at.w.start + n, at.y.start + r.drop, r.room),
        (at.pi.start + drops, at.y.start + drops, np.ones(len(drops))),
        (at.pi.start + drops, at.v.start + r.pickup, np.ones(len(drops))),
    ]
    rows, columns, sizes = (np.concatenate([b[i] for b in blocks]) for i in range(3))
    kept = sizes > 0
    return rows[kept], columns[kept], sizes[kept]


def _steps(r: Relaxation, at: _Layout) -> tuple[Money, Money]:
    """Ten Ruiz scalings and one of Pock and Chambolle; their squares are the steps of variables and prices."""
    rows, columns, sizes = _entries(r, at)
    scale_row, scale_column = np.ones(at.rows), np.ones(at.variables)
    for _ in range(10):
        scaled = sizes * scale_row[rows] * scale_column[columns]
        scale_row /= np.sqrt(_largest(rows, scaled, at.rows))
        scale_column /= np.sqrt(_largest(columns, scaled, at.variables))
    scaled = sizes * scale_row[rows] * scale_column[columns]
    scale_row /= np.sqrt(_total(rows, scaled, at.rows))
    scale_column /= np.sqrt(_total(columns, scaled, at.variables))
    return scale_column**2, scale_row**2


def _largest(index: Ints, values: Money, rows: int) -> Money:
    largest = np.zeros(rows)
    np.maximum.at(largest, index, values)
    return np.where(largest > 0, largest, 1.0)


def _total(index: Ints, values: Money, rows: int) -> Money:
    total = sums(index, values, rows)
    return np.where(total > 0, total, 1.0)


class _Descent:
    """The state of the method: variables and prices as two long vectors, and the one step `advance`."""

    def __init__(self, r: Relaxation) -> None:
        self.r, self.at = r, _Layout(r)
        self.column, self.row = _steps(r, self.at)
        self.splits = bool((r.q.lines.max_awards > 0).any())
        q, at = r.q, self.at
        self.upper = np.concatenate([r.room, np.ones(len(q.drops) + len(q.pickups) + 2), q.lines.quantity])
        self.price_upper = np.full(at.rows, np.inf)
        self.price_upper[at.cap] = q.caps.penalty
        self.price_upper[at.split] = np.where(q.lines.max_awards > 0, np.inf, 0.0)
        self.price_upper[at.w] = np.where(r.drop < len(q.drops), np.inf, 0.0)
        self.price_upper[at.pi] = np.where(r.pickup < len(q.pickups), np.inf, 0.0)
        self.bounded = [block for block in at.inequalities if np.isfinite(self.price_upper[block]).any()]
        self.z, self.p = np.zeros(at.variables), np.zeros(at.rows)
        self.p[at.line] = np.minimum(0.0, q.lines.shortage_cost)
        # Arrays of this size are dear to come by: every pass uses the same ones.
        self.anchor = (self.z.copy(), self.p.copy())
        self.mapped = (np.empty(at.variables), np.empty(at.rows))
        self.reflected, self.spare = np.empty(at.variables), np.empty(max(at.variables, at.rows))
        self.on_arcs, self.weighted = np.empty(len(r.arc)), 0.0

    def omega(self) -> float:
        """The first weight between prices and quantities."""
        q, at = self.r.q, self.at
        cost = np.concatenate([self.r.cost, q.drops.fee, [0.0], q.pickups.fee, [0.0]])
        right = np.concatenate([q.lines.quantity, self.r.capacity])
        right[at.offer] = np.minimum(right[at.offer], max(1.0, float(q.lines.quantity.sum())))
        cost_size = np.sqrt(self.column[: len(cost)] @ cost**2)
        right_size = np.sqrt(self.row[: len(right)] @ right**2)
        ratio = cost_size / right_size if right_size > 0 else 1.0
        return _OMEGA_TIMES_RHO * (ratio if ratio > 0 else 1.0)

    def slopes(self, p: Money, out: Money) -> None:
        """What one more unit of each variable would cost at the prices `p`."""
        r, at, q, on_arcs = self.r, self.at, self.r.q, self.on_arcs
        line, w, pi, x = p[at.line], p[at.w], p[at.pi], out[at.x]
        np.add(r.cost, w, out=x)
        x += p[at.offer].take(r.offer, out=on_arcs, mode="clip")
        x -= line.take(r.line, out=on_arcs, mode="clip")
        if self.splits:
            p[at.split].take(r.line, out=on_arcs, mode="clip")
            on_arcs *= r.share
            x += on_arcs
        if len(r.cap):
            x += r.of_caps(p[at.cap])
        opened = sums(r.drop, np.multiply(w, r.room, out=on_arcs), r.drops + 1)
        np.negative(opened, out=out[at.y])
        out[at.y][:-1] += q.drops.fee
        out[at.y][:-1] += pi
        out[at.v] = -sums(r.pickup, pi, r.pickups + 1)
        out[at.v][:-1] += q.pickups.fee
        if len(r.behind):
            out[at.trips] -= r.of_trips(p[at.offer])
        np.subtract(q.lines.shortage_cost, line, out=out[at.u])

    def excess(self, z: Money, out: Money) -> None:
        """By how much the quantities `z` exceed each row's right-hand side (a line: fall short of it)."""
        r, at, q, on_arcs = self.r, self.at, self.r.q, self.on_arcs
        x, y = z[at.x], z[at.y]
        out[at.line] = q.lines.quantity - sums(r.line, x, r.lines) - z[at.u]
        out[at.offer] = sums(r.offer, x, r.offers) - r.capacity
        out[at.offer][r.behind] -= r.supply * z[at.trips][r.trip]
        out[at.cap] = r.in_caps(x) - q.caps.limit
        out[at.split] = -q.lines.max_awards
        if self.splits:
            out[at.split] += sums(r.line, np.multiply(x, r.share, out=on_arcs), r.lines)
        y.take(r.drop, out=on_arcs, mode="clip")
        on_arcs *= r.room
        np.subtract(x, on_arcs, out=out[at.w])
        np.subtract(y[:-1], z[at.v].take(r.pickup), out=out[at.pi])

    def weigh(self, omega: float) -> None:
        """Set the steps for a weight between prices and quantities."""
        self.column *= -_STEP / omega if self.weighted == 0 else self.weighted / omega
        self.row *= _STEP * omega if self.weighted == 0 else omega / self.weighted
        self.weighted = omega

    def step(self) -> tuple[Money, Money]:
        """The primal-dual map T at the current point, in arrays that the next step overwrites."""
        z, p = self.mapped
        self.slopes(self.p, z)
        z *= self.column
        z += self.z
        np.minimum(np.maximum(z, 0.0, out=z), self.upper, out=z)
        reflected = np.multiply(z, 2.0, out=self.reflected)
        reflected -= self.z
        self.excess(reflected, p)
        p *= self.row
        p += self.p
        prices = p[self.at.line.stop :]
        np.maximum(prices, 0.0, out=prices)
        for block in self.bounded:
            np.minimum(p[block], self.price_upper[block], out=p[block])
        return z, p

    def advance(self, k: int) -> None:
        """Reflected Halpern: (k+1)/(k+2) (2 T z - z) + 1/(k+2) anchor, then a new anchor when the restart is due."""
        z, p, share = self.z, self.p, (k + 1) / (k + 2)
        np.multiply(self.reflected, share, out=z)
        p *= -share
        p += np.multiply(self.mapped[1], 2 * share, out=self.spare[: len(p)])
        for point, anchor in zip((z, p), self.anchor, strict=True):
            np.add(point, np.multiply(anchor, 1 - share, out=self.spare[: len(point)]), out=point)
            if k == _RESTART_PASSES - 1:
                anchor[:] = point

    def certify(self, p: Money) -> tuple[float, tuple[Money, Money, Money, Money]]:
        q, at = self.r.q, self.at
        prices = (
            np.minimum(p[at.line], q.lines.shortage_cost), p[at.offer].copy(), p[at.cap].copy(), p[at.split].copy()
        )  # fmt: skip
        return self.r.certificate(*prices), prices


def certify(
    r: Relaxation, passes: int, watch: Watch | None = None, late: Callable[[], bool] = lambda: False
) -> Certificate:
    """The best certificate in `passes` annealed passes and a quarter more at the last weight, or until it is late.

    The bound of a gated relaxation is stronger, but not the one that the formula of the certificate gives.
    """
    descent = _Descent(r)
    omega, last = descent.omega(), _ANNEAL_TO * min(1.0, (_ANNEAL_PASSES / max(1, passes)) ** 2)
    best, prices = _starting_prices(descent)
    flow, total, stopped = descent.z, int(passes * (1 + _TAIL)), False
    for k in range(total):
        if k % _WEIGH_PASSES == 0:
            descent.weigh(omega * last ** min(1.0, k / passes))
        z, p = descent.step()
        stopped = late()
        if stopped or k % _CERTIFY_PASSES == _CERTIFY_PASSES - 1 or k == total - 1:
            value, candidate = descent.certify(p)
            flow = z.copy()
            if value > best:
                best, prices = value, candidate
            stopped |= watch is not None and watch((k + 1) / total, best)
        if stopped:
            break
        descent.advance(k % _RESTART_PASSES)
    return _certificate(descent, prices, best, flow, stopped=stopped)


def _starting_prices(descent: _Descent) -> tuple[float, tuple[Money, Money, Money, Money]]:
    """The better of two certificates that need no search: all prices zero, and every line at its shortage cost."""
    q = descent.r.q
    none = (np.zeros(len(q.offers)), np.zeros(len(q.caps)), np.zeros(len(q.lines)))
    free, full = (np.zeros(len(q.lines)), *none), (q.lines.shortage_cost, *none)
    return max((descent.r.certificate(*start), i, start) for i, start in enumerate((free, full)))[::2]


def _certificate(
    descent: _Descent, prices: tuple[Money, Money, Money, Money], best: float, flow: Money, *, stopped: bool
) -> Certificate:
    r = descent.r
    line, offer, cap, split = prices
    reached = np.bincount(r.line, minlength=len(line)) > 0
    line = np.where(reached, line, r.q.lines.shortage_cost)
    on_arcs = np.zeros(len(r.q.arcs))
    on_arcs[r.arc] = flow[descent.at.x]
    kept = Prices(line=line, offer=offer + 0.0, cap=cap + 0.0, split=np.where(r.q.lines.max_awards > 0, split, 0.0))
    return Certificate(
        prices=kept, bound=max(best, r.certificate(line, kept.offer, kept.cap, kept.split)), flow=on_arcs,
        stopped=stopped,
    )  # fmt: skip
