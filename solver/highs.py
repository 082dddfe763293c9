"""The one door to OR-Tools: HiGHS through MathOpt for models, the network simplex for flows."""

import datetime as dt
from typing import Any

import numpy as np
from ortools.graph.python import min_cost_flow
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.math_opt.solvers import highs_pb2

from solver.instance import Ints
from solver.mip import Limits, Model, Solution

_OPTIONS = highs_pb2.HighsOptionsProto(int_options={"threads": 1})
_COSTLY = ("rins", "rens", "root_reduced_cost", "feasibility_jump")
_BRISK = highs_pb2.HighsOptionsProto(
    int_options={"threads": 1}, bool_options={f"mip_heuristic_run_{name}": False for name in _COSTLY}
)
"""For many small models: without the heuristics that cost more there than they find."""
_REASON = mathopt.TerminationReason


def solve(model: Model, limits: Limits) -> Solution:
    """One solve, one thread."""
    known = mathopt.Model.from_model_proto(_proto(model))
    out = mathopt.solve(known, mathopt.SolverType.HIGHS, params=_parameters(limits))
    reason, bounds = out.termination.reason, out.termination.objective_bounds
    late = out.termination.limit == mathopt.Limit.TIME
    if reason in (_REASON.OPTIMAL, _REASON.FEASIBLE):
        status = "optimal" if reason == _REASON.OPTIMAL else "feasible"
        values = np.fromiter(out.variable_values().values(), float, len(model.cost))
        return Solution(status=status, values=values, bound=bounds.dual_bound, out_of_time=late)
    status = "infeasible" if reason in (_REASON.INFEASIBLE, _REASON.INFEASIBLE_OR_UNBOUNDED) else "nothing"
    return Solution(status=status, values=np.zeros(0), bound=-np.inf, out_of_time=late)


def _parameters(limits: Limits) -> Any:
    seconds = limits.time_limit_s
    return mathopt.SolveParameters(
        relative_gap_tolerance=limits.gap,
        absolute_gap_tolerance=1e-9,
        node_limit=limits.nodes,
        random_seed=limits.seed % 2**31,
        time_limit=None if seconds is None else dt.timedelta(seconds=max(0.01, seconds)),
        highs=_BRISK if limits.brisk else _OPTIONS,
    )


def _proto(m: Model) -> Any:
    proto = model_pb2.ModelProto()
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
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, unit_cost)
    network.set_nodes_supplies(np.arange(len(supply)), supply)
    if network.solve() != network.OPTIMAL:
        return np.zeros(len(tail), np.int64)
    return np.asarray(network.flows(arcs), np.int64)
