"""The second factor: an authenticator app's codes (RFC 6238), and codes on paper for the day the phone is lost."""

import secrets
import time
from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service.accounts import guesses, sessions
from service.accounts.models import RecoveryCode, SecondFactor
from service.accounts.rules import (
    PRIVILEGED,
    RECOVERY_CODES,
    AlreadyProtected,
    StillNeeded,
    Terms,
    WrongCode,
)
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotFound
from service.kernel.secrecy import vault
from service.people.models import Membership, Person

ISSUER = "Pracharat Market"
STEP_S = 30
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 5 bits a letter, none that look alike
CODE_LETTERS = 24  # 120 bits: more than anyone can try, so a plain keyed hash keeps them
GROUP = 4


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs to know."""

    secret: str
    uri: str


def begin(tx: Session, *, by: Actor) -> Enrolment:
    """Make (or show again) the secret that a not yet confirmed authenticator is to hold."""
    owner = _owner(by)
    row = _factor(tx, owner)
    if row is not None and row.confirmed_at is not None:
        raise AlreadyProtected
    if row is None:
        row = SecondFactor(person_id=owner, secret=vault().seal(pyotp.random_base32()), last_step=0)
        tx.add(row)
        tx.flush()
    return _enrolment(tx, row)


def confirm(tx: Session, *, by: Actor, code: str) -> tuple[list[str], str]:
    """The first code turns the authenticator on; recovery codes, shown once, and the session's new secret."""
    owner = _owner(by)
    row = _factor(tx, owner)
    if row is None:
        raise NotFound
    if row.confirmed_at is not None:
        raise AlreadyProtected
    _must_be_code(tx, row, code)
    row.confirmed_at = now()
    codes = _new_codes(tx, owner)
    session = sessions.mine(tx, by)
    session.second_factor_at = now()
    person = tx.get_one(Person, owner)
    events.record(tx, by=by, verb="second_factor.added", subject=person)
    sessions.end_others(tx, by=by, person_id=owner)
    return codes, sessions.rotate(session)


def give(tx: Session, *, by: Actor, code: str) -> str:
    """Complete a session with a code of the authenticator or one from paper; its new secret."""
    owner = _owner(by)
    row = _factor(tx, owner)
    if row is None or row.confirmed_at is None:
        raise NotFound
    _must_hold(tx, row, by, code)
    session = sessions.mine(tx, by)
    session.second_factor_at = now()
    return sessions.rotate(session)


def remove(tx: Session, *, by: Actor, code: str, terms: Terms) -> None:
    """Take the authenticator away, with a code of it; not where a role needs it."""
    owner = _owner(by)
    row = _factor(tx, owner)
    if row is None:
        raise NotFound
    held = select(Membership.role).where(Membership.person_id == owner, Membership.active)
    if terms.second_factor and PRIVILEGED & set(tx.scalars(held)):
        raise StillNeeded
    if row.confirmed_at is not None:
        _must_hold(tx, row, by, code)
    drop(tx, by=by, person=tx.get_one(Person, owner))


def renew_codes(tx: Session, *, by: Actor, code: str) -> list[str]:
    """New recovery codes instead of the old ones, with a code of the authenticator."""
    row = _factor(tx, _owner(by))
    if row is None or row.confirmed_at is None:
        raise NotFound
    _must_hold(tx, row, by, code)
    events.record(tx, by=by, verb="recovery_codes.renewed", subject=tx.get_one(Person, row.person_id))
    return _new_codes(tx, row.person_id)


def drop(tx: Session, *, by: Actor, person: Person, reason: str = "") -> None:
    """Forget a person's authenticator and codes; whoever may is decided by the caller."""
    tx.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    tx.execute(delete(SecondFactor).where(SecondFactor.person_id == person.id))
    events.record(tx, by=by, verb="second_factor.removed", subject=person, reason=reason)


def pending(tx: Session, *, by: Actor) -> Enrolment | None:
    """The authenticator that waits for its first code."""
    row = tx.get(SecondFactor, _owner(by))
    return None if row is None or row.confirmed_at is not None else _enrolment(tx, row)


def _enrolment(tx: Session, row: SecondFactor) -> Enrolment:
    secret = vault().open(row.secret)
    name = tx.get_one(Person, row.person_id).username
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))


def has(tx: Session, person_id: UUID) -> bool:
    """Whether the person's authenticator is in use."""
    row = tx.get(SecondFactor, person_id)
    return row is not None and row.confirmed_at is not None


def codes_left(tx: Session, person_id: UUID) -> int:
    """How many recovery codes are unused."""
    rows = select(RecoveryCode.id).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return len(tx.scalars(rows).all())


def _owner(by: Actor) -> UUID:
    owner = by.account_id or by.person_id
    if owner is None or by.key_id is not None:
        raise NotFound
    return owner


def _factor(tx: Session, person_id: UUID) -> SecondFactor | None:
    """The row, locked: a code must not count twice."""
    return tx.scalar(select(SecondFactor).where(SecondFactor.person_id == person_id).with_for_update())


def _must_hold(tx: Session, row: SecondFactor, by: Actor, code: str) -> None:
    """Refuse a code that neither the authenticator nor the paper holds."""
    if len(code) > len("000 000"):
        _must_be_on_paper(tx, row.person_id, by, code)
    else:
        _must_be_code(tx, row, code)


def _must_be_code(tx: Session, row: SecondFactor, code: str) -> None:
    guess = guesses.begin(tx, "code", str(row.person_id))
    present = int(time.time()) // STEP_S
    totp, given = pyotp.TOTP(vault().open(row.secret)), code.replace(" ", "")
    for step in (present, present - 1, present + 1):
        if step > row.last_step and secrets.compare_digest(totp.generate_otp(step).encode(), given.encode()):
            row.last_step = step
            return
    guess.failed()
    raise WrongCode


def _must_be_on_paper(tx: Session, person_id: UUID, by: Actor, code: str) -> None:
    guess = guesses.begin(tx, "code", str(person_id))
    marks = vault().marks(_marked(person_id, code))
    mine = (RecoveryCode.person_id == person_id, RecoveryCode.code_hash.in_(marks), RecoveryCode.used_at.is_(None))
    used: int = tx.execute(update(RecoveryCode).where(*mine).values(used_at=now())).rowcount  # type: ignore[attr-defined]
    if not used:
        guess.failed()
        raise WrongCode
    events.record(tx, by=by, verb="recovery_code.used", subject=tx.get_one(Person, person_id))


def _new_codes(tx: Session, person_id: UUID) -> list[str]:
    tx.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = [written(CODE_LETTERS) for _ in range(RECOVERY_CODES)]
    tx.add_all(RecoveryCode(person_id=person_id, code_hash=vault().mark(_marked(person_id, code))) for code in codes)
    return codes


def written(letters: int) -> str:
    """A random code as people write it: groups of four."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(letters))
    return "-".join(code[at : at + GROUP] for at in range(0, letters, GROUP))


def bare(code: str) -> str:
    """A code as typed, without what people add or leave out."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def _marked(person_id: UUID, code: str) -> str:
    return f"recovery {person_id} {bare(code)}"
