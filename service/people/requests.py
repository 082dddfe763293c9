"""Roles of review need four eyes: who asks for one does not approve it, nor does the one who is to have it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.people import rules
from service.people.models import Membership, Person, RoleRequest


@dataclass(frozen=True, slots=True)
class Waiting:
    """A role that waits for a second person."""

    id: UUID
    role: str
    asked_at: datetime
    asked_by_name: str
    is_own: bool
    person_id: UUID
    display_name: str
    username: str
    organisation: Organisation

    @property
    def organisation_id(self) -> UUID:
        """Where the role would be held."""
        return self.organisation.id


def ask(tx: Session, *, by: Actor, organisation: Organisation, person: Person, role: str) -> None:
    """Note that a role of review is wanted; whoever may is decided by the caller, who holds the organisation."""
    same = (RoleRequest.person_id == person.id, RoleRequest.organisation_id == organisation.id)
    if tx.scalar(select(RoleRequest.id).where(*same, RoleRequest.role == role, RoleRequest.state == "pending")):
        return
    tx.add(RoleRequest(person_id=person.id, organisation_id=organisation.id, role=role, asked_by=by.person_id))
    events.record(tx, by=by, verb="role.asked", subject=person, province_code=organisation.province_code,
                  change={"organisation": organisation.id, "role": role})  # fmt: skip


def waiting(tx: Session, *, by: Actor, organisation_id: UUID | None = None) -> list[Waiting]:
    """The roles that wait, of the people whom the actor manages."""
    require(by, "person.manage", organisation_id=by.organisation_id, province=by.province_code)
    rows = select(RoleRequest, Person, Organisation).join(Person, Person.id == RoleRequest.person_id)
    rows = rows.join(Organisation, Organisation.id == RoleRequest.organisation_id)
    rows = rows.where(RoleRequest.state == "pending").order_by(RoleRequest.id)
    if organisation_id is not None:
        rows = rows.where(RoleRequest.organisation_id == organisation_id)
    found = [(row, person, at) for row, person, at in tx.execute(rows) if _manages(by, at)]
    names = _names(tx, [row.asked_by for row, _, _ in found if row.asked_by is not None])
    return [
        Waiting(row.id, row.role, row.asked_at, names.get(row.asked_by, ""), row.asked_by == by.person_id, person.id,
                person.display_name, person.username, at)
        for row, person, at in found
    ]  # fmt: skip


def approve(tx: Session, *, by: Actor, request_id: UUID) -> None:
    """A second person gives the role."""
    row, organisation = _pending(tx, by, request_id)
    rules.must_be_another(by.person_id, row.asked_by, row.person_id)
    person = tx.get_one(Person, row.person_id)
    same = (Membership.person_id == person.id, Membership.organisation_id == organisation.id)
    held = tx.scalar(select(Membership).where(*same, Membership.role == row.role))
    held = held or Membership(person_id=person.id, organisation_id=organisation.id, role=row.role)
    held.active, person.sign_in_anew_at = True, now()
    tx.add(held)
    _decided(row, by, "approved")
    events.record(tx, by=by, verb="role.given", subject=person, province_code=organisation.province_code,
                  change={"organisation": organisation.id, "role": row.role, "asked_by": row.asked_by})  # fmt: skip


def refuse(tx: Session, *, by: Actor, request_id: UUID, reason: str) -> None:
    """The role is not given, or whoever asked takes it back."""
    row, organisation = _pending(tx, by, request_id)
    _decided(row, by, "refused")
    events.record(tx, by=by, verb="role.refused", subject=tx.get_one(Person, row.person_id), reason=reason,
                  province_code=organisation.province_code,
                  change={"organisation": organisation.id, "role": row.role, "asked_by": row.asked_by})  # fmt: skip


def _pending(tx: Session, by: Actor, request_id: UUID) -> tuple[RoleRequest, Organisation]:
    """The request, locked, if it still waits and the actor manages people there."""
    row = tx.scalar(select(RoleRequest).where(RoleRequest.id == request_id).with_for_update())
    organisation = None if row is None else tx.get(Organisation, row.organisation_id)
    if row is None or organisation is None or not _manages(by, organisation):
        raise NotFound
    rules.must_wait(row.state)
    return row, organisation


def _manages(by: Actor, organisation: Organisation) -> bool:
    return may(by, "person.manage", organisation_id=organisation.id, province=organisation.province_code)


def _decided(row: RoleRequest, by: Actor, state: str) -> None:
    row.state, row.decided_by, row.decided_at = state, by.person_id, now()


def _names(tx: Session, people: list[UUID]) -> dict[UUID | None, str]:
    return {row.id: row.display_name for row in tx.scalars(select(Person).where(Person.id.in_(people)))}
