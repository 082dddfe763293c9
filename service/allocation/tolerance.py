"""Tolerance: what a line aims at where whole packs miss its quantity, and from which total on it counts as served.

A line wants `quantity`; `least` and `most` say between which totals it may end. The solver knows one quantity a line,
and counts every unit below it as short (docs/decisions/0012). So tolerance is settled before and after it:

- before, the line aims at the least total from `quantity` to `most` that the packs, smallest deliveries and days'
  capacities of its eligible offers can add up to, over no more offers than may share it; at `quantity` where that can
  be had, or where nothing in the tolerance can;
- what stands already (answers, a person's word) is part of the total, and the aim never falls below it;
- after, a total from `least` on is served: once groups have answered so, nothing more is allocated to the line.

What other lines take of the same offers is the solver's to weigh. Everything is counted in whole units.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from math import gcd

from service.allocation.market import Line

LARGEST = 200_000  # sums that are told apart; a line beyond aims at its quantity


@dataclass(frozen=True, slots=True)
class Source:
    """What one offer can add to a line: nothing, or whole packs between its smallest delivery and what it has."""

    pack: int
    least: int
    most: int

    def packs(self) -> range:
        """How many packs it can be, other than none."""
        return range(max(1, -(-self.least // self.pack)), self.most // self.pack + 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is not the solver's to decide on a line: all units, those that groups hold, and how many offers."""

    units: int = 0
    held: int = 0
    offers: int = 0


def floor_of(line: Line) -> int:
    """The total from which on a line counts as served."""
    return line.quantity if line.least is None else line.least


def ceiling_of(line: Line) -> int:
    """The total that a line never exceeds."""
    return line.quantity if line.most is None else line.most


def is_served(line: Line, units: int) -> bool:
    """Whether so many units are enough."""
    return units >= floor_of(line)


def is_within(line: Line, units: int) -> bool:
    """Whether so many units are enough without being what was wanted."""
    return is_served(line, units) and units != line.quantity


def aim(line: Line, standing: Standing, sources: Iterable[Source]) -> int:
    """The units that the allocation aims at for a line."""
    if standing.held and is_served(line, standing.held):
        return standing.units
    left = max(0, line.most_awards - standing.offers) if line.most_awards else None
    low, high = max(0, line.quantity - standing.units), ceiling_of(line) - standing.units
    found = least_sum(list(sources), low, high, left)
    return line.quantity if found is None else standing.units + found


def least_sum(sources: list[Source], low: int, high: int, most_sources: int | None = None) -> int | None:
    """The least sum from `low` to `high` that some of the sources can add up to; None where there is none."""
    if high < max(0, low):
        return None
    if low <= 0:
        return 0
    able = sorted((source for source in sources if source.packs()), key=lambda source: source.pack)
    unit = reduce(gcd, (source.pack for source in able), 0)
    if not unit or high // unit > LARGEST:
        return None
    first, last = -(-low // unit), high // unit
    sums = _sums(able, unit, (first, last), len(able) if most_sources is None else min(most_sources, len(able)))
    reached = (sums & ((1 << (last + 1)) - 1)) >> first
    return (first + (reached & -reached).bit_length() - 1) * unit if reached else None


def _sums(sources: list[Source], unit: int, bounds: tuple[int, int], most_sources: int) -> int:
    """Sums of at most so many sources as a set of bits, bit n for n units of `unit`: all, or some with the first."""
    first, last = bounds
    free = most_sources >= len(sources)
    by_number = [1] * (1 if free else most_sources + 1)  # by how many sources a sum takes at most
    for source in sources:
        if by_number[-1] >> first & 1:
            break  # none is less
        if free:
            by_number[0] |= _added(by_number[0], source, unit, last)
            continue
        for number in range(most_sources, 0, -1):
            by_number[number] |= _added(by_number[number - 1], source, unit, last)
    return by_number[-1]


def _added(sums: int, source: Source, unit: int, last: int) -> int:
    """The sums with the source added in each of its amounts, up to the last that counts."""
    pack, packs, mask = source.pack // unit, source.packs(), (1 << (last + 1)) - 1
    if packs.start * pack > last:
        return 0
    found, done = sums << packs.start * pack & mask, 1
    many = min(len(packs), last // pack)
    while done < many:
        step = min(done, many - done)
        found |= found << step * pack & mask
        done += step
    return found
