"""Every plan of a tiny instance at once, one row a plan: fast enough to judge thousands of instances exactly.

Written from the model's text in array form, apart from `check.py` and from the plain enumerator beside it.
"""

import numpy as np

from solver import Instance
from solver.instance import Flags, Ints, Money


def choices(q: Instance) -> list[Ints]:
    """Quantities that keep each arc's line, offer, minimum and step."""
    a, found = q.arcs, []
    for i in range(len(a)):
        most = min(q.lines.quantity[a.line[i]], q.offers.capacity[a.offer[i]])
        units = np.arange(1, most + 1)
        found.append(np.append(0, units[(units % a.step[i] == 0) & (units >= a.minimum[i])]))
    return found


def all_plans(q: Instance, most: int = 3000) -> Ints | None:
    """Shape (plans, arcs); None when there are more than `most`."""
    each = choices(q)
    if np.prod([float(len(c)) for c in each]) > most:
        return None
    if not each:
        return np.zeros((1, 0), np.int64)
    return np.stack(np.meshgrid(*each, indexing="ij"), axis=-1).reshape(-1, len(each)).astype(np.int64)


def _member(index: Ints, rows: int) -> Ints:
    """0/1, shape (arcs, rows)."""
    member: Ints = (index[:, None] == np.arange(rows)).astype(np.int64)
    return member


def feasible(q: Instance, x: Ints) -> Flags:
    """Which plans obey every rule, shape (plans,)."""
    of_line = _member(q.arcs.line, len(q.lines))
    served, awards = x @ of_line, (x > 0) @ of_line
    good = (served <= q.lines.quantity).all(1)
    good &= (x @ _member(q.arcs.offer, len(q.offers)) <= q.offers.capacity).all(1)
    good &= (~q.lines.whole | (served == 0) | (served == q.lines.quantity)).all(1)
    good &= ((q.lines.max_awards == 0) | (awards <= q.lines.max_awards)).all(1)
    kept: Flags = good & (~np.isinf(q.caps.penalty) | (_excess(q, x) <= 1e-6)).all(1)
    return kept


def _excess(q: Instance, x: Ints) -> Money:
    weight = np.zeros((len(q.arcs), len(q.caps)))
    np.add.at(weight, (q.caps.arc, q.caps.cap), q.caps.coefficient)
    return np.maximum(0.0, x @ weight - q.caps.limit)


def costs(q: Instance, x: Ints) -> Money:
    """Baht of each plan, shape (plans,)."""
    drops = ((x > 0) @ _member(q.arcs.drop, len(q.drops))) > 0
    pickups = (drops @ _member(q.drops.pickup, len(q.pickups))) > 0
    short = q.lines.quantity - x @ _member(q.arcs.line, len(q.lines))
    penalty = np.where(np.isinf(q.caps.penalty), 0.0, q.caps.penalty)
    total: Money = x @ q.arcs.unit_cost + drops @ q.drops.fee + pickups @ q.pickups.fee
    return total + short @ q.lines.shortage_cost + _excess(q, x) @ penalty


def best(q: Instance, x: Ints) -> float | None:
    """The optimum over the plans `x`; None when none is feasible."""
    good = feasible(q, x)
    return float(costs(q, x[good]).min()) if good.any() else None
