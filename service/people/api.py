"""The API of an organisation's people and their roles."""

from uuid import UUID

from service.kernel.problems import Duplicate, InvalidInput, NotAllowed, NotFound, SignInRequired, WrongState
from service.parties.vocabulary import Role
from service.people import actions, queries, requests
from service.people.rules import LastManager, OwnRole, RoleNotOfKind, SecondPerson
from service.people.schemas import MemberOut, PersonIn, RefusalIn, RoleIn, WaitingOut
from service.web.deps import By, Creates, Tx
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
CREATES = (*SIGNED_IN, NotAllowed, NotFound, Duplicate, KeyReused)

router = api_router("/organisations/{organisation_id}/people", "people")
waiting_router = api_router("/role-requests", "people")


@router.get(
    "",
    response_model=list[MemberOut],
    responses=problems(*SIGNED_IN, NotAllowed, NotFound),
)
def people(organisation_id: UUID, tx: Tx, by: By) -> list[queries.Member]:
    """The people of an organisation with their roles."""
    return queries.members(tx, by=by, organisation_id=organisation_id)


@router.post(
    "",
    status_code=201,
    response_model=MemberOut,
    responses=problems(*CREATES, RoleNotOfKind),
    dependencies=[Creates],
)
def add_person(organisation_id: UUID, body: PersonIn, tx: Tx, by: By) -> queries.Member:
    """Open an account for someone of the organisation."""
    person = actions.add_person(tx, by=by, organisation_id=organisation_id, draft=body)
    return queries.member(tx, by=by, organisation_id=organisation_id, person_id=person.id)


@router.post(
    "/{person_id}/roles",
    response_model=MemberOut,
    responses=problems(*CREATES, RoleNotOfKind, OwnRole),
    dependencies=[Creates],
)
def give_role(organisation_id: UUID, person_id: UUID, body: RoleIn, tx: Tx, by: By) -> queries.Member:
    """Give a person a role in the organisation."""
    actions.give_role(tx, by=by, organisation_id=organisation_id, person_id=person_id, role=body.role)
    return queries.member(tx, by=by, organisation_id=organisation_id, person_id=person_id)


@router.delete(
    "/{person_id}/roles/{role}",
    response_model=MemberOut,
    responses=problems(*SIGNED_IN, NotAllowed, NotFound, LastManager),
)
def take_role(organisation_id: UUID, person_id: UUID, role: Role, tx: Tx, by: By) -> queries.Member:
    """Take a role from a person."""
    actions.take_role(tx, by=by, organisation_id=organisation_id, person_id=person_id, role=role)
    return queries.member(tx, by=by, organisation_id=organisation_id, person_id=person_id)


@waiting_router.get("", response_model=list[WaitingOut], responses=problems(*SIGNED_IN, NotAllowed))
def waiting(tx: Tx, by: By) -> list[requests.Waiting]:
    """The roles of review that wait for a second person, of the people whom you manage."""
    return requests.waiting(tx, by=by)


@waiting_router.post(
    "/{request_id}/approval",
    status_code=204,
    responses=problems(*CREATES, SecondPerson, WrongState),
    dependencies=[Creates],
)
def approve(request_id: UUID, tx: Tx, by: By) -> None:
    """Give a role that somebody else asked for."""
    requests.approve(tx, by=by, request_id=request_id)


@waiting_router.post(
    "/{request_id}/refusal", status_code=204, responses=problems(*CREATES, WrongState), dependencies=[Creates]
)
def refuse(request_id: UUID, body: RefusalIn, tx: Tx, by: By) -> None:
    """Do not give a role, or take your own request back."""
    requests.refuse(tx, by=by, request_id=request_id, reason=body.reason)
