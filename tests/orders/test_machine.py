"""Laws of answers in any order of steps: a Hypothesis machine that accepts, declines, repeats and runs out of time."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.events.models import Event
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.problems import Problem
from service.orders import actions
from service.orders.models import Order, OrderLine
from service.orders.schemas import AnswerIn, LineAnswerIn
from service.orders.vocabulary import Answer, DeclineReason
from service.parties.models import Organisation, SupplierIncome
from service.rounds.models import AwardLine
from tests.make import Maker

LINES = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 9_999)), min_size=1, max_size=3)
PLACE = st.integers(0, 2)


class Answers(RuleBasedStateMachine):
    """A round of two awards; every step may be refused, and the books agree after each."""

    database: Database

    @initialize(one=LINES, other=LINES, pack=st.sampled_from([1, 5, 7]))
    def publish(self, one: list[tuple[int, int]], other: list[tuple[int, int]], pack: int) -> None:
        self.connection = self.database.engine.connect()
        self.outer = self.connection.begin()
        self.tx = Session(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        make = Maker(self.tx)
        round_ = make.published_round()
        self.awards = [
            make.published_award(lines=tuple(lines), pack_quantity=pack, round_=round_) for lines in (one, other)
        ]
        self.leaders = [make.actor(self.tx.get_one(Organisation, award.supplier_id)) for award in self.awards]
        self.taken = 0  # answers that were taken
        self.ended = 0  # awards that the clock ended

    def teardown(self) -> None:
        if hasattr(self, "tx"):
            self.tx.close()
            self.outer.rollback()
            self.connection.close()

    def say(self, which: int, answer: LineAnswerIn) -> None:
        award = self.awards[which]
        with self.tx.begin_nested() as step:
            try:
                actions.answer(self.tx, by=self.leaders[which], award_id=award.id, version=award.version,
                               draft=AnswerIn(lines=[answer]))  # fmt: skip
                self.taken += 1
            except Problem:
                step.rollback()

    def line(self, which: int, place: int) -> AwardLine:
        lines = self.awards[which].lines
        return lines[place % len(lines)]

    @rule(which=st.integers(0, 1), place=PLACE)
    def accept(self, which: int, place: int) -> None:
        self.say(which, LineAnswerIn(award_line_id=self.line(which, place).id, answer=Answer.ACCEPTED))

    @rule(which=st.integers(0, 1), place=PLACE, quantity=st.integers(1, 70))
    def accept_part(self, which: int, place: int, quantity: int) -> None:
        self.say(which, LineAnswerIn(award_line_id=self.line(which, place).id, answer=Answer.PARTIALLY_ACCEPTED,
                                     quantity=quantity))  # fmt: skip

    @rule(which=st.integers(0, 1), place=PLACE, reason=st.sampled_from(DeclineReason))
    def decline(self, which: int, place: int, reason: DeclineReason) -> None:
        line = self.line(which, place)
        self.say(which, LineAnswerIn(award_line_id=line.id, answer=Answer.DECLINED, reason=reason))

    @rule(which=st.integers(0, 1))
    def run_out_of_time(self, which: int) -> None:
        award = self.awards[which]
        award.respond_by = now() - timedelta(seconds=1)
        self.tx.flush()
        waiting = any(line.answer is None for line in award.lines)
        expired = actions.expire(self.tx, by=self.leaders[which], round_id=award.round_id)
        self.ended += waiting
        assert bool(expired) == waiting

    @invariant()
    def nothing_is_accepted_beyond_the_award(self) -> None:
        for award in self.awards:
            for line in award.lines:
                assert 0 <= line.accepted_quantity <= line.quantity
                assert (line.accepted_quantity > 0) == (line.answer in {"accepted", "partially_accepted"})
                assert line.answer != "accepted" or line.accepted_quantity == line.quantity

    @invariant()
    def an_order_is_the_sum_of_what_was_accepted_and_none_stands_without(self) -> None:
        for award in self.awards:
            accepted = {line.id: line.accepted_quantity * line.price_satang for line in award.lines
                        if line.accepted_quantity}  # fmt: skip
            order = self.tx.scalar(select(Order).where(Order.award_id == award.id))
            assert (order is not None) == bool(accepted) == (award.state == "active")
            if order is not None:
                lines = self.tx.scalars(select(OrderLine).where(OrderLine.order_id == order.id)).all()
                assert {line.award_line_id: line.total_satang for line in lines} == accepted
                assert order.total_satang == sum(accepted.values())
                income = select(func.sum(SupplierIncome.satang))
                found = self.tx.scalar(income.where(SupplierIncome.organisation_id == award.supplier_id))
                assert found == order.total_satang

    @invariant()
    def every_change_has_its_event(self) -> None:
        verbs = Counter(self.tx.scalars(select(Event.verb)))
        assert (verbs["award.answered"], verbs["award.expired"]) == (self.taken, self.ended)
        lines = self.tx.scalar(select(func.count()).select_from(OrderLine)) or 0
        assert verbs["order.made"] + verbs["order.grown"] == lines
        assert verbs["order.made"] == (self.tx.scalar(select(func.count()).select_from(Order)) or 0)

    @invariant()
    def the_market_goes_on_only_when_nothing_waits(self) -> None:
        waiting = any(line.answer is None for award in self.awards for line in award.lines)
        verbs = Counter(self.tx.scalars(select(Event.verb)))
        went_on = verbs["run.queued"] + verbs["demand.completed"] + verbs["demand.failed"]
        assert bool(went_on) != waiting
        assert verbs["run.queued"] <= 1


@pytest.mark.slow
def test_the_books_agree_whatever_groups_answer(shared_sqlite: Database) -> None:
    Answers.database = shared_sqlite
    quick = settings(max_examples=25, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Answers, settings=quick)
