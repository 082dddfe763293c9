"""Deletes what has stayed as long as the table allows: every night, or as a count of what would go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import structlog
from sqlalchemy import ColumnElement, Delete, Text, delete, exists, func, or_, select, type_coerce, update
from sqlalchemy.orm import Session

from service.accounts.models import OneTimeCode, SignInSession
from service.events import actions as events
from service.events.models import Event
from service.households.models import Household, Roster, RosterLine
from service.kernel.actor import SYSTEM
from service.kernel.clock import BANGKOK, now
from service.kernel.db import Base, Database
from service.keys.models import ApiKey
from service.parties.models import Organisation
from service.people.models import Membership, Person
from service.privacy import erasure
from service.privacy.purposes import BY_CODE

log = structlog.get_logger()
Rule = Callable[..., int]  # (tx, before, really=): the number of what ended before the moment; deleted if `really`


@dataclass(frozen=True, slots=True)
class Deleted:
    """The subject of a deletion's event: the kind of data, never whose."""

    id: str
    __tablename__: ClassVar[str] = "retention"


def due(database: Database, at: datetime | None = None) -> dict[str, int]:
    """How many entries of each kind would go now."""
    with database.reading() as tx:
        return {code: rule(tx, _before(code, at), really=False) for code, rule in RULES.items()}


def apply(database: Database, at: datetime | None = None) -> dict[str, int]:
    """Delete what is due, each kind in a transaction of its own, so that one fault keeps no other."""
    found = {}
    for code in RULES:
        try:
            with database.writing() as tx:
                found[code] = apply_one(tx, code, at)
        except Exception:
            log.exception("deletion failed", kind=code)
    return found


def apply_one(tx: Session, code: str, at: datetime | None = None) -> int:
    """Delete what is due of one kind; the event says up to when, not how many or whose."""
    before = _before(code, at)
    number = RULES[code](tx, before, really=True)
    if number:
        events.record(tx, by=SYSTEM, verb="retention.applied", subject=Deleted(code), change={"before": before.date()})
    return number


def _before(code: str, at: datetime | None) -> datetime:
    period = BY_CODE[code].period
    assert period is not None
    return (at or now()) - period


def _gone(tx: Session, model: Any, condition: ColumnElement[bool], *, really: bool) -> int:
    number = tx.scalar(select(func.count()).select_from(model).where(condition)) or 0
    if really and number:
        statement: Delete = delete(model).where(condition)
        tx.execute(statement, execution_options={"synchronize_session": False})
    return number


def _accounts(tx: Session, before: datetime, *, really: bool) -> int:
    """People without a role to whom nothing has happened since."""
    held = exists().where(Membership.person_id == Person.id, Membership.active)
    rows = select(Person).where(~held, Person.created_at < before, Person.username.not_like(f"{erasure.PREFIX}%"))
    found = [row for row in tx.scalars(rows) if not _touched(tx, row, before)]
    for row in found if really else ():
        erasure.erase(tx, by=SYSTEM, person_id=row.id)
    return len(found)


def _touched(tx: Session, row: Person, before: datetime) -> bool:
    about = (Event.subject_type == Person.__tablename__) & (Event.subject_id == str(row.id))
    since = select(Event.id).where(or_(Event.person_id == row.id, about), Event.at >= before)
    return tx.scalar(since.limit(1)) is not None


def _sign_ins(tx: Session, before: datetime, *, really: bool) -> int:
    ended = func.coalesce(SignInSession.ended_at, SignInSession.expires_at) < before
    return _gone(tx, SignInSession, ended, really=really)


def _codes(tx: Session, before: datetime, *, really: bool) -> int:
    return _gone(tx, OneTimeCode, OneTimeCode.expires_at < before, really=really)


def _keys(tx: Session, before: datetime, *, really: bool) -> int:
    return _gone(tx, ApiKey, func.coalesce(ApiKey.ended_at, ApiKey.expires_at) < before, really=really)


ORGANISATIONS = Base.metadata.tables["organisations"]
CONTACTS = ("contact_name", "phone", "email")


def _contacts(tx: Session, before: datetime, *, really: bool) -> int:
    """Contacts of organisations that were refused and stayed so."""
    filled = or_(*(type_coerce(ORGANISATIONS.c[name], Text) != "" for name in CONTACTS))
    rows = select(Organisation.id).where(Organisation.state == "refused", Organisation.created_at < before, filled)
    refused = [key for key in tx.scalars(rows) if not _stepped_since(tx, str(key), before)]
    if really and refused:
        empty = dict.fromkeys(CONTACTS, "")
        tx.execute(update(ORGANISATIONS).where(ORGANISATIONS.c.id.in_(refused)).values(empty))
    return len(refused)


def _stepped_since(tx: Session, key: str, before: datetime) -> bool:
    steps = select(Event.id).where(Event.subject_type == "organisations", Event.subject_id == key, Event.at >= before)
    return tx.scalar(steps.limit(1)) is not None


def _households(tx: Session, before: datetime, *, really: bool) -> int:
    """Tiers that ran out; households that are on no list any more go with them."""
    day = before.astimezone(BANGKOK).date()
    listed = exists().where(RosterLine.household_id == Household.id)
    stale = Household.valid_until < day
    number = _gone(
        tx, Household, ~listed & (stale | (Household.tier.is_(None) & (Household.created_at < before))), really=really
    )
    still = select(func.count()).select_from(Household).where(listed, stale)
    kept = tx.scalar(still) or 0
    if really and kept:
        clear = (
            update(Household)
            .where(stale, listed)
            .values(tier=None, valid_until=None, attester_id=None, attested_on=None)
        )
        tx.execute(clear, execution_options={"synchronize_session": False})
    return number + kept


def _rosters(tx: Session, before: datetime, *, really: bool) -> int:
    over = select(Roster.id).where(Roster.period_until < before.astimezone(BANGKOK).date())
    _gone(tx, RosterLine, RosterLine.roster_id.in_(over), really=really)
    return _gone(tx, Roster, Roster.id.in_(over), really=really)


def _notices(tx: Session, before: datetime, *, really: bool) -> int:
    """Notices with their deliveries; their floor lies above this one."""
    table = Base.metadata.tables["notices"]
    return _gone(tx, table, table.c.created_at < before, really=really)


def _addresses(tx: Session, before: datetime, *, really: bool) -> int:
    """Addresses whose owner never brought the code."""
    table = Base.metadata.tables["notice_addresses"]
    return _gone(tx, table, table.c.confirmed_at.is_(None) & (table.c.created_at < before), really=really)


RULES: dict[str, Rule] = {
    "notices": _notices,
    "notice_addresses": _addresses,
    "sign_in": _sign_ins,
    "codes": _codes,
    "keys": _keys,
    "contact": _contacts,
    "roster": _rosters,  # before the households: those on no list any more may go in the same night
    "household": _households,
    "account": _accounts,  # last: with a person go the sign-ins that other rules count
}
