"""Reads of the ways back: whom an officer can help."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.problems import NotAllowed, NotFound
from service.parties.models import Organisation
from service.people.models import Membership, Person
from service.recovery.help import may_help


def helped(tx: Session, *, by: Actor, organisation_id: UUID) -> tuple[Organisation, list[Person]]:
    """An organisation and its people, for those who help them with their accounts."""
    organisation = tx.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    if not may_help(by, organisation):
        raise NotAllowed
    rows = select(Person).join(Membership, Membership.person_id == Person.id)
    rows = rows.where(Membership.organisation_id == organisation_id, Membership.active, Person.active)
    return organisation, list(tx.scalars(rows.distinct().order_by(Person.display_name, Person.id)))
