"""The API of an organisation's people and their roles."""

from uuid import UUID

from service.kernel.problems import Duplicate, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.parties.vocabulary import Role
from service.people import actions, queries
from service.people.rules import LastManager, OwnRole, RoleNotOfKind
from service.people.schemas import MemberOut, PersonIn, RoleIn
from service.web.deps import By, Creates, Tx
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
CREATES = (*SIGNED_IN, NotAllowed, NotFound, Duplicate, KeyReused)

router = api_router("/organisations/{organisation_id}/people", "people")


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
