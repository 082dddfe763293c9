"""Drawings as numbers: maps projected to SVG coordinates, pure functions; templates/map.html writes the SVG.

Equirectangular with the longitude shrunk by the cosine of the middle latitude: at the size of a country or a province
that keeps shapes and distances within a few per cent, and needs no library.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import cos, radians
from typing import Any

WIDTH = 640
TALLEST = 900
MARGIN = 14  # for the radius of a point at the edge
NARROWEST_DEG = 0.05  # a single point still gets surroundings of about five kilometres
Position = tuple[float, float]  # latitude, longitude


@dataclass(frozen=True, slots=True)
class Spot:
    """A point to show: where, of which kind (a CSS class), how large, and what it is."""

    lat: float
    lng: float
    kind: str
    title: str
    radius: float = 5.0
    number: int | None = None  # written on the point, where a list beside the map counts too


@dataclass(frozen=True, slots=True)
class Link:
    """A line between two positions."""

    begin: Position
    end: Position
    kind: str = "link"


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline as the `d` of an SVG path."""

    path: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in SVG coordinates."""

    x: float
    y: float
    radius: float
    kind: str
    title: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line in SVG coordinates."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole map."""

    width: float
    height: float
    shapes: list[Shape]
    strokes: list[Stroke]
    marks: list[Mark]


@dataclass(frozen=True, slots=True)
class Projection:
    """Degrees to SVG units: y grows southwards."""

    west: float
    north: float
    east: float
    south: float
    scale: float  # units a degree of latitude
    shrink: float  # of a degree of longitude

    @classmethod
    def fit(cls, positions: Iterable[Position], width: float = WIDTH) -> "Projection":
        """The projection that shows every position in the width, and in no more than the tallest height."""
        found = list(positions) or [(13.75, 100.5)]
        south, north = _widened(min(lat for lat, _ in found), max(lat for lat, _ in found))
        west, east = _widened(min(lng for _, lng in found), max(lng for _, lng in found))
        shrink = cos(radians((south + north) / 2))
        scale = (width - 2 * MARGIN) / ((east - west) * shrink)
        return cls(west, north, east, south, min(scale, (TALLEST - 2 * MARGIN) / (north - south)), shrink)

    def xy(self, lat: float, lng: float) -> tuple[float, float]:
        """SVG coordinates of a position, to a tenth."""
        x = MARGIN + (lng - self.west) * self.shrink * self.scale
        return round(x, 1), round(MARGIN + (self.north - lat) * self.scale, 1)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the drawing."""
        x, y = self.xy(self.south, self.east)
        return round(x + MARGIN, 1), round(y + MARGIN, 1)


def _widened(low: float, high: float) -> tuple[float, float]:
    lack = max(0.0, NARROWEST_DEG - (high - low)) / 2
    return low - lack, high + lack


def _thai_name(district: Any) -> str:
    return str(district.name_th)


def draw(
    districts: Iterable[Any],
    spots: Sequence[Spot],
    links: Sequence[Link] = (),
    *,
    lit: Iterable[str] = (),
    name: Callable[[Any], str] = _thai_name,
) -> Drawing:
    """A map of districts (`code`, `outline`), points and lines. Districts in `lit` have the kind `lit`."""
    outlined = [district for district in districts if district.outline]
    marked = [(spot.lat, spot.lng) for spot in spots]
    ends = chain.from_iterable((link.begin, link.end) for link in links)
    corners = chain.from_iterable(_corners(district.outline) for district in outlined)
    to = Projection.fit(chain(corners, marked, ends))
    chosen = frozenset(lit)
    width, height = to.size
    return Drawing(
        width, height,
        [Shape(path_of(one.outline, to), name(one), "lit" if one.code in chosen else "area") for one in outlined],
        [Stroke(*to.xy(*link.begin), *to.xy(*link.end), link.kind) for link in links],
        [Mark(*to.xy(spot.lat, spot.lng), spot.radius, spot.kind, spot.title, spot.number) for spot in spots],
    )  # fmt: skip


def _corners(outline: list[Any]) -> Iterator[Position]:
    for ring in _rings(outline):
        yield from ((lat, lng) for lng, lat in ring)


def _rings(outline: list[Any]) -> Iterator[Any]:
    """Every ring of a Polygon's or a MultiPolygon's coordinates."""
    is_polygon = isinstance(outline[0][0][0], int | float)
    return iter(outline) if is_polygon else chain.from_iterable(outline)


def path_of(outline: list[Any], to: Projection) -> str:
    """The `d` of an outline's rings of [lng, lat]; corners that fall on the same spot are drawn once."""
    return "".join(_ring(ring, to) for ring in _rings(outline))


def _ring(ring: list[Any], to: Projection) -> str:
    corners = [to.xy(lat, lng) for lng, lat in ring]
    kept = [corner for index, corner in enumerate(corners) if not index or corner != corners[index - 1]]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept) + "Z"
