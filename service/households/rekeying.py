"""Carries every stored pseudonym forward to the newest key; numbers of people are not needed, and not there."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.events import actions as events
from service.households import pseudonyms
from service.households.models import Household
from service.kernel.actor import SYSTEM

A_BATCH = 1_000


def rekey(tx: Session) -> int:
    """Bring all pseudonyms under the newest key of the file; give the number of those that stood under older ones.

    The table is locked first: whoever enters households meanwhile has either read the older keys and is done, or reads
    the newest one afterwards.
    """
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE households IN SHARE ROW EXCLUSIVE MODE"))
    ring = pseudonyms.ring()
    done, last = 0, None
    while rows := _older(tx, ring.newest, last):
        for row in rows:
            row.pseudonym, row.key_id = ring.renewed(row.pseudonym, row.key_id), ring.newest
        last, done = rows[-1], done + len(rows)
        tx.flush()
    if last is not None:
        events.record(tx, by=SYSTEM, verb="pseudonyms.rekeyed", subject=last, change={"key": ring.newest})
    return done


def _older(tx: Session, newest: str, last: Household | None) -> list[Household]:
    rows = select(Household).where(Household.key_id != newest).order_by(Household.id).limit(A_BATCH)
    return list(tx.scalars(rows if last is None else rows.where(Household.id > last.id)))


def under_keys(tx: Session) -> dict[str, int]:
    """How many pseudonyms stand under which key."""
    rows = tx.execute(select(Household.key_id, func.count()).group_by(Household.key_id).order_by(Household.key_id))
    return {row[0]: row[1] for row in rows}
