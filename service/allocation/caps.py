"""The limits of law (hard) and programme (soft) over the arcs: one function a limit.

A limit that no plan can exceed is left out: it says nothing and costs time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from service.allocation.margins import BP, Weights, poor_labour_bp
from service.allocation.market import Bid, Market

Ints = NDArray[np.int64]
BAHT = 100.0


@dataclass(frozen=True, eq=False, slots=True)
class Cap:
    """One limit: its name, baht (or units), penalty a baht over (None: hard), arcs and coefficients."""

    name: str
    limit: float
    penalty: float | None
    arcs: Ints
    coefficients: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Arcs:
    """The arcs as the limits see them."""

    market: Market
    weights: Weights
    line: Ints
    bucket: Ints
    price: Ints
    bids: Sequence[Bid]
    days: Sequence[date]
    suppliers: Sequence[str]
    aims: Sequence[int]

    def by(self, keys: Iterable[object]) -> dict[object, Ints]:
        """Arcs grouped by a key each, groups in order of first sight; None leaves an arc out."""
        groups: dict[object, list[int]] = defaultdict(list)
        for arc, key in enumerate(keys):
            if key is not None:
                groups[key].append(arc)
        return {key: np.array(arcs, np.int64) for key, arcs in groups.items()}

    def baht(self, arcs: Ints) -> NDArray[np.float64]:
        """What a unit of each arc costs the buyer."""
        return self.price[arcs] / BAHT

    def most(self, arcs: Ints, coefficients: NDArray[np.float64]) -> float:
        """An upper limit of what any plan can reach: every line filled at its dearest arc."""
        top: dict[int, float] = {}
        for row, worth in zip(self.line[arcs].tolist(), coefficients.tolist(), strict=True):
            top[row] = max(top.get(row, 0.0), worth)
        return sum(self.aims[row] * worth for row, worth in top.items())


def caps_of(market: Market, weights: Weights, line: Ints, bucket: Ints, price: Ints, bids: Sequence[Bid],
            days: Sequence[date], suppliers: Sequence[str], aims: Sequence[int]) -> list[Cap]:  # fmt: skip
    """Every limit that some plan could exceed."""
    arcs = _Arcs(market, weights, line, bucket, price, bids, days, suppliers, aims)
    makers = (_budgets, _household_year, _owner_week, _lot_weeks, _family_shares, _reserved)
    return [
        cap for make in makers for cap in make(arcs)
        if len(cap.arcs) and (cap.limit < 0 or arcs.most(cap.arcs, cap.coefficients) > cap.limit)
    ]  # fmt: skip


def _budgets(arcs: _Arcs) -> Iterator[Cap]:
    """A buyer's approved total, at actual prices; it covers the most that each line may become."""
    lines = arcs.market.lines
    for key, members in arcs.by(lines[row].budget_line for row in arcs.line.tolist()).items():
        limit = arcs.market.approved[str(key)] / BAHT
        yield Cap(f"budget:{key}", limit, None, members, arcs.baht(members))


def _household_year(arcs: _Arcs) -> Iterator[Cap]:
    """Income a year per member household."""
    for key, members in arcs.by(arcs.suppliers[b] for b in arcs.bucket.tolist()).items():
        party = arcs.market.parties[str(key)]
        whole = arcs.weights.household_year_ceiling_satang * max(1, party.member_households)
        room = max(_held_satang(arcs, {str(key)}), whole - party.income_year)
        yield Cap(f"household-year:{key}", room / BAHT, None, members, arcs.baht(members))


def _owner_week(arcs: _Arcs) -> Iterator[Cap]:
    """One beneficial owner behind several groups."""
    groups: dict[str, set[str]] = defaultdict(set)
    for supplier in dict.fromkeys(arcs.suppliers):
        for owner in arcs.market.parties[supplier].owners:
            groups[owner].add(supplier)
    for owner, group in groups.items():
        if len(group) > 1:
            members = np.array([a for a, b in enumerate(arcs.bucket.tolist()) if arcs.suppliers[b] in group], np.int64)
            limit = max(arcs.weights.owner_week_ceiling_satang, _held_satang(arcs, group)) / BAHT
            yield Cap(f"owner-week:{owner}", limit, None, members, arcs.baht(members))


def _held_satang(arcs: _Arcs, suppliers: set[str]) -> int:
    """What stands already: a limit that changed meanwhile must not undo it."""
    of_offer = {bid.id: bid.supplier for bid in arcs.market.bids}
    return sum(h.quantity * h.price for h in arcs.market.held if of_offer.get(h.offer) in suppliers)


def _lot_weeks(arcs: _Arcs) -> Iterator[Cap]:
    """Weekly capacity over daily lots: exact for any overlap of lots (max-flow min-cut over sets of days)."""
    for key, members in arcs.by(arcs.bids[b].id for b in arcs.bucket.tolist()).items():
        buckets = arcs.bucket[members]
        days = sorted({arcs.days[b] for b in buckets.tolist()})
        bid = arcs.bids[int(buckets[0])]
        for chosen, room in _binding_sets(bid, days):
            inside = members[[arcs.days[b] in chosen for b in buckets.tolist()]]
            name = f"lot-week:{key}:{min(chosen).isoformat()}:{len(chosen)}"
            yield Cap(name, float(room), None, inside, np.ones(len(inside)))


def _binding_sets(bid: Bid, days: Sequence[date]) -> Iterator[tuple[frozenset[date], int]]:
    """Sets of at least two days whose joint room is less than their parts' and than any larger set's room."""
    sets = [frozenset(c) for size in range(2, len(days) + 1) for c in combinations(days, size)]
    room = {chosen: _room(bid, chosen) for chosen in sets}
    for chosen, units in room.items():
        apart = sum(_room(bid, frozenset({day})) for day in chosen)
        covered = any(chosen < other and room[other] <= units for other in sets)
        if units < apart and not covered:
            yield chosen, units


def _room(bid: Bid, days: frozenset[date]) -> int:
    return sum(min(lot.week, lot.day * sum(lot.first <= day <= lot.last for day in days)) for lot in bid.lots)


def _demanded(arcs: _Arcs) -> dict[str, int]:
    """Value demanded in the round by family, at ceilings, in satang: what is wanted, whatever the tolerance."""
    value: dict[str, int] = defaultdict(int)
    for line in arcs.market.lines:
        value[line.family] += line.ceiling * line.quantity
    return value


def _family_shares(arcs: _Arcs) -> Iterator[Cap]:
    """A supplier's share of a product family's value demanded in the round (soft)."""
    lines, demanded = arcs.market.lines, _demanded(arcs)
    pairs = zip(arcs.line.tolist(), arcs.bucket.tolist(), strict=True)
    for key, members in arcs.by(f"{arcs.suppliers[b]}:{lines[row].family}" for row, b in pairs).items():
        family = str(key).split(":")[1]
        limit = demanded[family] * arcs.weights.family_share_bp / BP / BAHT
        penalty = arcs.weights.family_penalty_bp / BP
        yield Cap(f"family-share:{key}", limit, penalty, members, arcs.baht(members))


def _reserved(arcs: _Arcs) -> Iterator[Cap]:
    """A share of the demanded value for groups with poor households' labour (soft): at least, so negated."""
    if not arcs.weights.reserved_share_bp:
        return
    least, parties = arcs.weights.reserved_least_labour_bp, arcs.market.parties
    poor = {s for s in set(arcs.suppliers) if poor_labour_bp(arcs.weights, parties[s].shares) >= least}
    members = np.array([arc for arc, b in enumerate(arcs.bucket.tolist()) if arcs.suppliers[b] in poor], np.int64)
    limit = -sum(_demanded(arcs).values()) * arcs.weights.reserved_share_bp / BP / BAHT
    yield Cap("reserved:poor-labour", limit, arcs.weights.reserved_penalty_bp / BP, members, -arcs.baht(members))
