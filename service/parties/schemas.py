"""What the parties' API and forms read and write."""

from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from service.kernel.i18n import N_
from service.kernel.shapes import Day, In, Mistake, Name, Note, Out, ProvinceCode, Reason, SubdistrictCode, Text
from service.kernel.suppression import shown_or_none
from service.parties.vocabulary import Measure, OrganisationKind, OrganisationState

DistrictCode = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{3}$")]
PostalCode = Annotated[str, StringConstraints(pattern=r"^(\d{5})?$")]
PlaceName = Annotated[Name, Field(max_length=120)]
Latitude = Annotated[float, Field(ge=5, le=21, allow_inf_nan=False)]  # Thailand with a margin
Longitude = Annotated[float, Field(ge=97, le=106, allow_inf_nan=False)]


class ProvinceOut(Out):
    """A province."""

    code: str
    name_th: str
    name_en: str
    lat: float
    lng: float
    approximate: bool


class DistrictOut(ProvinceOut):
    """A district."""

    province_code: str


class SubdistrictOut(DistrictOut):
    """A sub-district."""

    district_code: str
    postal_code: str


def _must_nest(*codes: str | None) -> None:
    """Refuse a place whose code does not begin with the code of the place that holds it; the finest comes first."""
    given = [code for code in codes if code is not None]
    if any(not inner.startswith(outer) for inner, outer in pairwise(given)):
        raise Mistake(N_("The codes of the places do not belong together."))


class PlaceRow(In):
    """A place from a file; without a point it takes that of the place that holds it."""

    code: ProvinceCode
    name_th: PlaceName
    name_en: PlaceName
    lat: Latitude | None = None
    lng: Longitude | None = None

    @model_validator(mode="after")
    def _whole_point(self) -> Self:
        if (self.lat is None) != (self.lng is None):
            raise Mistake(N_("A point needs both latitude and longitude."))
        return self


class DistrictRow(PlaceRow):
    """A district from a file."""

    code: DistrictCode
    province_code: ProvinceCode

    @model_validator(mode="after")
    def _nests(self) -> Self:
        _must_nest(self.code, self.province_code)
        return self


class SubdistrictRow(PlaceRow):
    """A sub-district from a file."""

    code: SubdistrictCode
    district_code: DistrictCode
    province_code: ProvinceCode
    postal_code: PostalCode = ""

    @model_validator(mode="after")
    def _nests(self) -> Self:
        _must_nest(self.code, self.district_code, self.province_code)
        return self


class OrganisationDetails(In):
    """An organisation without its place."""

    kind: OrganisationKind
    legal_form: Annotated[Text, Field(max_length=60)] = ""
    scheme: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{2,40}$")]
    registration_id: Annotated[Text, Field(min_length=1, max_length=120)]
    name_th: Name
    name_en: Text = ""
    address: Annotated[Note, Field(max_length=300)] = ""
    lat: Latitude | None = None
    lng: Longitude | None = None
    contact_name: Annotated[Text, Field(max_length=120)] = ""
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+() -]{0,30}$")] = ""
    email: Annotated[str, StringConstraints(pattern=r"^$|^[^@\s]{1,64}@[^@\s]{1,130}$")] = ""
    member_households: Annotated[int, Field(ge=0, le=100_000)] = 0
    heads: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class OrganisationIn(OrganisationDetails):
    """A new organisation."""

    subdistrict_code: SubdistrictCode


class OrganisationRow(OrganisationDetails):
    """An organisation from a file: the finest place that is known, a sub-district, a district or a province."""

    subdistrict_code: SubdistrictCode | None = None
    district_code: DistrictCode | None = None
    province_code: ProvinceCode | None = None

    @model_validator(mode="after")
    def _nests(self) -> Self:
        _must_nest(self.subdistrict_code, self.district_code, self.province_code)
        if (self.lat is None) != (self.lng is None):
            raise Mistake(N_("A point needs both latitude and longitude."))
        return self


class OrganisationEdit(In):
    """The fields of an organisation that its people may change; absent ones stay."""

    name_th: Name | None = None
    name_en: Text | None = None
    address: Annotated[Note, Field(max_length=300)] | None = None
    contact_name: Annotated[Text, Field(max_length=120)] | None = None
    phone: Annotated[str | None, StringConstraints(pattern=r"^[0-9+() -]{0,30}$")] = None
    email: Annotated[str | None, StringConstraints(pattern=r"^$|^[^@\s]{1,64}@[^@\s]{1,130}$")] = None
    shared_phone: bool | None = None  # whoever answers for the group gives their PIN
    member_households: Annotated[int | None, Field(ge=0, le=100_000)] = None
    heads: Annotated[int | None, Field(ge=0, le=1_000_000)] = None


def _few(count: int | None) -> int | None:
    return None if count is None else shown_or_none(count)


MemberHouseholds = Annotated[
    int | None, AfterValidator(_few), Field(description="Null where one to four households are meant.")
]


class OrganisationOut(Out):
    """An organisation as everyone signed in may see it."""

    id: UUID
    kind: OrganisationKind
    legal_form: str
    scheme: str
    registration_id: str
    name_th: str
    name_en: str
    subdistrict_code: str | None
    district_code: str | None
    province_code: str | None
    lat: float | None
    lng: float | None
    approximate: bool
    state: OrganisationState
    member_households: MemberHouseholds
    heads: int
    synthetic: bool
    version: int


class StepIn(In):
    """A change of an organisation's state, with its reason."""

    to: Literal["pending", "qualified", "refused", "suspended"]
    reason: Reason


class VersionIn(In):
    """The version that a form edits."""

    version: Annotated[int, Field(ge=1, le=2_000_000_000)]


class ConflictIn(In):
    """A conflict of interest with another organisation; without a last day it stands until it is ended."""

    other_id: UUID
    reason: Reason
    valid_from: Day
    valid_until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise Mistake(N_("The last day comes before the first."))
        return self


class ConflictOut(Out):
    """A declared conflict of interest."""

    id: UUID
    organisation_id: UUID
    other_id: UUID
    reason: str
    valid_from: date
    valid_until: date | None


class SocialShareIn(In):
    """A share declared by the supplier, in basis points (100 = 1 %)."""

    measure: Measure
    declared_bp: Annotated[int, Field(ge=0, le=10_000)]
    valid_from: Day
    valid_until: Day


class AttestIn(In):
    """What an attester confirms of a declared share."""

    attested_bp: Annotated[int, Field(ge=0, le=10_000)]
    evidence: Reason


class SocialShareOut(Out):
    """A declared and perhaps attested share."""

    id: UUID
    organisation_id: UUID
    measure: Measure
    declared_bp: int
    attested_bp: int | None
    attester_id: UUID | None
    attested_on: date | None
    evidence: str
    valid_from: date
    valid_until: date
    created_at: datetime
