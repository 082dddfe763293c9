"""Figures of a result for people: scenarios beside each other, who got what, how evenly, on which map.

All of it is computed from the stored market and the stored plan; answers of groups are laid beside it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.allocation.facts import Deal, deals_of, standing_deals, units_of
from service.allocation.market import Line
from service.allocation.tolerance import is_served, is_within
from service.allocation.vocabulary import SCENARIOS
from service.results.stories import Story
from service.rounds.models import Award, AwardLine, Run, Scenario


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario, and what it costs and buys beyond the least cost."""

    scenario: Scenario
    more: dict[str, int]  # satang (or groups) above the least cost plan

    @property
    def facts(self) -> dict[str, Any]:
        """The stored facts."""
        return self.scenario.facts

    @property
    def same_district(self) -> float:
        """The part of the money that stays in the kitchen's district."""
        paid: int = self.facts["paid_satang"]
        return self.facts["same_district_satang"] / paid if paid else 0.0

    @property
    def served(self) -> float:
        """The part of the demanded value that is served."""
        asked: int = self.facts["demanded_satang"]
        return self.facts["served_value_satang"] / asked if asked else 0.0


COMPARED = ("paid_satang", "poor_labour_satang", "same_district_satang", "served_value_satang", "groups")


def columns(found: Iterable[Scenario]) -> list[Column]:
    """The scenarios in their order, each against the least cost."""
    by_name = {row.name: row for row in found}
    least = by_name.get(SCENARIOS[0])
    return [
        Column(by_name[name], {key: by_name[name].facts[key] - (least or by_name[name]).facts[key] for key in COMPARED})
        for name in SCENARIOS if name in by_name
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """One awarded quantity and what its group says to it."""

    deal: Deal
    answer: str


@dataclass(slots=True)
class Share:
    """What a supplier gets, or a buyer."""

    organisation: str
    satang: int = 0
    lines: int = 0
    asked_satang: int = 0
    served_satang: int = 0
    answers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def fill(self) -> float:
        """The served part of what was asked, by value."""
        return self.served_satang / self.asked_satang if self.asked_satang else 0.0


@dataclass(frozen=True)
class Outcome:
    """Who gets what in a run, with answers."""

    story: Story
    answers: dict[tuple[str, str], str]

    @cached_property
    def given(self) -> list[Given]:
        """What stood before and what the plan adds, by day and line."""
        market = self.story.market
        found = [*standing_deals(market), *deals_of(market, self.story.instance, self.story.result)]
        found.sort(key=lambda deal: (deal.line.day, deal.line.buyer, deal.line.id, deal.bid.price))
        return [Given(deal, self.answers.get((deal.line.id, deal.bid.id), "plan")) for deal in found]

    @cached_property
    def suppliers(self) -> list[Share]:
        """Suppliers, the most baht first."""
        shares: dict[str, Share] = {}
        for one in self.given:
            share = shares.setdefault(one.deal.bid.supplier, Share(one.deal.bid.supplier))
            share.satang += one.deal.satang
            share.lines += 1
            share.answers[one.answer] += 1
        return sorted(shares.values(), key=lambda share: (-share.satang, share.organisation))

    @cached_property
    def buyers(self) -> list[Share]:
        """Buyers, the most baht first; also those that get nothing."""
        shares: dict[str, Share] = {}
        for line in self.story.market.lines:
            share = shares.setdefault(line.buyer, Share(line.buyer))
            share.asked_satang += line.quantity * line.ceiling
        for one in self.given:
            share = shares[one.deal.line.buyer]
            share.satang += one.deal.satang
            share.lines += 1
        for line in self.story.market.lines:
            shares[line.buyer].served_satang += min(line.quantity, self.taken[line.id]) * line.ceiling
        return sorted(shares.values(), key=lambda share: (-share.satang, share.organisation))

    @cached_property
    def taken(self) -> dict[str, int]:
        """Units of each line in all."""
        return units_of(self.story.market, (one.deal for one in self.given))

    @cached_property
    def short(self) -> list[tuple[Line, int]]:
        """Lines that miss units, and how many, the largest value first; what is within tolerance is not among them."""
        missing = [(line, line.quantity - self.taken[line.id]) for line in self.story.market.lines
                   if not is_served(line, self.taken[line.id])]  # fmt: skip
        return sorted(missing, key=lambda pair: (-pair[0].ceiling * pair[1], pair[0].id))

    def is_within(self, line: Line) -> bool:
        """Whether a line is served within its tolerance, without being what was wanted."""
        return is_within(line, self.taken[line.id])

    @cached_property
    def split_full(self) -> set[str]:
        """Lines that have as many groups as their kitchens allow."""
        groups = Counter(one.deal.line.id for one in self.given)
        return {line.id for line in self.story.market.lines if 0 < line.most_awards <= groups[line.id]}

    @cached_property
    def flows(self) -> list[tuple[str, str, int]]:
        """Satang from each buyer to each supplier."""
        flows: dict[tuple[str, str], int] = defaultdict(int)
        for one in self.given:
            flows[one.deal.bid.supplier, one.deal.line.buyer] += one.deal.satang
        return [(supplier, buyer, satang) for (supplier, buyer), satang in sorted(flows.items())]

    @cached_property
    def evenness(self) -> "Evenness":
        """How the money spreads over the suppliers that could have had some."""
        arcs = np.unique(self.story.instance.arcs.offer)
        supplier_of = {bid.id: bid.supplier for bid in self.story.market.bids}
        able = {supplier_of[self.story.instance.ids.offers[row].split("|")[0]] for row in arcs.tolist()}
        baht = {share.organisation: share.satang for share in self.suppliers}
        return evenness([baht.get(key, 0) for key in sorted(able | set(baht))])


@dataclass(frozen=True, slots=True)
class Evenness:
    """How evenly satang spread: suppliers, those with some, Gini (0 even, 1 all to one), the top tenth's part."""

    suppliers: int
    served: int
    gini: float
    top_tenth: float
    curve: tuple[tuple[float, float], ...]  # part of suppliers, part of the money, poorest first


def evenness(satang: Sequence[int]) -> Evenness:
    """Measure a spread of whole satang."""
    ranked, total, many = sorted(satang), sum(satang), len(satang)
    served = sum(amount > 0 for amount in ranked)
    if not total:
        return Evenness(many, served, 0.0, 0.0, ((0.0, 0.0), (1.0, 1.0)))
    weighted = sum(place * amount for place, amount in enumerate(ranked, 1))
    gini = 2 * weighted / (many * total) - (many + 1) / many
    top = sum(ranked[-max(1, round(many / 10)) :]) / total
    sums = [0, *accumulate(ranked)]
    steps = sorted({many * part // 40 for part in range(41)})
    return Evenness(many, served, gini, top, tuple((place / many, sums[place] / total) for place in steps))


def outcome(tx: Session, story: Story) -> Outcome:
    """A story with the answers of the round's groups."""
    return Outcome(story, _answers(tx, story.run))


def _answers(tx: Session, run: Run) -> dict[tuple[str, str], str]:
    rows = select(AwardLine.demand_line_id, AwardLine.offer_id, AwardLine.answer, Award.respond_by)
    rows = rows.join(Award, Award.id == AwardLine.award_id)
    rows = rows.where(Award.round_id == run.round_id, Award.state != "cancelled").order_by(AwardLine.id)
    return {
        (str(line), str(offer)): answer or ("unseen" if respond_by is None else "open")
        for line, offer, answer, respond_by in tx.execute(rows)
    }


def sized(satang: int, most: int) -> float:
    """The radius of a dot whose area stands for baht."""
    return round(3 + 9 * (satang / most) ** 0.5, 1) if most else 3.0
