"""Why, why not, and what would change it: one code and a few numbers for every arc and every short line.

Codes and numbers only; sentences are the reader's business. Rooms, counts, limits and exchanges are facts of the
plan; what leans on prices is an indication, because fees and whole numbers make prices approximate. `confirm.py`
turns an indication into a fact by solving again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from solver.check import quantities
from solver.exchange import Plan, exchanges
from solver.instance import Flags, Instance, Ints, Money, refuse
from solver.result import Prices, Result
from solver.volume import volumes

ARC_CODES = (
    "won",
    "nothing_needed",  # the line needs no unit
    "no_capacity",  # the offer holds no unit
    "below_minimum",  # the least quantity exceeds the room, or what is left of the line; lot_excess, volume_needed
    "step",  # no whole pack fits into the room, or into what is left of the line; lot_excess, volume_needed
    "dearer",  # by price_gap baht a unit, before any capacity or cap is counted
    "cap_binding",  # `cap` has no room left, or its price makes the difference; price_gap
    "offer_exhausted",  # others use the capacity; a unit of it is worth price_gap baht
    "split_full",  # the line has its most awards already
    "outbid",  # by price_gap baht a unit, once the price of the scarce capacity is counted
    "trip_too_dear",  # volume_needed more units on the drop would pay for it
    "whole_not_possible",  # the line is served completely or not at all, and was not
    "line_served_cheaper",  # the line is served; price_gap above its dearest award
    "not_taken",  # the prices find nothing against it: within the gap of the certificate
)
"""What can be said of an arc, in the order in which the first that holds is said (`won` apart)."""

SHORT_CODES = (
    "no_arc",  # nobody eligible
    "trip",  # a trip costs more than the shortage; volume_needed units would pay for it
    "minimum",  # the least quantity of an offer exceeds what is missing
    "step",  # no whole pack fits what is missing
    "whole",  # all or nothing, and all was not possible
    "split",  # the line has its most awards already
    "cap",  # a hard cap is full
    "capacity",  # every offer is full
    "price",  # every unit costs more than its shortage
    "not_taken",  # the facts find nothing against serving it: within the gap of the certificate
)
"""What can be missing for a short line; when arcs differ, the reason nearest to a remedy is said."""

_NEAREST = ("not_taken", "trip", "minimum", "step", "whole", "split", "cap", "capacity", "price")


@dataclass(frozen=True, eq=False, kw_only=True)
class ArcReasons:
    """Columns, one row an arc of the instance.

    `code` indexes `ARC_CODES`; `quantity` units won; `reduced_cost` and `price_gap` baht a unit (the gap is what
    the price would have to fall by, or NaN); `certain` says that the gap is enough, shown by a plan (`exchange.py`);
    otherwise it is what the prices ask at least; `lot_excess` units that the least lot is too large (a fact, or NaN);
    `volume_needed` units more on the line, which the offer has, and `capacity_needed` units more in the offer that
    would make it win (or NaN); `cap` a cap's row or -1; `rank` of the unit cost among the line's arcs, from 1;
    `drop_awards` awards on the arc's drop, 0 closed, -1 none; `headroom` of an award: baht a unit that it could cost
    more before a known plan without it is cheaper (or NaN).
    """

    code: Ints
    quantity: Ints
    unit_cost: Money
    reduced_cost: Money
    price_gap: Money
    certain: Flags
    lot_excess: Money
    volume_needed: Money
    capacity_needed: Money
    cap: Ints
    rank: Ints
    drop_awards: Ints
    headroom: Money


@dataclass(frozen=True, eq=False, kw_only=True)
class ShortReasons:
    """Columns, one row a short line: its row, `SHORT_CODES` index, units short, and the nearest arc, cap, volume."""

    line: Ints
    code: Ints
    units: Ints
    arc: Ints
    cap: Ints
    volume_needed: Money


@dataclass(frozen=True, eq=False, kw_only=True)
class Explanation:
    """Exactly one code for every arc and for every short line."""

    arcs: ArcReasons
    short: ShortReasons

    def arc_records(self, rows: Ints) -> Iterator[dict[str, Any]]:
        """One dictionary an arc: its row, its code in words, and the numbers that are there."""
        columns = {name: getattr(self.arcs, name)[rows] for name in ArcReasons.__dataclass_fields__}
        for i, arc in enumerate(rows):
            record: dict[str, Any] = {"arc": int(arc)} | {k: _plain(values[i]) for k, values in columns.items()}
            record["code"] = ARC_CODES[int(columns["code"][i])]
            yield {k: v for k, v in record.items() if v is not None}

    def short_records(self, lines: Ints) -> Iterator[dict[str, Any]]:
        """One dictionary a short line among `lines`."""
        for i in np.flatnonzero(np.isin(self.short.line, lines)):
            record: dict[str, Any] = {
                name: _plain(getattr(self.short, name)[i]) for name in ShortReasons.__dataclass_fields__
            }
            record["code"] = SHORT_CODES[int(self.short.code[i])]
            yield {k: v for k, v in record.items() if v is not None}


def _plain(value: Any) -> int | float | None:
    number: int | float = value.item()
    return None if number != number else number  # noqa: PLR0124 - NaN is the one number unlike itself


def explain(instance: Instance, result: Result) -> Explanation:
    """Explain a verified plan from its quantities and prices."""
    if not result.has_plan:
        refuse("status", None, f"is {result.status}: there is no plan to explain")
    facts = _Facts(instance, quantities(instance, result), result.prices)
    plan = Plan(instance, facts.x)
    return Explanation(arcs=_arc_reasons(facts, plan), short=_short_reasons(facts, plan))


class _Facts:
    """What the plan leaves: rooms, counts, states of trips and caps, each an array over arcs."""

    def __init__(self, q: Instance, x: Ints, prices: Prices) -> None:
        self.q, self.x, a = q, x, q.arcs
        self.won = x > 0
        self.room = np.minimum(q.lines.quantity[a.line], q.offers.capacity[a.offer])
        self.low = -(-np.maximum(a.minimum, 1) // a.step) * a.step
        self.more = np.where(self.won, a.step, self.low)
        self.left = (q.offers.capacity - _sum(a.offer, x, len(q.offers)))[a.offer]
        self.short = q.lines.quantity - _sum(a.line, x, len(q.lines))
        self.split_full = _split_full(q, x)[a.line] & ~self.won
        self._caps(prices)
        self._prices(prices)
        self._trips()

    def _caps(self, prices: Prices) -> None:
        """The hard cap (or -1) that has no room for one more lot on the arc; the dearest cap by price."""
        q = self.q
        e, arc, cap = q.caps.coefficient, q.caps.arc, q.caps.cap
        left = q.caps.limit - np.bincount(cap, weights=e * self.x[arc], minlength=len(q.caps))
        tolerance = 1e-6 * np.maximum(1.0, np.abs(q.caps.limit))
        full = np.isinf(q.caps.penalty[cap]) & (e * self.more[arc] > (left + tolerance)[cap])
        self.full_cap = np.full(len(q.arcs), -1)
        self.full_cap[arc[full]] = cap[full]
        paid = e * prices.cap[cap]
        self.cap_price = np.bincount(arc, weights=paid, minlength=len(q.arcs))
        order = np.argsort(paid, kind="stable")
        self.dear_cap = np.full(len(q.arcs), -1)
        self.dear_cap[arc[order]] = np.where(paid[order] > 0, cap[order], -1)

    def _prices(self, prices: Prices) -> None:
        a = self.q.arcs
        self.base = a.unit_cost - prices.line[a.line] + prices.split[a.line] / np.maximum(self.room, 1)
        self.offer_price = prices.offer[a.offer]
        self.reduced = self.base + self.offer_price + self.cap_price

    def _trips(self) -> None:
        """Awards on each arc's drop, and the baht still missing to open it (0 when open)."""
        q, a = self.q, self.q.arcs
        inside = a.drop >= 0
        awards = _sum(a.drop[inside], self.won[inside], len(q.drops))
        gain = np.bincount(
            a.drop[inside], weights=(np.minimum(0.0, self.reduced) * self.room)[inside], minlength=len(q.drops)
        )
        collected = q.drops.pickup >= 0
        up = np.zeros(len(q.pickups) + 1, bool)
        up[q.drops.pickup[collected & (awards > 0)]] = True
        pickup_fee = np.where(up, 0.0, np.append(q.pickups.fee, 0.0))[q.drops.pickup] * collected
        self.fee = np.append(np.where(awards > 0, 0.0, q.drops.fee + pickup_fee), 0.0)[a.drop]
        self.missing = np.append(np.where(awards > 0, 0.0, np.maximum(0.0, q.drops.fee + pickup_fee + gain)), 0.0)[
            a.drop
        ]
        self.drop_awards = np.append(awards, -1)[a.drop]


def _sum(index: Ints, values: Any, rows: int) -> Ints:
    return np.bincount(index, weights=values, minlength=rows).astype(np.int64)


def _split_full(q: Instance, x: Ints) -> Flags:
    awards = np.bincount(q.arcs.line[x > 0], minlength=len(q.lines))
    full: Flags = (q.lines.max_awards > 0) & (awards >= q.lines.max_awards)
    return full


def _arc_reasons(f: _Facts, plan: Plan) -> ArcReasons:
    a, short = f.q.arcs, f.short[f.q.arcs.line]
    by_cap = (f.base + f.offer_price < 0) & (f.reduced >= 0) & (f.dear_cap >= 0)
    limits = a.step > 1
    too_large = (short > 0) & (f.low > short)
    holds = {
        "won": f.won,
        "nothing_needed": f.q.lines.quantity[a.line] == 0,
        "no_capacity": f.q.offers.capacity[a.offer] == 0,
        "below_minimum": (a.minimum > f.room) | ((f.low > f.room) & (a.minimum > a.step)),
        "step": f.low > f.room,
        "dearer": f.base >= 0,
        "cap_binding": (f.full_cap >= 0) | by_cap,
        "offer_exhausted": f.left < f.low,
        "split_full": f.split_full,
        "outbid": f.reduced > 0,
        "trip_too_dear": f.missing > 0,
        "whole_not_possible": f.q.lines.whole[a.line] & (short > 0),
        "line_served_cheaper": short == 0,
    }
    code = np.select(list(holds.values()), list(range(len(holds))), len(holds))
    rest = code == ARC_CODES.index("not_taken")
    code = np.where(rest & too_large & ~limits, ARC_CODES.index("below_minimum"), code)
    code = np.where(rest & too_large & limits, ARC_CODES.index("step"), code)
    near = exchanges(plan)
    certain = np.isfinite(near.price)
    return ArcReasons(
        code=code, quantity=f.x, unit_cost=a.unit_cost, reduced_cost=f.reduced,
        price_gap=np.where(certain, near.price, _price_gap(f, code)), certain=certain,
        lot_excess=_lot_excess(f, code), volume_needed=_volume(plan, code), capacity_needed=near.capacity,
        cap=_cap(f, code), rank=_rank(f.q), drop_awards=f.drop_awards, headroom=near.headroom,
    )  # fmt: skip


def _price_gap(f: _Facts, code: Ints) -> Money:
    dearest = np.full(len(f.q.lines), -np.inf)
    np.maximum.at(dearest, f.q.arcs.line[f.won], f.q.arcs.unit_cost[f.won])
    above = f.q.arcs.unit_cost - dearest[f.q.arcs.line]
    gap = np.full(len(code), np.nan)
    for name, values in (
        ("dearer", f.base),
        ("cap_binding", np.maximum(0.0, f.reduced)),
        ("offer_exhausted", f.offer_price),
        ("outbid", f.reduced),
        ("line_served_cheaper", np.where(np.isfinite(above), above, np.nan)),
    ):
        here = code == ARC_CODES.index(name)
        gap[here] = values[here]
    return gap


def _lot_excess(f: _Facts, code: Ints) -> Money:
    """Units by which the least lot exceeds the arc's room, or what is left of the line."""
    room = np.where(f.low > f.room, f.room, f.short[f.q.arcs.line])
    return np.where(_is(code, "below_minimum", "step"), f.low - room, np.nan)


def _volume(plan: Plan, code: Ints) -> Money:
    volume, asked = np.full(len(code), np.nan), np.flatnonzero(_is(code, "trip_too_dear", "below_minimum", "step"))
    volume[asked] = volumes(plan, asked)
    return volume


def _is(code: Ints, *names: str) -> Flags:
    there: Flags = np.isin(code, [ARC_CODES.index(name) for name in names])
    return there


def _cap(f: _Facts, code: Ints) -> Ints:
    chosen = np.where(f.full_cap >= 0, f.full_cap, f.dear_cap)
    return np.where(code == ARC_CODES.index("cap_binding"), chosen, -1)


def _rank(q: Instance) -> Ints:
    order = np.lexsort((q.arcs.unit_cost, q.arcs.line))
    line = q.arcs.line[order]
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.searchsorted(line, line) + 1
    return rank


def _short_reasons(f: _Facts, plan: Plan) -> ShortReasons:
    """The nearest remedy over the arcs of every short line."""
    q, a = f.q, f.q.arcs
    lines = np.flatnonzero(f.short > 0)
    reason = _blocked_by(f)
    arcs = np.flatnonzero(f.short[a.line] > 0)
    arcs = arcs[np.lexsort((a.unit_cost[arcs], reason[arcs], a.line[arcs]))]
    nearest = np.full(len(q.lines), -1)
    nearest[a.line[arcs[::-1]]] = arcs[::-1]
    arc = nearest[lines]
    names = np.array([SHORT_CODES.index(n) for n in _NEAREST])
    found = arc >= 0
    at = np.where(found, arc, 0)
    code = np.full(len(lines), SHORT_CODES.index("no_arc"))
    cap, volume = np.full(len(lines), -1), np.full(len(lines), np.nan)
    if len(a):
        code = np.where(found, names[reason[at]], code)
        cap = np.where(code == SHORT_CODES.index("cap"), f.full_cap[at], -1)
        trip = code == SHORT_CODES.index("trip")
        volume[trip] = volumes(plan, at[trip])
    return ShortReasons(line=lines, code=code, units=f.short[lines], arc=arc, cap=cap, volume_needed=volume)


def _blocked_by(f: _Facts) -> Ints:
    """Index into `_NEAREST` of what keeps each arc from serving more of its line."""
    q, a = f.q, f.q.arcs
    short, whole = f.short[a.line], q.lines.whole[a.line]
    gain = q.lines.shortage_cost[a.line] - a.unit_cost
    fits = np.minimum(short, f.left)
    tests = (
        ("price", gain <= 0),
        ("capacity", f.left < np.minimum(f.more, np.maximum(short, 1))),
        ("cap", f.full_cap >= 0),
        ("split", f.split_full),
        ("minimum", (f.more > fits) & (f.more > a.step)),
        ("step", f.more > fits),
        ("whole", whole),
        ("trip", f.fee > gain * fits),
    )
    return np.select([held for _, held in tests], [_NEAREST.index(name) for name, _ in tests], 0)
