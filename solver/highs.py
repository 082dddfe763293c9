"""The one door to OR-Tools: HiGHS, SCIP and CP-SAT through MathOpt for models, the network simplex for flows.

OR-Tools is loaded at the first solve (`_ortools`), so that reading, checking and explaining start without it.
"""

import datetime as dt
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from solver.instance import Flags, Ints, Money

_LARGE = 1e7
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

    `units` is CP-SAT's own measure of work, about a second each. `brisk` leaves out heuristics that do not pay on a
    small model.
    """

    gap: float = 1e-9
    nodes: int | None = None
    units: float | None = None
    time_limit_s: float | None = None
    seed: int = 0
    brisk: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Solution:
    """`status` is optimal, feasible, infeasible or nothing; `values` one a variable; `bound` in baht.

    `work` counts simplex iterations: what a solve costs, alike on every machine.
    """

    status: str
    values: Money
    bound: float
    out_of_time: bool = False
    work: int = 0


@cache
def _options(*, brisk: bool) -> Any:
    """One thread; `brisk`, for many small models, leaves out heuristics that cost more there than they find."""
    off = {f"mip_heuristic_run_{name}": False for name in _COSTLY} if brisk else {}
    return _ortools("math_opt.solvers.highs_pb2").HighsOptionsProto(int_options={"threads": 1}, bool_options=off)


def solve(model: Model, limits: Limits) -> Solution:
    """HiGHS, one thread: the quickest on many small models."""
    return _solved(model, limits, "HIGHS", None)


def solve_from(model: Model, limits: Limits, start: Money | None) -> Solution:
    """SCIP, one thread, from the plan `start` (one value a variable): the stronger one on whole models."""
    return _solved(model, limits, "GSCIP", start)


def solve_chosen(model: Model, limits: Limits, start: Money | None) -> Solution:
    """CP-SAT, one thread, from the plan `start`: the strongest one where all is a choice of yes or no.

    It counts in whole numbers, and knows that nothing lies between two of them: costs are told in their common unit.
    """
    unit = _unit_of(model.cost)
    found = _solved(replace(model, cost=model.cost / unit), limits, "CP_SAT", start)
    return replace(found, bound=found.bound * unit)


def _unit_of(cost: Money) -> float:
    """The largest number of which all costs are multiples, if it is not tiny beside them; else a ten-millionth."""
    values = np.unique(np.abs(cost))[::-1]
    most = float(values[0]) if len(values) else 0.0
    if most == 0:
        return 1.0
    unit, tiny = most, most / _LARGE
    for value in values.tolist():
        rest = value
        while rest > tiny:
            unit, rest = rest, unit % rest
            rest = 0.0 if unit - rest <= tiny else rest
        if unit < 100 * tiny:
            return tiny
    return unit


def _solved(model: Model, limits: Limits, engine: str, start: Money | None) -> Solution:
    """MathOpt's core takes the numbers as they are; its modelling layer would cost as much as a small solve."""
    mathopt = _ortools("math_opt.python.mathopt")
    reply = _ortools("math_opt.core.python.solver").solve(
        _proto(model),
        getattr(mathopt.SolverType, engine).value,
        mathopt.StreamableSolverInitArguments().to_proto(),
        _parameters(limits, engine),
        _hints(start),
        None,
        _ortools("math_opt.callback_pb2").CallbackRegistrationProto(),
        None,
        None,
    )
    return _read(reply, len(model.cost))


def _read(reply: Any, width: int) -> Solution:
    pb = _ortools("math_opt.result_pb2")
    ended, work = reply.termination, int(reply.solve_stats.simplex_iterations)
    late = ended.limit == pb.LIMIT_TIME
    if ended.reason in (pb.TERMINATION_REASON_OPTIMAL, pb.TERMINATION_REASON_FEASIBLE):
        status = "optimal" if ended.reason == pb.TERMINATION_REASON_OPTIMAL else "feasible"
        known = reply.solutions[0].primal_solution.variable_values
        values = np.zeros(width)
        values[np.fromiter(known.ids, np.int64, len(known.ids))] = np.fromiter(known.values, float, len(known.values))
        bound = ended.objective_bounds.dual_bound
        return Solution(status=status, values=values, bound=bound, out_of_time=late, work=work)
    none = (pb.TERMINATION_REASON_INFEASIBLE, pb.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED)
    status = "infeasible" if ended.reason in none else "nothing"
    return Solution(status=status, values=np.zeros(0), bound=-np.inf, out_of_time=late, work=work)


def _parameters(limits: Limits, engine: str) -> Any:
    seconds = limits.time_limit_s
    parameters = _ortools("math_opt.python.mathopt").SolveParameters(
        relative_gap_tolerance=limits.gap,
        absolute_gap_tolerance=1e-9,
        node_limit=None if engine == "CP_SAT" else limits.nodes,
        random_seed=limits.seed % 2**31,
        time_limit=None if seconds is None else dt.timedelta(seconds=max(0.01, seconds)),
        highs=_options(brisk=limits.brisk) if engine == "HIGHS" else None,
    )
    chosen = parameters.cp_sat
    chosen.num_workers, chosen.linearization_level = 1, 2
    if limits.units is not None:
        chosen.max_deterministic_time = limits.units
    return parameters.to_proto()


def _hints(start: Money | None) -> Any:
    proto = _ortools("math_opt.model_parameters_pb2").ModelSolveParametersProto()
    if start is not None:
        hint = proto.solution_hints.add()
        hint.variable_values.ids.extend(range(len(start)))
        hint.variable_values.values.extend(start.tolist())
    return proto


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
