"""From the market to numbers: the frozen market as solver instances, one a scenario.

Everything here is computed from the snapshot alone and in a fixed order, so equal snapshots give equal
instances, byte for byte. Costs are baht; prices stay whole satang beside them for what is paid.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

import solver
from service.allocation import margins, tolerance
from service.allocation.caps import BAHT, Cap, Ints, caps_of
from service.allocation.eligibility import Eye, day_capacity
from service.allocation.market import Bid, Line, Market
from service.allocation.vocabulary import APPLIED
from solver import check
from solver.instance import Ids
from solver.result import Awards


@dataclass(frozen=True, slots=True)
class Bucket:
    """A supplier's lots of one listing for one day: one offer of the solver."""

    bid: Bid
    day: date

    def key(self) -> str:
        """Its id in the instance: ``offer|day``."""
        return f"{self.bid.id}|{self.day.isoformat()}"


@dataclass(frozen=True)
class Grid:
    """The pairs that may trade, before any margin: columns of equal length over the arcs."""

    eye: Eye
    buckets: list[Bucket]
    line: Ints  # row of market.lines
    bucket: Ints
    drop: Ints
    drops: list[tuple[str, str, date]]  # supplier, buyer, day
    pickup_of_drop: Ints
    pickups: list[tuple[str, date]]  # supplier, day

    @property
    def market(self) -> Market:
        """The market."""
        return self.eye.market

    @cached_property
    def weights(self) -> margins.Weights:
        """The programme profile."""
        return margins.Weights.from_json(self.market.weights)

    @cached_property
    def price(self) -> Ints:
        """Satang a unit of each arc."""
        prices = np.array([bucket.bid.price for bucket in self.buckets], np.int64)
        return prices[self.bucket]

    @cached_property
    def margin_ppm(self) -> Ints:
        """The margin of preference of each arc under the profile, in millionths of the price."""
        known: dict[tuple[str, str], int] = {}
        found = []
        for row, bucket in zip(self.line, self.bucket, strict=True):
            pair = (self.buckets[bucket].bid.supplier, self.market.lines[row].buyer)
            if pair not in known:
                known[pair] = margins.margin_ppm(self.weights, margin_parts(self.market, self.weights, *pair))
            found.append(known[pair])
        return np.array(found, np.int64)

    @cached_property
    def caps(self) -> list[Cap]:
        """The limits of law and programme over the arcs."""
        bids, days = [bucket.bid for bucket in self.buckets], [bucket.day for bucket in self.buckets]
        return caps_of(self.market, self.weights, self.line, self.bucket, self.price, bids, days,
                       [bid.supplier for bid in bids], self.aims)  # fmt: skip

    @cached_property
    def handicap_ppm(self) -> Ints:
        """How much dearer each arc counts because its product is a substitute, in millionths of the price."""
        each = margins.handicap_ppm(self.weights, 1)
        if not each:
            return np.zeros(len(self.line), np.int64)
        pairs = zip(self.line.tolist(), self.bucket.tolist(), strict=True)
        ranks = [self.market.lines[row].rank(self.buckets[bucket].bid.product) for row, bucket in pairs]
        return each * np.array(ranks, np.int64)

    @cached_property
    def decided(self) -> Awards:
        """What is not the solver's to decide, on the arcs of the whole instance: standing awards and overrides."""
        fixed = {(word.line, word.offer): word.quantity for word in self.market.overrides if word.quantity}
        fixed |= {(award.line, award.offer): award.quantity for award in self.market.held}
        arcs = zip(self.line, self.bucket, strict=True)
        pairs = [(self.market.lines[row].id, self.buckets[bucket].bid.id) for row, bucket in arcs] if fixed else []
        frozen = [(arc, fixed[pair]) for arc, pair in enumerate(pairs) if pair in fixed]
        return Awards(
            arc=np.array([arc for arc, _ in frozen], np.int64),
            quantity=np.array([units for _, units in frozen], np.int64),
        )

    @cached_property
    def aims(self) -> list[int]:
        """The units that each line aims at: its quantity, or what tolerance makes of it."""
        lines = self.market.lines
        loose = [row for row, line in enumerate(lines) if line.least is not None or line.most is not None]
        if not loose:
            return [line.quantity for line in lines]
        standing, sources = self._standing(), self._sources(set(loose))
        found = {row: tolerance.aim(lines[row], standing.get(row, tolerance.Standing()), sources[row]) for row in loose}
        return [found.get(row, line.quantity) for row, line in enumerate(lines)]

    def _standing(self) -> dict[int, tolerance.Standing]:
        """What is decided already on each line that has some of it."""
        fixed, found = self.decided, dict[int, tolerance.Standing]()
        held: Counter[str] = Counter()
        for award in self.market.held:
            held[award.line] += award.quantity
        for arc, units in zip(fixed.arc.tolist(), fixed.quantity.tolist(), strict=True):
            row = int(self.line[arc])
            before = found.get(row, tolerance.Standing(held=held[self.market.lines[row].id]))
            found[row] = replace(before, units=before.units + units, offers=before.offers + 1)
        return found

    def _sources(self, rows: set[int]) -> dict[int, list[tolerance.Source]]:
        """What the open arcs of some lines could add to them."""
        fixed, found = self.decided, dict[int, list[tolerance.Source]]({row: [] for row in rows})
        room = [day_capacity(bucket.bid, bucket.day) for bucket in self.buckets]
        for arc, units in zip(fixed.arc.tolist(), fixed.quantity.tolist(), strict=True):
            room[int(self.bucket[arc])] -= units
        closed = set(fixed.arc.tolist())
        for arc, (row, bucket) in enumerate(zip(self.line.tolist(), self.bucket.tolist(), strict=True)):
            if row in rows and arc not in closed:
                bid = self.buckets[bucket].bid
                found[row].append(tolerance.Source(bid.pack, bid.minimum, room[bucket]))
        return found


def margin_parts(market: Market, weights: margins.Weights, supplier: str, buyer: str) -> dict[str, int]:
    """The parts of a pair's margin, in millionths of the price."""
    party = market.parties[supplier]
    per_household = party.income_12_months // max(1, party.member_households)
    standing = margins.Standing(party.shares, per_household, party.place())
    return margins.margin_parts(weights, standing, market.parties[buyer].place(), market.median_income)


def grid_of(market: Market) -> Grid:
    """Find every pair that may trade; awards that stand stay pairs whatever has changed since."""
    eye = Eye(market)
    by_product: dict[str, list[Bid]] = defaultdict(list)
    for bid in market.bids:
        by_product[bid.product].append(bid)
    held = {(award.line, award.offer) for award in market.held}
    buckets: dict[tuple[str, date], int] = {}
    drops: dict[tuple[str, str, date], int] = {}
    arcs: list[tuple[int, int, int]] = []
    rows: list[Bucket] = []
    for row, line in enumerate(market.lines):
        for bid in (bid for product in (line.product, *line.substitutes) for bid in by_product[product]):
            if (line.id, bid.id) in held or eye.eligible(line, bid):
                bucket = buckets.setdefault((bid.id, line.day), len(buckets))
                if bucket == len(rows):
                    rows.append(Bucket(bid, line.day))
                drop = drops.setdefault((bid.supplier, line.buyer, line.day), len(drops))
                arcs.append((row, bucket, drop))
    return _grid(eye, rows, arcs, list(drops))


def _grid(eye: Eye, rows: list[Bucket], arcs: list[tuple[int, int, int]], drops: list[tuple[str, str, date]]) -> Grid:
    collects = margins.Weights.from_json(eye.market.weights).pickup_satang > 0
    pickups: dict[tuple[str, date], int] = {}
    of_drop = [pickups.setdefault((supplier, day), len(pickups)) if collects else -1 for supplier, _, day in drops]
    line, bucket, drop = np.array(arcs, np.int64).reshape(-1, 3).T.copy()
    return Grid(eye, rows, line, bucket, drop, drops, np.array(of_drop, np.int64), list(pickups))


def instance_of(grid: Grid, scenario: str) -> solver.Instance:
    """The whole instance of a scenario: the same pairs and limits, the margin counted 0, 1 or 2 times."""
    lines, buckets, caps = grid.market.lines, grid.buckets, grid.caps
    columns = {
        "lines.quantity": grid.aims,
        "lines.shortage_cost": [_shortage_cost(grid, line, aim) for line, aim in zip(lines, grid.aims, strict=True)],
        "lines.max_awards": [line.most_awards for line in lines],
        "lines.whole": [line.whole for line in lines],
        "offers.capacity": [day_capacity(bucket.bid, bucket.day) for bucket in buckets],
        "pickups.fee": [grid.weights.pickup_satang / BAHT for _ in grid.pickups],
        "drops.fee": [trip_fee(grid, supplier, buyer) for supplier, buyer, _ in grid.drops],
        "drops.pickup": grid.pickup_of_drop,
        "arcs.line": grid.line,
        "arcs.offer": grid.bucket,
        "arcs.drop": grid.drop,
        "arcs.unit_cost": unit_cost(grid, grid.margin_ppm * margins.FACTOR[scenario]),
        "arcs.minimum": np.array([bucket.bid.minimum for bucket in buckets], np.int64)[grid.bucket],
        "arcs.step": np.array([bucket.bid.pack for bucket in buckets], np.int64)[grid.bucket],
        "caps.limit": [cap.limit for cap in caps],
        "caps.penalty": [cap.penalty for cap in caps],
        "caps.cap": np.repeat(np.arange(len(caps)), [len(cap.arcs) for cap in caps]).astype(np.int64),
        "caps.arc": np.concatenate([cap.arcs for cap in caps]) if caps else np.zeros(0, np.int64),
        "caps.coefficient": np.concatenate([cap.coefficients for cap in caps]) if caps else np.zeros(0),
    }
    ids = Ids(
        lines=tuple(line.id for line in lines),
        offers=tuple(bucket.key() for bucket in buckets),
        drops=tuple(f"{supplier}|{buyer}|{day.isoformat()}" for supplier, buyer, day in grid.drops),
        caps=tuple(cap.name for cap in caps),
    )
    return solver.Instance.from_columns(columns, name=f"{grid.market.round}/{grid.market.run}/{scenario}", ids=ids)


def unit_cost(grid: Grid, margin_ppm: Ints) -> NDArray[np.float64]:
    """Baht that a unit of each arc counts for: its price less the margin, a substitute's more its handicap."""
    parts = margins.PPM - margin_ppm + grid.handicap_ppm
    return grid.price.astype(np.float64) * parts / (margins.PPM * BAHT)


def question_of(grid: Grid, scenario: str) -> solver.Instance:
    """What is left to solve: the whole instance, or its residual where awards stand or a person has decided."""
    whole = instance_of(grid, scenario)
    frozen = grid.decided
    return solver.residual(whole, frozen).instance if len(frozen.arc) else whole


def broken_by(grid: Grid) -> list[str]:
    """The rules and hard limits that standing awards and overrides break by themselves: codes of `BROKEN`."""
    whole, fixed = instance_of(grid, APPLIED), grid.decided
    units = np.zeros(len(whole.arcs), np.int64)
    units[fixed.arc] = fixed.quantity
    found = (sentence.split(":")[0].split() for sentence in check.violations(whole, units))
    return sorted({grid.caps[int(row)].name.split(":")[0] if rule == "cap" else rule for rule, row in found})


def trip_fee(grid: Grid, supplier: str, buyer: str) -> float:
    """Baht of one trip: base and road kilometres, to the satang."""
    kilometres = grid.eye.km(supplier, buyer)
    return round(grid.weights.trip_base_satang + grid.weights.trip_per_km_satang * kilometres) / BAHT


def _shortage_cost(grid: Grid, line: Line, aim: int) -> float:
    """Baht a unit; a line that aims higher than it wants weighs no more than what it wants."""
    care = grid.market.parties[line.buyer].kind in margins.CARE
    factor = grid.weights.shortage_factor_care if care else grid.weights.shortage_factor
    return line.ceiling * factor / BAHT * (line.quantity / max(line.quantity, aim))
