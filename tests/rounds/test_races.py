"""Steps that meet at one moment on both databases: one is taken, the other is refused, nothing is half done."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from service.budgets.models import BudgetLine
from service.demand import actions as demands
from service.demand.models import Demand
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.problems import Problem
from service.listings import actions as listings
from service.listings.models import Offer
from service.listings.schemas import LotIn, OfferEdit
from service.orders import timers as answer_timers
from service.procedure import actions, review
from service.procedure.schemas import RoundIn
from service.rounds import runs
from service.rounds.models import AwardLine, Round, RoundDemand, Run
from tests.make import making, next_week
from tests.rounds.test_chain import Hands, published, solved

pytestmark = pytest.mark.postgres


@pytest.fixture
def hands(database: Database) -> Hands:
    with making(database) as make:
        return Hands(make)


def race(database: Database, *steps: Callable[[Session], object]) -> list[Exception]:
    """Take the steps at one moment, each in its own transaction; what they met."""
    met: list[Exception] = []
    start = Barrier(len(steps))

    def take(step: Callable[[Session], object]) -> None:
        start.wait()
        try:
            with database.writing() as tx:
                step(tx)
        except Exception as error:  # noqa: BLE001 - a deadlock or a fault must reach the assertion
            met.append(error)

    threads = [Thread(target=take, args=[step]) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return met


def refusals(met: list[Exception]) -> int:
    """How many were refused; anything else than a refusal is a fault."""
    assert all(isinstance(error, Problem | StaleDataError) for error in met), met
    return len(met)


def number_of(database: Database, model: type) -> int:
    with database.reading() as tx:
        return len(list(tx.scalars(select(model))))


def test_of_two_closes_one_freezes_the_market(database: Database, hands: Hands) -> None:
    met = race(database, *[lambda tx: actions.close(tx, by=hands.facilitator, round_id=hands.round_id)] * 2)
    assert refusals(met) == 1
    assert number_of(database, Run) == 1


def test_of_two_schedules_of_a_week_one_stands(database: Database, hands: Hands) -> None:
    draft = RoundIn(province_code="45", delivery_week=next_week() + timedelta(days=7), opens_at=now(),
                    closes_at=now() + timedelta(days=2))  # fmt: skip
    met = race(database, *[lambda tx: actions.schedule(tx, by=hands.facilitator, draft=draft)] * 2)
    assert refusals(met) == 1
    assert number_of(database, Round) == 2


def test_a_demand_that_is_cancelled_while_the_round_closes_is_in_it_or_out_of_it(
    database: Database, hands: Hands
) -> None:
    refused = refusals(race(
        database,
        lambda tx: actions.close(tx, by=hands.facilitator, round_id=hands.round_id),
        lambda tx: demands.cancel(tx, by=SYSTEM, demand_id=hands.demand.id, reason="Changed our minds"),
    ))  # fmt: skip
    with database.reading() as tx:
        state = tx.get_one(Demand, hands.demand.id).state
        reserved = tx.get_one(BudgetLine, hands.demand.budget_line_id).reserved_satang
        run = runs.latest(tx, hands.round_id)
        assert run is not None, "the closing is never refused"
        lines = len(runs.market_of(run).lines)
    assert (state, refused, lines, reserved > 0) in {("cancelled", 0, 0, False), ("evaluation", 1, 1, True)}


def test_gathering_and_cancelling_meet_without_a_fault(database: Database, hands: Hands) -> None:
    met = race(
        database,
        lambda tx: actions.gather(tx, by=SYSTEM, round_id=hands.round_id),
        lambda tx: actions.gather(tx, by=SYSTEM, round_id=hands.round_id),
        lambda tx: demands.cancel(tx, by=SYSTEM, demand_id=hands.demand.id, reason="Changed our minds"),
    )
    assert refusals(met) == 0
    assert number_of(database, RoundDemand) <= 1


def test_of_two_proposals_and_two_publications_one_each_counts(database: Database, hands: Hands) -> None:
    solved(database, hands)
    version = version_of(database, hands)

    def propose(tx: Session) -> None:
        actions.propose(tx, by=hands.facilitator, round_id=hands.round_id, version=version)

    assert refusals(race(database, propose, propose)) == 1
    with database.writing() as tx:
        review.approve(tx, by=hands.auditor, round_id=hands.round_id, version=version + 1)

    def publish(tx: Session) -> None:
        review.publish(tx, by=hands.auditor, round_id=hands.round_id, version=version + 2)

    assert refusals(race(database, publish, publish)) == 1
    assert number_of(database, AwardLine) == 3


def test_two_follow_ups_queue_one_run(database: Database, hands: Hands) -> None:
    solved(database, hands)
    published(database, hands)
    with database.writing() as tx:
        for line in tx.scalars(select(AwardLine)):
            line.answer, line.decline_reason = "declined", "no_produce"

    def follow(tx: Session) -> None:
        review.follow_up(tx, by=SYSTEM, round_id=hands.round_id)

    assert refusals(race(database, follow, follow, follow)) == 0
    answer_timers.go_on(database)
    assert number_of(database, Run) == 2


def test_a_failed_round_is_queued_once_by_two_who_solve_again(database: Database, hands: Hands) -> None:
    with database.writing() as tx:
        actions.close(tx, by=hands.facilitator, round_id=hands.round_id)
        run = runs.latest(tx, hands.round_id)
        assert run is not None
        runs.begin(tx, run.id)
        runs.give_up(tx, run.id, "broken")

    def again(tx: Session) -> None:
        actions.solve_again(tx, by=hands.facilitator, round_id=hands.round_id)

    assert refusals(race(database, again, again)) == 1
    assert number_of(database, Run) == 2


def test_a_closing_among_edits_of_offers_waits_and_does_not_deadlock(database: Database, hands: Hands) -> None:
    week = next_week()
    with database.reading() as tx:
        offers = [(offer.id, offer.organisation_id) for offer in tx.scalars(select(Offer))]
    with making(database) as make:
        leaders = [make.actor(group, "supplier_manager") for group in hands.groups]
    by_group = {leader.organisation_id: leader for leader in leaders}
    lot = LotIn(harvest_from=week, harvest_until=week + timedelta(days=3), capacity_day=30, capacity_week=60)
    changes = OfferEdit(price_satang=1850, lots=[lot, lot])

    def edit(offer_id: UUID, by: Actor) -> Callable[[Session], object]:
        return lambda tx: listings.change(tx, by=by, offer_id=offer_id, version=1, changes=changes)

    met = race(
        database, *(edit(offer_id, by_group[group_id]) for offer_id, group_id in offers),
        lambda tx: actions.close(tx, by=hands.facilitator, round_id=hands.round_id),
    )  # fmt: skip
    assert refusals(met) == 0
    with database.reading() as tx:
        run = runs.latest(tx, hands.round_id)
        assert run is not None
        for bid in runs.market_of(run).bids:  # each offer as a whole: before its edit or after
            assert (bid.price == 1850) == (len(bid.lots) == 2)


def version_of(database: Database, hands: Hands) -> int:
    with database.reading() as tx:
        return tx.get_one(Round, hands.round_id).version
