"""Fairness over time: 26 weekly rounds with the equity feedback on and off, beside three simpler ways to allocate.

    python -m benchmarks.fairness [--weeks 26] [--buyers 30] [--groups 60]

Everything is made up: groups of very different size around towns, seasons, prices that stay with a group. The
margin of preference is the product's own (service/allocation/margins.py); its equity part sees the income paid
so far. All ways obey the same limits: need, capacity, minimum, split, kitchens' budgets, groups' ceilings.
Cheapest-first and nearest-first serve the lines one after the other. One table, and a chart in docs/.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

import solver
from benchmarks import chart
from benchmarks.machine import described
from service.allocation import margins
from solver import Instance, check
from solver.instance import Ints, Money

PRODUCTS, REACH = 12, 18
IN_SEASON = -0.75  # of a cosine over the year: out of season nobody offers a product and no kitchen asks for it
OUTPUT = Path(__file__).resolve().parents[1] / "docs" / "fairness.svg"


@dataclass(frozen=True)
class Province:
    """What stays the same from week to week."""

    buyer: Money  # km, shape (buyers, 2)
    group: Money  # km, shape (groups, 2)
    pupils: Money
    households: Ints
    price_level: Money
    grows: Ints  # 0/1, shape (groups, products)
    shares: list[dict[str, int]]
    places: list[list[dict[str, str]]]  # of buyers, of groups
    base_price: Money
    season: Money  # the week of a product's harvest


@dataclass(frozen=True)
class Week:
    """One week's market without costs: what pairs may trade, at which price."""

    q: Instance
    price: Money
    buyer: Ints
    group: Ints
    km: Money


@dataclass
class Way:
    """A way to allocate, and what it has paid so far."""

    name: str
    plan: Callable[["Way", Province, Week], Ints]
    weights: margins.Weights = field(default_factory=margins.Weights)
    income: Money = field(default_factory=lambda: np.zeros(0))
    paid: float = 0.0
    trips: float = 0.0
    short: float = 0.0
    asked: float = 0.0
    gaps: list[float] = field(default_factory=list)
    gini: list[float] = field(default_factory=list)


def province(rng: np.random.Generator, buyers: int, groups: int) -> Province:
    towns = rng.uniform(0, 45, (6, 2))
    of_buyer, of_group = rng.integers(0, 6, buyers), rng.integers(0, 6, groups)
    households = np.clip(np.rint(rng.lognormal(np.log(14), 0.9, groups)), 3, 150).astype(int)
    poor = rng.beta(1.2, 2.5, groups)
    shares = [
        {"labour_tier_1": int(6000 * p), "labour_tier_2": int(4000 * p), "inputs_district": int(rng.integers(10_001)),
         "income_sharing": int(rng.integers(6001))} for p in poor
    ]  # fmt: skip
    grows = (rng.random((groups, PRODUCTS)) < 0.3).astype(int)
    grows[np.arange(groups), rng.integers(0, PRODUCTS, groups)] = 1
    return Province(
        buyer=towns[of_buyer] + rng.normal(0, 5, (buyers, 2)), group=towns[of_group] + rng.normal(0, 7, (groups, 2)),
        pupils=np.exp(rng.normal(np.log(120), 0.8, buyers)), households=households,
        # Larger groups are a little cheaper: what makes winners stay winners.
        price_level=rng.normal(1, 0.07, groups) - 0.03 * np.log(households / 14), grows=grows, shares=shares,
        places=[[_place(rng, t) for t in of_buyer], [_place(rng, t) for t in of_group]],
        base_price=np.round(rng.uniform(18, 110, PRODUCTS)), season=rng.uniform(0, 52, PRODUCTS),
    )  # fmt: skip


def _place(rng: np.random.Generator, town: int) -> dict[str, str]:
    return {"subdistrict": f"{town}-{rng.integers(4)}", "district": str(town), "province": "1"}


def week(rng: np.random.Generator, p: Province, number: int) -> Week:
    """Needs, lots in season, pairs in reach, trips and limits."""
    near = np.cos(2 * np.pi * (number - p.season) / 52)
    grown = np.flatnonzero(near > IN_SEASON)
    need = [(b, k) for b in range(len(p.buyer)) for k in rng.permutation(grown)[: rng.integers(4, 8)]]
    buyer, product = np.array(need).T
    quantity = np.maximum(2, np.rint(p.pupils[buyer] * 6 / p.base_price[product] * rng.lognormal(0, 0.4, len(buyer))))
    lots = np.argwhere(p.grows * (near > IN_SEASON))
    lot_group, lot_product = lots.T
    share = p.households[lot_group] ** 0.8 * rng.lognormal(0, 0.5, len(lots)) * (1.2 + near[lot_product])
    offered = np.bincount(lot_product, weights=share, minlength=PRODUCTS)
    wanted = np.bincount(product, weights=quantity, minlength=PRODUCTS)
    capacity = np.maximum(1, np.rint(1.8 * wanted[lot_product] * share / offered[lot_product])).astype(int)
    km = 1.3 * np.sqrt(((p.buyer[buyer][:, None] - p.group[lot_group][None]) ** 2).sum(2))
    km[product[:, None] != lot_product[None]] = np.inf
    nearest = np.argsort(km, axis=1, kind="stable")[:, :REACH]
    line = np.repeat(np.arange(len(buyer)), nearest.shape[1])
    offer = nearest.ravel()
    kept = np.isfinite(km[line, offer])
    line, offer = line[kept], offer[kept]
    season = 1.15 - 0.25 * near[lot_product]
    price = np.round((p.base_price[lot_product] * season * p.price_level[lot_group])[offer], 2)
    return _market(p, buyer[line], lot_group[offer], np.round(price, 2), km[line, offer], {
        "lines.quantity": quantity.astype(int), "lines.shortage_cost": 6.0 * p.base_price[product],
        "lines.max_awards": np.where(quantity > np.median(quantity), 0, 3), "offers.capacity": capacity,
        "arcs.line": line, "arcs.offer": offer, "arcs.minimum": np.minimum(5, capacity // 4)[offer],
    })  # fmt: skip


def _market(p: Province, buyer: Ints, group: Ints, price: Money, km: Money, columns: dict[str, np.ndarray]) -> Week:
    pair, drop = np.unique(buyer * len(p.group) + group, return_inverse=True)
    fee = np.zeros(len(pair))
    fee[drop] = np.round(25 + 3.5 * km, 2)
    value = columns["lines.quantity"] * columns["lines.shortage_cost"] / 6
    first = np.zeros(len(p.buyer))
    np.add.at(first, buyer[np.unique(columns["arcs.line"], return_index=True)[1]],
              value[np.unique(columns["arcs.line"])])  # fmt: skip
    at_buyer, of_buyer = np.unique(buyer, return_inverse=True)
    at_group, of_group = np.unique(group, return_inverse=True)
    columns |= {
        "arcs.unit_cost": price, "arcs.drop": drop, "drops.fee": fee,
        "caps.limit": np.concatenate([1.35 * first[at_buyer], 900.0 * p.households[at_group]]),
        "caps.cap": np.concatenate([of_buyer, len(at_buyer) + of_group]),
        "caps.arc": np.tile(np.arange(len(buyer)), 2), "caps.coefficient": np.tile(price, 2),
    }  # fmt: skip
    return Week(Instance.from_columns(columns), price, buyer, group, km)


# Ways to allocate


def by_policy(way: Way, p: Province, now: Week) -> Ints:
    """The solver at the evaluated cost: price less the margin of preference."""
    per_household = np.rint(100 * way.income / p.households).astype(int)
    median = int(np.median(per_household))
    known: dict[tuple[int, int], int] = {}
    for b, g in set(zip(now.buyer.tolist(), now.group.tolist(), strict=True)):
        standing = margins.Standing(p.shares[g], int(per_household[g]), p.places[1][g])
        parts = margins.margin_parts(way.weights, standing, p.places[0][b], median)
        known[b, g] = margins.margin_ppm(way.weights, parts)
    ppm = np.array([known[pair] for pair in zip(now.buyer.tolist(), now.group.tolist(), strict=True)])
    return by_solver(way, now, now.price * (1 - ppm / margins.PPM))


def by_least_cost(way: Way, _p: Province, now: Week) -> Ints:
    return by_solver(way, now, now.price)


def by_solver(way: Way, now: Week, cost: Money) -> Ints:
    question = replace(now.q, arcs=replace(now.q.arcs, unit_cost=cost))
    result = solver.solve(question, "quick")
    way.gaps.append(result.gap or 0.0)
    return check.quantities(question, result)


def cheapest_first(_way: Way, _p: Province, now: Week) -> Ints:
    return greedy(now, now.price)


def nearest_first(_way: Way, _p: Province, now: Week) -> Ints:
    return greedy(now, now.km)


def greedy(now: Week, rank: Money) -> Ints:
    """Line by line in order, each from its first offers that still have something, within all limits."""
    q, x = now.q, np.zeros(len(now.q.arcs), np.int64)
    left, room = q.offers.capacity.copy(), q.caps.limit.copy()
    caps = np.split(q.caps.cap[np.argsort(q.caps.arc, kind="stable")], len(q.arcs))
    for line in range(len(q.lines)):
        need, awards = int(q.lines.quantity[line]), 0
        arcs = np.flatnonzero(q.arcs.line == line)
        for arc in arcs[np.argsort(rank[arcs], kind="stable")]:
            most = min(need, left[q.arcs.offer[arc]], int(room[caps[arc]].min() / now.price[arc]))
            if awards < (q.lines.max_awards[line] or len(arcs)) and most >= max(1, q.arcs.minimum[arc]):
                x[arc], need, awards = most, need - most, awards + 1
                left[q.arcs.offer[arc]] -= most
                room[caps[arc]] -= most * now.price[arc]
    return x


# The simulation


def gini(values: Money) -> float:
    """0: all alike, 1: one has it all."""
    ranked, n = np.sort(values), len(values)
    return float(2 * (np.arange(1, n + 1) @ ranked) / (n * ranked.sum()) - (n + 1) / n) if ranked.sum() else 0.0


def jain(values: Money) -> float:
    """1: all alike, 1/n: one has it all."""
    return float(values.sum() ** 2 / (len(values) * (values**2).sum())) if values.any() else 0.0


def top_tenth(values: Money) -> float:
    """The part of all that the tenth with most holds."""
    ranked = np.sort(values)[::-1]
    return float(ranked[: max(1, round(len(ranked) / 10))].sum() / ranked.sum()) if ranked.sum() else 0.0


def settle(way: Way, p: Province, now: Week, x: Ints) -> None:
    """Pay, and check the plan against the rules."""
    assert check.violations(now.q, x) == []
    way.income = way.income + np.bincount(now.group, weights=now.price * x, minlength=len(p.group))
    served = np.bincount(now.q.arcs.line, weights=x, minlength=len(now.q.lines))
    made = np.unique(now.q.arcs.drop[x > 0])
    value = now.q.lines.shortage_cost / 6
    way.paid += float(now.price @ x)
    way.trips += float(now.q.drops.fee[made].sum())
    way.short += float(value @ (now.q.lines.quantity - served))
    way.asked += float(value @ now.q.lines.quantity)
    way.gini.append(gini(way.income / p.households))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--buyers", type=int, default=30)
    parser.add_argument("--groups", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    args = parser.parse_args()
    rng, started = np.random.default_rng(args.seed), time.process_time()
    p = province(rng, args.buyers, args.groups)
    ways = [
        Way("policy, equity on", by_policy),
        Way("policy, equity off", by_policy, weights=margins.Weights(equity_bp=0)),
        Way("least cost", by_least_cost),
        Way("cheapest first", cheapest_first),
        Way("nearest first", nearest_first),
    ]
    for way in ways:
        way.income = np.zeros(args.groups)
    for number in range(args.weeks):
        now = week(rng, p, number)
        for way in ways:
            settle(way, p, now, way.plan(way, p, now))
    print(described())
    show(ways, p, args.weeks)
    print(f"{time.process_time() - started:.0f} CPU s")
    series = [chart.Series(way.name, list(enumerate(way.gini, 1))) for way in ways]
    up = chart.axis("Gini of income per household", [g for way in ways for g in way.gini])
    chart.save(args.output, "Unevenness of income so far, week by week",
               chart.Axis("week", 1, max(2, args.weeks)), up, series)  # fmt: skip
    return 0


def show(ways: list[Way], p: Province, weeks: int) -> None:
    """The table: spread of income per household over all groups, and what it costs."""
    print(f"{weeks} weeks, {len(p.buyer)} kitchens, {len(p.group)} groups of {p.households.min()}-{p.households.max()} "
          "households; income a household; baht against policy without equity")  # fmt: skip
    print(f"{'way':<20} {'Gini':>6} {'Jain':>6} {'top 10 %':>8} {'groups':>7} {'paid':>11} {'trips':>10} "
          f"{'short %':>8} {'a baht served':>13} {'difference':>10} {'gap %':>6}")  # fmt: skip
    base = _per_baht(ways[1])
    for way in ways:
        each = way.income / p.households
        print(f"{way.name:<20} {gini(each):>6.3f} {jain(each):>6.3f} {100 * top_tenth(each):>7.1f}% "
              f"{int((way.income > 0).sum()):>7} {way.paid:>11,.0f} {way.trips:>10,.0f} "
              f"{100 * way.short / way.asked:>7.2f}% {_per_baht(way):>13.4f} "
              f"{100 * (_per_baht(way) / base - 1):>+9.2f}% "
              f"{100 * float(np.mean(way.gaps)) if way.gaps else np.nan:>6.2f}")  # fmt: skip


def _per_baht(way: Way) -> float:
    """What kitchens pay, trips with it, for a baht of need (at base prices) that is served."""
    return (way.paid + way.trips) / (way.asked - way.short)


if __name__ == "__main__":
    sys.exit(main())
