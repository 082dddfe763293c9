"""Many walkers: annealing on problems in which every line goes to one offer and every offer has its own fee.

Such a problem is a table of lines and offers (single-source facility location). A hundred walkers move at once,
so that a step costs a few numpy calls for all of them: one line to another offer, two lines exchanged, all lines
of two offers exchanged, or all lines of one moved to the other. Overfull offers cost a price that follows how
many walkers obey the capacities; now and then the best walkers replace the worst.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.instance import Flags, Ints, Money
from solver.parts import binding_caps
from solver.problem import Problem

_WALKERS = 96
_LOOK = 50
_RESAMPLE = 500
_HOT, _COLD = 0.5, 0.002
_FIRST_PRICE = 3.0
_SHARES = np.cumsum([0.45, 0.45, 0.06])
_LARGEST_TABLE = 400_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Table:
    """Baht of a line on an offer, shape (lines, offers + 1), the last column for shortage; what an offer can take."""

    cost: Money
    arc: Ints
    fee: Money
    capacity: Money
    need: Money


def table(p: Problem) -> Table | None:
    """The problem as a table, or None where it is not one: then other methods must do."""
    lines, offers = p.lines, len(p.capacity)
    if not p.arcs or not (p.whole & (p.awards == 1)).all() or binding_caps(p).any() or lines * offers > _LARGEST_TABLE:
        return None
    fee = _fee_of_offers(p)
    if fee is None:
        return None
    need = p.need[p.line]
    fits = np.flatnonzero((p.room >= need) & (need >= p.low) & (need % p.pack == 0))
    dear = 10 * (1 + float(p.short @ p.need) + float(fee.sum()) + float(np.abs(p.cost[fits]) @ need[fits]))
    cost, arc = np.full((lines, offers + 1), dear), np.full((lines, offers + 1), -1)
    cost[p.line[fits], p.offer[fits]] = (p.cost * need)[fits]
    arc[p.line[fits], p.offer[fits]] = fits
    cost[:, -1] = p.short * p.need
    capacity = np.append(p.capacity, p.need.sum() + 1).astype(float)
    return Table(cost=cost, arc=arc, fee=np.append(fee, 0.0), capacity=capacity, need=p.need.astype(float))


def _fee_of_offers(p: Problem) -> Money | None:
    """The fees that open each offer, where no two offers share one."""
    drop = _one_each(p.offer, p.drop, len(p.capacity))
    pickup = None if drop is None else np.append(p.pickup, -1)[drop]
    if drop is None or pickup is None or _shared(drop) or _shared(pickup):
        return None
    fee: Money = np.append(p.fee, 0.0)[drop] + np.append(p.pickup_fee, 0.0)[pickup]
    return fee


def _one_each(index: Ints, value: Ints, rows: int) -> Ints | None:
    out = np.full(rows, -1)
    out[index] = value
    return out if (out[index] == value).all() else None


def _shared(index: Ints) -> bool:
    inside = index[index >= 0]
    return len(np.unique(inside)) < len(inside)


def walk(p: Problem, t: Table, steps: int, seed: int, late: Callable[[], bool]) -> Ints:
    """The cheapest plan that any walker found in `steps` steps, shape (arcs,)."""
    herd = _Herd(t, np.random.default_rng(seed))
    for k in range(steps):
        herd.step(k / steps)
        if k % _LOOK == _LOOK - 1 or k == steps - 1:
            herd.look(resample=k % _RESAMPLE == _RESAMPLE - 1)
            if late():
                break
    x = np.zeros(p.arcs, np.int64)
    arc = t.arc[np.arange(p.lines), herd.best]
    x[arc[arc >= 0]] = p.need[p.line[arc[arc >= 0]]]
    return x


class _Herd:
    """All walkers: the offer of each line, the load and the number of lines of each offer, the cost of each walker."""

    def __init__(self, t: Table, rng: np.random.Generator) -> None:
        self.t, self.rng, self.w = t, rng, np.arange(_WALKERS)
        lines, offers = t.cost.shape
        full = t.cost + t.need[:, None] * (t.fee / np.maximum(t.capacity, 1.0))
        self.rank = np.argsort(full, axis=1, kind="stable")
        near = np.sort(full, axis=1)[:, :4]
        self.scale = max(float(np.median(near[:, 1:] - near[:, :1])), 0.05 * float(t.fee[:-1].mean()), 1e-9)
        self.price = _FIRST_PRICE * max(1e-9, float((np.abs(near[:, :3]).mean(axis=1) / np.maximum(t.need, 1)).mean()))
        self.at = self._ranked(np.broadcast_to(np.arange(lines), (_WALKERS, lines)))
        self.load, self.count = np.zeros((_WALKERS, offers)), np.zeros((_WALKERS, offers), np.int64)
        for d in range(lines):
            self.load[self.w, self.at[:, d]] += t.need[d]
            self.count[self.w, self.at[:, d]] += 1
        self.value = self._cost() + self.price * self._overload()
        self.best, self.best_cost = np.full(lines, offers - 1), float(t.cost[:, -1].sum())

    def _ranked(self, lines: Ints) -> Ints:
        """An offer for each of the lines, the cheaper the likelier."""
        offers = self.rank.shape[1]
        out: Ints = self.rank[lines, (offers * self.rng.random(lines.shape) ** 2).astype(np.int64)]
        return out

    def _cost(self) -> Money:
        t = self.t
        out: Money = t.cost[np.arange(len(t.need)), self.at].sum(axis=1) + (self.count > 0) @ t.fee
        return out

    def _overload(self) -> Money:
        out: Money = np.maximum(0.0, self.load - self.t.capacity).sum(axis=1)
        return out

    def _excess(self, load: Money, offer: Ints) -> Money:
        return np.maximum(0.0, load - self.t.capacity[offer])

    def _pushed(self, a: Ints, o: Ints, after_a: Money, after_o: Money) -> Money:
        """Baht by which new loads of two offers change the price of overload."""
        before = self._excess(self.load[self.w, a], a) + self._excess(self.load[self.w, o], o)
        return self.price * (self._excess(after_a, a) + self._excess(after_o, o) - before)

    def step(self, done: float) -> None:
        """One proposal for every walker, accepted as its temperature allows."""
        bar = self.rng.exponential(self.scale * _HOT * (_COLD / _HOT) ** done, _WALKERS)
        kind = int(np.searchsorted(_SHARES, self.rng.random()))
        line = self.rng.integers(0, len(self.t.need), _WALKERS)
        if kind == 0:
            self._shift(line, bar)
        elif kind == 1:
            self._swap(line, bar)
        else:
            self._move_all(line, bar, exchange=kind == 2)

    def _shift(self, d: Ints, bar: Money) -> None:
        t, w = self.t, self.w
        a, o, q = self.at[w, d], self._ranked(d), t.need[d]
        change = t.cost[d, o] - t.cost[d, a] + t.fee[o] * (self.count[w, o] == 0) - t.fee[a] * (self.count[w, a] == 1)
        change += self._pushed(a, o, self.load[w, a] - q, self.load[w, o] + q)
        i = np.flatnonzero((change <= bar) & (a != o))
        self.at[i, d[i]] = o[i]
        self._carry(i, a, o, q, change)
        self.count[i, a[i]] -= 1
        self.count[i, o[i]] += 1

    def _swap(self, d: Ints, bar: Money) -> None:
        t, w = self.t, self.w
        e = self.rng.integers(0, len(t.need), _WALKERS)
        a, o, q = self.at[w, d], self.at[w, e], t.need[d] - t.need[e]
        change = t.cost[d, o] - t.cost[d, a] + t.cost[e, a] - t.cost[e, o]
        change += self._pushed(a, o, self.load[w, a] - q, self.load[w, o] + q)
        i = np.flatnonzero((change <= bar) & (a != o))
        self.at[i, d[i]], self.at[i, e[i]] = o[i], a[i]
        self._carry(i, a, o, q, change)

    def _carry(self, i: Ints, a: Ints, o: Ints, q: Money, change: Money) -> None:
        self.load[i, a[i]] -= q[i]
        self.load[i, o[i]] += q[i]
        self.value[i] += change[i]

    def _move_all(self, d: Ints, bar: Money, *, exchange: bool) -> None:
        """All lines of the offer of `d` to another offer; when `exchange`, all lines of that one the other way."""
        t, w = self.t, self.w
        a, o = self.at[w, d], self._ranked(d)
        on_a, on_o = self.at == a[:, None], self.at == o[:, None]
        apart = t.cost.T[o] - t.cost.T[a]
        change = np.where(on_a, apart, 0.0).sum(axis=1) - t.fee[a] + t.fee[o] * (self.count[w, o] == 0)
        load_a, load_o = self.load[w, a], self.load[w, o]
        if exchange:
            change += np.where(on_o, -apart, 0.0).sum(axis=1) + t.fee[a] * (self.count[w, o] > 0)
        after_a, after_o = (load_o, load_a) if exchange else (np.zeros(_WALKERS), load_a + load_o)
        change += self._pushed(a, o, after_a, after_o)
        i = np.flatnonzero((change <= bar) & (a != o))
        at = np.where(on_a[i], o[i, None], self.at[i])
        self.at[i] = np.where(on_o[i], a[i, None], at) if exchange else at
        n_a, n_o = self.count[i, a[i]], self.count[i, o[i]]
        self.count[i, a[i]], self.count[i, o[i]] = (n_o, n_a) if exchange else (0, n_a + n_o)
        self.load[i, a[i]], self.load[i, o[i]] = after_a[i], after_o[i]
        self.value[i] += change[i]

    def look(self, *, resample: bool) -> None:
        """Note the best plan, move the price of overload, and now and then let the best replace the worst."""
        over, cost = self._overload(), self._cost()
        obeys: Flags = over == 0
        if obeys.any():
            i = int(np.argmin(np.where(obeys, cost, np.inf)))
            if cost[i] < self.best_cost:
                self.best, self.best_cost = self.at[i].copy(), float(cost[i])
        share = float(obeys.mean())
        self.price *= 1.02 if share < 0.3 else 0.98 if share > 0.7 else 1.0
        self.value = cost + self.price * over
        if resample:
            order, some = np.argsort(self.value, kind="stable"), _WALKERS // 8
            for state in (self.at, self.load, self.count, self.value):
                state[order[-some:]] = state[order[:some]]
