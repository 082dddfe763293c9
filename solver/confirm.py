"""Indications made facts: apply the change, solve again, and see whether the arc wins; the price of a cap likewise.

Up to `WHOLE_ARCS` arcs the whole instance is solved again. In a larger one everything is left as it is but the
lines around the arc: those of its line's trips and those that its offer serves (`scope` says which).
"""

from dataclasses import dataclass, replace

import numpy as np

from solver.check import quantities
from solver.explain import Explanation
from solver.instance import Caps, Ids, Instance, Ints, refuse
from solver.residual import residual
from solver.result import EFFORTS, Awards, Result
from solver.solve import solve

WHOLE_ARCS = 3000
_LINES_AROUND = 60
_SOLVES = 14


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """What one change does to one losing arc.

    `change`: price (baht a unit lower), capacity (units more in the offer), volume (units more on the line, which the
    offer has) or limit (more of the cap that binds). `said`: the amount that the explanation names, None if it names
    none; `holds`: whether the arc wins with it. `smallest`: the smallest amount found to win, to `within`; None: none
    found up to `tried`. `proven`: every solution was optimal; otherwise another search might find a smaller amount.
    """

    arc: int
    change: str
    said: float | None
    holds: bool | None
    smallest: float | None
    within: float
    tried: float
    proven: bool
    scope: str
    solves: int


@dataclass(frozen=True, kw_only=True)
class CapPrice:
    """`limit`, `used` and the marginal `price` (baht for one more, an indication) of a cap.

    `saved`: baht that the plan would cost less without the cap, None while nobody has solved it again; `proven`:
    both plans are optimal.
    """

    cap: int
    limit: float
    used: float
    price: float
    saved: float | None = None
    proven: bool = False


def confirm(q: Instance, result: Result, told: Explanation, arc: int, *, seed: int = 0) -> list[Confirmed]:
    """Try each change that could help a losing arc; nothing for one that won."""
    if told.arcs.quantity[arc] > 0 or not q.lines.quantity[q.arcs.line[arc]]:
        return []
    return [_Trial(q, result, told, arc, seed, name).run() for name in _changes(q, told, arc)]


def _changes(q: Instance, told: Explanation, arc: int) -> list[str]:
    """The price where the arc has room; capacity, volume and limit where the explanation speaks of them."""
    room = min(q.lines.quantity[q.arcs.line[arc]], q.offers.capacity[q.arcs.offer[arc]])
    priced = room >= max(1, q.arcs.minimum[arc]) and room >= q.arcs.step[arc]
    known = {
        "price": bool(priced),
        "capacity": bool(np.isfinite(told.arcs.capacity_needed[arc])),
        "volume": bool(np.isfinite(told.arcs.volume_needed[arc])),
        "limit": bool(told.arcs.cap[arc] >= 0),
    }
    return [name for name, there in known.items() if there]


class _Trial:
    """One change of one arc: the part of the instance that is solved again, and the search for the least amount."""

    def __init__(self, q: Instance, result: Result, told: Explanation, arc: int, seed: int, change: str) -> None:
        self.arc, self.seed, self.change = arc, seed, change
        whole = len(q.arcs) <= WHOLE_ARCS
        self.scope = "all" if whole else "around"
        self.q, self.at, cap = (q, arc, int(told.arcs.cap[arc])) if whole else _around(q, result, arc, told)
        self.solves, self.proven, self.tried = 0, True, 0.0
        self.said = _said(q, result, told, arc, change)
        finite = self.said if np.isfinite(self.said) else 1.0
        line = q.arcs.line[arc]
        if change in ("price", "limit"):
            self.step, self.slack = max(0.01, 0.01 * finite), 1e-3
            self.most = float(abs(q.arcs.unit_cost[arc]) + q.lines.shortage_cost[line])
        else:
            self.step, self.slack = 1.0, 0.0
            self.most = 16.0 * float(max(1, q.lines.quantity[line]))
        self.cap = cap

    def run(self) -> Confirmed:
        known = np.isfinite(self.said)
        holds = self._wins(self.said + self.slack) if known else None
        said = self.said + self.slack
        start = (said, 2 * said) if known else (0.0, self.step)
        smallest = self._least(0.0, said) if holds else self._found(*start)
        return Confirmed(
            arc=self.arc, change=self.change, said=self.said if known else None, holds=holds, smallest=smallest,
            within=self.step, tried=self.tried, proven=self.proven, scope=self.scope, solves=self.solves,
        )  # fmt: skip

    def _wins(self, amount: float) -> bool:
        found = solve(changed(self.q, self.change, self.at, self.cap, amount), "quick", self.seed)
        self.solves, self.proven = self.solves + 1, self.proven & (found.status in ("optimal", "infeasible"))
        self.tried = max(self.tried, amount)
        return bool((found.awards.arc == self.at).any())

    def _found(self, low: float, high: float) -> float | None:
        """Double until the arc wins."""
        while self.solves < _SOLVES and low < self.most:
            if self._wins(high):
                return self._least(low, high)
            low, high = high, 2 * high
        return None

    def _least(self, low: float, high: float) -> float:
        """Halve the distance between what did not suffice and what did."""
        while high - low > self.step and self.solves < _SOLVES:
            middle = (low + high) / 2 if self.change in ("price", "limit") else float((low + high) // 2)
            low, high = (low, middle) if self._wins(middle) else (middle, high)
        self.step = max(self.step, high - low)
        return high


def _said(q: Instance, result: Result, told: Explanation, arc: int, change: str) -> float:
    """The amount that the explanation names: of a limit, what one more lot would take."""
    if change == "limit":
        cap = int(told.arcs.cap[arc])
        lot = max(q.arcs.step[arc], -(-q.arcs.minimum[arc] // q.arcs.step[arc]) * q.arcs.step[arc])
        coefficient = float(q.caps.coefficient[(q.caps.cap == cap) & (q.caps.arc == arc)].sum())
        state = state_of_cap(q, result, cap)
        needed = coefficient * float(lot) + state.used - state.limit
        return needed if needed > 0 else float("nan")
    said = {"price": told.arcs.price_gap, "capacity": told.arcs.capacity_needed, "volume": told.arcs.volume_needed}
    return float(said[change][arc])


def changed(q: Instance, change: str, arc: int, cap: int, by: float) -> Instance:
    """The instance with one amount changed."""
    line, offer = int(q.arcs.line[arc]), int(q.arcs.offer[arc])
    if change == "price":
        return replace(q, arcs=replace(q.arcs, unit_cost=_plus(q.arcs.unit_cost, arc, -by)))
    if change == "capacity":
        return replace(q, offers=replace(q.offers, capacity=_plus(q.offers.capacity, offer, by)))
    if change == "volume":
        more = replace(q, lines=replace(q.lines, quantity=_plus(q.lines.quantity, line, by)))
        return changed(more, "capacity", arc, cap, by)
    return replace(q, caps=replace(q.caps, limit=_plus(q.caps.limit, cap, by)))


def _plus(values: np.ndarray, at: int, by: float) -> np.ndarray:
    out = values.copy()
    out[at] += values.dtype.type(by)
    return out


def _around(q: Instance, result: Result, arc: int, told: Explanation) -> tuple[Instance, int, int]:
    """What is left when all awards far from the arc are frozen; where the arc and its cap stand in it."""
    x = quantities(q, result)
    same_trips = np.isin(q.arcs.drop, np.unique(q.arcs.drop[q.arcs.line == q.arcs.line[arc]])) & (q.arcs.drop >= 0)
    same_offer = (q.arcs.offer == q.arcs.offer[arc]) & (x > 0)
    near = np.unique(q.arcs.line[same_trips | same_offer])
    near = np.append(near[:_LINES_AROUND], q.arcs.line[arc])
    frozen = np.flatnonzero((x > 0) & ~np.isin(q.arcs.line, near))
    left = residual(q, Awards(arc=frozen, quantity=x[frozen]))
    kept = int(np.searchsorted(left.caps, told.arcs.cap[arc]))
    return _only_lines(left.instance, near), int(np.searchsorted(left.arcs, arc)), kept


def _only_lines(q: Instance, lines: Ints) -> Instance:
    """Nothing is needed on the other lines: what is short there stays short."""
    wanted = np.isin(np.arange(len(q.lines)), lines)
    return replace(q, lines=replace(q.lines, quantity=np.where(wanted, q.lines.quantity, 0)))


def state_of_cap(q: Instance, result: Result, cap: int) -> CapPrice:
    """How full the cap is."""
    of_cap = q.caps.cap == cap
    used = float(q.caps.coefficient[of_cap] @ quantities(q, result)[q.caps.arc[of_cap]])
    return CapPrice(cap=cap, limit=float(q.caps.limit[cap]), used=used, price=float(result.prices.cap[cap]))


def price_of_cap(q: Instance, result: Result, cap: int, *, seed: int = 0) -> CapPrice:
    """Solve again without the cap; today's plan, free of the cap's penalty, is there to fall back on."""
    if result.objective is None:
        refuse("status", None, f"is {result.status}: there is no plan to compare with")
    state, penalty = state_of_cap(q, result, cap), float(q.caps.penalty[cap])
    kept = result.objective - (penalty * max(0.0, state.used - state.limit) if np.isfinite(penalty) else 0.0)
    effort = result.engine.effort if result.engine.effort in EFFORTS else "quick"
    found = solve(without_cap(q, cap), effort, seed)
    least = kept if found.objective is None else min(kept, found.objective)
    proven = result.status == found.status == "optimal"
    return replace(state, saved=result.objective - least, proven=proven)


def without_cap(q: Instance, cap: int) -> Instance:
    """The instance without one of its caps."""
    rows = np.arange(len(q.caps)) != cap
    kept = q.caps.cap != cap
    caps = Caps(limit=q.caps.limit[rows], penalty=q.caps.penalty[rows], cap=q.caps.cap[kept] - (q.caps.cap[kept] > cap),
                arc=q.caps.arc[kept], coefficient=q.caps.coefficient[kept])  # fmt: skip
    names = tuple(name for j, name in enumerate(q.ids.caps) if j != cap)
    return replace(q, caps=caps, ids=Ids(lines=q.ids.lines, offers=q.ids.offers, drops=q.ids.drops, caps=names))
