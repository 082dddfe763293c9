"""Passwords are changed by their owner, or chosen anew with a code that an officer hands over once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts import codes, factors, sessions
from service.accounts.rules import CODE_HOLDS, TRIES, NotTheirs, Terms, WrongPassword
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.problems import FieldError, InvalidInput, NotAllowed, NotFound
from service.parties.models import Organisation
from service.parties.permissions import may
from service.parties.vocabulary import SUPPLIERS
from service.people.models import Membership, Person
from service.people.passwords import hash_password, is_guessable, is_password
from service.people.schemas import GUESSABLE


def change_password(tx: Session, *, by: Actor, present: str, chosen: str) -> str:
    """Choose another password; every other session of the account ends. The session's new secret."""
    session = sessions.mine(tx, by)
    person = tx.get_one(Person, session.person_id)
    sessions.throttle.count(TRIES, "password", person.username)
    if not is_password(present, person.password_hash):
        raise WrongPassword
    _must_be_hard_to_guess(person, chosen)
    person.password_hash = hash_password(chosen)
    events.record(tx, by=by, verb="password.changed", subject=person)
    sessions.end_others(tx, by=by, person_id=person.id)
    return sessions.rotate(session)


def issue(tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID) -> tuple[str, datetime]:
    """Make the code with which a person chooses a password; earlier ones hold no more. It is shown this once."""
    person = must_help(tx, by=by, organisation_id=organisation_id, person_id=person_id)
    code, until = codes.make(tx, person.id, holds=CODE_HOLDS, issued_by=by.person_id)
    events.record(tx, by=by, verb="access_code.issued", subject=person, change={"organisation": organisation_id})
    return code, until


def redeem(tx: Session, *, code: str, chosen: str, terms: Terms, device: str) -> sessions.Entered:
    """Choose a password with a code: it is spent, every session of the account ends, a new one begins."""
    person = codes.spend(tx, code)
    _must_be_hard_to_guess(person, chosen)
    person.password_hash = hash_password(chosen)
    by = Actor(person.id, None, "", None, frozenset())
    events.record(tx, by=by, verb="password.chosen", subject=person)
    sessions.end_others(tx, by=by, person_id=person.id)
    return sessions.begin(tx, person, terms=terms, device=device)


def _must_be_hard_to_guess(person: Person, chosen: str) -> None:
    """Refuse a password that is little more than the person's own names."""
    if is_guessable(chosen, person.username, person.display_name):
        raise InvalidInput(errors=(FieldError("/chosen", GUESSABLE),))


def remove_factor(tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID, reason: str) -> None:
    """Take the authenticator of someone who lost it and the codes on paper; their sessions end."""
    person = must_help(tx, by=by, organisation_id=organisation_id, person_id=person_id)
    if factors.has(tx, person.id):
        factors.drop(tx, by=by, person=person, reason=reason)
        sessions.end_others(tx, by=by, person_id=person.id)


def must_help(tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID) -> Person:
    """The person, if the actor looks after the people of every organisation that the person belongs to.

    Otherwise whoever manages a small group could take over the account of someone with a role elsewhere.
    """
    organisation = tx.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    if not may_help(by, organisation):
        raise NotAllowed
    theirs = select(Organisation).join(Membership, Membership.organisation_id == Organisation.id)
    theirs = theirs.where(Membership.person_id == person_id, Membership.active)
    person, places = tx.get(Person, person_id), list(tx.scalars(theirs))
    if person is None or organisation.id not in {place.id for place in places}:
        raise NotFound
    if not all(may_help(by, place) for place in places):
        raise NotTheirs
    return person


def may_help(by: Actor, organisation: Organisation) -> bool:
    """Whether the actor helps the people of an organisation with their accounts; service centres help groups only."""
    allowed = may(by, "person.help", organisation_id=organisation.id, province=organisation.province_code)
    return allowed and (not by.has("centre_officer") or organisation.kind in SUPPLIERS)
