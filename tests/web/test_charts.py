"""Maps as numbers: the projection keeps shapes, fits what it shows, and survives little or nothing to show."""

from math import cos, radians
from types import SimpleNamespace

import pytest

from service.web.charts import MARGIN, TALLEST, WIDTH, Drawing, Link, Projection, Spot, draw, path_of
from service.web.pages import environment

SQUARE = [[[[103.0, 16.0], [104.0, 16.0], [104.0, 17.0], [103.0, 17.0], [103.0, 16.0]]]]


def district(outline: object, code: str = "4501") -> SimpleNamespace:
    return SimpleNamespace(code=code, name_th="เมือง", name_en="Mueang", outline=outline)


def test_corners_land_on_the_margins_and_north_is_up() -> None:
    to = Projection.fit([(16.0, 103.0), (17.0, 104.0)])
    assert to.xy(17.0, 103.0) == (MARGIN, MARGIN)
    assert to.xy(17.0, 104.0) == (WIDTH - MARGIN, MARGIN)
    assert to.xy(16.0, 103.0)[1] > to.xy(17.0, 103.0)[1]


def test_a_degree_of_longitude_is_shorter_by_the_cosine() -> None:
    to = Projection.fit([(16.0, 103.0), (17.0, 104.0)])
    (x0, y0), (x1, y1) = to.xy(16.0, 103.0), to.xy(17.0, 104.0)
    assert (x1 - x0) / (y0 - y1) == pytest.approx(cos(radians(16.5)), abs=1e-3)


def test_a_long_province_stays_within_the_tallest_height() -> None:
    width, height = Projection.fit([(6.0, 99.0), (20.0, 99.5)]).size
    assert height == pytest.approx(TALLEST, abs=1)
    assert width < WIDTH


def test_one_point_and_no_point_still_make_a_map() -> None:
    one = draw([], [Spot(16.0, 103.0, "here", "x")])
    assert one.marks[0].x == pytest.approx(one.width / 2, abs=0.2)
    none = draw([], [])
    assert (none.shapes, none.marks) == ([], [])
    assert none.width > 0


def test_outlines_points_and_lines_share_one_projection() -> None:
    drawing: Drawing = draw(
        [district(SQUARE), district(None, "4502")],
        [Spot(16.5, 103.5, "supplier", "group", 7)],
        [Link((16.0, 103.0), (17.0, 104.0))],
        lit=["4501"],
    )
    assert [shape.kind for shape in drawing.shapes] == ["lit"]
    assert drawing.marks[0].x == drawing.width / 2
    assert drawing.marks[0].y == pytest.approx(drawing.height / 2, abs=0.1)
    assert (drawing.strokes[0].x1, drawing.strokes[0].y2) == (MARGIN, MARGIN)


def test_polygons_and_multipolygons_give_the_same_path_without_repeats() -> None:
    to = Projection.fit([(16.0, 103.0), (17.0, 104.0)])
    path = path_of(SQUARE, to)
    assert path == path_of(SQUARE[0], to)
    assert path.startswith("M14 ")
    near = [[[[103.0, 16.0], [103.00001, 16.0], [104.0, 17.0], [103.0, 16.0]]]]
    assert path_of(near, to).count("L") == 2


def test_the_macro_names_the_map_and_escapes_what_it_shows() -> None:
    source = """{% from "map.html" import district_map with context %}
    {{ district_map(areas, [spot(16.5, 103.5, "buyer", "<b>", 6)], title="T & T", desc="D",
                    legend=[("buyer", "Buyers")]) }}"""
    page = environment().from_string(source).render(areas=[district(SQUARE)])
    assert 'role="img" aria-labelledby="map-title map-desc"' in page
    assert "T &amp; T" in page
    assert "&lt;b&gt;" in page
    assert 'class="buyer"' in page
    assert "Buyers" in page
    assert "style=" not in page
