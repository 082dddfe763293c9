"""The bars of a year as numbers: what is ordered in each month, and how much of it is paid."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.income.rules import Sum

WIDTH, BASE, LEFT = 640, 206, 112  # wide numbers: a phone shows the drawing at half its size
STEPS = (1, 2, 5)
LINES = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A month: where it stands, how high it is, how much of it is paid."""

    month: date
    row: Sum
    x: float
    width: float
    height: float
    paid_height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, and the lines of the scale with their amounts."""

    bars: list[Bar]
    lines: list[tuple[float, int]]


def draw(months: Mapping[date, Sum]) -> Chart:
    """The chart of some months; its scale begins at zero and ends at a round number of baht."""
    top = _round_up(max(max(row.ordered_satang, row.paid_satang) for row in months.values()))
    each = (WIDTH - LEFT - 8) / len(months)
    bars = [
        Bar(month, row, round(LEFT + each * place + each * 0.15, 1), round(each * 0.7, 1),
            round(row.ordered_satang / top * (BASE - 14), 1), round(row.paid_satang / top * (BASE - 14), 1))
        for place, (month, row) in enumerate(months.items())
    ]  # fmt: skip
    return Chart(bars, [(BASE - (BASE - 14) * part / LINES, top * part // LINES) for part in range(LINES + 1)])


def _round_up(satang: int) -> int:
    """The first round amount that holds it: 1, 2 or 5 with noughts, at least four baht."""
    power = 400
    while True:
        for step in STEPS:
            if step * power >= satang:
                return step * power
        power *= 10
