"""One-time codes that let someone in: made for a person, kept as keyed marks, spent once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from service.accounts import factors
from service.accounts.models import OneTimeCode
from service.accounts.rules import WrongCode
from service.kernel.clock import now
from service.kernel.secrecy import vault
from service.people.models import Person

LETTERS = 16  # 80 bits, for days; addresses that try are throttled at the door


@dataclass(frozen=True, slots=True)
class Made:
    """A fresh code, shown or sent once."""

    id: UUID
    code: str
    until: datetime


def make(tx: Session, person_id: UUID, *, holds: timedelta, issued_by: UUID | None, email: str = "") -> Made:
    """A new code of a person, perhaps sent to an address; earlier ones that came the same way hold no more."""
    same_way = OneTimeCode.issued_by.is_(None) if issued_by is None else OneTimeCode.issued_by.is_not(None)
    _end(tx, person_id, same_way)
    code, until = factors.written(LETTERS), now() + holds
    row = OneTimeCode(person_id=person_id, issued_by=issued_by, code_hash=vault().mark(_marked(code)), email=email,
                      expires_at=until)  # fmt: skip
    tx.add(row)
    tx.flush()
    return Made(row.id, code, until)


def forget(tx: Session, person_id: UUID) -> None:
    """No code of the person holds any more."""
    _end(tx, person_id)


def _end(tx: Session, person_id: UUID, *which: ColumnElement[bool]) -> None:
    live = (OneTimeCode.person_id == person_id, OneTimeCode.used_at.is_(None), *which)
    tx.execute(update(OneTimeCode).where(*live).values(used_at=now()))


def spend(tx: Session, code: str) -> OneTimeCode:
    """Whose code it is; it holds no more. Of two who bring it at once one comes in."""
    row = _live(tx, code)
    same = (OneTimeCode.id == row.id, OneTimeCode.used_at.is_(None))
    spent: int = tx.execute(update(OneTimeCode).where(*same).values(used_at=now())).rowcount  # type: ignore[attr-defined]
    if not spent:
        raise WrongCode
    return row


def must_hold(tx: Session, code: str) -> None:
    """Refuse a code that would not let anyone in."""
    _live(tx, code)


def _live(tx: Session, code: str) -> OneTimeCode:
    rows = select(OneTimeCode).join(Person, Person.id == OneTimeCode.person_id)
    rows = rows.where(OneTimeCode.code_hash.in_(vault().marks(_marked(code))), OneTimeCode.used_at.is_(None))
    row = tx.scalar(rows.where(OneTimeCode.expires_at > now(), Person.active))
    if row is None:
        raise WrongCode
    return row


def _marked(code: str) -> str:
    return f"access {factors.bare(code)}"
