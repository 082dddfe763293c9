"""Large-neighbourhood search: free a few clusters of lines, solve them again with HiGHS, keep what is not worse.

A cluster is the lines that share drops (a buyer's day). Neighbourhoods are drawn in batches of a fixed size
and solved against the same plan, so the plan found does not depend on how many workers share a batch. Moves on trips,
which cost next to nothing beside them, come before, in between and after.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace

import numpy as np

from solver import neighbourhood
from solver.area import (
    Map,
    arcs_for_a_cap,
    arcs_on_trips,
    chosen_arcs,
    lines_for_a_short_one,
    lines_on_trips,
    rival_trips,
)
from solver.highs import Limits
from solver.instance import Flags, Ints, Money
from solver.neighbourhood import Answer, Neighbourhood, Plan
from solver.problem import Problem, is_location
from solver.result import Prices
from solver.trips import Trips

_BATCH = 4
_LARGEST_WHOLE = 1500
_STALE = 400
_SETTLED = 16
_PATIENCE = 32
_LARGEST_GROWTH = 4
_MOST_LINES, _MOST_LINES_GATED = 60, 400
_BEST = 5
_SIZES = ((3, 5), (6, 4), (12, 3), (20, 2))
_TRIPS = (2, 3, 5, 7)
_DONORS = (5, 10, 20, 40)
_KINDS = ("random", "offer", "pickup", "trips", "short")

Watch = Callable[[float, float], bool]
"""Called with (fraction done, objective in baht); True asks to stop early."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """How much: small enough problems whole with their best arcs, then neighbourhoods until the sub-models have cost
    `work` + `work_an_arc` x arcs simplex iterations; and each sub-model's node limit and gap.
    """

    work: int
    work_an_arc: float
    whole: tuple[int, ...] = ()
    nodes: int = 200
    gap: float = 5e-4


@dataclass(frozen=True, eq=False, kw_only=True)
class Move:
    """A neighbourhood and the way it was drawn (None: all lines)."""

    area: Neighbourhood
    arm: tuple[str, int] | None


class Improver:
    """One search: the map, the plan, the seed, and the batches."""

    def __init__(self, p: Problem, x: Ints, prices: Prices, flow: Money, *, seed: int, workers: int) -> None:
        self.p, self.plan, self.area = p, Plan(p, x), Map(p, prices, flow)
        self.rng = np.random.default_rng(seed)
        self.workers, self.seed, self.calls = workers, seed, 0
        self.repair_price = _repair_prices(p)
        self.worth = {(kind, size): 1.0 for kind in _KINDS for size in range(len(_SIZES))}
        self.value = self._judged()
        self.stale = self.work = 0
        self.trips, self.moved = Trips(p), np.zeros(p.lines, bool)
        # Where each offer hangs on a trip of its own, a trip serves many lines, and half of them cannot close it.
        self.most_lines = _MOST_LINES_GATED if is_location(p) else _MOST_LINES

    def run(self, search: Search, watch: Watch, left_s: Callable[[], float | None]) -> bool:
        """Run it all; True when the watch stopped it. `left_s` is the time that a sub-model may still take."""
        pool = ThreadPoolExecutor(self.workers) if self.workers > 1 else nullcontext(None)
        limits = Limits(gap=search.gap, nodes=search.nodes, seed=self.seed, brisk=True)
        budget = search.work + search.work_an_arc * self.p.arcs
        late = lambda: (left_s() or 1.0) <= 0  # noqa: E731
        with pool as threads:
            self._settle(late, everywhere=True)
            for k, batch in enumerate(self._batches(search, budget), 1):
                now = replace(limits, time_limit_s=left_s())
                self._apply(batch, self._solve([move.area for move in batch], now, threads), now)
                if k % _SETTLED == 0:
                    self._settle(late)
                if watch(min(1.0, self.work / max(1.0, budget)), self.value[1]):
                    return True
            self._settle(late, everywhere=True)
        return watch(1.0, self.value[1])

    def _settle(self, late: Callable[[], bool], *, everywhere: bool = False) -> None:
        """Moves on trips, around the lines that were solved again since the last time or everywhere."""
        if everywhere:
            self.trips.settle(self.plan, late)
        else:
            self.trips.settle_around(self.plan, self.moved, late)
        self.moved[:] = False
        self.value = self._judged()

    def _batches(self, search: Search, budget: float) -> Iterator[list[Move]]:
        if 0 < self.p.arcs <= _LARGEST_WHOLE and self.value[0] == 0:
            for best in search.whole:
                yield [self._everything(best)]
        while self.work < budget and self.stale < max(_STALE, self.area.count) and self.p.arcs:
            batch = self._drawn()
            self.stale += not batch  # where nothing can be freed at all, the search must end too
            yield batch

    def _everything(self, best: int) -> Move:
        """All lines with their few best arcs: the whole model in small."""
        lines = np.arange(self.p.lines)
        arcs = chosen_arcs(self.area, self.plan, lines, best, None)
        return Move(area=neighbourhood.free(self.plan, lines, arcs, self.repair_price), arm=None)

    def _arcs(self, lines: Ints, best: int) -> Ints:
        """The arcs to free; ranks are disturbed at every other call."""
        noise = self.rng.random(len(self.plan.arcs_of(lines))) if self.calls % 2 else None
        self.calls += 1
        return chosen_arcs(self.area, self.plan, lines, best, noise)

    def _drawn(self) -> list[Move]:
        """A batch of neighbourhoods without a line in common."""
        taken = np.zeros(self.area.count, bool)
        batch: list[Move] = []
        for _ in range(_BATCH):
            arm = self._arm()
            lines, arcs = self._freed(arm, taken)
            if len(lines) and not taken[self.area.cluster[lines]].any():
                taken[self.area.cluster[lines]] = True
                area = neighbourhood.free(self.plan, lines, arcs, self.repair_price)
                batch.append(Move(area=area, arm=arm))
        return batch

    def _freed(self, arm: tuple[str, int], taken: Flags) -> tuple[Ints, Ints]:
        """Lines and arcs of a neighbourhood of that kind and size; hard caps that are exceeded come first."""
        if self.value[0] > 0:
            return arcs_for_a_cap(self.area, self.plan, self.rng, self._grown(_DONORS[arm[1]]))
        if arm[0] == "trips":
            return self._on_trips(arm[1])
        if arm[0] == "short":
            lines = lines_for_a_short_one(self.area, self.plan, self.rng, self._grown(_DONORS[arm[1]]))
            return lines, self._arcs(lines, _BEST) if len(lines) else lines
        return self._on_clusters(arm, taken)

    def _on_clusters(self, arm: tuple[str, int], taken: Flags) -> tuple[Ints, Ints]:
        k, best = _SIZES[arm[1]]
        lines = self.area.lines_of(self._clusters(arm[0], self._grown(k), taken))
        return lines, self._arcs(lines, best)

    def _on_trips(self, size: int) -> tuple[Ints, Ints]:
        on = rival_trips(self.area, self.plan, self.rng, self._grown(_TRIPS[size]))
        if on is None:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        lines = lines_on_trips(self.area, self.plan, on)[: self._grown(self.most_lines)]
        return lines, arcs_on_trips(self.area, self.plan, lines, on)

    def _grown(self, size: int) -> int:
        """Neighbourhoods grow while none of them gains."""
        return int(size * min(_LARGEST_GROWTH, 1.25 ** (self.stale // _PATIENCE)))

    def _arm(self) -> tuple[str, int]:
        arms = list(self.worth)
        weight = np.array([self.worth[a] for a in arms]) + 0.1 * max(self.worth.values()) + 1e-12
        return arms[int(self.rng.choice(len(arms), p=weight / weight.sum()))]

    def _clusters(self, kind: str, k: int, taken: Flags) -> Ints:
        area = self.area
        chosen: list[int] = []
        for _ in range(6 * k):
            near = [c for c in self._near(kind, chosen).tolist() if not taken[c] and c not in chosen][: max(2, k // 2)]
            chosen.extend(near[: k - len(chosen)])
            if len(chosen) >= min(k, area.count):
                break
        if not chosen and kind != "random":
            return self._clusters("random", k, taken)
        return np.array(chosen, np.int64)

    def _near(self, kind: str, chosen: list[int]) -> Ints:
        area, rng = self.area, self.rng
        if kind == "pickup" and len(area.trips):
            return area.clusters_on_trip(int(rng.choice(area.trips)))
        if kind == "offer" and chosen:
            arcs = self.plan.arcs_of(area.lines_of(np.array([rng.choice(chosen)])))
            weight = area.scarcity[self.p.offer[arcs]] * (self.plan.x[arcs] > 0) + 1e-9
            return (
                area.clusters_on_offer(int(self.p.offer[rng.choice(arcs, p=weight / weight.sum())]))
                if len(arcs)
                else arcs
            )
        if kind == "offer" and area.scarcity.any():
            return area.clusters_on_offer(int(rng.choice(len(area.scarcity), p=area.scarcity / area.scarcity.sum())))
        return rng.permutation(area.count)[:40]

    def _solve(self, todo: list[Neighbourhood], limits: Limits, threads: ThreadPoolExecutor | None) -> list[Answer]:
        if threads is None:
            return [neighbourhood.solve(n, limits) for n in todo]
        return list(threads.map(lambda n: neighbourhood.solve(n, limits), todo))

    def _apply(self, batch: list[Move], found: list[Answer], limits: Limits) -> None:
        """Put the answers in one after the other; what an earlier one has made impossible is solved again."""
        for move, answer in zip(batch, found, strict=True):
            work = answer.work
            gain = 0.0 if answer.x is None else self._try(move.area, answer.x)
            if gain is None:
                fresh = neighbourhood.free(self.plan, move.area.lines, move.area.piece.arcs, self.repair_price)
                again = neighbourhood.solve(fresh, limits)
                work += again.work
                gain = (0.0 if again.x is None else self._try(fresh, again.x)) or 0.0
            self.work += work
            if move.arm is not None:
                self.stale = 0 if gain > 0 else self.stale + 1
                self.worth[move.arm] = 0.8 * self.worth[move.arm] + 0.2 * gain / work

    def _try(self, n: Neighbourhood, x: Ints) -> float | None:
        """Put `x` in and return the gain; None (and nothing changed) when the batch's others have spoilt it."""
        before, arcs = self.value, n.piece.arcs
        if (x == n.old).all():
            return 0.0
        self.plan.replace_arcs(arcs, x)
        fits = (self.plan.used[n.piece.offers] <= self.p.capacity[n.piece.offers]).all()
        after = self._judged() if fits else before
        self.moved[n.lines] |= fits
        if fits and (after[0] < before[0] - 1e-9 or (after[0] <= before[0] + 1e-12 and after[1] <= before[1] + 1e-9)):
            self.value = after
            return max(0.0, before[1] - after[1])
        self.plan.replace_arcs(arcs, n.old)
        return None

    def _judged(self) -> tuple[float, float]:
        return float(self.plan.overrun() @ np.minimum(self.repair_price, 1e30)), self.plan.cost()


def _repair_prices(p: Problem) -> Money:
    """Baht a unit of excess that outweighs everything an award could save."""
    size = np.full(len(p.limit), np.inf)
    np.minimum.at(size, p.cap, np.where(p.coefficient != 0, np.abs(p.coefficient), np.inf))
    most = np.abs(p.cost).max(initial=0) + p.short.max(initial=0) + p.fee.max(initial=0) + p.pickup_fee.max(initial=0)
    price: Money = 10 * (1 + most) / np.where(np.isfinite(size), size, 1.0)
    return price
