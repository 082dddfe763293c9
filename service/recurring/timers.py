"""What the clock does for recurring demands."""

from sqlalchemy import select

from service.kernel import jobs
from service.kernel.actor import SYSTEM
from service.kernel.clock import today
from service.kernel.db import Database
from service.recurring import actions, rules
from service.recurring.models import RecurringDemand


def run_due(database: Database) -> None:
    """Make the drafts that are due: a transaction for each recurring demand, so that one's fault stops no other."""
    with database.reading() as tx:
        rows = tx.scalars(select(RecurringDemand).where(~RecurringDemand.paused).order_by(RecurringDemand.id))
        ids = [row.id for row in rows if rules.due(row, today())]
    jobs.apart(database, ids, lambda tx, key: actions.make_due(tx, by=SYSTEM, recurring_id=key))
