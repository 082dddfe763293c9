"""The whole model of an instance for a general solver, written once from the specification.

Rows and columns come as arrays, so that 400,000 arcs take seconds to build. An arc is a number of packs; an
arc's own 0/1 variable exists only where a minimum or a split limit asks for it. The link between arcs and trips
is `strong` (`x <= U y` an arc) or `weak` (one row a trip): the first bounds better, the second is shorter.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ortools.math_opt import model_pb2

from solver import Instance
from solver.instance import Ints, Money


@dataclass
class Rows:
    """Columns and rows, collected block by block."""

    upper: list[Money] = field(default_factory=list)
    cost: list[Money] = field(default_factory=list)
    integer: list[Ints] = field(default_factory=list)
    right: list[Money] = field(default_factory=list)
    left: list[Money] = field(default_factory=list)
    entries: list[tuple[Ints, Ints, Money]] = field(default_factory=list)
    width: int = 0
    height: int = 0

    def columns(self, upper: Any, cost: Any, *, whole: bool = True) -> Ints:
        """Variables from 0 to `upper`, at least one of the two an array; their columns."""
        tops, costs = np.broadcast_arrays(np.asarray(upper, float), np.asarray(cost, float))
        self.upper.append(tops)
        self.cost.append(costs)
        self.integer.append(np.full(len(tops), int(whole)))
        self.width += len(tops)
        return np.arange(self.width - len(tops), self.width)

    def rows(self, left: Any, right: Any, *entries: tuple[Ints, Ints, Any]) -> None:
        """Rows `left <= sum <= right`; an entry block is (row from 0, column, value)."""
        lows, tops = np.broadcast_arrays(np.asarray(left, float), np.asarray(right, float))
        for row, column, value in entries:
            self.entries.append((self.height + row, column, np.broadcast_to(np.asarray(value, float), row.shape)))
        self.left.append(lows)
        self.right.append(tops)
        self.height += len(tops)

    def proto(self) -> Any:
        """The model as MathOpt's message."""
        out = model_pb2.ModelProto()
        upper, cost, integer = (np.concatenate(c) for c in (self.upper, self.cost, self.integer))
        out.variables.ids.extend(range(self.width))
        out.variables.lower_bounds.extend(np.zeros(self.width).tolist())
        out.variables.upper_bounds.extend(upper.tolist())
        out.variables.integers.extend(integer.astype(bool).tolist())
        priced = np.flatnonzero(cost)
        out.objective.linear_coefficients.ids.extend(priced.tolist())
        out.objective.linear_coefficients.values.extend(cost[priced].tolist())
        out.linear_constraints.ids.extend(range(self.height))
        out.linear_constraints.lower_bounds.extend(np.concatenate(self.left).tolist())
        out.linear_constraints.upper_bounds.extend(np.concatenate(self.right).tolist())
        row, column, value = (np.concatenate(e) for e in zip(*self.entries, strict=True))
        keep = np.flatnonzero(value)
        keep = keep[np.lexsort((column[keep], row[keep]))]
        out.linear_constraint_matrix.row_ids.extend(row[keep].tolist())
        out.linear_constraint_matrix.column_ids.extend(column[keep].tolist())
        out.linear_constraint_matrix.coefficients.extend(value[keep].tolist())
        return out


class WholeModel:
    """Sections 1 and 2 of the model, one method a rule; `proto` is what a solver gets."""

    def __init__(self, q: Instance, *, strong: bool) -> None:
        self.q, self.strong, self.out = q, strong, Rows()
        a = q.arcs
        room = np.minimum(q.lines.quantity[a.line], q.offers.capacity[a.offer])
        self.least = -(-np.maximum(a.minimum, 1) // a.step)
        self.packs = np.where(self.least * a.step <= room, room // a.step, 0)
        self.x = self.out.columns(self.packs, a.unit_cost * a.step)
        self.u = self.out.columns(
            np.where(q.lines.whole, 1, q.lines.quantity),
            q.lines.shortage_cost * np.where(q.lines.whole, q.lines.quantity, 1),
        )
        self.y, self.v = self.out.columns(1, q.drops.fee), self.out.columns(1, q.pickups.fee)
        soft = np.isfinite(q.caps.penalty)
        self.t = self.out.columns(np.where(soft, np.inf, 0), np.where(soft, q.caps.penalty, 0), whole=False)
        for rule in (self._line, self._offer, self._cap, self._minimum, self._split, self._drop, self._pickup):
            rule()
        self.proto = self.out.proto()

    def quantities(self, values: Money) -> Ints:
        """Units on each arc."""
        return np.rint(values[self.x]).astype(np.int64) * self.q.arcs.step

    def _line(self) -> None:
        q, at = self.q, np.arange(len(self.q.lines))
        size = np.where(q.lines.whole, q.lines.quantity, 1)
        need = q.lines.quantity
        self.out.rows(need, need, (q.arcs.line, self.x, q.arcs.step), (at, self.u, size))

    def _offer(self) -> None:
        self.out.rows(-np.inf, self.q.offers.capacity, (self.q.arcs.offer, self.x, self.q.arcs.step))

    def _cap(self) -> None:
        c, at = self.q.caps, np.arange(len(self.q.caps))
        step = self.q.arcs.step[c.arc]
        self.out.rows(-np.inf, c.limit, (c.cap, self.x[c.arc], c.coefficient * step), (at, self.t, -1.0))

    def _minimum(self) -> None:
        """An arc's own 0/1 variable, where a minimum above one pack or a split limit needs it."""
        q = self.q
        counts = np.bincount(q.arcs.line, minlength=len(q.lines))
        self.limited = (q.lines.max_awards > 0) & (counts > q.lines.max_awards)
        own = np.flatnonzero(((self.least > 1) | self.limited[q.arcs.line]) & (self.packs > 1))
        self.used, self.top = self.x.copy(), self.packs.copy()
        self.used[own], self.top[own] = self.out.columns(np.ones(len(own)), 0), 1
        at = np.arange(len(own))
        most, least = -self.packs[own], -self.least[own]
        self.out.rows(-np.inf, np.zeros(len(own)), (at, self.x[own], 1), (at, self.used[own], most))
        self.out.rows(np.zeros(len(own)), np.inf, (at, self.x[own], 1), (at, self.used[own], least))

    def _split(self) -> None:
        place, lines = np.cumsum(self.limited) - 1, self.q.arcs.line
        inside = np.flatnonzero(self.limited[lines])
        self.out.rows(-np.inf, self.q.lines.max_awards[self.limited], (place[lines[inside]], self.used[inside], 1))

    def _drop(self) -> None:
        drop = self.q.arcs.drop
        inside = np.flatnonzero((drop >= 0) & (self.packs > 0))
        at = np.arange(len(inside)) if self.strong else drop[inside]
        gate = self.y[drop[inside]] if self.strong else self.y
        rows = len(inside) if self.strong else len(self.y)
        room = self.top[inside] if self.strong else np.bincount(at, weights=self.top[inside], minlength=rows)
        self.out.rows(-np.inf, np.zeros(rows), (at, self.used[inside], 1), (np.arange(rows), gate, -room))

    def _pickup(self) -> None:
        pickup = self.q.drops.pickup
        inside = np.flatnonzero(pickup >= 0)
        at = np.arange(len(inside))
        self.out.rows(-np.inf, np.zeros(len(inside)), (at, self.y[inside], 1), (at, self.v[pickup[inside]], -1))
