"""The specification in plain numpy: is the plan feasible, does it cost what is said, does the certificate hold?

Every rule of the model has one function here of the same name; each yields one sentence a violation. Nothing
here is shared with the search, so an auditor who trusts this file need not trust any other.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.codec import digest
from solver.instance import Instance
from solver.result import Result

TOLERANCE = 1e-6

_Array = NDArray[Any]


def verify(instance: Instance, result: Result) -> list[str]:
    """Recompute everything from the instance and the result alone; an empty list means verified.

    A result without a plan is verified when it says nothing that contradicts it; whether its caps truly clash
    is not provable from the file.
    """
    if not result.has_plan:
        return [*_digest(instance, result), *_without_plan(instance, result)]
    shape = [*_digest(instance, result), *_awards(instance, result), *_prices(instance, result)]
    if shape:
        return shape
    x = quantities(instance, result)
    return [*violations(instance, x), *_numbers(instance, result, x)]


def quantities(instance: Instance, result: Result) -> _Array:
    """Units on each arc, shape (arcs,)."""
    x = np.zeros(len(instance.arcs), np.int64)
    x[result.awards.arc] = result.awards.quantity
    return x


def violations(instance: Instance, x: _Array) -> list[str]:
    """The rules that the quantities `x` (units, shape (arcs,)) break, one a violation."""
    rules = (_line, _offer, _cap, _split, _whole, _minimum, _step)
    return [sentence for rule in rules for sentence in rule(instance, x)]


def objective(instance: Instance, x: _Array) -> float:
    """Baht: units, drops and pickups in use, shortage, and what soft caps are exceeded by."""
    excess = np.maximum(0.0, _cap_sums(instance, x) - instance.caps.limit)
    soft = np.isfinite(instance.caps.penalty)
    return (
        float(instance.arcs.unit_cost @ x)
        + float(instance.drops.fee @ _drop(instance, x))
        + float(instance.pickups.fee @ _pickup(instance, x))
        + _shortage_cost(instance, x)
        + float(instance.caps.penalty[soft] @ excess[soft])
    )


# The rules


def _line(q: Instance, x: _Array) -> Iterator[str]:
    served = _sum(q.arcs.line, x, len(q.lines))
    for d in np.flatnonzero(served > q.lines.quantity):
        yield f"line {d}: {served[d]:.0f} units awarded, {q.lines.quantity[d]} needed"


def _offer(q: Instance, x: _Array) -> Iterator[str]:
    used = _sum(q.arcs.offer, x, len(q.offers))
    for o in np.flatnonzero(used > q.offers.capacity):
        yield f"offer {o}: {used[o]:.0f} units awarded, {q.offers.capacity[o]} offered"


def _cap(q: Instance, x: _Array) -> Iterator[str]:
    used = _cap_sums(q, x)
    over = used - q.caps.limit > TOLERANCE * np.maximum(1.0, np.abs(q.caps.limit))
    for j in np.flatnonzero(over & np.isinf(q.caps.penalty)):
        yield f"cap {j}: {used[j]:.6f} where the hard limit is {q.caps.limit[j]:.6f}"


def _split(q: Instance, x: _Array) -> Iterator[str]:
    awards = _sum(q.arcs.line, x > 0, len(q.lines))
    most = q.lines.max_awards
    for d in np.flatnonzero((most > 0) & (awards > most)):
        yield f"split {d}: {awards[d]:.0f} awards on the line, {most[d]} allowed"


def _whole(q: Instance, x: _Array) -> Iterator[str]:
    served = _sum(q.arcs.line, x, len(q.lines))
    for d in np.flatnonzero(q.lines.whole & (served != 0) & (served != q.lines.quantity)):
        yield f"whole {d}: {served[d]:.0f} of {q.lines.quantity[d]} units served, all or none allowed"


def _minimum(q: Instance, x: _Array) -> Iterator[str]:
    for a in np.flatnonzero((x > 0) & (x < q.arcs.minimum)):
        yield f"minimum {a}: {x[a]} units awarded, at least {q.arcs.minimum[a]} required"


def _step(q: Instance, x: _Array) -> Iterator[str]:
    for a in np.flatnonzero(x % q.arcs.step != 0):
        yield f"step {a}: {x[a]} units awarded, not a multiple of {q.arcs.step[a]}"


def _drop(q: Instance, x: _Array) -> _Array:
    """Which drops are made: those with an award on one of their arcs, shape (drops,)."""
    made = np.zeros(len(q.drops), bool)
    made[q.arcs.drop[(x > 0) & (q.arcs.drop >= 0)]] = True
    return made


def _pickup(q: Instance, x: _Array) -> _Array:
    """Which pickups are opened: those of a drop that is made, shape (pickups,)."""
    opened = np.zeros(len(q.pickups), bool)
    opened[q.drops.pickup[_drop(q, x) & (q.drops.pickup >= 0)]] = True
    return opened


def _sum(index: _Array, values: _Array, rows: int) -> _Array:
    return np.bincount(index, weights=values, minlength=rows)


def _cap_sums(q: Instance, x: _Array) -> _Array:
    return _sum(q.caps.cap, q.caps.coefficient * x[q.caps.arc], len(q.caps))


def _shortage_cost(q: Instance, x: _Array) -> float:
    short = q.lines.quantity - _sum(q.arcs.line, x, len(q.lines))
    return float(q.lines.shortage_cost @ short)


# The certificate


def bound(instance: Instance, result: Result) -> float:
    """The lower bound (baht) that the result's prices prove, by the formula of the model's section 3."""
    q, p = instance, result.prices
    best = _best_of_pickups(q, _best_of_arcs(q, result))
    short = np.minimum(0.0, q.lines.shortage_cost - p.line) @ q.lines.quantity
    fixed = p.line @ q.lines.quantity - p.offer @ q.offers.capacity - p.cap @ q.caps.limit
    return float(fixed - p.split @ q.lines.max_awards + short + best)


def _best_of_arcs(q: Instance, result: Result) -> _Array:
    """`min(0, r_a) U_a` of every arc, in baht, shape (arcs,)."""
    p, a = result.prices, q.arcs
    room = np.minimum(q.lines.quantity[a.line], q.offers.capacity[a.offer])
    room = np.where(a.minimum > room, 0, room)
    from_caps = _sum(q.caps.arc, q.caps.coefficient * p.cap[q.caps.cap], len(a))
    split = p.split[a.line] / np.maximum(room, 1)
    reduced = a.unit_cost - p.line[a.line] + p.offer[a.offer] + from_caps + split
    best: _Array = np.minimum(0.0, reduced) * room
    return best


def _best_of_pickups(q: Instance, arcs: _Array) -> float:
    inside = q.arcs.drop >= 0
    drops = np.minimum(0.0, q.drops.fee + _sum(q.arcs.drop[inside], arcs[inside], len(q.drops)))
    collected = q.drops.pickup >= 0
    of_pickups = _sum(q.drops.pickup[collected], drops[collected], len(q.pickups))
    pickups = np.minimum(0.0, q.pickups.fee + of_pickups)
    return float(arcs[~inside].sum() + drops[~collected].sum() + pickups.sum())


# What the result says about itself


def _digest(q: Instance, r: Result) -> Iterator[str]:
    if r.instance_sha256 != digest(q):
        yield "digest: the result answers another instance"


def _awards(q: Instance, r: Result) -> Iterator[str]:
    arc, quantity = r.awards.arc, r.awards.quantity
    for i in np.flatnonzero((arc < 0) | (arc >= len(q.arcs))):
        yield f"awards {i}: arc {arc[i]} does not exist"
    for i in np.flatnonzero((quantity <= 0) | (quantity > 10**15)):
        yield f"awards {i}: quantity {quantity[i]} is not a positive number of units"
    if len(np.unique(arc)) != len(arc):
        yield "awards: an arc is awarded twice"


def _prices(q: Instance, r: Result) -> Iterator[str]:
    rows = {"line": len(q.lines), "offer": len(q.offers), "cap": len(q.caps), "split": len(q.lines)}
    for name, wanted in rows.items():
        values = getattr(r.prices, name)
        if len(values) != wanted:
            yield f"prices.{name}: {len(values)} rows where the instance has {wanted}"
        elif not np.isfinite(values).all():
            yield f"prices.{name} {np.argmin(np.isfinite(values))}: not a finite number"
        else:
            yield from _price_signs(q, name, values)


def _price_signs(q: Instance, name: str, values: _Array) -> Iterator[str]:
    if name != "line":
        for i in np.flatnonzero(values < 0):
            yield f"prices.{name} {i}: {values[i]} is negative"
    if name == "cap":
        for j in np.flatnonzero(values > q.caps.penalty):
            yield f"prices.cap {j}: {values[j]} is above the penalty {q.caps.penalty[j]}"
    if name == "split":
        for d in np.flatnonzero((q.lines.max_awards == 0) & (values != 0)):
            yield f"prices.split {d}: {values[d]} on a line without a limit"


def _numbers(q: Instance, r: Result, x: _Array) -> Iterator[str]:
    cost, proved = objective(q, x), bound(q, r)
    served = cost - _shortage_cost(q, x)
    yield from _same("objective", r.objective, cost)
    yield from _same("bound", r.bound, proved)
    yield from _same("gap", r.gap, (cost - proved) / max(abs(cost), 1.0))
    yield from _same("gap_served", r.gap_served, (cost - proved) / max(served, 1.0))
    if len(r.clash):
        yield "clash: a plan was found, so no caps clash"
    if r.engine_bound is not None and r.engine_bound > cost + TOLERANCE * max(1.0, abs(cost)):
        yield f"engine_bound: {r.engine_bound} is above the objective {cost}"
    yield from _status(r, cost, proved)


def _same(name: str, said: float | None, found: float) -> Iterator[str]:
    if said is None or not abs(said - found) <= TOLERANCE * max(1.0, abs(found)):
        yield f"{name}: {said} reported, {found} recomputed"


def _status(r: Result, cost: float, proved: float) -> Iterator[str]:
    """`optimal` is said exactly when the proven distance allows it (a hair's breadth of rounding aside)."""
    known = proved if r.engine_bound is None else max(proved, r.engine_bound)
    distance, allowed = cost - known, TOLERANCE * max(1.0, abs(cost))
    if r.status == "optimal" and distance > 1.001 * allowed:
        yield f"status: optimal reported, {distance} baht are not proven"
    if r.status == "feasible" and distance < 0.999 * allowed:
        yield "status: feasible reported, the numbers prove optimal"


def _without_plan(q: Instance, r: Result) -> Iterator[str]:
    for name in ("objective", "bound", "gap", "gap_served", "engine_bound"):
        if getattr(r, name) is not None:
            yield f"{name}: must be null without a plan"
    if len(r.awards) or any(len(getattr(r.prices, k)) for k in ("line", "offer", "cap", "split")):
        yield "awards: must be empty, like the prices, without a plan"
    if r.status == "infeasible":
        yield from _clash(q, r)
    elif len(r.clash):
        yield "clash: only an infeasible result names clashing caps"


def _clash(q: Instance, r: Result) -> Iterator[str]:
    named = np.unique(r.clash)
    if not len(named) or len(named) != len(r.clash) or named[0] < 0 or named[-1] >= len(q.caps):
        yield "clash: must name each clashing cap once"
    elif not np.isinf(q.caps.penalty[named]).all():
        yield "clash: only hard caps can clash"
    elif (q.caps.limit[named] >= 0).all():
        yield "clash: awarding nothing meets all of these caps"
