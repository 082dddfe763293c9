"""What the parties' API and forms read and write."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from service.kernel.shapes import Day, In, Name, Out, Reason, SubdistrictCode, Text
from service.parties.vocabulary import Measure, OrganisationKind, OrganisationState, Role


class SignIn(In):
    """A name and its password."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SessionOut(Out):
    """A begun session: send `token` as `Authorization: Bearer`."""

    token: str
    person_id: UUID


class SwitchTo(In):
    """The organisation to act for."""

    organisation_id: UUID


class ActorOut(Out):
    """Who you are here."""

    person_id: UUID
    organisation_id: UUID
    organisation_kind: str
    province_code: str | None
    roles: list[Role]


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


class OrganisationIn(In):
    """A new organisation."""

    kind: OrganisationKind
    legal_form: Text = ""
    scheme: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{2,40}$")]
    registration_id: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    name_th: Name
    name_en: Text = ""
    subdistrict_code: SubdistrictCode
    address: Annotated[str, StringConstraints(max_length=300)] = ""
    lat: Annotated[float | None, Field(ge=5, le=21)] = None
    lng: Annotated[float | None, Field(ge=97, le=106)] = None
    contact_name: Annotated[str, StringConstraints(max_length=120)] = ""
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9+() -]{0,30}$")] = ""
    email: Annotated[str, StringConstraints(pattern=r"^$|^[^@\s]{1,64}@[^@\s]{1,130}$")] = ""
    member_households: Annotated[int, Field(ge=0, le=100_000)] = 0
    heads: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class OrganisationEdit(In):
    """The fields of an organisation that its people may change; absent ones stay."""

    name_th: Name | None = None
    name_en: Text | None = None
    address: Annotated[str | None, StringConstraints(max_length=300)] = None
    contact_name: Annotated[str | None, StringConstraints(max_length=120)] = None
    phone: Annotated[str | None, StringConstraints(pattern=r"^[0-9+() -]{0,30}$")] = None
    email: Annotated[str | None, StringConstraints(pattern=r"^$|^[^@\s]{1,64}@[^@\s]{1,130}$")] = None
    member_households: Annotated[int | None, Field(ge=0, le=100_000)] = None
    heads: Annotated[int | None, Field(ge=0, le=1_000_000)] = None


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
    member_households: int
    heads: int
    synthetic: bool
    version: int


class StepIn(In):
    """A change of an organisation's state, with its reason."""

    to: OrganisationState
    reason: Reason


class SocialShareIn(In):
    """A share declared by the supplier, in basis points (100 = 1 %)."""

    measure: Measure
    declared_bp: Annotated[int, Field(ge=0, le=10_000)]
    valid_from: Day
    valid_until: Day


class AttestIn(In):
    """What an attester confirms of a declared share."""

    attested_bp: Annotated[int, Field(ge=0, le=10_000)]
    evidence: Annotated[str, StringConstraints(min_length=3, max_length=500)]


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
