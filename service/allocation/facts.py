"""What a scenario's plan means in the market's words: baht paid, labour income, groups, kilometres, shortage."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import solver
from service.allocation import margins
from service.allocation.eligibility import Eye
from service.allocation.market import Bid, Line, Market
from service.allocation.tolerance import is_served, is_within


@dataclass(frozen=True, slots=True)
class Deal:
    """A quantity of a line from a bid."""

    line: Line
    bid: Bid
    quantity: int

    @property
    def satang(self) -> int:
        """What the buyer pays."""
        return self.quantity * self.bid.price


def deals_of(market: Market, instance: solver.Instance, result: solver.Result) -> list[Deal]:
    """The plan's awards as deals: what a person has decided, then the solver's in the order of arcs.

    Awards that stood before are not among them.
    """
    lines, bids = {line.id: line for line in market.lines}, {bid.id: bid for bid in market.bids}
    standing = {(award.line, award.offer) for award in market.held}
    words = [word for word in market.overrides if word.quantity and (word.line, word.offer) not in standing]
    deals = [Deal(lines[word.line], bids[word.offer], word.quantity) for word in words]
    for arc, quantity in zip(result.awards.arc.tolist(), result.awards.quantity.tolist(), strict=True):
        line = lines[instance.ids.lines[instance.arcs.line[arc]]]
        bid = bids[instance.ids.offers[instance.arcs.offer[arc]].split("|")[0]]
        deals.append(Deal(line, bid, quantity))
    return deals


def standing_deals(market: Market) -> list[Deal]:
    """What stood before the run."""
    lines, bids = {line.id: line for line in market.lines}, {bid.id: bid for bid in market.bids}
    return [Deal(lines[h.line], bids[h.offer], h.quantity) for h in market.held]


def facts_of(market: Market, deals: list[Deal]) -> dict[str, Any]:
    """Whole numbers that people compare: satang, units, groups, metres."""
    weights = margins.Weights.from_json(market.weights)
    demanded = sum(line.ceiling * line.quantity for line in market.lines)
    taken = units_of(market, deals)
    served = sum(line.ceiling * min(line.quantity, taken[line.id]) for line in market.lines)
    return {
        "paid_satang": sum(deal.satang for deal in deals),
        "poor_labour_satang": _poor_labour(market, weights, deals),
        "same_district_satang": sum(deal.satang for deal in deals if _together(market, deal)),
        "groups": len({deal.bid.supplier for deal in deals}),
        "buyers": len({deal.line.buyer for deal in deals}),
        "awards": len(deals),
        "trips": len(_trips(deals)),
        "metres": _metres(market, deals),
        "trip_fees_satang": _trip_fees(market, weights, deals),
        "lines": len(market.lines),
        "demanded_satang": demanded,
        "served_value_satang": served,
        "lines_short": sum(not is_served(line, taken[line.id]) for line in market.lines),
        "lines_within": sum(is_within(line, taken[line.id]) for line in market.lines),
    }


def _poor_labour(market: Market, weights: margins.Weights, deals: list[Deal]) -> int:
    """Labour income of poor households, weighted by tier: price x labour content x counted share of days."""
    total = 0
    for deal in deals:
        share = margins.poor_labour_bp(weights, market.parties[deal.bid.supplier].shares)
        total += deal.satang * weights.labour_content_bp * share
    return total // (margins.BP * margins.BP)


def _together(market: Market, deal: Deal) -> bool:
    buyer, supplier = market.parties[deal.line.buyer], market.parties[deal.bid.supplier]
    return bool(buyer.district) and buyer.district == supplier.district


def _trips(deals: list[Deal]) -> set[tuple[str, str, str]]:
    return {(deal.bid.supplier, deal.line.buyer, deal.line.day.isoformat()) for deal in deals}


def _metres(market: Market, deals: list[Deal]) -> int:
    """Road metres of all trips, one way."""
    eye = Eye(market)
    return round(sum(1000 * eye.km(supplier, buyer) for supplier, buyer, _ in sorted(_trips(deals))))


def _trip_fees(market: Market, weights: margins.Weights, deals: list[Deal]) -> int:
    eye = Eye(market)
    fees = (weights.trip_base_satang + weights.trip_per_km_satang * eye.km(s, b) for s, b, _ in sorted(_trips(deals)))
    return sum(round(fee) for fee in fees)


def units_of(market: Market, deals: Iterable[Deal]) -> dict[str, int]:
    """What each line gets in all."""
    taken = {line.id: 0 for line in market.lines}
    for deal in deals:
        taken[deal.line.id] += deal.quantity
    return taken
