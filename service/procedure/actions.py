"""The steps of who facilitates and of the clock, from the announcement to the proposal; review.py has the others."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.demand import actions as demands
from service.demand import queries as demand_queries
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import BANGKOK, now
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, must_match
from service.kernel.settings import settings
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.queries import must_know_province
from service.procedure import recusal, review
from service.procedure.rules import BadTimes, NoProfile, RoundExists, must_be_failed
from service.procedure.schemas import RoundIn
from service.programme import queries as programme
from service.rounds import queries, rules, runs, telling
from service.rounds.models import Round, RoundDemand
from service.rounds.rules import NothingSolved
from service.rounds.vocabulary import LIVE


def schedule(tx: Session, *, by: Actor, draft: RoundIn) -> Round:
    """Announce a round: its delivery week, opening and cut-off, under the profile that holds then."""
    require(by, "round.schedule", province=draft.province_code)
    must_know_province(tx, draft.province_code, lock=True)  # of two at once, the second sees the first's round
    if not draft.opens_at < draft.closes_at or draft.closes_at.astimezone(BANGKOK).date() >= draft.delivery_week:
        raise BadTimes
    profile = programme.in_force(tx, draft.province_code, draft.opens_at.astimezone(BANGKOK).date())
    if profile is None:
        raise NoProfile
    same_week = (Round.province_code == draft.province_code, Round.delivery_week == draft.delivery_week)
    if tx.scalar(select(Round.id).where(*same_week, Round.state.in_(sorted(LIVE))).limit(1)) is not None:
        raise RoundExists
    given = draft.model_dump() | {"effort": draft.effort or settings().solver_effort}
    row = Round(**given, profile_id=profile.id)
    tx.add(row)
    change = {"delivery_week": row.delivery_week, "closes_at": row.closes_at, "profile": profile.number}
    events.record(tx, by=by, verb="round.scheduled", subject=row, province_code=row.province_code, change=change)
    if row.opens_at <= now():
        _open(tx, by, row)
    return row


def open_round(tx: Session, *, by: Actor, round_id: UUID) -> Round:
    """Open a scheduled round."""
    row = queries.locked(tx, round_id)
    require(by, "round.schedule", province=row.province_code)
    _open(tx, by, row)
    return row


def _open(tx: Session, by: Actor, row: Round) -> None:
    rules.must_step(row, "open")
    row.state = "open"
    events.record(tx, by=by, verb="round.opened", subject=row, province_code=row.province_code)
    _gather(tx, by, row)


def gather(tx: Session, *, by: Actor, round_id: UUID) -> int:
    """Take the approved demands of the week into the open round; give their number."""
    row = queries.locked(tx, round_id)
    require(by, "round.schedule", province=row.province_code)
    return _gather(tx, by, row) if row.state == "open" else 0


def _gather(tx: Session, by: Actor, row: Round) -> int:
    found = demand_queries.awaiting(tx, row.province_code, row.delivery_week, lock=True)
    for demand in found:
        tx.add(RoundDemand(round_id=row.id, demand_id=demand.id))
        demands.activate(tx, by=by, demand_id=demand.id)
    return len(found)


def close(tx: Session, *, by: Actor, round_id: UUID, reason: str = "") -> Round:
    """Close the round: freeze the market and queue its solving. Before the cut-off it needs a reason."""
    row = queries.locked(tx, round_id)
    require(by, "round.close", province=row.province_code)
    if now() < row.closes_at and not reason:
        raise InvalidInput(errors=(FieldError("/reason", N_("Closing before the cut-off needs a reason.")),))
    rules.must_step(row, "closed")
    _gather(tx, by, row)
    row.state = "closed"
    _name_hands(tx, by, row)
    for demand in review.demands_of(tx, row):
        demands.evaluate(tx, by=by, demand_id=demand.id)
    events.record(tx, by=by, verb="round.closed", subject=row, province_code=row.province_code, reason=reason)
    runs.queue_first(tx, row, by)
    return row


def _name_hands(tx: Session, by: Actor, row: Round) -> None:
    """Who facilitates, and hence who may review: nobody judges their own work."""
    own = tx.get(Organisation, by.organisation_id) if by.organisation_id else None
    company = own or recusal.company_of(tx, row.province_code)
    row.facilitator_company_id = None if company is None else company.id
    row.facilitator_person_id = by.person_id
    _name_reviewer(tx, row)


def _name_reviewer(tx: Session, row: Round) -> None:
    reviewer, row.reviewer_reason = recusal.reviewer_of(tx, row)
    row.reviewer_company_id = None if reviewer is None else reviewer.id


def solve_again(tx: Session, *, by: Actor, round_id: UUID, effort: str | None = None) -> Round:
    """Queue a failed (or sent back) solving once more, first or again; offers and prices stay those of the cut-off."""
    row = queries.locked(tx, round_id)
    require(by, "round.close", province=row.province_code)
    newest = runs.latest(tx, row.id)
    must_be_failed(row, "" if newest is None else newest.state)
    row.effort = effort or row.effort
    telling.done(tx, row, "review.returned", "round.failed")
    if row.state == "published":
        runs.queue_again(tx, row, by)
    else:
        runs.queue_first(tx, row, by)
    return row


def propose(tx: Session, *, by: Actor, round_id: UUID, version: int) -> Round:
    """Put the solved allocation forward for review; its awards come into being, unseen by the groups."""
    row = queries.locked(tx, round_id)
    require(by, "round.propose", province=row.province_code)
    must_match(row.version, version)
    rules.must_step(row, "proposed")
    run = runs.latest(tx, row.id, "first")
    if run is None or run.state != "solved":
        raise NothingSolved
    runs.award(tx, row, run, by=by)
    row.state, row.facilitator_person_id = "proposed", by.person_id
    if by.organisation_id is not None:
        row.facilitator_company_id = by.organisation_id
    _name_reviewer(tx, row)
    events.record(tx, by=by, verb="round.proposed", subject=row, province_code=row.province_code)
    telling.review_asked(tx, row)
    return row


def cancel(tx: Session, *, by: Actor, round_id: UUID, reason: str) -> Round:
    """Give a round up before its publication; its demands wait for the next one."""
    row = queries.locked(tx, round_id)
    require(by, "round.close", province=row.province_code)
    rules.must_step(row, "cancelled")
    for demand in review.demands_of(tx, row):
        demands.put_back(tx, by=by, demand_id=demand.id)
    review.drop_awards(tx, row)
    telling.done(tx, row, "review.asked", "review.returned", "round.failed")
    row.state, row.state_reason = "cancelled", reason
    events.record(tx, by=by, verb="round.cancelled", subject=row, province_code=row.province_code, reason=reason)
    return row
