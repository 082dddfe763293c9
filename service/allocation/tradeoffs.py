"""What preference costs and what it buys: the curve at several strengths, the price of each weight, and what is
missing to a pair that lost.

A search ends within a gap, and two searches end in different plans by chance alone. So the questions of one comparison
share their plans: each takes the one that is best for itself, and a stronger preference never buys less of it.

Pure functions over a frozen market. The caller says how to solve, so that a worker, a test and a benchmark can.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import solver
from service.allocation import margins
from service.allocation.caps import BAHT
from service.allocation.facts import deals_of, facts_of
from service.allocation.market import Market
from service.allocation.numbers import Grid, grid_of, instance_of, unit_cost
from solver import check

STRENGTHS = (0, 50, 100, 150, 200)  # per cent of the profile's margins
WHOLE = 100  # the policy
PREFERENCES = {
    "poor_labour": "poor_labour_bp",
    "local_resource": "local_resource_bp",
    "income_sharing": "income_sharing_bp",
    "proximity": "proximity_bp",
    "equity": "equity_bp",
    "priority_area": "priority_area_bp",
}
"""Each part of the margin and its weight."""

Solve = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Point:
    """A plan at one strength of preference, in satang: what kitchens pay, what poor households earn, what is served."""

    strength: int
    paid_satang: int
    poor_labour_satang: int
    served_value_satang: int
    groups: int
    gap: float


@dataclass(frozen=True, slots=True)
class WeightPrice:
    """What the policy plan pays and buys beyond the plan without this preference, in satang."""

    preference: str
    paid_satang: int
    poor_labour_satang: int
    groups: int


@dataclass(frozen=True, slots=True)
class Compared:
    """The whole comparison of a market."""

    points: list[Point]
    weights: list[WeightPrice]


def compare(market: Market, solve: Solve) -> Compared:
    """Baht paid against baht of labour income to poor households at each strength, and the policy without each weight.

    `solve` takes an instance's file and gives its result's; a question that is asked twice is solved once.
    """
    grid, known = grid_of(market), dict[str, solver.Result]()
    strengths = {str(strength): question_at(grid, strength) for strength in STRENGTHS}
    others = {name: question_at(grid_of(without(market, name)), WHOLE) for name in _preferences(market)}

    def once(question: solver.Instance) -> solver.Result:
        key = solver.digest(question)
        if key not in known:
            known[key] = solver.result_from_bytes(solve(solver.instance_to_bytes(question)))
        return known[key]

    found = _points(market, strengths | others, once)
    points = [replace(found[str(strength)], strength=strength) for strength in STRENGTHS]
    return Compared(points, [_price(name, found[str(WHOLE)], found[name]) for name in others])


def plans_of(market: Market) -> int:
    """How many plans a comparison needs at most."""
    return len(STRENGTHS) + len(_preferences(market))


def question_at(grid: Grid, strength: int) -> solver.Instance:
    """The market with the margin counted at `strength` per cent: the same pairs and limits."""
    whole = instance_of(grid, "least_cost")
    margin = grid.margin_ppm * strength // 100
    return replace(whole, arcs=replace(whole.arcs, unit_cost=unit_cost(grid, margin)))


def _points(
    market: Market, questions: Mapping[str, solver.Instance], ask: Callable[[solver.Instance], solver.Result]
) -> dict[str, Point]:
    """One point a question; they differ in what a unit costs alone, so that each may take any other's plan."""
    results = {name: ask(question) for name, question in questions.items()}
    return {
        name: _point(market, question, _best(question, list(results.values())), results[name].bound or 0.0)
        for name, question in questions.items()
    }


def _best(question: solver.Instance, results: Sequence[solver.Result]) -> solver.Result:
    return min(results, key=lambda result: check.objective(question, check.quantities(question, result)))


def _point(market: Market, question: solver.Instance, plan: solver.Result, bound: float) -> Point:
    facts = facts_of(market, deals_of(market, question, plan))
    kept = {name: facts[name] for name in ("paid_satang", "poor_labour_satang", "served_value_satang", "groups")}
    value = check.objective(question, check.quantities(question, plan))
    return Point(strength=WHOLE, gap=(value - bound) / max(abs(value), 1.0), **kept)


def without(market: Market, preference: str) -> Market:
    """The same market under a profile without one preference."""
    return replace(market, weights={**market.weights, PREFERENCES[preference]: 0})


def _price(preference: str, own: Point, less: Point) -> WeightPrice:
    paid, labour = own.paid_satang - less.paid_satang, own.poor_labour_satang - less.poor_labour_satang
    return WeightPrice(preference, paid, labour, own.groups - less.groups)


def _preferences(market: Market) -> list[str]:
    """The preferences that the market's profile has."""
    weights = margins.Weights.from_json(market.weights).as_json()
    return [preference for preference, weight in PREFERENCES.items() if weights[weight]]


def missing_margin_ppm(gap_baht: float, price_satang: int) -> int:
    """The margin, in millionths of the price, that would have closed a gap of so many baht a unit."""
    return -int(-gap_baht * BAHT * margins.PPM // price_satang)


def openings(weights: margins.Weights, parts: Mapping[str, int], missing_ppm: int) -> dict[str, int]:
    """Parts of a pair's margin that alone could still grow by what is missing, and by how much they could grow.

    A certificate that attests a larger share is how a group makes one grow; the total cap bounds all together.
    """
    total = sum(parts.values())
    if min(weights.total_cap_bp * 100, total + missing_ppm) < total + missing_ppm:
        return {}
    full = {name: getattr(weights, weight) * 100 for name, weight in PREFERENCES.items()}
    room = {name: most - parts.get(name, 0) for name, most in full.items()}
    return {name: left for name, left in room.items() if left >= missing_ppm}
