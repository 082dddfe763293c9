"""Mixed-integer models of a problem as plain arrays: one function a rule, rows written once for every use.

An arc is a number of packs; a line that takes all or nothing from one offer only makes the whole line the pack.
Whether quantities must be whole (a proof) or may be rounded later (a neighbourhood) is the caller's choice.
"""

from typing import Any

import numpy as np

from solver.highs import Model
from solver.instance import Flags, Ints, Money
from solver.problem import Problem, cap_use, gates_of, is_location, open_drops, open_pickups, sums


class _Rows:
    """Collects columns and rows block by block."""

    def __init__(self) -> None:
        self.columns: list[tuple[Money, Money, Flags, Money]] = []
        self.rows: list[tuple[Money, Money]] = []
        self.entries: list[tuple[Ints, Ints, Money]] = []
        self.width = self.height = 0

    def variables(self, count: int, upper: Any, cost: Any, integer: Any) -> Ints:
        """Add variables from 0 to `upper`; returns their columns."""
        full = [np.broadcast_to(np.asarray(v, dtype), (count,)) for v, dtype in ((upper, float), (cost, float))]
        flags = np.broadcast_to(np.asarray(integer, bool), (count,))
        self.columns.append((np.zeros(count), full[0], flags, full[1]))
        self.width += count
        return np.arange(self.width - count, self.width)

    def at_most(self, right: Money, *entries: tuple[Ints, Ints, Any]) -> None:
        """Add rows `sum <= right`; each entry block is (row from 0, column, value)."""
        self.between(np.full(len(right), -np.inf), right, *entries)

    def between(self, left: Money, right: Money, *entries: tuple[Ints, Ints, Any]) -> None:
        for row, column, value in entries:
            self.entries.append((self.height + row, column, np.broadcast_to(np.asarray(value, float), row.shape)))
        self.rows.append((left, right))
        self.height += len(right)

    def model(self) -> Model:
        lower, upper, integer, cost = (np.concatenate(c) for c in zip(*self.columns, strict=True))
        row_lower, row_upper = (np.concatenate(r) for r in zip(*self.rows, strict=True))
        row, column, value = (np.concatenate(e) for e in zip(*self.entries, strict=True))
        key, place = np.unique(row * self.width + column, return_inverse=True)
        return Model(
            lower=lower, upper=upper, integer=integer, cost=cost, row_lower=row_lower, row_upper=row_upper,
            row=key // self.width, column=key % self.width, value=sums(place, value, len(key)),
        )  # fmt: skip


class AllocationModel:
    """The model of a problem: whole quantities when `proof`, split rows only for the lines in `split`."""

    def __init__(self, p: Problem, *, proof: bool, split: Flags | None = None) -> None:
        self.p, self.proof = p, proof
        self.split = self._limited() if split is None else split & self._limited()
        single = p.whole & (p.awards == 1)
        self.unit = np.where(single[p.line], p.need[p.line], p.pack)
        self.most = np.where(single[p.line] & (p.room < p.need[p.line]), 0, p.room // self.unit)
        self.rows = _Rows()
        self._variables()
        for rule in (
            self._line,
            self._offer,
            self._cover,
            self._cap,
            self._minimum,
            self._split,
            self._drop,
            self._pickup,
        ):
            rule()
        self.model = self.rows.model()

    def quantities(self, values: Money) -> Ints:
        """Whole units on each arc; parts of a unit are cut off (a proof has none)."""
        packs = np.floor(values[self.packs] + (0.5 if self.proof else 1e-6))
        return packs.astype(np.int64) * self.unit

    def _limited(self) -> Flags:
        p = self.p
        return (p.awards > 0) & (np.bincount(p.line, minlength=p.lines) > p.awards)

    def _variables(self) -> None:
        p, rows = self.p, self.rows
        whole_packs = self.proof | (self.unit > 1) | (self.most == 1)
        self.packs = rows.variables(p.arcs, self.most, p.cost * self.unit, whole_packs)
        most, each = np.where(p.whole, 1, p.need), np.where(p.whole, p.short * p.need, p.short)
        self.short = rows.variables(p.lines, most, each, p.whole)
        self.open = rows.variables(len(p.fee), 1, p.fee, integer=True)
        self.collect = rows.variables(len(p.pickup_fee), 1, p.pickup_fee, integer=True)
        soft = ~p.hard
        self.over = rows.variables(len(p.limit), np.where(soft, np.inf, 0), np.where(soft, p.penalty, 0), integer=False)
        self._indicators()

    def _indicators(self) -> None:
        """A 0/1 variable says whether an arc is used; an arc of one pack is its own."""
        p = self.p
        needed = (p.low > self.unit) | self.split[p.line]
        own = (needed & (self.most > 1)).nonzero()[0]
        self.used = self.packs.copy()
        self.used[own] = self.rows.variables(len(own), 1, 0, integer=True)
        self.indicated = own

    def _line(self) -> None:
        p = self.p
        short = np.where(p.whole, p.need, 1)
        at = np.arange(p.lines)
        need = p.need.astype(float)
        self.rows.between(need, need, (p.line, self.packs, self.unit), (at, self.short, short))

    def _offer(self) -> None:
        """Where all arcs of an offer hang on one trip, its capacity is there only when the trip is made."""
        p, offers = self.p, len(self.p.capacity)
        wanted = sums(p.offer, p.room, offers)
        self.gates = gates_of(p)
        gate = self.gate = self._gate()
        kept = (wanted > p.capacity) | (gate >= 0)
        place, most = np.cumsum(kept) - 1, np.minimum(wanted, p.capacity)
        inside, gated = kept[p.offer].nonzero()[0], (gate >= 0).nonzero()[0]
        right = np.where(gate >= 0, 0.0, most)[kept]
        supply = (place[p.offer[inside]], self.packs[inside], self.unit[inside])
        self.rows.at_most(right, supply, (place[gated], gate[gated], -most[gated]))

    def _cover(self) -> None:
        """What lines and gated offers imply together: trips enough for all units that are not short.

        A proof's engine cuts off fractions of trips with this row; the small models do not need it.
        """
        p, gate = self.p, self.gate
        gated = (gate >= 0).nonzero()[0]
        if not self.proof or not is_location(p):
            return
        most = np.minimum(sums(p.offer, p.room, len(gate)), p.capacity)
        units = np.where(p.whole, p.need, 1)
        total, row = np.array([float(p.need.sum() - most[gate < 0].sum())]), np.zeros(p.lines, np.int64)
        trips = (np.zeros(len(gated), np.int64), gate[gated], most[gated])
        self.rows.between(total, np.array([np.inf]), trips, (row, self.short, units))

    def values(self, x: Ints) -> Money:
        """The model's variables at the quantities `x`, to start an engine from."""
        p, z = self.p, np.zeros(len(self.model.cost))
        z[self.packs] = x / self.unit
        z[self.used[self.indicated]] = x[self.indicated] > 0
        drops = open_drops(p, x)
        z[self.open], z[self.collect] = drops, open_pickups(p, drops)
        short = p.need - sums(p.line, x, p.lines)
        z[self.short] = np.where(p.whole, short > 0, short)
        z[self.over] = np.where(p.hard, 0.0, np.maximum(0.0, cap_use(p, x) - p.limit))
        return z

    def _gate(self) -> Ints:
        """The column of the one drop or else the one pickup behind each offer; -1 where there is none worth a row."""
        by_drop, by_pickup = self.gates
        return np.where(by_drop >= 0, np.append(self.open, -1)[by_drop], np.append(self.collect, -1)[by_pickup])

    def _cap(self) -> None:
        p = self.p
        at = np.arange(len(p.limit))
        self.rows.at_most(
            p.limit, (p.cap, self.packs[p.cap_arc], p.coefficient * self.unit[p.cap_arc]), (at, self.over, -1.0)
        )

    def _minimum(self) -> None:
        p, own = self.p, self.indicated
        at, none = np.arange(len(own)), np.zeros(len(own))
        self.rows.at_most(none, (at, self.packs[own], 1.0), (at, self.used[own], -self.most[own]))
        least = p.low[own] // self.unit[own]
        self.rows.at_most(none, (at, self.packs[own], -1.0), (at, self.used[own], least))

    def _split(self) -> None:
        p = self.p
        place = np.cumsum(self.split) - 1
        inside = self.split[p.line].nonzero()[0]
        self.rows.at_most(p.awards[self.split].astype(float), (place[p.line[inside]], self.used[inside], 1.0))

    def _drop(self) -> None:
        p = self.p
        inside = ((p.drop >= 0) & (self.most > 0)).nonzero()[0]
        at, none = np.arange(len(inside)), np.zeros(len(inside))
        indicated = np.zeros(p.arcs, bool)
        indicated[self.indicated] = True
        most = np.where(indicated, 1, self.most)[inside]
        self.rows.at_most(none, (at, self.used[inside], 1.0), (at, self.open[p.drop[inside]], -most))

    def _pickup(self) -> None:
        p = self.p
        inside = (p.pickup >= 0).nonzero()[0]
        at, none = np.arange(len(inside)), np.zeros(len(inside))
        self.rows.at_most(none, (at, self.open[inside], 1.0), (at, self.collect[p.pickup[inside]], -1.0))
