"""Pages of an organisation's people and their roles."""

from typing import Literal
from uuid import UUID

from fastapi import Request, Response

from service.parties import actions as parties
from service.parties.vocabulary import ROLES_OF_KIND
from service.people import actions, queries, requests
from service.people.rules import LABELS, REVIEWING
from service.people.schemas import PersonIn, RefusalIn, RoleIn
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router("/organisations/{organisation_id}/people")
waiting_router = page_router("/roles")
add_words(LABELS)


@router.get("")
def people_page(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """The people of an organisation and their roles."""
    found = parties.get(tx, organisation_id)
    members = queries.members(tx, by=by, organisation_id=organisation_id)
    return render(request, "people/people.html", organisation=found, members=members,
                  roles=sorted(ROLES_OF_KIND[found.kind]), reviewing=REVIEWING)  # fmt: skip


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


@waiting_router.get("")
def waiting_page(request: Request, tx: Tx, by: By) -> Response:
    """The roles of review that wait for a second person."""
    return render(request, "people/waiting.html", waiting=requests.waiting(tx, by=by))


@waiting_router.post("/{request_id}/approve")
@shows_again(waiting_page)
def approve(request: Request, request_id: UUID, tx: Tx, by: By) -> Response:
    """Give a role that somebody else asked for."""
    del request
    requests.approve(tx, by=by, request_id=request_id)
    return see("/roles")


@waiting_router.post("/{request_id}/refuse")
@shows_again(waiting_page)
def refuse(request: Request, request_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Do not give a role, or take one's own request back."""
    del request
    requests.refuse(tx, by=by, request_id=request_id, reason=posted.read(RefusalIn).reason)
    return see("/roles")
