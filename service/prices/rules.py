"""What may be told of accepted prices: nothing of a week to come, no quartiles of fewer than three groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

FEWEST_GROUPS = 3  # with two, each group would read the other's price off the quartiles
WARNING_WEEKS = 8  # as catalog.rules.REFERENCE_WEEKS: an older price says nothing about this week
ACCEPTED = "accepted"  # the source of our own figures; an import's source is its name
Quartiles = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """The prices of a week from one source; without quartiles there were too few groups to tell them."""

    week: date
    q1: int | None
    median: int | None
    q3: int | None
    sample: int  # prices of an import; groups of our own rounds
    source: str
    synthetic: bool = False

    @property
    def is_own(self) -> bool:
        """Whether closed rounds of this market paid them."""
        return self.source == ACCEPTED


def told(means: Sequence[int]) -> Quartiles | None:
    """Quartiles of the groups' prices, one a group; None where fewer groups stand behind them than may be told."""
    return quartiles(sorted(means)) if len(means) >= FEWEST_GROUPS else None


def quartiles(ordered: Sequence[int]) -> Quartiles:
    """Lower quartile, median and upper quartile, interpolated, in whole satang."""
    return _at(ordered, 1), _at(ordered, 2), _at(ordered, 3)


def _at(ordered: Sequence[int], quarter: int) -> int:
    """The value at a quarter of the way, halves upwards: no float touches money."""
    place, rest = divmod(quarter * (len(ordered) - 1), 4)
    step = ordered[min(place + 1, len(ordered) - 1)] - ordered[place]
    return ordered[place] + (step * rest * 2 + 4) // 8


def last_told_week(until: date, this_week: date) -> date:
    """The newest week whose accepted prices are told: once it has begun nobody can accept any more for it."""
    return min(until, this_week)


def is_below(ceiling_satang: int, paid: Cell | None) -> bool:
    """Whether a ceiling lies below what closed rounds paid in the middle."""
    return paid is not None and paid.median is not None and ceiling_satang < paid.median
