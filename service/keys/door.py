"""Whom a program's key speaks for: its owner as they are now, no further than its scopes (web/deps.py)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts.door import Door
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.db import Database
from service.keys.models import ApiKey
from service.keys.rules import PREFIX, TOUCHED_EVERY, hashed
from service.parties.models import Organisation
from service.people.models import Membership, Person


def beside(people: Door) -> Door:
    """A door for programs beside that for people."""

    def recognise(database: Database, token: str) -> Actor | None:
        return _of_key(database, token) if token.startswith(PREFIX) else people(database, token)

    return recognise


def _of_key(database: Database, secret: str) -> Actor | None:
    with database.reading() as tx:
        row = tx.scalar(select(ApiKey).where(ApiKey.key_hash == hashed(secret)))
        actor = None if row is None else _actor(tx, row)
    if row is None or actor is None:
        return None
    if row.last_used_at is None or row.last_used_at + TOUCHED_EVERY <= now():
        with database.writing() as tx:
            tx.get_one(ApiKey, row.id).last_used_at = now()
    return actor


def _actor(tx: Session, row: ApiKey) -> Actor | None:
    """The owner with the roles that they hold today; nobody once the key has ended or no role is left."""
    if row.ended_at is not None or row.expires_at <= now():
        return None
    held = select(Membership.role).join(Person, Person.id == Membership.person_id)
    held = held.where(Membership.person_id == row.person_id, Membership.organisation_id == row.organisation_id)
    roles = frozenset(tx.scalars(held.where(Membership.active, Person.active)))
    organisation = tx.get_one(Organisation, row.organisation_id)
    return (
        Actor(row.person_id, organisation.id, organisation.kind, organisation.province_code, roles,
              key_id=row.id, scopes=frozenset(row.scopes))
        if roles else None
    )  # fmt: skip
