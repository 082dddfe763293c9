"""What the clock does to rounds: they open, gather approved demand, and close at their cut-off."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.kernel import jobs
from service.kernel.actor import SYSTEM
from service.kernel.clock import now
from service.kernel.db import Database
from service.procedure import actions
from service.rounds.models import Round


def run_due(database: Database) -> None:
    """Take every step that is due, each in its own transaction, so that one fault stops no other."""
    with database.reading() as tx:
        to_open, to_gather, to_close = _due(tx, "scheduled"), _open(tx), _due(tx, "open")
    jobs.apart(database, to_open, lambda tx, key: actions.open_round(tx, by=SYSTEM, round_id=key))
    jobs.apart(database, to_gather, lambda tx, key: actions.gather(tx, by=SYSTEM, round_id=key))
    jobs.apart(database, to_close, lambda tx, key: actions.close(tx, by=SYSTEM, round_id=key))


def _due(tx: Session, state: str) -> list[UUID]:
    at = Round.opens_at if state == "scheduled" else Round.closes_at
    return list(tx.scalars(select(Round.id).where(Round.state == state, at <= now()).order_by(Round.id)))


def _open(tx: Session) -> list[UUID]:
    return list(tx.scalars(select(Round.id).where(Round.state == "open", Round.closes_at > now()).order_by(Round.id)))
