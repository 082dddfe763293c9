"""Use cases of passkeys: make one, come in with one, forget one."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from webauthn.helpers import bytes_to_base64url

from service.accounts import sessions
from service.accounts.rules import Terms
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotFound
from service.passkeys import ceremony
from service.passkeys.ceremony import Asked, Owner, Question
from service.passkeys.models import Passkey, SpentChallenge
from service.passkeys.rules import HOLDS, MOST, OnlyWayIn, PasskeyKnown, PasskeyRefused, QuestionOver, TooManyPasskeys
from service.passkeys.schemas import AddIn, AnswerIn
from service.people.models import Person

PROVIDER = "passkey"  # how a session's event says that it was begun


def offer(tx: Session, *, by: Actor, site: str) -> Asked:
    """The question with which a device makes a passkey for the actor's account."""
    session = sessions.mine(tx, by)
    person, known = tx.get_one(Person, session.person_id), tuple(row.credential for row in mine(tx, by=by))
    return ceremony.to_add(site, Owner(person.id, person.username, person.display_name, session.id, known))


def add(tx: Session, *, by: Actor, given: AddIn, site: str, terms: Terms, device: str) -> str:
    """Keep a passkey; the session's new secret."""
    session_id = sessions.must_be_owner(tx, by=by, password=given.password, terms=terms)
    question = ceremony.resumed(given.question, "add")
    if question.session_id != session_id:
        raise QuestionOver
    session = sessions.mine(tx, by)
    held = select(func.count()).select_from(Passkey).where(Passkey.person_id == session.person_id)
    if (tx.scalar(held) or 0) >= MOST:
        raise TooManyPasskeys(most=MOST)
    new = ceremony.made(question, given.credential, site)
    _spend(tx, question)
    _keep(tx, Passkey(person_id=session.person_id, credential=bytes_to_base64url(new.credential_id), device=device,
                      public_key=bytes_to_base64url(new.credential_public_key), sign_count=new.sign_count))  # fmt: skip
    events.record(tx, by=by, verb="passkey.added", subject=tx.get_one(Person, session.person_id))
    return sessions.rotate(session)


def enter(tx: Session, *, given: AnswerIn, site: str, terms: Terms, device: str) -> sessions.Entered:
    """Begin a session of the passkey's owner: device and finger, face or PIN are two factors."""
    question, answer = ceremony.resumed(given.question, "enter"), ceremony.read(given.credential)
    row = tx.scalar(select(Passkey).where(Passkey.credential == answer.id).with_for_update())
    person = None if row is None else tx.get(Person, row.person_id)
    if row is None or person is None or not person.active or answer.response.user_handle != person.id.bytes:
        raise PasskeyRefused
    proof = ceremony.proven(question, answer, site, public_key=row.public_key, sign_count=row.sign_count)
    _spend(tx, question)
    row.sign_count, row.last_used_at = proof.new_sign_count, now()
    return sessions.begin(tx, person, terms=terms, device=device, provider=PROVIDER, strong=True)


def remove(tx: Session, *, by: Actor, passkey_id: UUID) -> None:
    """The passkey opens the account no more; sessions elsewhere end. The last way in stays."""
    session, row = sessions.mine(tx, by), tx.get(Passkey, passkey_id)
    if row is None or row.person_id != session.person_id:
        raise NotFound
    person = tx.get_one(Person, row.person_id, with_for_update=True)  # of two who take the last two ways one waits
    if not person.password_hash and len(mine(tx, by=by)) == 1:
        raise OnlyWayIn
    tx.delete(row)
    events.record(tx, by=by, verb="passkey.removed", subject=person)
    sessions.end_others(tx, by=by, person_id=person.id)


def forget_all(tx: Session, *, by: Actor, person_id: UUID) -> bool:
    """The account has no passkey any more: whoever regains it does not know who made them. Whether it had one."""
    person = tx.get_one(Person, person_id)
    held = tx.scalars(select(Passkey).where(Passkey.person_id == person_id).with_for_update()).all()
    for row in held:
        tx.delete(row)
        events.record(tx, by=by, verb="passkey.removed", subject=person)
    return bool(held)


def mine(tx: Session, *, by: Actor) -> list[Passkey]:
    """The passkeys of the actor's account."""
    owner = sessions.mine(tx, by).person_id
    return list(tx.scalars(select(Passkey).where(Passkey.person_id == owner).order_by(Passkey.id)))


def _keep(tx: Session, row: Passkey) -> None:
    try:
        with tx.begin_nested():
            tx.add(row)
    except IntegrityError:
        raise PasskeyKnown from None


def _spend(tx: Session, question: Question) -> None:
    """Of two answers to one question one counts."""
    tx.execute(delete(SpentChallenge).where(SpentChallenge.expires_at < now()))
    try:
        with tx.begin_nested():
            tx.add(SpentChallenge(hash=question.hash(), expires_at=now() + HOLDS + timedelta(minutes=1)))
    except IntegrityError:
        raise QuestionOver from None
