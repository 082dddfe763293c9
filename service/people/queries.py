"""Reads of people: the organisations that one may act for, and the people of an organisation."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import require
from service.people.models import Membership, Person, RoleRequest


@dataclass(frozen=True, slots=True)
class Seat:
    """An organisation that a person may act for, with the roles held there."""

    organisation: Organisation
    roles: tuple[str, ...]


def seats(tx: Session, person_id: UUID) -> list[Seat]:
    """Every organisation that the person belongs to."""
    found: dict[UUID, tuple[Organisation, list[str]]] = {}
    rows = select(Membership, Organisation).join(Organisation, Organisation.id == Membership.organisation_id)
    for membership, organisation in tx.execute(
        rows.where(Membership.person_id == person_id, Membership.active).order_by(Membership.id)
    ):
        found.setdefault(organisation.id, (organisation, []))[1].append(membership.role)
    return [Seat(organisation, tuple(roles)) for organisation, roles in found.values()]


def person(tx: Session, person_id: UUID) -> Person:
    """The person."""
    return tx.get_one(Person, person_id)


@dataclass(frozen=True, slots=True)
class Member:
    """Someone of an organisation with the roles held there."""

    id: UUID
    username: str
    display_name: str
    roles: list[str]
    waiting: list[str] = field(default_factory=list)


def members(tx: Session, *, by: Actor, organisation_id: UUID) -> list[Member]:
    """The people of an organisation, for those who manage them."""
    organisation = tx.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    require(by, "person.manage", organisation_id=organisation.id, province=organisation.province_code)
    rows = select(Person, Membership).join(Membership, Membership.person_id == Person.id)
    rows = rows.where(Membership.organisation_id == organisation_id).order_by(Person.id, Membership.id)
    found: dict[UUID, Member] = {}
    for person, held in tx.execute(rows):
        one = found.setdefault(person.id, Member(person.id, person.username, person.display_name, []))
        if held.active:
            one.roles.append(held.role)
    asked = select(RoleRequest).where(RoleRequest.organisation_id == organisation_id, RoleRequest.state == "pending")
    for row in tx.scalars(asked.order_by(RoleRequest.id)):
        found[row.person_id].waiting.append(row.role)
    return list(found.values())


def member(tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID) -> Member:
    """One person of an organisation."""
    found = (one for one in members(tx, by=by, organisation_id=organisation_id) if one.id == person_id)
    try:
        return next(found)
    except StopIteration:
        raise NotFound from None
