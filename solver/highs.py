"""The one door to OR-Tools: HiGHS through MathOpt for models, the network simplex for flows.

OR-Tools is loaded at the first solve (`_ortools`), so that reading, checking and explaining start without it.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from solver.instance import Flags, Ints, Money

_COSTLY = ("rins", "rens", "root_reduced_cost", "feasibility_jump")


@cache
def _ortools(name: str) -> Any:
    """A module of OR-Tools, loaded when it is first needed."""
    return import_module(f"ortools.{name}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Model:
    """Minimise `cost` over bounded variables under `row_lower <= A z <= row_upper`, A given by its entries."""

    lower: Money
    upper: Money
    integer: Flags
    cost: Money
    row_lower: Money
    row_upper: Money
    row: Ints
    column: Ints
    value: Money


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When to stop: relative gap, branch-and-bound nodes, and (a guard, not reproducible) seconds.

    `brisk` leaves out heuristics that do not pay on a small model.
    """

    gap: float = 1e-9
    nodes: int | None = None
    time_limit_s: float | None = None
    seed: int = 0
    brisk: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Solution:
    """`status` is optimal, feasible, infeasible or nothing; `values` one a variable; `bound` in baht."""

    status: str
    values: Money
    bound: float
    out_of_time: bool = False


@cache
def _options(*, brisk: bool) -> Any:
    """One thread; `brisk`, for many small models, leaves out heuristics that cost more there than they find."""
    off = {f"mip_heuristic_run_{name}": False for name in _COSTLY} if brisk else {}
    return _ortools("math_opt.solvers.highs_pb2").HighsOptionsProto(int_options={"threads": 1}, bool_options=off)


def solve(model: Model, limits: Limits) -> Solution:
    """One solve, one thread."""
    mathopt = _ortools("math_opt.python.mathopt")
    known = mathopt.Model.from_model_proto(_proto(model))
    out = mathopt.solve(known, mathopt.SolverType.HIGHS, params=_parameters(limits))
    reason, bounds, reasons = out.termination.reason, out.termination.objective_bounds, mathopt.TerminationReason
    late = out.termination.limit == mathopt.Limit.TIME
    if reason in (reasons.OPTIMAL, reasons.FEASIBLE):
        status = "optimal" if reason == reasons.OPTIMAL else "feasible"
        values = np.fromiter(out.variable_values().values(), float, len(model.cost))
        return Solution(status=status, values=values, bound=bounds.dual_bound, out_of_time=late)
    status = "infeasible" if reason in (reasons.INFEASIBLE, reasons.INFEASIBLE_OR_UNBOUNDED) else "nothing"
    return Solution(status=status, values=np.zeros(0), bound=-np.inf, out_of_time=late)


def _parameters(limits: Limits) -> Any:
    seconds = limits.time_limit_s
    return _ortools("math_opt.python.mathopt").SolveParameters(
        relative_gap_tolerance=limits.gap,
        absolute_gap_tolerance=1e-9,
        node_limit=limits.nodes,
        random_seed=limits.seed % 2**31,
        time_limit=None if seconds is None else dt.timedelta(seconds=max(0.01, seconds)),
        highs=_options(brisk=limits.brisk),
    )


def _proto(m: Model) -> Any:
    proto = _ortools("math_opt.model_pb2").ModelProto()
    n, rows = len(m.cost), len(m.row_lower)
    proto.variables.ids.extend(range(n))
    proto.variables.lower_bounds.extend(m.lower.tolist())
    proto.variables.upper_bounds.extend(m.upper.tolist())
    proto.variables.integers.extend(m.integer.tolist())
    priced = m.cost.nonzero()[0]
    proto.objective.linear_coefficients.ids.extend(priced.tolist())
    proto.objective.linear_coefficients.values.extend(m.cost[priced].tolist())
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend(m.row_lower.tolist())
    proto.linear_constraints.upper_bounds.extend(m.row_upper.tolist())
    kept = m.value != 0
    proto.linear_constraint_matrix.row_ids.extend(m.row[kept].tolist())
    proto.linear_constraint_matrix.column_ids.extend(m.column[kept].tolist())
    proto.linear_constraint_matrix.coefficients.extend(m.value[kept].tolist())
    return proto


def least_cost_flow(tail: Ints, head: Ints, capacity: Ints, unit_cost: Ints, supply: Ints) -> Ints:
    """Units on each arc of a cheapest flow that serves all supplies and demands, shape (arcs,)."""
    network = _ortools("graph.python.min_cost_flow").SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, unit_cost)
    network.set_nodes_supplies(np.arange(len(supply)), supply)
    if network.solve() != network.OPTIMAL:
        return np.zeros(len(tail), np.int64)
    return np.asarray(network.flows(arcs), np.int64)
