"""Institutions and suppliers: each placed by its own point, else by the finest place that the file names."""

from collections.abc import Hashable
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.imports.reader import Source
from service.imports.rows import Done, Values, put
from service.imports.rules import latin, refused
from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.parties.models import District, Organisation, Province, Subdistrict
from service.parties.schemas import OrganisationRow
from service.parties.vocabulary import SUPPLIERS, OrganisationKind

INSTITUTIONS = frozenset(OrganisationKind) - SUPPLIERS
PLACES = ("subdistrict_code", "district_code", "province_code")
TEXTS = frozenset({"name_th", "name_en", "address", "contact_name", "legal_form", "email"})
OTHER_NAMES = {"type": "legal_form", "latitude": "lat", "longitude": "lng"}
POINT = ("lat", "lng", "approximate")
KEY = ("scheme", "registration_id")
_NO_SUCH = {
    "subdistrict_code": N_("There is no such sub-district."),
    "district_code": N_("There is no such district."),
    "province_code": N_("There is no such province."),
}


class Organisations:
    """What both kinds of files share."""

    kind: ClassVar[str]
    kinds: ClassVar[frozenset[str]]

    def __init__(self, *, default_kind: str | None, state: str) -> None:
        self.default_kind = default_kind
        self.state = state

    def missing(self, columns: tuple[str, ...]) -> list[str]:
        """A name, a kind (here or on the command line) and some place."""
        needed = ["name_th"] if self.default_kind else ["kind", "name_th"]
        lacking = [name for name in needed if name not in columns]
        return lacking if set(PLACES) & set(columns) else [*lacking, PLACES[0]]

    def used(self, columns: tuple[str, ...]) -> set[str]:
        """The columns of the schema, under any of their names."""
        return set(OrganisationRow.model_fields) | {name for name in columns if name in OTHER_NAMES}

    def prepare(self, tx: Session, source: Source) -> None:
        """Load every place's point."""
        self.file = source.name[:120]
        self.places: dict[str, dict[str, tuple[float, float]]] = {}
        models: tuple[type[Any], ...] = (Subdistrict, District, Province)
        for name, model in zip(PLACES, models, strict=True):
            rows = tx.execute(select(model.code, model.lat, model.lng))
            self.places[name] = {code: (lat, lng) for code, lat, lng in rows}

    def read(self, content: dict[str, Any]) -> Values:
        """The row's values: only what the file gives, so that blank cells leave known rows alone."""
        cells = {OTHER_NAMES.get(name, name): cell for name, cell in content.items()}
        cells = {name: cell if name in TEXTS else latin(cell) for name, cell in cells.items()}
        wanted = {name: cells[name] for name in OrganisationRow.model_fields if name in cells}
        wanted.setdefault("kind", self.default_kind)
        if "registration_id" not in cells and "scheme" not in cells:
            wanted |= _key_by_name(wanted)
        row = OrganisationRow.model_validate(wanted)
        if row.kind not in self.kinds:
            raise refused(N_("This kind belongs in another file: institutions and suppliers come apart."), at="kind")
        return {**row.model_dump(mode="json", exclude_unset=True, exclude=set(PLACES)), **self._place(row)}

    def _place(self, row: OrganisationRow) -> Values:
        finest = next((name for name in PLACES if getattr(row, name)), None)
        if finest is None:
            raise refused(N_("Nothing says where it is: give a sub-district, a district or a province."), at=PLACES[0])
        code = getattr(row, finest)
        point = self.places[finest].get(code)
        if point is None:
            raise refused(_NO_SUCH[finest], at=finest)
        codes = {
            name: code[:length] if len(code) >= length else None for name, length in zip(PLACES, (6, 4, 2), strict=True)
        }
        if row.lat is not None:
            return {**codes, "lat": row.lat, "lng": row.lng, "approximate": False}
        return {**codes, "lat": point[0], "lng": point[1], "approximate": True}

    def key(self, draft: Values) -> Hashable:
        """Register and number."""
        return draft["scheme"], draft["registration_id"]

    def write(self, tx: Session, drafts: list[Values]) -> list[Done | Problem]:
        """Insert or update the organisations."""
        first = {"state": self.state, "source": self.file}
        return [*put(tx, Organisation, KEY, drafts, at_first=first, keep=_keep_own_point)]


class Institutions(Organisations):
    """Importer of buyers and of the programme's own organisations."""

    kind: ClassVar[str] = "institutions"
    kinds: ClassVar[frozenset[str]] = INSTITUTIONS


class Suppliers(Organisations):
    """Importer of groups that sell."""

    kind: ClassVar[str] = "suppliers"
    kinds: ClassVar[frozenset[str]] = SUPPLIERS


def _key_by_name(cells: dict[str, Any]) -> dict[str, str]:
    """Without a register, the name in its place is the key: TH-SCHOOL-NAME, 100101:name."""
    place = next((cells[name] for name in PLACES if cells.get(name)), "")
    kind = str(cells["kind"] or "").upper().replace("_", "-")
    return {"scheme": f"TH-{kind}-NAME", "registration_id": f"{place}:{cells.get('name_th', '')}"}


def _keep_own_point(row: Organisation, values: Values) -> Values:
    """A point that is the organisation's own is not replaced by that of its place."""
    moved = any(getattr(row, name) != values[name] for name in PLACES)
    if row.approximate or not values["approximate"] or moved:
        return values
    return {name: value for name, value in values.items() if name not in POINT}
