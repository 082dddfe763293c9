"""Use cases of one's own keys: made, renewed, ended. A key itself can do none of this."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotAllowed, NotFound
from service.keys.models import ApiKey
from service.keys.rules import HINT, MOST, TooManyKeys, hashed, new_secret
from service.keys.schemas import KeyIn


@dataclass(frozen=True, slots=True)
class Fresh:
    """A key and its secret, for this once."""

    row: ApiKey
    secret: str


def make(tx: Session, *, by: Actor, draft: KeyIn) -> Fresh:
    """Make a key that acts in its owner's name for the organisation acted for now."""
    if by.person_id is None or by.organisation_id is None or by.session_id is None or by.account_id is not None:
        raise NotAllowed  # a person's own session makes keys: no key, and nobody on a shared phone
    if len(live(tx, by=by)) >= MOST:
        raise TooManyKeys(most=MOST)
    secret = new_secret()
    row = ApiKey(
        person_id=by.person_id, organisation_id=by.organisation_id, name=draft.name, hint=secret[:HINT],
        key_hash=hashed(secret), scopes=sorted(set(draft.scopes)), expires_at=now() + timedelta(days=draft.days),
    )  # fmt: skip
    tx.add(row)
    tx.flush()
    events.record(tx, by=by, verb="api_key.made", subject=row, change={"scopes": row.scopes, "days": draft.days})
    return Fresh(row, secret)


def renew(tx: Session, *, by: Actor, key_id: UUID) -> Fresh:
    """Give a key a new secret; the old one ends at once, scopes and end stay."""
    row = _own(tx, by, key_id)
    secret = new_secret()
    row.key_hash, row.hint = hashed(secret), secret[:HINT]
    events.record(tx, by=by, verb="api_key.renewed", subject=row)
    return Fresh(row, secret)


def end(tx: Session, *, by: Actor, key_id: UUID) -> None:
    """End a key."""
    row = _own(tx, by, key_id)
    row.ended_at = now()
    events.record(tx, by=by, verb="api_key.ended", subject=row)


def live(tx: Session, *, by: Actor) -> list[ApiKey]:
    """One's own keys that hold, the newest first."""
    mine = (ApiKey.person_id == by.person_id, ApiKey.ended_at.is_(None), ApiKey.expires_at > now())
    return list(tx.scalars(select(ApiKey).where(*mine).order_by(ApiKey.id.desc())))


def end_all(tx: Session, *, by: Actor, person_id: UUID) -> None:
    """End every key of a person: on their wish, with a new password."""
    rows = select(ApiKey).where(ApiKey.person_id == person_id, ApiKey.ended_at.is_(None), ApiKey.expires_at > now())
    for row in tx.scalars(rows.with_for_update()):
        row.ended_at = now()
        events.record(tx, by=by, verb="api_key.ended", subject=row)


def _own(tx: Session, by: Actor, key_id: UUID) -> ApiKey:
    row = tx.scalar(select(ApiKey).where(ApiKey.id == key_id).with_for_update())
    if row is None or row.person_id != by.person_id or by.session_id is None or by.account_id is not None:
        raise NotFound
    if row.ended_at is not None or row.expires_at <= now():
        raise NotFound
    return row
