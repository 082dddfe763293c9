"""Sign-in sessions: random secrets in the browser, their hashes here; they idle out, rotate and can be ended."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from service.accounts import guesses
from service.accounts.models import SecondFactor, SignInSession
from service.accounts.rules import (
    ACTING_FOR,
    JUST_NOW,
    TOUCHED_EVERY,
    ComeInAnew,
    SignInFailed,
    Terms,
    WrongPassword,
    owed,
)
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotAllowed, NotFound
from service.parties.models import Organisation
from service.people.models import Membership, Person
from service.people.passwords import is_password


@dataclass(frozen=True, slots=True)
class Entered:
    """A begun session: its secret, whose it is, and what it still owes."""

    token: str
    person_id: UUID
    owes: str


def sign_in(tx: Session, *, username: str, password: str, terms: Terms, device: str = "") -> Entered:
    """Check the password and begin a session for the person's first organisation."""
    guess = guesses.begin(tx, "password", username)
    person = tx.scalar(select(Person).where(Person.username == username, Person.active))
    known = is_password(password, person.password_hash if person else None)
    if person is None or not known:
        guess.failed()
        raise SignInFailed
    return begin(tx, person, terms=terms, device=device)


def begin(
    tx: Session, person: Person, *, terms: Terms, device: str, provider: str = "", strong: bool = False
) -> Entered:
    """Begin a session of someone who has shown who they are, here or at a provider; `strong`: with two factors."""
    organisation_id = _first_organisation(tx, person.id)
    if organisation_id is None:
        raise SignInFailed
    token, at = secrets.token_urlsafe(32), now()
    row = SignInSession(
        token_hash=hashed(token), person_id=person.id, organisation_id=organisation_id, created_at=at,
        last_used_at=at, expires_at=at + terms.absolute, device=device[:80], second_factor_at=at if strong else None,
    )  # fmt: skip
    tx.add(row)
    tx.flush()
    by = Actor(person.id, organisation_id, "", None, frozenset())
    events.record(tx, by=by, verb="session.started", subject=row, change={"provider": provider} if provider else None)
    roles = _roles(tx, person.id, organisation_id)
    return Entered(token, person.id, owed(terms, roles, has_factor=_has_factor(tx, person.id), given=strong))


def _first_organisation(tx: Session, person_id: UUID) -> UUID | None:
    mine = select(Membership.organisation_id).where(Membership.person_id == person_id, Membership.active)
    return tx.scalar(mine.order_by(Membership.id).limit(1))


def hashed(token: str) -> str:
    """What is stored of a session's secret: it is random and long, so a plain hash is enough."""
    return sha256(token.encode()).hexdigest()


def _has_factor(tx: Session, person_id: UUID) -> bool:
    mine = select(SecondFactor.person_id).where(SecondFactor.person_id == person_id)
    return tx.scalar(mine.where(SecondFactor.confirmed_at.is_not(None))) is not None


def _roles(tx: Session, person_id: UUID, organisation_id: UUID) -> frozenset[str]:
    held = select(Membership.role).join(Person, Person.id == Membership.person_id)
    held = held.where(Membership.person_id == person_id, Membership.organisation_id == organisation_id)
    return frozenset(tx.scalars(held.where(Membership.active, Person.active)))


def is_live(row: SignInSession, anew_at: datetime | None, terms: Terms) -> bool:
    """Whether a session still holds: not ended, not too old, not idle, and begun after the last change of roles."""
    used, at = row.last_used_at or row.created_at, now()
    in_time = row.expires_at > at and used + terms.idle > at
    return row.ended_at is None and in_time and (anew_at is None or row.created_at > anew_at)


def resolve(tx: Session, token: str, terms: Terms) -> tuple[Actor, bool] | None:
    """Who a session's secret speaks for, and whether its use is to be noted; None when it holds no more."""
    found = _found(tx, token)
    if found is None or not is_live(found[0], found[1], terms):
        return None
    row, _, confirmed_at, kind, province_code = found
    own = _roles(tx, row.person_id, row.organisation_id)
    if not own:
        return None
    owes = owed(terms, own, has_factor=confirmed_at is not None, given=row.second_factor_at is not None)
    due = row.last_used_at is None or row.last_used_at + TOUCHED_EVERY <= now()
    return _actor(tx, row, own, owes, kind, province_code), due


def _found(tx: Session, token: str) -> Row[SignInSession, datetime | None, datetime | None, str, str | None] | None:
    """The session, when its person's roles changed and a second factor was confirmed, its side's kind and place.

    One question, since every request asks it.
    """
    side = (Organisation.kind, Organisation.province_code)
    rows = select(SignInSession, Person.sign_in_anew_at, SecondFactor.confirmed_at, *side)
    rows = rows.join(Person, Person.id == SignInSession.person_id)
    rows = rows.join(Organisation, Organisation.id == SignInSession.organisation_id)
    rows = rows.outerjoin(SecondFactor, SecondFactor.person_id == SignInSession.person_id)
    return tx.execute(rows.where(SignInSession.token_hash == hashed(token))).first()


def _actor(
    tx: Session, row: SignInSession, own: frozenset[str], owes: str, kind: str, province_code: str | None
) -> Actor:
    named = row.acting_id if row.acting_at is not None and row.acting_at + ACTING_FOR > now() else None
    roles = own if named is None else _roles(tx, named, row.organisation_id)
    return Actor(
        named or row.person_id, row.organisation_id, kind, province_code,
        frozenset() if owes else roles, row.id, owes, None if named is None else row.person_id,
    )  # fmt: skip


def touch(tx: Session, session_id: UUID) -> None:
    """Note that a session was used."""
    tx.get_one(SignInSession, session_id).last_used_at = now()


def rotate(row: SignInSession) -> str:
    """Give the session a new secret: whoever knew the old one is out."""
    token = secrets.token_urlsafe(32)
    row.token_hash = hashed(token)
    return token


def mine(tx: Session, by: Actor) -> SignInSession:
    """The actor's own session; a program's key has none."""
    row = None if by.session_id is None else tx.get(SignInSession, by.session_id)
    if row is None:
        raise NotAllowed
    return row


def must_be_owner(tx: Session, *, by: Actor, password: str | None, terms: Terms) -> UUID:
    """The session of somebody who may add a way into their account: with its password, else just come in."""
    terms.must_be_ones_own()
    session = mine(tx, by)
    person = tx.get_one(Person, session.person_id)
    if person.password_hash:
        must_know(tx, person, password or "")
    elif session.created_at < now() - JUST_NOW:
        raise ComeInAnew
    return session.id


def must_know(tx: Session, person: Person, password: str) -> None:
    """Refuse whoever does not know the present password, though the session is theirs."""
    guess = guesses.begin(tx, "password", person.username)
    if not is_password(password, person.password_hash):
        guess.failed()
        raise WrongPassword


def switch(tx: Session, *, by: Actor, organisation_id: UUID) -> str:
    """Act for another organisation that the person belongs to; the session's new secret."""
    row = mine(tx, by)
    own = select(Membership.id).where(Membership.person_id == row.person_id, Membership.active)
    if tx.scalar(own.where(Membership.organisation_id == organisation_id).limit(1)) is None:
        raise NotAllowed
    row.organisation_id, row.acting_id, row.acting_at = organisation_id, None, None
    events.record(tx, by=by, verb="session.switched", subject=row, change={"organisation": str(organisation_id)})
    return rotate(row)


def sign_out(tx: Session, *, by: Actor) -> None:
    """End the actor's session."""
    row = mine(tx, by)
    row.ended_at = now()
    events.record(tx, by=by, verb="session.ended", subject=row)


def leave(tx: Session, *, by: Actor | None) -> None:
    """End the session that whoever comes in anew may still have here."""
    if by is not None and by.session_id is not None:
        sign_out(tx, by=by)


def live(tx: Session, *, by: Actor, terms: Terms) -> list[SignInSession]:
    """The sessions of the actor's account that still hold, the last used first."""
    owner = by.account_id or by.person_id
    rows = select(SignInSession, Person.sign_in_anew_at).join(Person, Person.id == SignInSession.person_id)
    rows = rows.where(SignInSession.person_id == owner, SignInSession.ended_at.is_(None))
    found = [row for row, anew_at in tx.execute(rows) if is_live(row, anew_at, terms)]
    return sorted(found, key=lambda row: row.last_used_at or row.created_at, reverse=True)


def end(tx: Session, *, by: Actor, session_id: UUID) -> None:
    """End one of the account's sessions."""
    row = tx.get(SignInSession, session_id)
    if row is None or row.person_id != (by.account_id or by.person_id) or by.key_id is not None:
        raise NotFound
    row.ended_at = row.ended_at or now()
    events.record(tx, by=by, verb="session.ended", subject=row)


def end_others(tx: Session, *, by: Actor, person_id: UUID) -> int:
    """End every session of a person but the actor's own; how many."""
    rows = select(SignInSession).where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
    others = [row for row in tx.scalars(rows) if row.id != by.session_id and row.expires_at > now()]
    for row in others:
        row.ended_at = now()
        events.record(tx, by=by, verb="session.ended", subject=row)
    return len(others)
