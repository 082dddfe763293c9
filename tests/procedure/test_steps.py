"""Steps of rounds taken in the wrong order, twice, or against a market that moved meanwhile."""

from collections.abc import Callable
from datetime import time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.budgets.models import BudgetLine
from service.demand import actions as demands
from service.demand.models import Demand
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import at_bangkok, now, today
from service.kernel.db import Database
from service.kernel.problems import Problem, WrongState
from service.kernel.settings import Settings
from service.orders import timers as answer_timers
from service.procedure import actions, review, timers
from service.procedure.rules import RoundExists
from service.procedure.schemas import RoundIn
from service.rounds import runs, workflow
from service.rounds.models import Award, AwardLine, Round, RoundDemand, Run
from tests.make import making, next_week
from tests.rounds.test_chain import SETTINGS, Hands, published, settled, solved


@pytest.fixture
def hands(database: Database) -> Hands:
    with making(database) as make:
        return Hands(make)


def state_of(database: Database, round_id: UUID) -> str:
    with database.reading() as tx:
        return tx.get_one(Round, round_id).state


def demand_state(database: Database, hands: Hands) -> str:
    with database.reading() as tx:
        return tx.get_one(Demand, hands.demand.id).state


def answered(database: Database, choose: Callable[[AwardLine], tuple[str, int]]) -> None:
    """Answer every open line."""
    with database.writing() as tx:
        for line in tx.scalars(select(AwardLine).where(AwardLine.answer.is_(None))):
            line.answer, line.accepted_quantity = choose(line)
            line.decline_reason = "no_produce" if line.answer == "declined" else ""


def declined(line: AwardLine) -> tuple[str, int]:
    del line
    return "declined", 0


def accepted(line: AwardLine) -> tuple[str, int]:
    return "accepted", line.quantity


def test_a_demand_cancelled_in_the_open_round_stops_neither_its_closing_nor_its_cancelling(
    database: Database, hands: Hands
) -> None:
    with making(database) as make:
        other = make.demand(make.organisation("hospital"), [make.line(make.product(), quantity=10)], state="planned")
    with database.writing() as tx:
        actions.gather(tx, by=SYSTEM, round_id=hands.round_id)
    with database.writing() as tx:
        demands.cancel(tx, by=SYSTEM, demand_id=other.id, reason="The kitchen burned down")
    run = solved(database, hands)

    assert run.state == "solved"
    with database.reading() as tx:
        market = runs.market_of(tx.get_one(Run, run.id))
        assert {line.demand for line in market.lines} == {str(hands.demand.id)}
        assert tx.get_one(Demand, other.id).state == "cancelled"


def test_an_open_round_with_a_cancelled_demand_can_be_cancelled(database: Database, hands: Hands) -> None:
    with database.writing() as tx:
        actions.gather(tx, by=SYSTEM, round_id=hands.round_id)
    with database.writing() as tx:
        demands.cancel(tx, by=SYSTEM, demand_id=hands.demand.id, reason="No pupils that week")
    with database.writing() as tx:
        actions.cancel(tx, by=hands.facilitator, round_id=hands.round_id, reason="Nothing to allocate")
    assert state_of(database, hands.round_id) == "cancelled"


def test_a_round_cancelled_before_its_solving_stays_cancelled(database: Database, hands: Hands) -> None:
    with database.writing() as tx:
        actions.close(tx, by=hands.facilitator, round_id=hands.round_id)
    with database.writing() as tx:
        actions.cancel(tx, by=hands.facilitator, round_id=hands.round_id, reason="Wrong week")
        run = runs.latest(tx, hands.round_id)
    assert run is not None
    settle_as_the_workflow_does(database, run.id)

    assert state_of(database, hands.round_id) == "cancelled"
    assert demand_state(database, hands) == "planned"
    with database.reading() as tx:
        assert tx.get_one(Run, run.id).state == "failed"


def settle_as_the_workflow_does(database: Database, run_id: UUID) -> None:
    """Solve and settle; whatever fails ends in `give_up`."""
    try:
        workflow.solve_missing(database, SETTINGS, run_id)
        with database.writing() as tx:
            runs.settle(tx, run_id)
    except Problem as error:
        with database.writing() as tx:
            runs.give_up(tx, run_id, workflow.last_words(error))


def test_a_closed_round_is_not_queued_a_second_time(database: Database, hands: Hands) -> None:
    with database.writing() as tx:
        actions.close(tx, by=hands.facilitator, round_id=hands.round_id)
    with database.writing() as tx, pytest.raises(WrongState):
        actions.solve_again(tx, by=hands.facilitator, round_id=hands.round_id)
    with database.reading() as tx:
        assert len(list(tx.scalars(select(Run.id)))) == 1


@pytest.mark.parametrize(("chosen", "effort"), [(None, "standard"), ("deep", "deep")])
def test_a_round_is_solved_as_hard_as_the_service_is_set_up_unless_somebody_chooses(
    database: Database, hands: Hands, monkeypatch: pytest.MonkeyPatch, chosen: str | None, effort: str
) -> None:
    monkeypatch.setattr(actions, "settings", lambda: Settings(solver_effort="standard"))
    week = next_week() + timedelta(days=7)
    opens, closes = (at_bangkok(week - timedelta(days=before), time(12)) for before in (7, 4))
    draft = RoundIn(province_code="45", delivery_week=week, opens_at=opens, closes_at=closes, effort=chosen)
    with database.writing() as tx:
        assert actions.schedule(tx, by=hands.facilitator, draft=draft).effort == effort


def test_a_failed_round_keeps_its_week_until_it_is_cancelled(database: Database, hands: Hands) -> None:
    with database.writing() as tx:
        actions.close(tx, by=hands.facilitator, round_id=hands.round_id)
        run = runs.latest(tx, hands.round_id)
        assert run is not None
        runs.begin(tx, run.id)
        runs.give_up(tx, run.id, "broken")
    draft = RoundIn(province_code="45", delivery_week=next_week(), opens_at=now(), closes_at=now() + timedelta(days=1))
    with database.writing() as tx, pytest.raises(RoundExists):
        actions.schedule(tx, by=hands.facilitator, draft=draft)
    with database.writing() as tx:
        actions.cancel(tx, by=hands.facilitator, round_id=hands.round_id, reason="Begin anew")
    with database.writing() as tx:
        actions.schedule(tx, by=hands.facilitator, draft=draft)


def test_one_faulty_round_does_not_keep_others_from_closing(
    database: Database, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    with making(database) as make:
        make.place("520101")
        other = make.round(make.profile("52"))
    close, faulty = actions.close, min(hands.round_id, other.id)

    def breaks(tx: Session, *, by: Actor, round_id: UUID) -> Round:
        if round_id == faulty:
            msg = "broken"
            raise RuntimeError(msg)
        return close(tx, by=by, round_id=round_id)

    monkeypatch.setattr(actions, "close", breaks)
    timers.run_due(database)
    assert {state_of(database, faulty), state_of(database, max(hands.round_id, other.id))} == {"open", "closed"}


def test_a_resolve_that_finds_nobody_ends_the_demands(database: Database, hands: Hands) -> None:
    solved(database, hands)
    published(database, hands)
    answered(database, declined)
    with database.writing() as tx:
        assert review.follow_up(tx, by=SYSTEM, round_id=hands.round_id) is not None
    assert settled(database, hands).state == "applied"
    assert demand_state(database, hands) == "evaluation"
    answer_timers.go_on(database)

    assert demand_state(database, hands) == "unsuccessful"
    with database.reading() as tx:
        assert tx.get_one(BudgetLine, hands.demand.budget_line_id).reserved_satang == 0
        assert len(list(tx.scalars(select(Run.id)))) == 2
    answer_timers.go_on(database)
    with database.reading() as tx:
        assert len(list(tx.scalars(select(Run.id)))) == 2


def failed_resolve(database: Database, hands: Hands) -> UUID:
    """Publish, have the dearest group decline, and let the re-solve fail."""
    solved(database, hands)
    published(database, hands)
    answered(database, lambda line: declined(line) if line.price_satang == 2100 else accepted(line))
    with database.writing() as tx:
        run = review.follow_up(tx, by=SYSTEM, round_id=hands.round_id)
        assert run is not None
        runs.begin(tx, run.id)
        runs.give_up(tx, run.id, "the machine is on fire")
        return run.id


def test_a_failed_resolve_can_be_solved_again_and_the_demands_end(database: Database, hands: Hands) -> None:
    failed_resolve(database, hands)
    answer_timers.go_on(database)
    assert (state_of(database, hands.round_id), demand_state(database, hands)) == ("published", "evaluation")
    with database.writing() as tx:
        actions.solve_again(tx, by=hands.facilitator, round_id=hands.round_id)
    with database.writing() as tx, pytest.raises(WrongState):
        actions.solve_again(tx, by=hands.facilitator, round_id=hands.round_id)
    run = settled(database, hands)
    assert (run.kind, run.number, run.state) == ("again", 3, "applied")
    answer_timers.go_on(database)

    assert demand_state(database, hands) == "complete"
    with database.reading() as tx:
        reserved = tx.get_one(BudgetLine, hands.demand.budget_line_id).reserved_satang
        assert reserved == 20 * 1900 + 20 * 2000


def test_a_failed_resolve_that_nobody_repeats_ends_with_its_delivery_week(database: Database, hands: Hands) -> None:
    failed_resolve(database, hands)
    with database.writing() as tx:
        past = today() - timedelta(days=today().weekday() + 7)
        tx.execute(update(Round).where(Round.id == hands.round_id).values(delivery_week=past))
    answer_timers.go_on(database)
    assert demand_state(database, hands) == "complete"


def test_a_published_round_without_a_failed_run_is_not_solved_again(database: Database, hands: Hands) -> None:
    solved(database, hands)
    published(database, hands)
    with database.writing() as tx, pytest.raises(WrongState):
        actions.solve_again(tx, by=hands.facilitator, round_id=hands.round_id)


def test_an_award_is_answered_before_its_first_delivery_day_or_not_at_all(database: Database, hands: Hands) -> None:
    solved(database, hands)
    with database.writing() as tx:
        row = tx.get_one(Round, hands.round_id)
        row.answer_hours = 24 * 30
    published(database, hands)
    with database.reading() as tx:
        times = tx.execute(select(Award.respond_by, AwardLine.delivery_date).join(AwardLine)).all()
    assert len(times) == 3
    assert {respond_by for respond_by, _ in times} == {at_bangkok(day, time(0)) for _, day in times}


def test_a_gathered_demand_is_in_one_round(database: Database, hands: Hands) -> None:
    with database.writing() as tx:
        assert actions.gather(tx, by=SYSTEM, round_id=hands.round_id) == 1
        assert actions.gather(tx, by=SYSTEM, round_id=hands.round_id) == 0
    with database.reading() as tx:
        assert len(list(tx.scalars(select(RoundDemand.id)))) == 1
