"""The method behind the prices: an annealed, reflected Halpern primal-dual method on the strong relaxation.

Variables: x an arc, y a drop, v a pickup, u a line's shortage. Prices: w of `x <= U y`, pi of `y <= v`, and one of
every line, offer, cap and split. Arcs and drops are two levels of the same kind, worked through in short stretches, so
that a pass reads and writes each of their columns once from memory; what is left are two short vectors.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from solver.instance import Ints, Money
from solver.problem import sums
from solver.relaxation import Relaxation

RESTART_PASSES = 20
_STRETCH = 8192  # arcs: a dozen columns of so many fit into a core's own cache
_OMEGA_TIMES_RHO = 12.0
_STEP = 0.998


class _Layout:
    """Where the variables x y v u and the prices w pi line offer cap split stand in two vectors."""

    def __init__(self, r: Relaxation) -> None:
        q = r.q
        self.x, self.y, self.v, self.u = _blocks(len(r.arc), len(q.drops) + 1, len(q.pickups) + 1, len(q.lines))
        sizes = (len(r.arc), len(q.drops) + 1, len(q.lines), len(q.offers), len(q.caps), len(q.lines))
        self.w, self.pi, self.line, self.offer, self.cap, self.split = _blocks(*sizes)
        self.trips = slice(self.y.start, self.v.stop)
        self.variables, self.rows = self.u.stop, self.split.stop


def _blocks(*sizes: int) -> list[slice]:
    ends = np.cumsum((0, *sizes)).tolist()
    return [slice(a, b) for a, b in pairwise(ends)]


def _entries(r: Relaxation, at: _Layout) -> tuple[Ints, Ints, Money]:
    """Row, column and size of every entry of the relaxation's matrix."""
    q, n = r.q, np.arange(len(r.arc))
    ones, lines, drops = np.ones(len(n)), np.arange(len(q.lines)), np.arange(len(q.drops))
    blocks = [
        (at.line.start + r.line, n, ones),
        (at.line.start + lines, at.u.start + lines, np.ones(len(lines))),
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


class _Level:
    """Variables that each need their opener: `x <= room times opener`, at a price; arcs open drops, drops pickups.

    Worked through in short stretches. Sums over a level read `reflected` (twice the new point less the old) and `paid`
    (what the openers earn: price times room); `plan` is the point itself, where it was kept.
    """

    def __init__(self, opener: Ints, cost: Money, room: Money, column: Money, row: Money, openers: int) -> None:
        n = len(opener)
        self.opener, self.cost, self.room, self.column, self.row = opener, cost, room, column.copy(), row.copy()
        self.row[opener == openers] = 0.0  # what needs no opener has no such row
        self.openers, self.price = openers + 1, np.zeros(n)
        self.point, self.point_anchor, self.price_anchor = (np.zeros(n) for _ in range(3))
        self.reflected, self.paid, self.plan = (np.zeros(n) for _ in range(3))
        self.stretches = [slice(a, b) for a, b in pairwise([*range(0, n, _STRETCH), n])]
        self.spare = np.empty((3, min(n, _STRETCH)))

    def earned(self) -> Money:
        """What each opener earns at the prices; the last stands for "none"."""
        return sums(self.opener, self.paid, self.openers)

    def sweep(self, more: Callable[[slice, Money, Money], None], opened: Money, k: int, *, keep: bool) -> None:
        """One pass: `more` adds to the slopes of a stretch, `opened` is the reflected point of the openers."""
        for s in self.stretches:
            moved, spare, excess = self.spare[:, : s.stop - s.start]
            np.add(self.cost[s], self.price[s], out=moved)
            more(s, moved, spare)
            moved *= self.column[s]
            moved += self.point[s]
            np.minimum(np.maximum(moved, 0.0, out=moved), self.room[s], out=moved)
            if keep:
                self.plan[s] = moved
            moved *= 2.0
            reflected = np.subtract(moved, self.point[s], out=self.reflected[s])
            opened.take(self.opener[s], out=spare, mode="clip")
            spare *= self.room[s]
            np.subtract(reflected, spare, out=excess)
            excess *= self.row[s]
            excess += self.price[s]
            self._advance(s, np.maximum(excess, 0.0, out=excess), spare, k)

    def _advance(self, s: slice, prices: Money, spare: Money, k: int) -> None:
        """Halpern's mean of the reflected point and the anchor, and a new anchor when the restart is due."""
        share, point, price = (k + 1) / (k + 2), self.point[s], self.price[s]
        np.multiply(self.reflected[s], share, out=point)
        point += np.multiply(self.point_anchor[s], 1 - share, out=spare)
        price *= -share
        prices *= 2 * share
        price += prices
        price += np.multiply(self.price_anchor[s], 1 - share, out=spare)
        if k == RESTART_PASSES - 1:
            self.point_anchor[s], self.price_anchor[s] = point, price
        np.multiply(price, self.room[s], out=self.paid[s])


class Descent:
    """The state of the method, and the one step `advance`; `prices` of lines, offers, caps and splits."""

    def __init__(self, r: Relaxation) -> None:
        self.r, q, at = r, r.q, _Layout(r)
        column, row = _steps(r, at)
        self.omega, self.weighted = _first_weight(r, column, row[at.line.start :]), 0.0
        self.arcs = _Level(r.drop, r.cost, r.room, column[at.x], row[at.w], r.drops)
        pickup, fee = np.append(r.pickup, r.pickups), np.append(q.drops.fee, 0.0)
        self.drops = _Level(pickup, fee, np.ones(len(fee)), column[at.y], row[at.pi], r.pickups)
        self.column, self.row = column[at.v.start :].copy(), row[at.line.start :].copy()
        self.v, self.u = _blocks(r.pickups + 1, r.lines)
        self.line, self.offer, self.cap, self.split = _blocks(r.lines, r.offers, r.caps, r.lines)
        self.splits = bool((q.lines.max_awards > 0).any())
        self.upper = np.concatenate([np.ones(r.pickups + 1), q.lines.quantity])
        unlimited = np.full(r.lines + r.offers, np.inf)
        self.most = np.concatenate([unlimited, q.caps.penalty, np.where(q.lines.max_awards > 0, np.inf, 0.0)])
        self.least = np.where(np.arange(len(self.most)) < r.lines, -np.inf, 0.0)
        self.z, self.p = np.zeros(len(self.upper)), np.zeros(len(self.most))
        self.p[self.line] = np.minimum(0.0, q.lines.shortage_cost)
        self.z_anchor, self.p_anchor, self.prices = self.z, self.p, self.p

    def weigh(self, omega: float) -> None:
        """Set the steps for a weight between prices and quantities."""
        for part in (self, self.arcs, self.drops):
            part.column *= -_STEP / omega if self.weighted == 0 else self.weighted / omega
            part.row *= _STEP * omega if self.weighted == 0 else omega / self.weighted
        self.weighted = omega

    def advance(self, k: int, *, keep: bool) -> None:
        """The primal-dual map, reflected, and the mean with the anchor of `k` passes ago; `keep` keeps the plan."""
        z = np.minimum(np.maximum(self.z + self.column * self._slopes(), 0.0), self.upper)
        reflected = 2 * z - self.z
        earned = self.arcs.earned()
        if len(self.r.behind):
            earned += self.r.of_trips(self.p[self.offer])[: self.r.drops + 1]
        self.drops.sweep(lambda s, slope, _: _less(slope, earned[s]), reflected[self.v], k, keep=keep)
        of_caps = np.append(self.p[self.cap], 0.0)
        self.arcs.sweep(lambda *at: self._of_rows(of_caps, *at), self.drops.reflected, k, keep=keep)
        self.prices = np.minimum(np.maximum(self.p + self.row * self._excess(reflected), self.least), self.most)
        share = (k + 1) / (k + 2)
        self.z = share * reflected + (1 - share) * self.z_anchor
        self.p = share * (2 * self.prices - self.p) + (1 - share) * self.p_anchor
        if k == RESTART_PASSES - 1:
            self.z_anchor, self.p_anchor = self.z, self.p

    def _slopes(self) -> Money:
        """What one more unit of v and u would cost."""
        opened = -self.drops.earned()
        opened[:-1] += self.r.q.pickups.fee
        if len(self.r.behind):
            opened -= self.r.of_trips(self.p[self.offer])[self.r.drops + 1 :]
        return np.concatenate([opened, self.r.q.lines.shortage_cost - self.p[self.line]])

    def _of_rows(self, of_caps: Money, s: slice, slope: Money, spare: Money) -> None:
        """Add to the slopes of a stretch of arcs the prices of its lines, offers, splits and caps."""
        r, p = self.r, self.p
        slope += p[self.offer].take(r.offer[s], out=spare, mode="clip")
        slope -= p[self.line].take(r.line[s], out=spare, mode="clip")
        if self.splits:
            p[self.split].take(r.line[s], out=spare, mode="clip")
            spare *= r.share[s]
            slope += spare
        for of_arc, coefficient in r.layers:
            of_caps.take(of_arc[s], out=spare, mode="clip")
            spare *= coefficient[s]
            slope += spare

    def _excess(self, z: Money) -> Money:
        """By how much the reflected point exceeds each row's right-hand side (a line: falls short of it)."""
        r, q, x = self.r, self.r.q, self.arcs.reflected
        excess = np.empty(len(self.p))
        excess[self.line] = q.lines.quantity - sums(r.line, x, r.lines) - z[self.u]
        excess[self.offer] = sums(r.offer, x, r.offers) - r.capacity
        if len(r.behind):
            excess[self.offer][r.behind] -= r.supply * np.concatenate([self.drops.reflected, z[self.v]])[r.trip]
        excess[self.cap] = r.in_caps(x) - q.caps.limit
        excess[self.split] = -q.lines.max_awards
        if self.splits:
            excess[self.split] += sums(r.line, np.multiply(x, r.share, out=r.spare), r.lines)
        return excess

    def certify(self) -> tuple[float, tuple[Money, Money, Money, Money]]:
        """The bound (baht) that the newest prices prove, and these: line, offer, cap, split."""
        p = self.prices
        line = np.minimum(p[self.line], self.r.q.lines.shortage_cost)
        prices = (line, p[self.offer].copy(), p[self.cap].copy(), p[self.split].copy())
        return self.r.certificate(*prices), prices


def _less(slope: Money, earned: Money) -> None:
    slope -= earned


def _first_weight(r: Relaxation, column: Money, row: Money) -> float:
    """The first weight between prices and quantities; `row` begins with lines and offers."""
    q = r.q
    cost = np.concatenate([r.cost, q.drops.fee, [0.0], q.pickups.fee, [0.0]])
    right = np.concatenate([q.lines.quantity, np.minimum(r.capacity, max(1.0, float(q.lines.quantity.sum())))])
    cost_size = np.sqrt(column[: len(cost)] @ cost**2)
    right_size = np.sqrt(row[: len(right)] @ right**2)
    ratio = cost_size / right_size if right_size > 0 else 1.0
    return _OMEGA_TIMES_RHO * float(ratio if ratio > 0 else 1.0)
