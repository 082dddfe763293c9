"""What the clock does to awards: silence past `respond_by` becomes an answer, and the market goes on."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from service.demand.models import Demand
from service.kernel import jobs
from service.kernel.actor import SYSTEM
from service.kernel.clock import now
from service.kernel.db import Database
from service.orders import actions, telling
from service.orders.vocabulary import ANSWERABLE
from service.procedure import review
from service.rounds.models import Award, AwardLine, Round, RoundDemand


def run_due(database: Database) -> None:
    """Everything that is due."""
    expire_due(database)
    go_on(database)
    with database.writing() as tx:
        telling.remind(tx)


def expire_due(database: Database) -> None:
    """Expire what was not answered in time: one transaction a round, so that one round's fault stops no other."""
    with database.reading() as tx:
        rounds = _due(tx)
    jobs.apart(database, rounds, lambda tx, key: actions.expire(tx, by=SYSTEM, round_id=key))


def _due(tx: Session) -> list[UUID]:
    rows = select(Award.round_id).join(AwardLine, AwardLine.award_id == Award.id).distinct()
    rows = rows.where(AwardLine.answer.is_(None), Award.state.in_(sorted(ANSWERABLE)), Award.respond_by < now())
    return list(tx.scalars(rows.order_by(Award.round_id)))


def go_on(database: Database) -> None:
    """Take the next step of rounds that wait for no answer any more: a re-solve that found nobody ends here."""
    with database.reading() as tx:
        rounds = _quiet(tx)
    jobs.apart(database, rounds, lambda tx, key: review.follow_up(tx, by=SYSTEM, round_id=key))


def _quiet(tx: Session) -> list[UUID]:
    """Published rounds without an open line, some demand of which has not ended."""
    lines = select(AwardLine.id).join(Award, Award.id == AwardLine.award_id)
    open_lines = lines.where(Award.round_id == Round.id, Award.state != "cancelled", AwardLine.answer.is_(None))
    served = select(RoundDemand.id).join(Demand, Demand.id == RoundDemand.demand_id)
    unended = served.where(RoundDemand.round_id == Round.id, Demand.state == "evaluation")
    rows = select(Round.id).where(Round.state == "published", exists(unended), ~exists(open_lines))
    return list(tx.scalars(rows.order_by(Round.id)))
