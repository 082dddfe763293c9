"""Provinces, districts and sub-districts: which of the three a file holds is told by its columns."""

import re
from collections.abc import Hashable
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.imports.reader import Source
from service.imports.rows import Done, Values, put
from service.imports.rules import latin, refused
from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.parties.models import District, Province, Subdistrict
from service.parties.schemas import DistrictRow, PlaceRow, SubdistrictRow

NEEDED = ("code", "name_th", "name_en")
NAMES = frozenset({"name_th", "name_en"})
# A file may say how good its points are; these words mean that a point is not the place's own.
BORROWED = "district_centroid"
LEVELS: tuple[tuple[str, type[PlaceRow], type[Any]], ...] = (
    ("district_code", SubdistrictRow, Subdistrict),
    ("province_code", DistrictRow, District),
    ("code", PlaceRow, Province),
)
_ABOVE: dict[type[Any], tuple[str, type[Any]]] = {
    Subdistrict: ("district_code", District),
    District: ("province_code", Province),
}


class Places:
    """Importer of places."""

    kind: ClassVar[str] = "places"

    def missing(self, columns: tuple[str, ...]) -> list[str]:
        """Every level needs code and both names; sub-districts also name their province."""
        needed = [*NEEDED, "province_code"] if "district_code" in columns else NEEDED
        return [name for name in needed if name not in columns]

    def used(self, columns: tuple[str, ...]) -> set[str]:
        """The columns of the level's schema."""
        schema, _ = _level(columns)
        return set(schema.model_fields) | {"coord_source"}

    def prepare(self, tx: Session, source: Source) -> None:
        """Choose the level, and load the points of the places that hold its rows."""
        self.schema, self.model = _level(source.columns)
        self.known: dict[str, tuple[float, float]] = {}
        if self.model in _ABOVE:
            _, holder = _ABOVE[self.model]
            self.known = {
                code: (lat, lng) for code, lat, lng in tx.execute(select(holder.code, holder.lat, holder.lng))
            }

    def read(self, content: dict[str, Any]) -> Values:
        """The row's values, with a point of its own or that of the place that holds it."""
        cells = {name: cell if name in NAMES else latin(cell) for name, cell in content.items()}
        if "postal_code" in cells:
            cells["postal_code"] = re.split(r"[\s;,/|]+", cells["postal_code"])[
                0
            ]  # some have two: the first is the main one
        row = self.schema.model_validate({name: cells[name] for name in self.schema.model_fields if name in cells})
        return {**row.model_dump(), **self._point(row, borrowed=cells.get("coord_source") == BORROWED)}

    def _point(self, row: PlaceRow, *, borrowed: bool) -> Values:
        holder = None
        if self.model in _ABOVE:
            name, _ = _ABOVE[self.model]
            holder = self.known.get(getattr(row, name))
            if holder is None:
                raise refused(N_("There is no such place; import the places that hold it first."), at=name)
        if row.lat is not None and row.lng is not None:
            return {"approximate": borrowed}
        if holder is None:
            raise refused(N_("A province needs a point."), at="lat")
        return {"lat": holder[0], "lng": holder[1], "approximate": True}

    def key(self, draft: Values) -> Hashable:
        """The code."""
        code: str = draft["code"]
        return code

    def write(self, tx: Session, drafts: list[Values]) -> list[Done | Problem]:
        """Insert or update the places."""
        return [*put(tx, self.model, ("code",), drafts)]


def _level(columns: tuple[str, ...]) -> tuple[type[PlaceRow], type[Any]]:
    return next((schema, model) for column, schema, model in LEVELS if column in columns)
