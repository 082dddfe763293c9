"""What may be told of a price, and how: rounded, about one's own offer, and only where three others took part."""

from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Literal

from service.allocation import margins, tradeoffs
from service.guidance import words
from service.kernel.i18n import gettext
from service.kernel.money import baht_text
from service.prices.rules import FEWEST_GROUPS
from service.results.stories import Reason

FEWEST = FEWEST_GROUPS  # other groups that could have served the line: of fewer, an amount would be somebody's price
STEP_SATANG = 25  # a told price is rounded down to a quarter of a baht
NARROW_SHARE = 0.02
OF_PRICE = frozenset({"dearer", "outbid", "line_served_cheaper"})
Firmness = Literal["certain", "indication", ""]


@dataclass(frozen=True, slots=True)
class Would:
    """What would have won: a sentence, how firm it is, and the own price where it is one."""

    text: str
    firmness: Firmness
    price_satang: int | None


NOTHING = Would("", "", None)


def nearness(reason: Reason) -> tuple[float, date, str]:
    """The nearest to winning first, where the prices say how near."""
    gap = reason.numbers.get("price_gap")
    return (float("inf") if gap is None else gap, reason.line.day, reason.line.id)


def is_narrow(reason: Reason) -> bool:
    """Whether a slightly dearer offer would have lost the award; how much is not told."""
    room = reason.numbers.get("headroom")
    return room is not None and room * 100 < NARROW_SHARE * reason.bid.price


def at_price(reason: Reason, weights: margins.Weights, *, few: bool) -> Would:
    """The own price that would have won, or shares that do as much; nothing where the gap says nothing sensible."""
    gap = reason.numbers.get("price_gap")
    if gap is None or gap < 0.005:
        return NOTHING
    price = (reason.bid.price - ceil(gap * 100)) // STEP_SATANG * STEP_SATANG
    if price < STEP_SATANG:
        return NOTHING
    if few:
        return Would(gettext(words.TOO_FEW), "", None)
    certain = bool(reason.numbers.get("certain"))
    text = words.say(words.AT_PRICE_CERTAIN if certain else words.AT_PRICE, price=baht_text(price))
    shares = ", ".join(gettext(words.SHARES[name]) for name in attestable(reason, weights))
    if shares:
        text += " " + words.say(words.ATTESTED, shares=shares)
    return Would(text, "certain" if certain else "indication", price)


def attestable(reason: Reason, weights: margins.Weights) -> list[str]:
    """Shares of which one, attested to be larger, would have closed the gap at the same price."""
    gap = reason.numbers.get("price_gap")
    if gap is None:
        return []
    missing = tradeoffs.missing_margin_ppm(gap, reason.bid.price)
    return [name for name in tradeoffs.openings(weights, reason.margin, missing) if name in words.SHARES]
