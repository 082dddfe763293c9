"""Use cases of signing in elsewhere: come in, connect, disconnect. A provider never gives an account or a role."""

from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts import codes, sessions
from service.accounts.rules import Terms
from service.events import actions as events
from service.federation.attempts import Attempt
from service.federation.models import Identity
from service.federation.protocol import Vouched
from service.federation.rules import AlreadyConnected, AttemptOver, LastWayIn, NoMessages, NotConnected
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.i18n import named
from service.kernel.problems import NotFound
from service.kernel.secrecy import vault
from service.keys import actions as keys
from service.notices import actions as letters
from service.notices import choosing as notices
from service.notices.schemas import AddressIn
from service.passkeys import actions as passkeys
from service.people.models import Person


def enter(tx: Session, *, vouched: Vouched, terms: Terms, device: str) -> sessions.Entered:
    """Begin a session of the person for whom the provider's subject stands; its second factor only as configured."""
    row = _identity(tx, vouched)
    person = None if row is None else tx.get(Person, row.person_id)
    if row is None or person is None or not person.active:
        raise NotConnected
    row.last_used_at, row.subject_hash = now(), vault().mark(marked(vouched))
    return sessions.begin(tx, person, terms=terms, device=device, provider=vouched.name, strong=vouched.claims.strong)


def connect(tx: Session, *, by: Actor, vouched: Vouched, attempt: Attempt) -> str:
    """Let the provider's subject stand for the person of the session that asked; the session's new secret."""
    session = sessions.mine(tx, by)
    if session.id != attempt.session_id or by.owes:
        raise AttemptOver
    _connect(tx, by, tx.get_one(Person, session.person_id), vouched)
    return sessions.rotate(session)


def redeem(tx: Session, *, vouched: Vouched, attempt: Attempt, terms: Terms, device: str) -> sessions.Entered:
    """Come in with a code that was handed over: its person is connected, and what opened the account before does not.

    Whoever needs a code may have lost the account to somebody who knows its password or has connected themself.
    """
    spent = codes.spend(tx, attempt.code)
    person = tx.get_one(Person, spent.person_id)
    by = Actor(person.id, None, "", None, frozenset())
    forget_all(tx, by=by, person_id=person.id, mailbox=spent.email)
    if person.password_hash:
        person.password_hash = ""  # nosec B105 # none any more
        letters.tell_person(tx, kind="account.password_changed", person_id=person.id, facts={}, path="/account",
                            key=f"password:{now().isoformat()}")  # fmt: skip
    codes.forget(tx, person.id)
    keys.end_all(tx, by=by, person_id=person.id)
    _connect(tx, by, person, vouched)
    sessions.end_others(tx, by=by, person_id=person.id)
    return sessions.begin(tx, person, terms=terms, device=device, provider=vouched.name, strong=vouched.claims.strong)


def tell_there(tx: Session, *, by: Actor, vouched: Vouched, attempt: Attempt) -> None:
    """Let notices go to whom the provider vouches for: of LINE, the subject is the address of its messages."""
    session = sessions.mine(tx, by)
    if session.id != attempt.session_id or by.owes:
        raise AttemptOver
    try:
        draft = AddressIn.model_validate({"channel": vouched.name, "address": vouched.claims.subject})
    except ValidationError:
        raise NoMessages(provider=named(vouched.provider)) from None
    notices.take_vouched(tx, by=by, draft=draft)


def disconnect(tx: Session, *, by: Actor, identity_id: UUID) -> None:
    """The provider opens the account no more; sessions elsewhere end. The last way in stays."""
    session = sessions.mine(tx, by)
    row = tx.get(Identity, identity_id)
    if row is None or row.person_id != session.person_id:
        raise NotFound
    person = tx.get_one(Person, row.person_id, with_for_update=True)  # of two who take the last two ways one waits
    if not person.password_hash and len(ways(tx, by=by)) == 1 and not passkeys.mine(tx, by=by):
        raise LastWayIn
    tx.delete(row)
    events.record(tx, by=by, verb="identity.disconnected", subject=person, change={"provider": row.provider})
    sessions.end_others(tx, by=by, person_id=person.id)


def forget_all(tx: Session, *, by: Actor, person_id: UUID, mailbox: str) -> None:
    """No provider, no passkey and no mailbox but the one that was proven opens the account any more."""
    person = tx.get_one(Person, person_id)
    for row in tx.scalars(select(Identity).where(Identity.person_id == person_id).with_for_update()).all():
        tx.delete(row)
        events.record(tx, by=by, verb="identity.disconnected", subject=person, change={"provider": row.provider})
    tx.flush()
    passkeys.forget_all(tx, by=by, person_id=person_id)
    notices.forget_mailbox(tx, by=by, person_id=person_id, but=mailbox)


def ways(tx: Session, *, by: Actor) -> list[Identity]:
    """The providers with which the actor's account is connected."""
    owner = sessions.mine(tx, by).person_id
    return list(tx.scalars(select(Identity).where(Identity.person_id == owner).order_by(Identity.provider)))


def _connect(tx: Session, by: Actor, person: Person, vouched: Vouched) -> None:
    known = _identity(tx, vouched)
    other = tx.scalar(select(Identity).where(Identity.person_id == person.id, Identity.provider == vouched.name))
    if known is not None and known.person_id == person.id:
        return
    if known is not None or other is not None:
        raise AlreadyConnected(provider=named(vouched.provider))
    mark = vault().mark(marked(vouched))
    tx.add(Identity(person_id=person.id, provider=vouched.name, subject_hash=mark, last_used_at=now()))
    events.record(tx, by=by, verb="identity.connected", subject=person, change={"provider": vouched.name})


def _identity(tx: Session, vouched: Vouched) -> Identity | None:
    marks = vault().marks(marked(vouched))
    same = (Identity.provider == vouched.name, Identity.subject_hash.in_(marks))
    return tx.scalar(select(Identity).where(*same).with_for_update())


def marked(vouched: Vouched) -> str:
    """What the mark is made of: a subject is one at its issuer only."""
    return f"identity {vouched.provider.issuer} {vouched.claims.subject}"
