"""Help by officers: a code, a PIN, a lost authenticator, and whom an officer may help."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts import codes, factors, pins, sessions
from service.accounts.models import OneTimeCode
from service.events import actions as events
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotAllowed, NotFound
from service.kernel.settings import Settings
from service.notices import actions as notices
from service.parties.models import Organisation
from service.parties.permissions import may
from service.parties.vocabulary import SUPPLIERS
from service.passkeys import actions as passkeys
from service.people.models import Membership, Person
from service.people.rules import REVIEWING
from service.recovery.rules import APART, BY_HAND, EMAIL, INVITED, BothHands, NotTheirs, must_be_set_up


def issue(tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID) -> tuple[str, datetime]:
    """Make the code with which a person chooses a password; earlier ones hold no more. It is shown this once."""
    person = must_help(tx, by=by, organisation_id=organisation_id, person_id=person_id)
    _must_not_have_removed(tx, by, person)
    made = codes.make(tx, person.id, holds=BY_HAND, issued_by=by.person_id)
    events.record(tx, by=by, verb="access_code.issued", subject=person, change={"organisation": organisation_id})
    return made.code, made.until


def invite(
    tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID, email: str, settings: Settings
) -> datetime:
    """Send the code to an address that the person gave; who brings it has shown that they read there."""
    person = must_help(tx, by=by, organisation_id=organisation_id, person_id=person_id)
    must_be_set_up(settings)
    _must_not_have_removed(tx, by, person)
    made = codes.make(tx, person.id, holds=INVITED, issued_by=by.person_id, email=email)
    place = tx.get_one(Organisation, organisation_id)
    facts: dict[str, str | int] = {"organisation": place.name_th, "organisation_en": place.name_en,
                                   "code": made.code, "until": made.until.isoformat()}  # fmt: skip
    notices.tell_address(tx, kind="account.invitation", channel=EMAIL, address=email, facts=facts, path="/access",
                         key=f"invitation:{made.id}", person_id=person.id)  # fmt: skip
    events.record(tx, by=by, verb="access_code.invited", subject=person, change={"organisation": organisation_id})
    return made.until


def set_pin(tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID, pin: str) -> None:
    """Let someone of the organisation type the PIN that they choose; for people without a sign-in of their own."""
    person = must_help(tx, by=by, organisation_id=organisation_id, person_id=person_id)
    pins.store(tx, by=by, person=person, pin=pin)


def remove_factor(tx: Session, *, by: Actor, organisation_id: UUID, person_id: UUID, reason: str) -> None:
    """Take the authenticator of someone who lost it, the codes on paper and the passkeys; their sessions end."""
    person = must_help(tx, by=by, organisation_id=organisation_id, person_id=person_id)
    had_factor = factors.has(tx, person.id)
    if had_factor:
        _must_not_have_made_a_code(tx, by, person)
        factors.drop(tx, by=by, person=person, reason=reason)
    if passkeys.forget_all(tx, by=by, person_id=person.id) or had_factor:
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


def reviews(tx: Session, person_id: UUID) -> bool:
    """Whether the person holds a role of review anywhere."""
    held = select(Membership.id).where(Membership.person_id == person_id, Membership.active)
    return tx.scalar(held.where(Membership.role.in_(REVIEWING)).limit(1)) is not None


def _must_not_have_removed(tx: Session, by: Actor, person: Person) -> None:
    """Refuse a code from whoever took a reviewer's authenticator: both together are the account."""
    done = (Event.verb == "second_factor.removed", Event.subject_id == str(person.id), Event.at > now() - APART)
    mine = select(Event.id).where(*done, Event.subject_type == Person.__tablename__, Event.person_id == by.person_id)
    if reviews(tx, person.id) and tx.scalar(mine.limit(1)) is not None:
        raise BothHands


def _must_not_have_made_a_code(tx: Session, by: Actor, person: Person) -> None:
    """As above, the other way round."""
    mine = (OneTimeCode.person_id == person.id, OneTimeCode.issued_by == by.person_id)
    made = select(OneTimeCode.id).where(*mine, OneTimeCode.created_at > now() - APART)
    if reviews(tx, person.id) and tx.scalar(made.limit(1)) is not None:
        raise BothHands
