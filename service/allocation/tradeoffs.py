"""What preference costs and what it buys: the curve at several strengths, the price of each weight, and what is
missing to a pair that lost.

A search ends within a gap, and two searches end in different plans by chance alone. So the questions of one comparison
share their plans: each takes the one that is best for itself, and a stronger preference never buys less of it. Each is
then searched again from there, in turns, until what chance gave one of them is everybody's and what is left between
them is the preferences' own.

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

TURNS = 4  # on a market of 4,000 arcs the plans of fewer were the same for every preference
Solve = Callable[[bytes, bytes | None, int], bytes]
"""An instance's file, the result's file of a plan to begin from, the turn: the result's file."""


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
    """Baht paid against baht of labour of poor households at each strength, and the policy without each weight."""
    grid = grid_of(market)
    asked = {str(strength): question_at(grid, strength) for strength in STRENGTHS}
    preferences = _preferences(market)
    asked |= {name: question_at(grid_of(without(market, name)), WHOLE) for name in preferences}
    found = _points(market, asked, solve)
    points = [replace(found[str(strength)], strength=strength) for strength in STRENGTHS]
    return Compared(points, [_price(name, found[str(WHOLE)], found[name]) for name in preferences])


def plans_of(market: Market) -> int:
    """How many plans a comparison needs at most."""
    return TURNS * (len(STRENGTHS) + len(_preferences(market)))


def question_at(grid: Grid, strength: int) -> solver.Instance:
    """The market with the margin counted at `strength` per cent: the same pairs and limits."""
    whole = instance_of(grid, "least_cost")
    margin = grid.margin_ppm * strength // 100
    return replace(whole, arcs=replace(whole.arcs, unit_cost=unit_cost(grid, margin)))


def _points(market: Market, asked: Mapping[str, solver.Instance], solve: Solve) -> dict[str, Point]:
    """One point a question; they differ in what a unit costs alone, so that each may take any other's plan."""
    key_of = {name: solver.digest(question) for name, question in asked.items()}
    questions = {key_of[name]: question for name, question in asked.items()}  # a weight that changes nothing: once
    files = {key: solver.instance_to_bytes(question) for key, question in questions.items()}
    pool: list[solver.Result] = []
    for turn in range(TURNS):
        starts = {key: _file(_best(question, pool)) if pool else None for key, question in questions.items()}
        pool += [solver.result_from_bytes(solve(files[key], starts[key], turn)) for key in questions]
    bounds = {result.instance_sha256: result.bound or 0.0 for result in pool}
    points = {key: _point(market, question, _best(question, pool), bounds[key]) for key, question in questions.items()}
    return {name: points[key] for name, key in key_of.items()}


def _file(result: solver.Result) -> bytes:
    return solver.result_to_json(result).encode()


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
