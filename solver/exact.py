"""Whole models: proof for small problems, yardstick for the search, and which hard caps clash."""

from dataclasses import dataclass, replace

import numpy as np

from solver import highs
from solver.highs import Limits
from solver.instance import Flags, Ints
from solver.mip import AllocationModel
from solver.problem import Problem, cost, keeps_rules, overrun

_LARGE, _ROUGH = 4_000, 1e-3


@dataclass(frozen=True, eq=False, kw_only=True)
class Exact:
    """`status` is optimal, feasible, infeasible or nothing; `x` units an arc; `bound` baht, proven by the engine.

    `choices`: each line goes whole to one offer.
    """

    status: str
    x: Ints
    bound: float
    out_of_time: bool = False
    choices: bool = False


def solve_whole(
    p: Problem, limits: Limits, start: Ints | None = None, *, choices: bool = False, rough: bool = False
) -> Exact:
    """Solve the whole model, from a plan if given; what the engine returns is checked before it is believed.

    `choices`: each line goes whole to one offer, so that all is yes or no. `rough`: a good plan is wanted, no proof,
    and the first node of HiGHS finds better ones than SCIP does where there are many arcs.
    """
    nothing = np.zeros(p.arcs, np.int64)
    if not p.arcs:
        return _without_arcs(p)
    model = AllocationModel(p, proof=True)
    given = None if start is None else model.values(start)
    if choices:
        out = highs.solve_chosen(model.model, limits, given)
    elif rough and p.arcs > _LARGE:
        out = highs.solve(model.model, replace(limits, nodes=1, gap=_ROUGH))
    else:
        out = highs.solve_from(model.model, limits, given)
    if out.status in ("infeasible", "nothing"):
        return Exact(status=out.status, x=nothing, bound=-np.inf, out_of_time=out.out_of_time)
    x = model.quantities(out.values)
    if not keeps_rules(p, x) or overrun(p, x).any():
        return Exact(status="nothing", x=nothing, bound=-np.inf, out_of_time=out.out_of_time)
    bound = min(out.bound, cost(p, x))
    return Exact(status=out.status, x=x, bound=bound, out_of_time=out.out_of_time, choices=choices)


def _without_arcs(p: Problem) -> Exact:
    x = np.zeros(0, np.int64)
    clashing = bool((p.hard & (p.limit < 0)).any())
    return Exact(status="infeasible" if clashing else "optimal", x=x, bound=-np.inf if clashing else cost(p, x))


def least_overrun(p: Problem) -> Problem:
    """The same rules, and nothing costs but a unit beyond a hard cap: its optimum says whether they clash."""
    free = {name: np.zeros_like(getattr(p, name)) for name in ("short", "fee", "pickup_fee", "cost")}
    return replace(p, **free, penalty=p.hard.astype(float))


def can_be_met(p: Problem, caps: Flags, limits: Limits) -> bool | None:
    """Is there a plan that meets the hard caps `caps`? None when the limits end the search undecided."""
    if not (caps & p.hard & (p.limit < 0)).any():
        return True
    if not p.arcs:
        return False
    free = replace(p, penalty=np.where(p.hard & ~caps, 0.0, p.penalty))
    model = AllocationModel(free, proof=True).model
    out = highs.solve(replace(model, cost=np.zeros(len(model.cost))), limits)
    return {"optimal": True, "feasible": True, "infeasible": False}.get(out.status)


def clash(p: Problem, limits: Limits) -> Ints | None:
    """An irreducible set of hard caps that no plan meets, by deletion; None when none is proven to clash."""
    kept = p.hard.copy()
    if can_be_met(p, kept, limits) is not False:
        return None
    for group in _groups(p, kept):
        without = kept.copy()
        without[group] = False
        if can_be_met(p, without, limits) is False:
            kept = without
    for j in np.flatnonzero(kept):
        kept[j] = False
        if can_be_met(p, kept, limits) is not False:
            kept[j] = True
    return np.flatnonzero(kept)


def _groups(p: Problem, kept: Flags) -> list[Ints]:
    """Large bites first: the caps in up to eight groups, those that nothing forces first."""
    caps = np.flatnonzero(kept)
    caps = caps[np.argsort(p.limit[caps] < 0, kind="stable")]
    return [g for g in np.array_split(caps, min(8, len(caps) // 4)) if len(g)] if len(caps) >= 8 else []
