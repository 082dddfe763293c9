"""What is told of a line before it is posted, and what would have it served better.

Everything here is computed from a market in which every price is nought (docs/decisions/0010): no ceiling, however
it is chosen, tells an offer's price. About prices only closed rounds speak.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import gcd

from service.allocation.eligibility import Eye, day_capacity
from service.allocation.market import Bid, Line
from service.allocation.tolerance import ceiling_of
from service.kernel.i18n import N_
from service.prices.rules import Cell, is_below

WEEK = 7
LABELS = {
    "outlook.day": N_("Have it delivered on %(day)s"),
    "outlook.grade": N_("Accept any grade"),
    "outlook.certificate": N_("Do without the certificate %(name)s"),
    "outlook.groups": N_("Let more groups share the line"),
    "outlook.most": N_("Let it be up to %(most)s"),
    "outlook.pack": N_("Order a multiple of %(pack)s"),
    "outlook.ceiling": N_("Raise the ceiling: closed rounds paid %(price)s baht in the middle"),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Who could serve a line: how many groups, how many units of it, and how far away they are."""

    groups: int
    units: int
    nearest_km: int | None = None
    farthest_km: int | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """What all kitchens of a pool need of a line's product on its day, and who could bring how much of that."""

    quantity: int
    reach: Reach

    @property
    def fill(self) -> float:
        """The part of it that could be brought."""
        return self.reach.units / self.quantity


@dataclass(frozen=True, slots=True)
class Advice:
    """A change of a line that would have it served better: of which kind, to what, and what it would reach."""

    kind: str
    value: str
    reach: Reach


def reach(eye: Eye, line: Line, bids: tuple[Bid, ...]) -> Reach:
    """The groups whose offers fit the line, and the units that as many of them as may share it could bring."""
    units: dict[str, int] = {}
    pack = 0
    for bid in bids:
        amount = _whole_packs(bid, line) if eye.eligible(line, bid) else 0
        if amount:
            units[bid.supplier] = units.get(bid.supplier, 0) + amount
            pack = gcd(pack, bid.pack)
    able = sorted(units.values(), reverse=True)
    shared = able[: line.most_awards] if line.most_awards else able
    km = sorted(round(eye.km(supplier, line.buyer)) for supplier in units)
    total = min(line.quantity, ceiling_of(line) // pack * pack, sum(shared)) if pack else 0
    if line.whole and total < line.quantity:
        total = 0
    total = total if total == line.quantity else about(total)
    return Reach(len(able), total, km[0] if km else None, km[-1] if km else None)


def together(eye: Eye, line: Line, bids: tuple[Bid, ...], agreed: int | None) -> Together | None:
    """What of all that the kitchens of a pool need on the day groups could bring, as seen from the own kitchen."""
    if agreed is None or agreed <= line.quantity:
        return None
    whole = replace(line, quantity=agreed, least=None, most=None, most_awards=0, whole=False)
    return Together(agreed, reach(eye, whole, bids))


def about(units: int) -> int:
    """An amount by its first digit: what groups can bring is told to others roughly, as in their listings."""
    step = int(f"1{(len(str(units)) - 1) * '0'}")
    return units // step * step


def _whole_packs(bid: Bid, line: Line) -> int:
    """Units that an offer could bring: whole packs, and nothing where the line is less than its least order."""
    amount = min(day_capacity(bid, line.day), ceiling_of(line)) // bid.pack * bid.pack
    return amount if amount >= bid.minimum else 0


def advice(eye: Eye, line: Line, bids: tuple[Bid, ...], week: date, paid: Cell | None) -> list[Advice]:
    """Changes that reach more units or more groups, the best first; a ceiling only by what closed rounds paid."""
    now = reach(eye, line, bids)
    larger = now.units < line.quantity  # who is served in full is not advised to order more
    variants = _variants(line, bids, week, larger=larger)
    tried = [Advice(kind, value, reach(eye, changed, bids)) for kind, value, changed in variants]
    better = [one for one in tried if (one.reach.units, one.reach.groups) > (now.units, now.groups)]
    best: dict[tuple[str, str], Advice] = {}
    for one in sorted(better, key=lambda one: (-one.reach.units, -one.reach.groups, one.kind, one.value)):
        key = (one.kind, one.value if one.kind == "outlook.certificate" else "")
        best.setdefault(key, one)
    found = list(best.values())
    if paid is not None and paid.median is not None and is_below(line.ceiling, paid):
        found.append(Advice("outlook.ceiling", str(paid.median), now))
    return found


def _variants(line: Line, bids: tuple[Bid, ...], week: date, *, larger: bool) -> Iterator[tuple[str, str, Line]]:
    for place in range(WEEK):
        day = week + timedelta(days=place)
        if day != line.day:
            yield "outlook.day", day.isoformat(), replace(line, day=day)
    if line.grade_rank is not None:
        yield "outlook.grade", "", replace(line, grade_rank=None)
    for kind in line.certificates:
        yield "outlook.certificate", kind, replace(line, certificates=tuple(k for k in line.certificates if k != kind))
    if line.most_awards:
        yield "outlook.groups", "", replace(line, most_awards=0)
    for pack in sorted({bid.pack for bid in bids if larger and bid.pack > 1 and line.quantity % bid.pack}):
        whole = -(-line.quantity // pack) * pack
        yield "outlook.most", str(whole), replace(line, most=max(whole, ceiling_of(line)))
        yield "outlook.pack", str(pack), replace(line, quantity=whole, most=max(whole, ceiling_of(line)))
