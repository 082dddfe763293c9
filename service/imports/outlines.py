"""District outlines from GeoJSON: matched by code, else by name within the province; four decimals (11 m) are kept."""

import re
from collections.abc import Hashable
from math import isfinite
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.imports.reader import Source
from service.imports.rows import Done, Values, put
from service.imports.rules import refused, tidy
from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.parties.models import District, Province

CODES = ("code", "district_code", "adm2_pcode", "amphoe_code")
NAMES = ("name_th", "adm2_th", "name_en", "adm2_en")
PROVINCES = ("province_code", "adm1_pcode", "province_th", "adm1_th", "province_en", "adm1_en")
DECIMALS = 4
SMALLEST_RING = 3  # a triangle and its first point again
BOX = (97.0, 5.0, 106.0, 21.0)  # west, south, east, north of Thailand with a margin
_LEVEL_WORDS = re.compile(
    "^(\u0e40\u0e02\u0e15|\u0e2d\u0e33\u0e40\u0e20\u0e2d|\u0e01\u0e34\u0e48\u0e07)"
)  # khet, amphoe, king


class Outlines:
    """Importer of outlines."""

    kind: ClassVar[str] = "outlines"

    def missing(self, columns: tuple[str, ...]) -> list[str]:
        """A code, or a name with its province."""
        by_name = set(NAMES) & set(columns) and set(PROVINCES) & set(columns)
        return [] if set(CODES) & set(columns) or by_name else [CODES[0]]

    def used(self, columns: tuple[str, ...]) -> set[str]:
        """All: a GeoJSON file brings many properties that nobody misses."""
        return set(columns)

    def prepare(self, tx: Session, source: Source) -> None:
        """Load the codes and names of every district."""
        del source
        rows = list(tx.execute(select(District.code, District.name_th, District.name_en, District.province_code)))
        self.codes = {code for code, *_ in rows}
        self.by_name = {(above, plain(name)): code for code, th, en, above in rows for name in (th, en)}
        provinces = list(tx.execute(select(Province.code, Province.name_th, Province.name_en)))
        self.provinces = {plain(name): code for code, *names in provinces for name in (code, f"TH{code}", *names)}

    def read(self, content: dict[str, Any]) -> Values:
        """The district's code and its outline."""
        return {"code": self._code(content), "outline": _polygons(content.get("geometry"))}

    def _code(self, content: dict[str, Any]) -> str:
        given = {name: tidy(str(value)) for name, value in content.items() if name != "geometry" and value}
        codes = (given[name].upper().removeprefix("TH") for name in CODES if name in given)
        province = next(
            (self.provinces[plain(given[n])] for n in PROVINCES if plain(given.get(n, "")) in self.provinces), ""
        )
        named = (self.by_name.get((province, plain(given[name]))) for name in NAMES if name in given)
        found = next((code for code in codes if code in self.codes), None) or next(filter(None, named), None)
        if found is None:
            shown = next((given[name] for name in (*NAMES, *CODES) if name in given), "?")
            raise refused(N_("No district matches “{name}”."), at="code", name=shown[:60])
        return found

    def key(self, draft: Values) -> Hashable:
        """The code."""
        code: str = draft["code"]
        return code

    def write(self, tx: Session, drafts: list[Values]) -> list[Done | Problem]:
        """Give the districts their outlines."""
        done = put(tx, District, ("code",), drafts)
        tx.flush()
        return [*done]


def plain(name: str) -> str:
    """A name without its level's word, case, spaces and hyphens."""
    return re.sub(r"[\s.\-]", "", _LEVEL_WORDS.sub("", name.strip().casefold()))


def _polygons(geometry: Any) -> list[Any]:
    """A Polygon or MultiPolygon as a list of polygons, each a list of rings of [lng, lat]."""
    try:
        parts = {"Polygon": lambda given: [given], "MultiPolygon": list}[geometry["type"]](geometry["coordinates"])
        rounded = [[ring for ring in map(_ring, part) if len(ring) > SMALLEST_RING] for part in parts]
    except (TypeError, ValueError, KeyError, IndexError, OverflowError):
        rounded = []
    kept = [part for part in rounded if part]
    if not kept:
        raise refused(N_("The outline must be a Polygon or MultiPolygon of points in Thailand."), at="geometry")
    return kept


def _ring(points: Any) -> list[list[float]]:
    ring: list[list[float]] = []
    for lng, lat, *_ in points:
        point = [round(float(lng), DECIMALS), round(float(lat), DECIMALS)]
        if not (all(map(isfinite, point)) and BOX[0] <= point[0] <= BOX[2] and BOX[1] <= point[1] <= BOX[3]):
            raise ValueError(point)
        if not ring or ring[-1] != point:
            ring.append(point)
    return ring
