"""The review of a proposed round by a company that had no hand in it, and what follows answers."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.demand import actions as demands
from service.demand.models import Demand, DemandLine
from service.events import actions as events
from service.events import checkpoints
from service.kernel.actor import Actor
from service.kernel.clock import now, today
from service.kernel.problems import must_match
from service.parties.permissions import may, require
from service.procedure import recusal
from service.rounds import queries, rules, runs, telling
from service.rounds.models import Award, AwardLine, Round, RoundDemand, Run
from service.rounds.rules import NothingSolved

WEEK = timedelta(days=7)
MOST_RUNS = 8  # after so many re-solves what is left stays short


def demands_of(tx: Session, row: Round) -> Sequence[Demand]:
    """The demands that the round serves, locked; what its buyer cancelled before the closing is not among them."""
    rows = select(Demand).join(RoundDemand, RoundDemand.demand_id == Demand.id).where(RoundDemand.round_id == row.id)
    held = rows.where(Demand.state.in_(("active", "evaluation"))).order_by(Demand.id).with_for_update(of=Demand)
    return tx.scalars(held.execution_options(populate_existing=True)).all()


def _reviewed(tx: Session, by: Actor, round_id: UUID, version: int, to: str) -> Round:
    row = queries.locked(tx, round_id)
    require(by, "round.review", **rules.whose(row))
    recusal.must_not_be_recused(tx, by, row)
    must_match(row.version, version)
    rules.must_step(row, to)
    telling.done(tx, row, "review.asked")
    return row


def take_up(tx: Session, *, by: Actor, round_id: UUID, version: int) -> Round:
    """Begin the review."""
    row = _reviewed(tx, by, round_id, version, "under_review")
    row.state = "under_review"
    events.record(tx, by=by, verb="round.review_begun", subject=row, province_code=row.province_code)
    return row


def send_back(tx: Session, *, by: Actor, round_id: UUID, version: int, reason: str) -> Round:
    """Refuse the proposal with a reason; the facilitator solves again or cancels."""
    row = _reviewed(tx, by, round_id, version, "failed")
    drop_awards(tx, row)
    row.state, row.state_reason = "failed", reason
    events.record(tx, by=by, verb="round.sent_back", subject=row, province_code=row.province_code, reason=reason)
    telling.sent_back(tx, row, reason)
    return row


def approve(tx: Session, *, by: Actor, round_id: UUID, version: int, note: str = "") -> Round:
    """Approve the proposal."""
    row = _reviewed(tx, by, round_id, version, "approved")
    row.state, row.approved_by, row.approved_at = "approved", by.person_id, now()
    events.record(tx, by=by, verb="round.approved", subject=row, province_code=row.province_code, reason=note)
    return row


def publish(tx: Session, *, by: Actor, round_id: UUID, version: int) -> Round:
    """Publish the approved allocation: awards reach the groups, and the time to answer begins."""
    row = queries.locked(tx, round_id)
    require(by, "round.publish", **rules.whose(row))
    if not may(by, "round.close", province=row.province_code):
        recusal.must_be_reviewers(tx, by, row)
    must_match(row.version, version)
    rules.must_step(row, "published")
    run = runs.latest(tx, row.id, "first")
    if run is None or run.state != "solved":
        raise NothingSolved
    runs.publish_awards(tx, row, run, by=by)
    run.state, row.state, row.published_at = "applied", "published", now()
    events.record(tx, by=by, verb="round.published", subject=row, province_code=row.province_code)
    telling.published(tx, row, runs.market_of(run).parties)
    checkpoints.ask(tx)
    follow_up(tx, by=by, round_id=row.id)
    return row


def drop_awards(tx: Session, row: Round) -> None:
    """Cancel awards that no group has seen."""
    tx.execute(update(Award).where(Award.round_id == row.id, Award.respond_by.is_(None)).values(state="cancelled"))


def follow_up(tx: Session, *, by: Actor, round_id: UUID) -> Run | None:
    """After answers: when the window's last line is answered, re-solve what fell short, or end the demands."""
    row = queries.locked(tx, round_id)
    newest = runs.latest(tx, round_id)
    if row.state != "published" or newest is None or _open_lines(tx, round_id):
        return None
    if newest.state == "applied" and newest.number < MOST_RUNS and _fell_short(tx, newest):
        return runs.queue_again(tx, row, by)
    if newest.state == "applied" or _given_up(row, newest):
        for demand in demands_of(tx, row):
            _end(tx, by, demand, round_id)
    return None


def _given_up(row: Round, newest: Run) -> bool:
    """Whether a re-solve failed that nobody can repeat any more: its week is over, or there were too many."""
    over = row.delivery_week + WEEK <= today()
    return newest.state == "failed" and (over or newest.number >= MOST_RUNS)


def _open_lines(tx: Session, round_id: UUID) -> bool:
    rows = select(AwardLine.id).join(Award, Award.id == AwardLine.award_id)
    rows = rows.where(Award.round_id == round_id, Award.state != "cancelled", AwardLine.answer.is_(None))
    return tx.scalar(rows.limit(1)) is not None


def _fell_short(tx: Session, run: Run) -> bool:
    """Whether some line got less from the run's answers than was awarded, and less in all than is enough for it."""
    answered = select(AwardLine.demand_line_id).join(Award, Award.id == AwardLine.award_id)
    cut = answered.where(Award.run_id == run.id, AwardLine.accepted_quantity < AwardLine.quantity)
    enough = func.coalesce(DemandLine.least_quantity, DemandLine.quantity)
    rows = select(DemandLine.id).join(AwardLine, AwardLine.demand_line_id == DemandLine.id)
    rows = rows.join(Award, Award.id == AwardLine.award_id).where(Award.round_id == run.round_id)
    rows = rows.where(Award.state != "cancelled", DemandLine.id.in_(cut)).group_by(DemandLine.id, enough)
    return tx.scalar(rows.having(func.sum(AwardLine.accepted_quantity) < enough).limit(1)) is not None


def _end(tx: Session, by: Actor, demand: Demand, round_id: UUID) -> None:
    if demand.state != "evaluation":
        return
    rows = select(func.sum(AwardLine.accepted_quantity * AwardLine.price_satang)).join(Award)
    accepted = int(tx.scalar(rows.where(Award.round_id == round_id, Award.demand_id == demand.id)) or 0)
    if accepted:
        demands.complete(tx, by=by, demand_id=demand.id, awarded_satang=accepted)
    else:
        demands.unsuccessful(tx, by=by, demand_id=demand.id)
