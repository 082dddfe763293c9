"""Pages of an organisation's people and their roles."""

from typing import Literal
from uuid import UUID

from fastapi import Request, Response

from service.parties import actions as parties
from service.parties.vocabulary import ROLES_OF_KIND
from service.people import actions, queries
from service.people.schemas import PersonIn, RoleIn
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import render, see
from service.web.routes import page_router, shows_again

router = page_router("/organisations/{organisation_id}/people")


@router.get("")
def people_page(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """The people of an organisation and their roles."""
    found = parties.get(tx, organisation_id)
    members = queries.members(tx, by=by, organisation_id=organisation_id)
    return render(request, "people/people.html", organisation=found, members=members,
                  roles=sorted(ROLES_OF_KIND[found.kind]))  # fmt: skip


@router.post("")
@shows_again(people_page)
def add_person(request: Request, organisation_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Open an account."""
    del request
    actions.add_person(tx, by=by, organisation_id=organisation_id, draft=posted.read(PersonIn))
    return see("")


@router.post("/{person_id}/roles/{change}")
@shows_again(people_page)
def change_role(
    request: Request,
    organisation_id: UUID,
    person_id: UUID,
    change: Literal["give", "take"],
    tx: Tx,
    by: By,
    posted: Form,
) -> Response:
    """Give or take a role."""
    del request
    apply = actions.give_role if change == "give" else actions.take_role
    apply(tx, by=by, organisation_id=organisation_id, person_id=person_id, role=posted.read(RoleIn).role)
    return see("")
