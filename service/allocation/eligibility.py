"""Who may serve which line: one function a condition, used for the whole market and for one asked pair alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from service.allocation.market import Bid, Line, Lot, Market, Paper
from service.parties.rules import road_km


@dataclass(frozen=True)
class Eye:
    """The market with the look-ups that eligibility needs."""

    market: Market

    @cached_property
    def conflicts(self) -> frozenset[tuple[str, str]]:
        return frozenset(pair for a, b in self.market.conflicts for pair in ((a, b), (b, a)))

    @cached_property
    def answered(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.market.answered)

    @cached_property
    def out_of_produce(self) -> frozenset[tuple[str, date]]:
        return frozenset(self.market.out_of_produce)

    @cached_property
    def ruled_out(self) -> frozenset[tuple[str, str]]:
        return frozenset((word.line, word.offer) for word in self.market.overrides if not word.quantity)

    @cached_property
    def _km(self) -> dict[tuple[str, str], float]:
        return {}

    def km(self, supplier: str, buyer: str) -> float:
        """Road kilometres between two parties."""
        known = self._km.get((supplier, buyer))
        if known is None:
            a, b = self.market.parties[supplier], self.market.parties[buyer]
            known = self._km[supplier, buyer] = road_km(a.lat, a.lng, b.lat, b.lng)
        return known

    def against(self, line: Line, bid: Bid) -> Iterator[str]:
        """The reason codes for which the pair is not eligible, cheapest checks first; none means eligible."""
        for code, holds in CONDITIONS.items():
            if not holds(self, line, bid):
                yield code

    def eligible(self, line: Line, bid: Bid) -> bool:
        """Whether the pair may trade."""
        return next(self.against(line, bid), None) is None


def day_capacity(bid: Bid, day: date) -> int:
    """Units that the offer's lots give on a single day."""
    return sum(min(lot.day, lot.week) for lot in bid.lots if _covers(lot, day))


def _covers(lot: Lot, day: date) -> bool:
    return lot.first <= day <= lot.last


def _product(eye: Eye, line: Line, bid: Bid) -> bool:
    del eye
    return bid.product == line.product or bid.product in line.substitutes


def _grade(eye: Eye, line: Line, bid: Bid) -> bool:
    """A substitute's grades are its own, so the line's grade binds its own product only."""
    del eye
    if line.grade_rank is None or bid.product != line.product:
        return True
    return bid.grade_rank is not None and bid.grade_rank <= line.grade_rank


def _certificate(eye: Eye, line: Line, bid: Bid) -> bool:
    del eye
    return all(any(_valid(paper, kind, line, bid) for paper in bid.certificates) for kind in line.certificates)


def _valid(paper: Paper, kind: str, line: Line, bid: Bid) -> bool:
    covers = paper.kind == kind and paper.product in {None, bid.product}
    return covers and paper.issued <= line.day <= paper.expires and (paper.revoked is None or paper.revoked > line.day)


def _lot(eye: Eye, line: Line, bid: Bid) -> bool:
    del eye
    return any(_covers(lot, line.day) for lot in bid.lots)


def first_day(market: Market, bid: Bid) -> date:
    """The first day that can be delivered: after the lead time, and never on the day of the decision itself."""
    return market.closed_on + timedelta(days=max(1, bid.lead_time_days))


def _lead_time(eye: Eye, line: Line, bid: Bid) -> bool:
    return line.day >= first_day(eye.market, bid)


def _ceiling(eye: Eye, line: Line, bid: Bid) -> bool:
    del eye
    return bid.price <= line.ceiling


def _not_qualified(eye: Eye, line: Line, bid: Bid) -> bool:
    del line
    return eye.market.parties[bid.supplier].qualified


def _conflict(eye: Eye, line: Line, bid: Bid) -> bool:
    return (line.buyer, bid.supplier) not in eye.conflicts


def _answered(eye: Eye, line: Line, bid: Bid) -> bool:
    return (line.id, bid.id) not in eye.answered


def _ruled_out(eye: Eye, line: Line, bid: Bid) -> bool:
    return (line.id, bid.id) not in eye.ruled_out


def _out_of_produce(eye: Eye, line: Line, bid: Bid) -> bool:
    return (bid.id, line.day) not in eye.out_of_produce


def _reach(eye: Eye, line: Line, bid: Bid) -> bool:
    return eye.km(bid.supplier, line.buyer) <= bid.reach_km


CONDITIONS: dict[str, Callable[[Eye, Line, Bid], bool]] = {
    "product": _product,
    "not_qualified": _not_qualified,
    "ceiling": _ceiling,
    "lot": _lot,
    "lead_time": _lead_time,
    "grade": _grade,
    "certificate": _certificate,
    "conflict": _conflict,
    "ruled_out": _ruled_out,
    "answered": _answered,
    "out_of_produce": _out_of_produce,
    "reach": _reach,
}
