"""Use cases of an organisation's people: accounts are opened, roles are given and taken; one event each."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.vocabulary import Role
from service.people import requests, rules
from service.people.models import Membership, Person
from service.people.passwords import hash_password
from service.people.schemas import PersonIn


def add_person(tx: Session, *, by: Actor, organisation_id: UUID, draft: PersonIn) -> Person:
    """Open an account for someone of the organisation; the event names neither the person nor the password.

    Roles of review wait for a second person; an account that is to have no other cannot be used before.
    """
    organisation = _managed(tx, by, organisation_id)
    for role in draft.roles:
        rules.must_fit(role, organisation.kind)
    if tx.scalar(select(Person.id).where(Person.username == draft.username)) is not None:
        raise InvalidInput(errors=(FieldError("/username", N_("This user name is taken.")),))
    names = draft.model_dump(include={"username", "display_name"})
    row = Person(**names, password_hash=hash_password(draft.password) if draft.password else "")
    tx.add(row)
    tx.flush()
    held, place = sorted(set(draft.roles)), {"person_id": row.id, "organisation_id": organisation.id}
    later = [role for role in held if rules.needs_two(by, role)]
    tx.add_all(Membership(**place, role=role, active=role not in later) for role in held)
    now_held = [role for role in held if role not in later]
    events.record(tx, by=by, verb="person.added", subject=row, province_code=organisation.province_code,
                  change={"organisation": organisation.id, "roles": now_held})  # fmt: skip
    for role in later:
        requests.ask(tx, by=by, organisation=organisation, person=row, role=role)
    return row


def give_role(tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID, role: Role) -> Person:
    """Give a person of the organisation a role; only the operator brings in someone from elsewhere.

    A role of review is asked for; it counts once a second person has approved it.
    """
    organisation = _managed(tx, by, organisation_id)
    rules.must_fit(role, organisation.kind)
    person = tx.get(Person, person_id)
    held = _memberships(tx, organisation_id, person_id)
    if person is None or not (held or by.has("administrator")):
        raise NotFound
    rules.must_be_for_another(by.person_id, person_id)
    row = held.get(role) or Membership(person_id=person_id, organisation_id=organisation_id, role=role, active=False)
    if rules.needs_two(by, role) and not row.active:
        tx.add(row)
        requests.ask(tx, by=by, organisation=organisation, person=person, role=role)
        return person
    row.active = True
    tx.add(row)
    person.sign_in_anew_at = now()
    events.record(tx, by=by, verb="role.given", subject=person, province_code=organisation.province_code,
                  change={"organisation": organisation.id, "role": role})  # fmt: skip
    return person


def take_role(tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID, role: Role) -> Person:
    """Take a role from a person; the last one who manages keeps it."""
    organisation = _managed(tx, by, organisation_id)
    row = _memberships(tx, organisation_id, person_id).get(role)
    if row is None or not row.active:
        raise NotFound
    rules.must_leave_a_manager(role, _others_with(tx, row))
    row.active = False
    person = tx.get_one(Person, person_id)
    person.sign_in_anew_at = now()
    events.record(tx, by=by, verb="role.taken", subject=person, province_code=organisation.province_code,
                  change={"organisation": organisation.id, "role": role})  # fmt: skip
    return person


def _managed(tx: Session, by: Actor, organisation_id: UUID) -> Organisation:
    """The organisation, locked, if the actor may manage its people."""
    row = tx.scalar(select(Organisation).where(Organisation.id == organisation_id).with_for_update())
    if row is None:
        raise NotFound
    require(by, "person.manage", organisation_id=row.id, province=row.province_code)
    return row


def _memberships(tx: Session, organisation_id: UUID, person_id: UUID) -> dict[str, Membership]:
    rows = select(Membership).where(Membership.organisation_id == organisation_id, Membership.person_id == person_id)
    return {row.role: row for row in tx.scalars(rows)}


def _others_with(tx: Session, held: Membership) -> int:
    """How many other people hold the same role there."""
    same = select(func.count()).select_from(Membership).join(Person, Person.id == Membership.person_id)
    same = same.where(Membership.organisation_id == held.organisation_id, Membership.role == held.role)
    return tx.scalar(same.where(Membership.active, Person.active, Membership.person_id != held.person_id)) or 0
