"""All plans of a tiny instance, counted out in plain Python from the model's text: the judge of judges."""

import itertools
import math
from collections.abc import Iterator

from solver import Instance


def plans(q: Instance) -> Iterator[tuple[int, ...]]:
    """Every choice of quantities that keeps steps and minimums."""
    choices = []
    for a in range(len(q.arcs)):
        most = int(q.lines.quantity[q.arcs.line[a]])
        step, least = int(q.arcs.step[a]), int(q.arcs.minimum[a])
        choices.append([0] + [x for x in range(1, most + 1) if x % step == 0 and x >= least])
    return itertools.product(*choices)


def plan_count(q: Instance) -> int:
    return math.prod(int(q.lines.quantity[d]) + 1 for d in q.arcs.line)


def is_feasible(q: Instance, x: tuple[int, ...]) -> bool:
    for d in range(len(q.lines)):
        on_line = [x[a] for a in range(len(x)) if q.arcs.line[a] == d]
        need, most = int(q.lines.quantity[d]), int(q.lines.max_awards[d])
        if sum(on_line) > need or (q.lines.whole[d] and sum(on_line) not in (0, need)):
            return False
        if most and sum(1 for units in on_line if units) > most:
            return False
    for o in range(len(q.offers)):
        if sum(x[a] for a in range(len(x)) if q.arcs.offer[a] == o) > q.offers.capacity[o]:
            return False
    return all(excess(q, x, j) <= 1e-6 or math.isfinite(q.caps.penalty[j]) for j in range(len(q.caps)))


def excess(q: Instance, x: tuple[int, ...], j: int) -> float:
    rows = range(len(q.caps.cap))
    used: float = sum(float(q.caps.coefficient[i]) * x[q.caps.arc[i]] for i in rows if q.caps.cap[i] == j)
    return max(0.0, used - float(q.caps.limit[j]))


def plan_cost(q: Instance, x: tuple[int, ...]) -> float:
    used = [a for a in range(len(x)) if x[a]]
    drops = {int(q.arcs.drop[a]) for a in used} - {-1}
    pickups = {int(q.drops.pickup[z]) for z in drops} - {-1}
    short = [int(q.lines.quantity[d]) - sum(x[a] for a in used if q.arcs.line[a] == d) for d in range(len(q.lines))]
    soft = [j for j in range(len(q.caps)) if math.isfinite(q.caps.penalty[j])]
    return (
        sum(float(q.arcs.unit_cost[a]) * x[a] for a in used)
        + sum(float(q.drops.fee[z]) for z in drops)
        + sum(float(q.pickups.fee[w]) for w in pickups)
        + sum(float(q.lines.shortage_cost[d]) * short[d] for d in range(len(q.lines)))
        + sum(float(q.caps.penalty[j]) * excess(q, x, j) for j in soft)
    )


def least_cost(q: Instance) -> float | None:
    """The optimum, or None when no plan is feasible."""
    return min((plan_cost(q, x) for x in plans(q) if is_feasible(q, x)), default=None)
