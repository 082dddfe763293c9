"""Small charts as SVG files: lines or points over linear or logarithmic axes, attributes only."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

TEXT = 'font-family="sans-serif" font-size="13" fill="#222"'
COLOURS = ("#0b5d51", "#c2571a", "#4a5aa8", "#8a6d00", "#7a3b69", "#555555")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 78, 16, 62, 48


@dataclass(frozen=True)
class Series:
    """A named line (or points) through (x, y)."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False
    dashed: bool = False


@dataclass(frozen=True)
class Axis:
    """A range with round ticks, linear or logarithmic."""

    name: str
    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float:
        """From 0 to 1."""
        if self.log:
            return (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            return [t for p in powers for t in (10.0**p, 3 * 10.0**p) if self.low <= t <= self.high]
        step = 10 ** math.floor(math.log10((self.high - self.low) / 4))
        step *= next(m for m in (1, 2, 5, 10) if (self.high - self.low) / (step * m) <= 6)
        first = math.ceil(self.low / step)
        return [step * i for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


def axis(name: str, values: Iterable[float], *, log: bool = False, zero: bool = False) -> Axis:
    """An axis that holds the values."""
    known = [v for v in values if math.isfinite(v) and (v > 0 or not log)]
    low, high = min(known), max(known)
    if log:
        return Axis(name, low / 1.3, high * 1.3, log=True)
    room = 0.05 * (high - low or abs(high) or 1.0)
    return Axis(name, 0.0 if zero else low - room, high + room)


def save(path: Path, title: str, across: Axis, up: Axis, series: Sequence[Series]) -> None:
    """Write the chart."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {TEXT}>',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="22" font-size="15" font-weight="700">{escape(title)}</text>',
        *_grid(across, up),
        *(part for i, one in enumerate(series) for part in _drawn(one, i, across, up)),
        *_legend(series),
        "</svg>",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _x(across: Axis, value: float) -> float:
    return round(LEFT + across.place(value) * (WIDTH - LEFT - RIGHT), 1)


def _y(up: Axis, value: float) -> float:
    return round(HEIGHT - BOTTOM - up.place(value) * (HEIGHT - TOP - BOTTOM), 1)


def _grid(across: Axis, up: Axis) -> Iterable[str]:
    for tick in up.ticks():
        y = _y(up, tick)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{_short(tick)}</text>'
    for tick in across.ticks():
        x = _x(across, tick)
        yield f'<line x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#eee"/>'
        yield f'<text x="{x}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{_short(tick)}</text>'
    yield f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(across.name)}</text>'
    middle = (TOP + HEIGHT - BOTTOM) / 2
    yield f'<text x="14" y="{middle}" text-anchor="middle" transform="rotate(-90 14 {middle})">{escape(up.name)}</text>'


def _drawn(one: Series, i: int, across: Axis, up: Axis) -> Iterable[str]:
    colour = COLOURS[i % len(COLOURS)]
    at = [(_x(across, x), _y(up, y)) for x, y in one.points]
    if one.dots:
        yield from (f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}" fill-opacity=".75"/>' for x, y in at)
    else:
        dash = ' stroke-dasharray="6 4"' if one.dashed else ""
        path = " ".join(f"{x},{y}" for x, y in at)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'


def _legend(series: Sequence[Series]) -> Iterable[str]:
    """Names in one row under the title."""
    x = float(LEFT)
    for i, one in enumerate(series):
        yield f'<rect x="{x:.0f}" y="35" width="12" height="10" fill="{COLOURS[i % len(COLOURS)]}"/>'
        yield f'<text x="{x + 17:.0f}" y="45">{escape(one.name)}</text>'
        x += 34 + 7 * len(one.name)


def _short(value: float) -> str:
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"
