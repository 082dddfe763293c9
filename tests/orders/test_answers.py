"""Answers to awards and what they make: orders, income, events, the next run; and that a refusal writes nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.budgets.models import BudgetLine
from service.demand.models import Demand, DemandLine
from service.events.models import Event
from service.events.rules import patch
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.ids import new_id
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound
from service.orders import actions, known
from service.orders.models import Order, OrderLine
from service.orders.rules import AlreadyAnswered, AwardClosed, TooLate
from service.orders.schemas import AnswerIn, LineAnswerIn
from service.orders.vocabulary import Answer, DeclineReason
from service.parties.models import Organisation, SupplierIncome
from service.rounds.models import Award, AwardLine, Round, Run
from tests.make import Maker, next_week


def full(line: AwardLine) -> LineAnswerIn:
    return LineAnswerIn(award_line_id=line.id, answer=Answer.ACCEPTED)


def part(line: AwardLine, quantity: int, reason: DeclineReason | None = None) -> LineAnswerIn:
    return LineAnswerIn(
        award_line_id=line.id, answer=Answer.PARTIALLY_ACCEPTED, quantity=quantity, reason=reason
    )  # fmt: skip


def no(line: AwardLine, reason: DeclineReason = DeclineReason.PRICE, note: str = "") -> LineAnswerIn:
    return LineAnswerIn(award_line_id=line.id, answer=Answer.DECLINED, reason=reason, note=note)


def say(tx: Session, by: Actor, award: Award, *answers: LineAnswerIn, version: int | None = None) -> Award:
    held = award.version if version is None else version
    return actions.answer(tx, by=by, award_id=award.id, version=held, draft=AnswerIn(lines=list(answers)))


def leader(tx: Session, make: Maker, award: Award) -> Actor:
    return make.actor(tx.get_one(Organisation, award.supplier_id), "supplier_manager")


def order_of(tx: Session, award: Award) -> Order:
    return tx.scalars(select(Order).where(Order.award_id == award.id)).one()


def lines_of(tx: Session, award: Award) -> list[OrderLine]:
    order = order_of(tx, award)
    return list(tx.scalars(select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.delivery_date)))


def verbs(tx: Session) -> list[str]:
    return list(tx.scalars(select(Event.verb).order_by(Event.id)))


def count(tx: Session) -> tuple[int, ...]:
    tables = (Order, OrderLine, SupplierIncome, Event, Run)
    return tuple(tx.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_a_group_accepts_in_full_and_an_order_income_and_events_follow(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2033), (15, 1999)))
    say(tx, leader(tx, make, award), award, full(award.lines[0]), full(award.lines[1]))

    order, lines = order_of(tx, award), lines_of(tx, award)
    assert (award.state, order.state) == ("active", "active")
    assert (order.buyer_id, order.supplier_id, order.demand_id) == (award.buyer_id, award.supplier_id, award.demand_id)
    assert [(row.quantity, row.price_satang, row.total_satang) for row in lines] == [
        (40, 2033, 81_320), (15, 1999, 29_985),
    ]  # fmt: skip
    assert order.total_satang == 111_305
    assert order.number.startswith("PO-45-25")
    income = tx.scalars(select(SupplierIncome).order_by(SupplierIncome.earned_on)).all()
    assert [(row.organisation_id, row.earned_on, row.satang, row.source) for row in income] == [
        (award.supplier_id, row.delivery_date, row.total_satang, f"order_line:{row.id}") for row in lines
    ]
    assert verbs(tx) == ["award.answered", "order.made", "demand.completed"]


def test_a_group_accepts_a_part_and_the_order_holds_the_part(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2000),))
    say(tx, leader(tx, make, award), award, part(award.lines[0], 25, DeclineReason.LABOUR))
    line = award.lines[0]
    assert (line.answer, line.accepted_quantity, line.decline_reason) == ("partially_accepted", 25, "labour")
    assert order_of(tx, award).total_satang == 50_000


def test_a_declined_award_is_unsuccessful_and_makes_no_order(tx: Session, make: Maker) -> None:
    award = make.published_award()
    by = leader(tx, make, award)
    say(tx, by, award, no(award.lines[0], DeclineReason.WEATHER, "flooded since Monday"))
    line = award.lines[0]
    assert (award.state, line.answer, line.accepted_quantity) == ("unsuccessful", "declined", 0)
    assert (line.decline_reason, line.answer_note, line.answered_by) == (
        "weather",
        "flooded since Monday",
        by.person_id,
    )
    assert tx.scalar(select(func.count()).select_from(Order)) == 0
    event = tx.scalars(select(Event).where(Event.verb == "award.answered")).one()
    answers = [{"line": str(line.id), "answer": "declined", "quantity": 0, "reason": "weather"}]
    assert event.change == patch({"state": "unsuccessful", "lines": answers})
    assert "flooded" not in str(event.change) + event.reason


def test_a_later_answer_to_the_same_award_extends_its_order(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2000), (20, 1500), (10, 1000)))
    by = leader(tx, make, award)
    say(tx, by, award, full(award.lines[1]))
    number = order_of(tx, award).number
    say(tx, by, award, part(award.lines[0], 5), no(award.lines[2]))

    order = order_of(tx, award)
    assert (order.number, order.total_satang) == (number, 20 * 1500 + 5 * 2000)
    assert [row.quantity for row in lines_of(tx, award)] == [5, 20]
    assert [verb for verb in verbs(tx) if verb.startswith(("award", "order"))] == [
        "award.answered", "order.made", "award.answered", "order.grown",
    ]  # fmt: skip


def test_each_answer_makes_a_new_version_even_if_the_state_stays(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2000), (20, 1500)))
    by = leader(tx, make, award)
    say(tx, by, award, full(award.lines[0]))
    tx.flush()
    assert award.version == 2
    with pytest.raises(EditConflict):
        say(tx, by, award, full(award.lines[1]), version=1)
    say(tx, by, award, full(award.lines[1]), version=2)


def test_an_answered_line_cannot_be_answered_again(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2000), (20, 1500)))
    by = leader(tx, make, award)
    say(tx, by, award, no(award.lines[0]))
    before = count(tx)
    with pytest.raises(AlreadyAnswered):
        say(tx, by, award, full(award.lines[1]), full(award.lines[0]))
    assert (count(tx), award.lines[0].answer, award.lines[1].answer) == (before, "declined", None)


def test_a_late_answer_is_refused_kindly_also_once_it_has_expired(tx: Session, make: Maker) -> None:
    award = make.published_award(hours=-0.01)
    by = leader(tx, make, award)
    with pytest.raises(TooLate):
        say(tx, by, award, full(award.lines[0]))
    actions.expire(tx, by=by, round_id=award.round_id)
    with pytest.raises(TooLate):
        say(tx, by, award, full(award.lines[0]), version=1)


def test_nobody_else_may_answer_and_strangers_find_nothing(tx: Session, make: Maker) -> None:
    award = make.published_award()
    member = make.actor(tx.get_one(Organisation, award.supplier_id), "supplier_member")
    officer = make.actor(tx.get_one(Organisation, award.buyer_id), "buyer_head")
    company, centre = make.organisation("provincial_company"), make.organisation("service_centre")
    for knows in (member, officer, make.actor(company, "facilitator"), make.actor(centre)):
        with pytest.raises(NotAllowed):
            say(tx, knows, award, full(award.lines[0]))
    far = make.organisation("service_centre", place="520101")
    for stranger in (make.actor(make.organisation()), make.actor(make.organisation("school")), make.actor(far)):
        with pytest.raises(NotFound):
            say(tx, stranger, award, full(award.lines[0]))
    assert (award.lines[0].answer, verbs(tx)) == (None, [])


@pytest.mark.parametrize("quantity", [1, 7, 40, 41, 45])
def test_a_part_in_a_wrong_quantity_names_its_field_and_writes_nothing(tx: Session, make: Maker, quantity: int) -> None:
    award = make.published_award(lines=((20, 1500), (40, 2000)))
    by, before = leader(tx, make, award), count(tx)
    with pytest.raises(InvalidInput) as refusal:
        say(tx, by, award, full(award.lines[0]), part(award.lines[1], quantity))
    assert [error.pointer for error in refusal.value.errors] == ["/lines/1/quantity"]
    assert "5 to 35" in refusal.value.errors[0].text() or "35" in refusal.value.errors[0].text()
    assert (count(tx), award.lines[0].answer, award.state) == (before, None, "pending")


def test_a_single_pack_is_taken_whole_or_not_at_all(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((5, 1500),))
    with pytest.raises(InvalidInput):
        say(tx, leader(tx, make, award), award, part(award.lines[0], 4))


def test_loose_units_may_be_taken_one_by_one(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2000),), pack_quantity=1)
    say(tx, leader(tx, make, award), award, part(award.lines[0], 39))
    assert order_of(tx, award).total_satang == 78_000


def test_an_unknown_line_or_one_of_another_award_writes_nothing(tx: Session, make: Maker) -> None:
    award = make.published_award()
    other = make.published_award(tx.get(Organisation, award.supplier_id), round_=tx.get(Round, award.round_id))
    by, before = leader(tx, make, award), count(tx)
    unknown = LineAnswerIn(award_line_id=new_id(), answer=Answer.ACCEPTED)
    for wrong in (unknown, full(other.lines[0])):
        with pytest.raises(InvalidInput) as refusal:
            say(tx, by, award, full(award.lines[0]), wrong)
        assert [error.pointer for error in refusal.value.errors] == ["/lines/1/award_line_id"]
    assert (count(tx), award.lines[0].answer, other.lines[0].answer) == (before, None, None)


def test_an_unpublished_award_is_unknown_and_a_cancelled_one_is_closed(tx: Session, make: Maker) -> None:
    award = make.published_award()
    by, respond_by = leader(tx, make, award), award.respond_by
    award.respond_by = None
    tx.flush()
    with pytest.raises(NotFound):
        say(tx, by, award, full(award.lines[0]))
    award.respond_by, award.state = respond_by, "cancelled"
    tx.flush()
    with pytest.raises(AwardClosed):
        say(tx, by, award, full(award.lines[0]))


def test_who_may_know_an_award(tx: Session, make: Maker) -> None:
    award = make.published_award()
    group, kitchen = tx.get_one(Organisation, award.supplier_id), tx.get_one(Organisation, award.buyer_id)
    company, far = make.organisation("provincial_company"), make.organisation("provincial_company", place="520101")
    nation = make.actor(make.organisation("national_company"), "auditor")
    companies = (make.actor(company, "facilitator"), make.actor(company, "auditor"), nation)
    for by in (make.actor(group), make.actor(kitchen), *companies):
        assert known.award(tx, by=by, award_id=award.id).id == award.id
    strangers = (make.actor(far, "facilitator"), make.actor(far, "auditor"), make.actor(make.organisation("hospital")),
                 make.actor(make.organisation("provincial_committee")))  # fmt: skip
    for by in strangers:
        with pytest.raises(NotFound):
            known.award(tx, by=by, award_id=award.id)


def runs_of(tx: Session, award: Award) -> list[str]:
    return list(tx.scalars(select(Run.kind).where(Run.round_id == award.round_id).order_by(Run.number)))


def test_the_last_answer_of_a_window_queues_one_new_run_when_something_fell_short(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2000), (20, 1500)))
    other = make.published_award(round_=tx.get(Round, award.round_id))
    by = leader(tx, make, award)
    say(tx, by, award, no(award.lines[0]))
    say(tx, by, award, full(award.lines[1]))
    assert runs_of(tx, award) == ["first"]
    say(tx, leader(tx, make, other), other, full(other.lines[0]))
    assert runs_of(tx, award) == ["first", "again"]
    assert tx.get_one(Demand, award.demand_id).state == "evaluation"


def test_what_is_within_tolerance_is_not_allocated_again_and_what_is_not_is(tx: Session, make: Maker) -> None:
    for taken, runs, state in ((35, ["first"], "complete"), (30, ["first", "again"], "evaluation")):
        award = make.published_award(lines=((40, 2000), (20, 1500)))
        need = tx.get_one(DemandLine, award.lines[0].demand_line_id)
        need.least_quantity, need.quantity, need.most_quantity = 33, 38, 40  # 40 were awarded: whole packs
        say(tx, leader(tx, make, award), award, part(award.lines[0], taken), full(award.lines[1]))
        assert (runs_of(tx, award), tx.get_one(Demand, award.demand_id).state) == (runs, state)


def test_a_window_accepted_in_full_ends_its_demands_and_frees_the_budget(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2000),))
    demand = tx.get_one(Demand, award.demand_id)
    assert tx.get_one(BudgetLine, demand.budget_line_id).reserved_satang == 88_000
    say(tx, leader(tx, make, award), award, full(award.lines[0]))
    assert (demand.state, runs_of(tx, award)) == ("complete", ["first"])
    budget = tx.get_one(BudgetLine, demand.budget_line_id)
    assert (budget.reserved_satang, budget.committed_satang, budget.spent_satang) == (0, 80_000, 0)


def test_silence_expires_what_is_left_and_counts_what_was_answered(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2000), (20, 1500)))
    silent = make.published_award(round_=tx.get(Round, award.round_id))
    by = leader(tx, make, award)
    say(tx, by, award, full(award.lines[0]))
    assert actions.expire(tx, by=by, round_id=award.round_id) == 0  # nothing is due yet
    award.respond_by = silent.respond_by = now() - timedelta(seconds=1)
    tx.flush()

    assert actions.expire(tx, by=by, round_id=award.round_id) == 2
    assert actions.expire(tx, by=by, round_id=award.round_id) == 0
    assert (award.state, [line.answer for line in award.lines]) == ("active", ["accepted", "expired"])
    assert (silent.state, silent.lines[0].answered_by) == ("unsuccessful", None)
    assert verbs(tx).count("award.expired") == 2
    assert runs_of(tx, award) == ["first", "again"]
    assert [row.delivery_date for row in lines_of(tx, award)] == [next_week()]
