"""Passwords are changed by their owner, or chosen anew with a code that an officer hands over once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.accounts import factors, sessions
from service.accounts.models import OneTimeCode
from service.accounts.rules import CODE_HOLDS, TRIES, NotTheirs, Terms, WrongCode, WrongPassword
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import FieldError, InvalidInput, NotAllowed, NotFound
from service.kernel.secrecy import vault
from service.parties.models import Organisation
from service.parties.permissions import may
from service.parties.vocabulary import SUPPLIERS
from service.people.models import Membership, Person
from service.people.passwords import hash_password, is_guessable, is_password
from service.people.schemas import GUESSABLE

LETTERS = 16  # 80 bits, for three days; addresses that try are throttled at the door


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
    live = (OneTimeCode.person_id == person.id, OneTimeCode.used_at.is_(None))
    tx.execute(update(OneTimeCode).where(*live).values(used_at=now()))
    code, until = factors.written(LETTERS), now() + CODE_HOLDS
    row = OneTimeCode(person_id=person.id, issued_by=by.person_id, code_hash=vault().mark(_marked(code)),
                      expires_at=until)  # fmt: skip
    tx.add(row)
    tx.flush()
    events.record(tx, by=by, verb="access_code.issued", subject=person, change={"organisation": organisation_id})
    return code, until


def redeem(tx: Session, *, code: str, chosen: str, terms: Terms, device: str) -> sessions.Entered:
    """Choose a password with a code: it is spent, every session of the account ends, a new one begins."""
    person = _spend(tx, code)
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


def _spend(tx: Session, code: str) -> Person:
    row = _live(tx, code)
    same = (OneTimeCode.id == row.id, OneTimeCode.used_at.is_(None))
    spent: int = tx.execute(update(OneTimeCode).where(*same).values(used_at=now())).rowcount  # type: ignore[attr-defined]
    if not spent:
        raise WrongCode
    return tx.get_one(Person, row.person_id)


def _live(tx: Session, code: str) -> OneTimeCode:
    rows = select(OneTimeCode).join(Person, Person.id == OneTimeCode.person_id)
    rows = rows.where(OneTimeCode.code_hash.in_(vault().marks(_marked(code))), OneTimeCode.used_at.is_(None))
    row = tx.scalar(rows.where(OneTimeCode.expires_at > now(), Person.active))
    if row is None:
        raise WrongCode
    return row


def _marked(code: str) -> str:
    return f"access {factors.bare(code)}"


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
