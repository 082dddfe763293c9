"""The curve as coordinates: baht paid across, baht of labour income of poor households up; pure numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.allocation.tradeoffs import Point

LEFT, RIGHT, TOP, BOTTOM = 92.0, 372.0, 52.0, 202.0  # of a drawing of 400 x 262


@dataclass(frozen=True, slots=True)
class Dot:
    """A plan in the drawing; strengths that end in the same plan share one."""

    x: float
    y: float
    strengths: tuple[int, ...]  # that end in it

    @property
    def title(self) -> str:
        """The strengths, from the least to the most."""
        return "–".join(str(one) for one in dict.fromkeys((self.strengths[0], self.strengths[-1]))) + " %"


@dataclass(frozen=True, slots=True)
class Curve:
    """The plans in the drawing, and the least and most of each axis in satang."""

    dots: list[Dot]
    paid: tuple[int, int]
    labour: tuple[int, int]

    @property
    def line(self) -> str:
        """The `points` of a polyline."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


def draw(points: Sequence[Point]) -> Curve:
    """Place the plans; an axis on which they do not differ puts them in its middle."""
    paid = [point.paid_satang for point in points]
    labour = [point.poor_labour_satang for point in points]
    found: dict[tuple[float, float], list[int]] = {}
    for point in points:
        x, y = _place(point.paid_satang, paid, LEFT, RIGHT), _place(point.poor_labour_satang, labour, BOTTOM, TOP)
        found.setdefault((x, y), []).append(point.strength)
    dots = [Dot(x, y, tuple(strengths)) for (x, y), strengths in found.items()]
    return Curve(dots, (min(paid), max(paid)), (min(labour), max(labour)))


def _place(value: int, among: Sequence[int], begin: float, end: float) -> float:
    least, most = min(among), max(among)
    part = (value - least) / (most - least) if most > least else 0.5
    return round(begin + part * (end - begin), 1)
