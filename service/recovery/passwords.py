"""Passwords are changed by their owner, or chosen anew with a code. Both can end the keys of the owner's programs."""

from sqlalchemy.orm import Session

from service.accounts import codes, sessions
from service.accounts.rules import Terms
from service.events import actions as events
from service.federation import actions as federation
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import FieldError, InvalidInput
from service.keys import actions as keys
from service.notices import actions as notices
from service.people.models import Person
from service.people.passwords import hash_password, is_guessable
from service.people.schemas import GUESSABLE
from service.recovery import mail
from service.recovery.schemas import PasswordIn, RedemptionIn


def change(tx: Session, *, by: Actor, draft: PasswordIn) -> str:
    """Choose another password; every other session of the account ends. The session's new secret."""
    session = sessions.mine(tx, by)
    person = tx.get_one(Person, session.person_id)
    sessions.must_know(tx, person, draft.present)
    _choose(tx, by, person, draft.chosen, "password.changed", end_keys=draft.end_keys)
    return sessions.rotate(session)


def redeem(tx: Session, *, draft: RedemptionIn, terms: Terms, device: str) -> sessions.Entered:
    """Choose a password with a code: it is spent, every other way into the account ends, and a new session begins.

    A second factor is owed by the new session as by any other: a code replaces the password, never the authenticator.
    """
    spent = codes.spend(tx, draft.code)
    person = tx.get_one(Person, spent.person_id)
    by = Actor(person.id, None, "", None, frozenset())
    _choose(tx, by, person, draft.chosen, "password.chosen", end_keys=draft.end_keys)
    federation.forget_all(tx, by=by, person_id=person.id, mailbox=spent.email)
    if spent.email:
        mail.confirm(tx, person, spent.email)
    return sessions.begin(tx, person, terms=terms, device=device)


def _choose(tx: Session, by: Actor, person: Person, chosen: str, verb: str, *, end_keys: bool) -> None:
    """Store a password that is not little more than the person's own names; whoever came in with the old one is out."""
    if is_guessable(chosen, person.username, person.display_name):
        raise InvalidInput(errors=(FieldError("/chosen", GUESSABLE),))
    person.password_hash = hash_password(chosen)
    events.record(tx, by=by, verb=verb, subject=person)
    codes.forget(tx, person.id)
    sessions.end_others(tx, by=by, person_id=person.id)
    if end_keys:
        keys.end_all(tx, by=by, person_id=person.id)
    notices.tell_person(tx, kind="account.password_changed", person_id=person.id, facts={}, path="/account",
                        key=f"password:{now().isoformat()}")  # fmt: skip
