"""What the clock does to awards, on committed databases: expiry, going on, and answers that race."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from service.demand.models import Demand
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.problems import EditConflict, Problem
from service.orders import actions, timers
from service.orders.models import Order, OrderLine
from service.orders.schemas import AnswerIn, LineAnswerIn
from service.orders.vocabulary import Answer, DeclineReason
from service.parties.models import Organisation, SupplierIncome
from service.rounds.models import Award, AwardLine, Run
from tests.make import Maker, making


def pass_time(database: Database) -> None:
    """Let every open award's time pass."""
    with database.writing() as tx:
        tx.execute(update(Award).values(respond_by=now() - timedelta(seconds=1)))


def states(database: Database) -> list[str]:
    with database.reading() as tx:
        return list(tx.scalars(select(Award.state).order_by(Award.id)))


def kinds(database: Database) -> list[str]:
    with database.reading() as tx:
        return list(tx.scalars(select(Run.kind).order_by(Run.round_id, Run.number)))


def number_of(database: Database, verb: str) -> int:
    with database.reading() as tx:
        return tx.scalar(select(func.count()).where(Event.verb == verb)) or 0


@pytest.mark.postgres
def test_silence_expires_once_a_round_and_the_market_goes_on(database: Database) -> None:
    with making(database) as make:
        round_ = make.published_round()
        make.published_award(lines=((40, 2000), (20, 1500)), round_=round_)
        make.published_award(round_=round_)
        make.published_award(make.organisation(place="520101"), make.organisation("school", place="520101"))
    timers.run_due(database)
    assert states(database) == ["pending"] * 3
    pass_time(database)

    timers.run_due(database)
    timers.run_due(database)

    assert states(database) == ["unsuccessful"] * 3
    assert number_of(database, "award.expired") == 3
    assert kinds(database) == ["first", "again", "first", "again"]
    with database.reading() as tx:
        event = tx.scalars(select(Event).where(Event.verb == "award.expired")).first()
        assert event is not None
        assert (event.person_id, event.organisation_id) == (None, None)
        assert set(tx.scalars(select(AwardLine.answer))) == {"expired"}
        assert tx.scalar(select(func.count()).select_from(Order)) == 0


def test_a_re_solve_that_found_nobody_ends_the_demand(sqlite_database: Database) -> None:
    with making(sqlite_database) as make:
        make.published_award(hours=-1)
    timers.expire_due(sqlite_database)
    with sqlite_database.writing() as tx:
        again = tx.scalars(select(Run).where(Run.kind == "again")).one()
        again.state = "applied"
    timers.run_due(sqlite_database)
    with sqlite_database.reading() as tx:
        assert list(tx.scalars(select(Demand.state))) == ["unsuccessful"]
    assert kinds(sqlite_database) == ["first", "again"]


class Race:
    """Two steps that start at one moment, each in its own transaction; what each met."""

    def __init__(self, database: Database) -> None:
        self.database, self.met = database, list[Problem]()
        self.steps: list[Callable[[], object]] = []
        self.start = Barrier(2)

    def answer(self, by: Actor, award: Award, *answers: LineAnswerIn) -> None:
        """Enter an answer to the version that was published."""
        draft = AnswerIn(lines=list(answers))

        def step() -> None:
            with self.database.writing() as tx:
                actions.answer(tx, by=by, award_id=award.id, version=1, draft=draft)

        self.steps.append(step)

    def _take(self, step: Callable[[], object]) -> None:
        self.start.wait()
        try:
            step()
        except Problem as problem:
            self.met.append(problem)

    def run(self) -> None:
        """Let both go."""
        threads = [Thread(target=self._take, args=[step]) for step in self.steps]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def leader(make: Maker, award: Award) -> Actor:
    return make.actor(make.tx.get_one(Organisation, award.supplier_id), "supplier_manager")


def yes(line_id: UUID) -> LineAnswerIn:
    return LineAnswerIn(award_line_id=line_id, answer=Answer.ACCEPTED)


def no(line_id: UUID) -> LineAnswerIn:
    return LineAnswerIn(award_line_id=line_id, answer=Answer.DECLINED, reason=DeclineReason.PRICE)


@pytest.mark.postgres
def test_of_two_answers_that_race_exactly_one_wins(database: Database) -> None:
    with making(database) as make:
        award = make.published_award(lines=((40, 2000), (20, 1500)))
        by, lines = leader(make, award), [line.id for line in award.lines]
    race = Race(database)
    race.answer(by, award, yes(lines[0]), yes(lines[1]))
    race.answer(by, award, no(lines[0]), yes(lines[1]))
    race.run()

    assert [type(problem) for problem in race.met] == [EditConflict]
    with database.reading() as tx:
        order = tx.scalars(select(Order)).one()
        found = tx.scalars(select(OrderLine)).all()
        accepted = tx.scalar(select(func.sum(AwardLine.accepted_quantity * AwardLine.price_satang)))
        income = tx.scalar(select(func.sum(SupplierIncome.satang)))
        assert order.total_satang == accepted == income == sum(line.total_satang for line in found)
    assert number_of(database, "award.answered") == 1


@pytest.mark.postgres
def test_the_windows_last_two_answers_in_a_race_queue_one_run(database: Database) -> None:
    with making(database) as make:
        round_ = make.published_round()
        awards = [make.published_award(round_=round_) for _ in range(2)]
        entries = [(leader(make, award), award, award.lines[0].id) for award in awards]
    race = Race(database)
    for by, award, line_id in entries:
        race.answer(by, award, no(line_id))
    race.run()
    assert (race.met, states(database)) == ([], ["unsuccessful", "unsuccessful"])
    assert sorted(kinds(database)) == ["again", "first"]


@pytest.mark.postgres
def test_an_answer_that_races_the_clock_is_either_taken_or_too_late(database: Database) -> None:
    with making(database) as make:
        award = make.published_award()
        by, line_id = leader(make, award), award.lines[0].id
    pass_time(database)
    with database.writing() as tx:
        tx.execute(update(Award).values(respond_by=now() + timedelta(milliseconds=30), version=1))
    race = Race(database)
    race.answer(by, award, yes(line_id))
    race.steps.append(lambda: timers.expire_due(database))
    race.run()
    timers.expire_due(database)
    with database.reading() as tx:
        answer = tx.scalars(select(AwardLine.answer)).one()
        orders = tx.scalar(select(func.count()).select_from(Order))
    assert (answer, orders, len(race.met)) in {("accepted", 1, 0), ("expired", 0, 1)}
