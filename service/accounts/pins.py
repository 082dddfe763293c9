"""One phone for a group: whoever answers names themselves with a PIN, and the record holds that person."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts import guesses, sessions
from service.accounts.models import Pin
from service.accounts.rules import NameYourself, WrongPin
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotAllowed, NotFound
from service.parties.models import Organisation
from service.parties.vocabulary import SUPPLIERS
from service.people.models import Membership, Person
from service.people.passwords import hash_password, is_password


@dataclass(frozen=True, slots=True)
class Nameable:
    """Someone who can name themselves on the phone."""

    id: UUID
    display_name: str


def people_with_pin(tx: Session, *, by: Actor) -> list[Nameable]:
    """The people of the actor's organisation who have a PIN."""
    rows = select(Person.id, Person.display_name).join(Pin, Pin.person_id == Person.id)
    rows = rows.join(Membership, Membership.person_id == Person.id)
    here = (Membership.organisation_id == by.organisation_id, Membership.active, Person.active)
    return [Nameable(*row) for row in tx.execute(rows.where(*here).distinct().order_by(Person.display_name))]


def is_shared(tx: Session, by: Actor) -> bool:
    """Whether the actor's organisation is a group that answers on a phone of several people."""
    organisation = None if by.organisation_id is None else tx.get(Organisation, by.organisation_id)
    return organisation is not None and organisation.shared_phone and organisation.kind in SUPPLIERS


def must_be_named(tx: Session, by: Actor, organisation_id: UUID) -> None:
    """Refuse a decision of a group on its shared phone by nobody in particular; officers who help act as themselves."""
    if is_unnamed(tx, by, organisation_id):
        raise NameYourself


def is_unnamed(tx: Session, by: Actor, organisation_id: UUID) -> bool:
    """Whether a group's phone is shared and nobody has said who holds it."""
    return by.organisation_id == organisation_id and by.account_id is None and is_shared(tx, by)


def name(tx: Session, *, by: Actor, person_id: UUID, pin: str) -> str:
    """Someone says with a PIN that they hold the phone now; the session's new secret.

    On a group's shared phone alone: elsewhere whoever sets a colleague's PIN could write as one and approve as another.
    """
    session = sessions.mine(tx, by)
    if not is_shared(tx, by):
        raise NotAllowed
    if not is_right(tx, person_id=person_id, organisation_id=session.organisation_id, pin=pin):
        raise WrongPin
    session.acting_id, session.acting_at = person_id, now()
    events.record(tx, by=by, verb="session.named", subject=session, change={"person": person_id})
    return sessions.rotate(session)


def is_right(tx: Session, *, person_id: UUID, organisation_id: UUID, pin: str) -> bool:
    """Whether the PIN is that of the person, who belongs to the organisation; tries are counted."""
    guess = guesses.begin(tx, "pin", str(person_id))
    here = (Membership.person_id == person_id, Membership.organisation_id == organisation_id)
    rows = select(Pin).join(Membership, Membership.person_id == Pin.person_id).join(Person, Person.id == Pin.person_id)
    row = tx.scalar(rows.where(*here, Membership.active, Person.active).limit(1))
    right = is_password(pin, None if row is None else row.pin_hash)
    if not right:
        guess.failed()
    return right


def step_back(tx: Session, *, by: Actor) -> str:
    """Nobody in particular holds the phone any more; the session's new secret."""
    session = sessions.mine(tx, by)
    session.acting_id, session.acting_at = None, None
    return sessions.rotate(session)


def choose(tx: Session, *, by: Actor, password: str, pin: str) -> None:
    """Choose one's own PIN, with the password."""
    session = sessions.mine(tx, by)
    person = tx.get_one(Person, session.person_id)
    sessions.must_know(tx, person, password)
    store(tx, by=by, person=person, pin=pin)


def change(tx: Session, *, by: Actor, person_id: UUID, present: str, pin: str) -> None:
    """Change one's PIN on the shared phone with the present one; the record holds whose it is, not whose account."""
    session = sessions.mine(tx, by)
    if not is_right(tx, person_id=person_id, organisation_id=session.organisation_id, pin=present):
        raise WrongPin
    person = tx.get_one(Person, person_id)
    store(tx, by=replace(by, person_id=person.id, account_id=session.person_id), person=person, pin=pin)


def store(tx: Session, *, by: Actor, person: Person, pin: str) -> None:
    """Keep a person's PIN; whoever may is decided by the caller."""
    row = tx.get(Pin, person.id)
    if row is None:
        row = Pin(person_id=person.id, pin_hash="")
        tx.add(row)
    row.pin_hash, row.changed_at = hash_password(pin), now()
    events.record(tx, by=by, verb="pin.set", subject=person)


def has(tx: Session, person_id: UUID) -> bool:
    """Whether the person has a PIN."""
    return tx.get(Pin, person_id) is not None


def found(tx: Session, person_id: UUID) -> Nameable:
    """Someone by id, for the page that says who holds the phone."""
    person = tx.get(Person, person_id)
    if person is None:
        raise NotFound
    return Nameable(person.id, person.display_name)
