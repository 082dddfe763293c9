"""Sign-in sessions: random secrets in the browser, their hashes here."""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts.models import SignInSession
from service.accounts.rules import SignInFailed, TooManyAttempts
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotAllowed
from service.parties.models import Organisation
from service.people.models import Membership, Person
from service.people.passwords import is_password

ATTEMPTS = RateLimitItemPerMinute(10)
_limiter = MovingWindowRateLimiter(MemoryStorage())


def sign_in(tx: Session, *, username: str, password: str, hours: int) -> tuple[str, Person]:
    """Check the password and begin a session for the person's first organisation; return its secret."""
    if not _limiter.hit(ATTEMPTS, username.casefold()):
        raise TooManyAttempts(seconds=60, headers={"Retry-After": "60"})
    person = tx.scalar(select(Person).where(Person.username == username, Person.active))
    known = is_password(password, person.password_hash if person else None)
    organisation_id = None if person is None else _first_organisation(tx, person.id)
    if person is None or not known or organisation_id is None:
        raise SignInFailed
    return _begin(tx, person, organisation_id, hours), person


def _first_organisation(tx: Session, person_id: UUID) -> UUID | None:
    mine = select(Membership.organisation_id).where(Membership.person_id == person_id, Membership.active)
    return tx.scalar(mine.order_by(Membership.id).limit(1))


def _begin(tx: Session, person: Person, organisation_id: UUID, hours: int) -> str:
    token = secrets.token_urlsafe(32)
    row = SignInSession(
        token_hash=_hash(token),
        person_id=person.id,
        organisation_id=organisation_id,
        expires_at=now() + timedelta(hours=hours),
    )
    tx.add(row)
    tx.flush()
    actor = Actor(person.id, organisation_id, "", None, frozenset())
    events.record(tx, by=actor, verb="session.started", subject=row)
    return token


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def resolve(tx: Session, token: str) -> Actor | None:
    """Who a session's secret speaks for; None when it has ended or the person lost every role."""
    row = tx.scalar(select(SignInSession).where(SignInSession.token_hash == _hash(token)))
    if row is None or row.ended_at is not None or row.expires_at <= now():
        return None
    held = select(Membership.role).join(Person, Person.id == Membership.person_id)
    held = held.where(Membership.person_id == row.person_id, Membership.organisation_id == row.organisation_id)
    roles = frozenset(tx.scalars(held.where(Membership.active, Person.active)))
    organisation = tx.get_one(Organisation, row.organisation_id)
    if not roles:
        return None
    return Actor(row.person_id, organisation.id, organisation.kind, organisation.province_code, roles, row.id)


def switch(tx: Session, *, by: Actor, organisation_id: UUID) -> None:
    """Act for another organisation that the person belongs to."""
    mine = select(Membership.id).where(Membership.person_id == by.person_id, Membership.active)
    if tx.scalar(mine.where(Membership.organisation_id == organisation_id).limit(1)) is None:
        raise NotAllowed
    row = tx.get_one(SignInSession, by.session_id)
    row.organisation_id = organisation_id
    events.record(tx, by=by, verb="session.switched", subject=row, change={"organisation": str(organisation_id)})


def sign_out(tx: Session, *, by: Actor) -> None:
    """End the actor's session."""
    row = tx.get_one(SignInSession, by.session_id)
    row.ended_at = now()
    events.record(tx, by=by, verb="session.ended", subject=row)
