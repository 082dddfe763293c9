"""A year of prices as points of an SVG: pure numbers, templates/prices/chart.html writes the drawing.

The scale begins at zero, so that a small change does not look large.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from service.catalog.rules import CEILING_PERCENT
from service.prices.rules import Cell

WEEKS = 52
LEFT, RIGHT, TOP, BOTTOM = 84, 628, 14, 214
STEPS = (100, 200, 250, 500)  # satang a quarter of the scale, times powers of ten


@dataclass(frozen=True, slots=True)
class Box:
    """The middle half of a week's accepted prices, in the drawing's coordinates."""

    x: float
    low: float
    middle: float
    high: float
    cell: Cell


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything that is drawn, ready to be written."""

    band: str
    median: str
    ceiling: str
    boxes: tuple[Box, ...]
    scale: tuple[tuple[int, float], ...]  # satang and height of each line across
    first: date
    last: date


def draw(cells: Sequence[Cell], until: date) -> Plot | None:
    """The drawing of a year; None where no week can be told."""
    known = [cell for cell in cells if cell.median is not None]
    if not known:
        return None
    top = round_top(max(_ceiling(cell) if not cell.is_own else cell.q3 or 0 for cell in known))
    at = _Scale(until, top)
    imported = [cell for cell in known if not cell.is_own]
    upper = [(at.x(cell.week), at.y(cell.q3 or 0)) for cell in imported]
    lower = [(at.x(cell.week), at.y(cell.q1 or 0)) for cell in imported]
    return Plot(
        band=_points([*upper, *reversed(lower)]),
        median=_points((at.x(cell.week), at.y(cell.median or 0)) for cell in imported),
        ceiling=_points((at.x(cell.week), at.y(_ceiling(cell))) for cell in imported),
        boxes=tuple(at.box(cell) for cell in known if cell.is_own),
        scale=tuple((top * part // 4, at.y(top * part // 4)) for part in range(5)),
        first=known[0].week,
        last=known[-1].week,
    )


def round_top(highest: int) -> int:
    """The least round number of satang, in quarters, that holds the highest price."""
    power = 1
    while True:
        for step in STEPS:
            if highest <= 4 * step * power:
                return 4 * step * power
        power *= 10


def _ceiling(cell: Cell) -> int:
    return (cell.q3 or 0) * CEILING_PERCENT // 100


def _points(pairs: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in pairs)


@dataclass(frozen=True, slots=True)
class _Scale:
    until: date
    top: int

    def x(self, week: date) -> float:
        back = (self.until - week).days / 7
        return round(RIGHT - back / (WEEKS - 1) * (RIGHT - LEFT), 1)

    def y(self, satang: int) -> float:
        return round(BOTTOM - satang / self.top * (BOTTOM - TOP), 1)

    def box(self, cell: Cell) -> Box:
        low, middle, high = (self.y(value or 0) for value in (cell.q1, cell.median, cell.q3))
        return Box(self.x(cell.week), low, middle, high, cell)
