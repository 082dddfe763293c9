"""The parties' API: places, organisations, conflicts, social shares."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from service.kernel.problems import (
    Duplicate,
    EditConflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongState,
)
from service.kernel.shapes import ProvinceCode
from service.parties import actions, queries
from service.parties.models import Conflict, District, Organisation, Province, SocialShare, Subdistrict
from service.parties.rules import OwnConflict
from service.parties.schemas import (
    AttestIn,
    ConflictIn,
    ConflictOut,
    DistrictCode,
    DistrictOut,
    OrganisationEdit,
    OrganisationIn,
    OrganisationOut,
    ProvinceOut,
    SocialShareIn,
    SocialShareOut,
    StepIn,
    SubdistrictOut,
)
from service.parties.vocabulary import OrganisationKind, OrganisationState
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
CREATES = (*SIGNED_IN, NotAllowed, NotFound, Duplicate, KeyReused)
EDITS = (*SIGNED_IN, NotAllowed, NotFound, EditConflict, PreconditionRequired)

router = api_router("", "parties")


@router.get("/provinces", response_model=list[ProvinceOut])
def provinces(tx: Tx) -> list[Province]:
    """All provinces by code."""
    return queries.provinces(tx)


@router.get("/provinces/{code}/districts", response_model=list[DistrictOut], responses=problems(InvalidInput))
def districts(code: ProvinceCode, tx: Tx) -> list[District]:
    """The districts of a province."""
    return queries.districts(tx, code)


@router.get("/districts/{code}/subdistricts", response_model=list[SubdistrictOut], responses=problems(InvalidInput))
def subdistricts(code: DistrictCode, tx: Tx) -> list[Subdistrict]:
    """The sub-districts of a district."""
    return queries.subdistricts(tx, code)


@router.get("/organisations", response_model=Page[OrganisationOut], responses=problems(*SIGNED_IN))
def organisations(
    tx: Tx,
    by: By,
    cut: Paging,
    kind: OrganisationKind | None = None,
    province: Annotated[str | None, Query(pattern=r"^\d{2}$")] = None,
    state: OrganisationState | None = None,
    words: Annotated[str | None, Query(max_length=100)] = None,
) -> Page[OrganisationOut]:
    """Organisations, by kind, province, state and a part of the name."""
    del by
    query = queries.organisations(kind={kind} if kind else None, province=province, state=state, words=words)
    rows, following = page_of(tx, query, Organisation.id, cut)
    return Page(items=rows, next=following)


@router.post(
    "/organisations",
    status_code=201,
    response_model=OrganisationOut,
    responses=problems(*CREATES),
    dependencies=[Creates],
)
def register(body: OrganisationIn, tx: Tx, by: By) -> Organisation:
    """Submit an organisation."""
    return actions.register(tx, by=by, draft=body)


@router.get(
    "/organisations/{organisation_id}", response_model=OrganisationOut, responses=problems(*SIGNED_IN, NotFound)
)
def organisation(organisation_id: UUID, tx: Tx, by: By) -> Organisation:
    """One organisation; its ETag is needed to edit it."""
    del by
    return actions.get(tx, organisation_id)


@router.patch("/organisations/{organisation_id}", response_model=OrganisationOut, responses=problems(*EDITS))
def edit(organisation_id: UUID, body: OrganisationEdit, version: IfMatch, tx: Tx, by: By) -> Organisation:
    """Change an organisation's details."""
    return actions.edit(tx, by=by, organisation_id=organisation_id, version=version, changes=body)


@router.post(
    "/organisations/{organisation_id}/steps",
    response_model=OrganisationOut,
    responses=problems(*CREATES, WrongState),
    dependencies=[Creates],
)
def step(organisation_id: UUID, body: StepIn, tx: Tx, by: By) -> Organisation:
    """Move an organisation to pending, qualified, refused or suspended."""
    return actions.step(tx, by=by, organisation_id=organisation_id, to=body.to, reason=body.reason)


@router.get(
    "/organisations/{organisation_id}/social-shares",
    response_model=list[SocialShareOut],
    responses=problems(*SIGNED_IN, NotAllowed, NotFound),
)
def social_shares(organisation_id: UUID, tx: Tx, by: By) -> list[SocialShare]:
    """A supplier's declared and attested shares."""
    return queries.social_shares(tx, by=by, organisation_id=organisation_id)


@router.post(
    "/organisations/{organisation_id}/social-shares",
    status_code=201,
    response_model=SocialShareOut,
    responses=problems(*CREATES),
    dependencies=[Creates],
)
def declare_share(organisation_id: UUID, body: SocialShareIn, tx: Tx, by: By) -> SocialShare:
    """Declare a share; it counts half until attested."""
    return actions.declare_share(tx, by=by, organisation_id=organisation_id, draft=body)


@router.post(
    "/social-shares/{share_id}/attestation",
    response_model=SocialShareOut,
    responses=problems(*CREATES),
    dependencies=[Creates],
)
def attest_share(share_id: UUID, body: AttestIn, tx: Tx, by: By) -> SocialShare:
    """Attest a declared share."""
    return actions.attest_share(tx, by=by, share_id=share_id, finding=body)


@router.get(
    "/organisations/{organisation_id}/conflicts",
    response_model=list[ConflictOut],
    responses=problems(*SIGNED_IN, NotAllowed, NotFound),
)
def conflicts(organisation_id: UUID, tx: Tx, by: By) -> list[Conflict]:
    """The conflicts of interest of an organisation, declared by either side."""
    return [found.conflict for found in queries.conflicts(tx, by=by, organisation_id=organisation_id)]


@router.post(
    "/organisations/{organisation_id}/conflicts",
    status_code=201,
    response_model=ConflictOut,
    responses=problems(*CREATES, OwnConflict),
    dependencies=[Creates],
)
def declare_conflict(organisation_id: UUID, body: ConflictIn, tx: Tx, by: By) -> Conflict:
    """Declare a conflict of interest with another organisation."""
    return actions.declare_conflict(tx, by=by, organisation_id=organisation_id, draft=body)
