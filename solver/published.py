"""Published facility-location files as instances, so that published optima check the solver.

One pickup with the fixed cost a facility, one free drop in it; the cost of serving a customer's whole demand
spread over its units; a shortage dearer than any plan.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np

from solver.instance import Instance, Ints, Money, refuse


def multi_source(path: str | Path) -> Instance:
    """Capacitated facility location with divisible demand: `m n`, capacity and fixed cost a facility,
    then demand and m costs of serving all of it a customer.
    """
    numbers, m, n = _numbers(path)
    facilities = numbers[2 : 2 + 2 * m].reshape(m, 2)
    customers = numbers[2 + 2 * m : 2 + 2 * m + n * (m + 1)]
    if len(customers) != n * (m + 1):
        refuse(str(path), None, f"ends before {n} customers with {m} costs each")
    customers = customers.reshape(n, m + 1)
    return _instance(
        Path(path).stem, facilities[:, 0], facilities[:, 1], customers[:, 0], customers[:, 1:], single=False
    )


def single_source(path: str | Path) -> Instance:
    """Every customer served by one facility: `m n`, m capacities, m fixed costs, n demands, n rows of m costs."""
    numbers, m, n = _numbers(path)
    ends = np.cumsum([2, m, m, n, n * m])
    if len(numbers) < ends[-1]:
        refuse(str(path), None, f"ends before {n} rows of {m} costs")
    capacity, fixed, demand, costs = (numbers[a:b] for a, b in pairwise(ends.tolist()))
    return _instance(Path(path).stem, capacity, fixed, demand, costs.reshape(n, m), single=True)


def _numbers(path: str | Path) -> tuple[Money, int, int]:
    try:
        numbers = np.array(Path(path).read_text().split(), float)
        return numbers, int(numbers[0]), int(numbers[1])
    except (OSError, ValueError, IndexError) as problem:
        refuse(str(path), None, f"is no published instance: {problem}")


def _instance(name: str, capacity: Money, fixed: Money, demand: Money, costs: Money, *, single: bool) -> Instance:
    n, m = costs.shape
    units: Ints = demand.astype(np.int64)
    unit_cost = costs / units[:, None]
    shortage = 10 * (unit_cost.max() + fixed.sum() / units.sum())
    facility = np.tile(np.arange(m), n)
    return Instance.from_columns(
        {
            "lines.quantity": units,
            "lines.shortage_cost": np.full(n, shortage),
            "lines.max_awards": np.full(n, int(single)),
            "lines.whole": np.full(n, single),
            "offers.capacity": capacity.astype(np.int64),
            "pickups.fee": fixed,
            "drops.fee": np.zeros(m),
            "drops.pickup": np.arange(m),
            "arcs.line": np.repeat(np.arange(n), m),
            "arcs.offer": facility,
            "arcs.drop": facility,
            "arcs.unit_cost": unit_cost.ravel(),
        },
        name=name,
    )
