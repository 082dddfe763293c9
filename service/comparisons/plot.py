"""The curve as coordinates: baht paid across, baht of labour income of poor households up; pure numbers for an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.allocation.tradeoffs import Point

LEFT, RIGHT, TOP, BOTTOM = 92.0, 588.0, 34.0, 236.0  # of a drawing of 640 x 300


@dataclass(frozen=True, slots=True)
class Dot:
    """A plan in the drawing."""

    x: float
    y: float
    strength: int


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
    dots = [
        Dot(_place(across, paid, LEFT, RIGHT), _place(up, labour, BOTTOM, TOP), point.strength)
        for across, up, point in zip(paid, labour, points, strict=True)
    ]
    return Curve(dots, (min(paid), max(paid)), (min(labour), max(labour)))


def _place(value: int, among: Sequence[int], begin: float, end: float) -> float:
    least, most = min(among), max(among)
    part = (value - least) / (most - least) if most > least else 0.5
    return round(begin + part * (end - begin), 1)
