"""A round to its end under random answers: nothing oversold over all runs, no pair asked twice, budgets in balance."""

import random
from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from service.budgets.models import BudgetLine
from service.demand.models import Demand, DemandLine
from service.demand.rules import most_of
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.listings.models import WHOLE_OFFER, Offer
from service.orders import actions as orders
from service.orders import timers as answer_timers
from service.orders.models import Order, OrderLine
from service.orders.rules import part_of
from service.orders.schemas import AnswerIn, LineAnswerIn
from service.orders.vocabulary import Answer, DeclineReason
from service.parties.models import Organisation
from service.procedure import actions, review
from service.procedure.review import MOST_RUNS
from service.rounds import runs, workflow
from service.rounds.models import Award, AwardLine, Round, Run
from tests.make import Maker, making, next_week

HOLDING = {"planned", "active", "evaluation"}


def stage(make: Maker, chance: random.Random) -> UUID:
    """Groups with lots that overlap and weekly limits, kitchens with several days, some lines whole."""
    ware, week = make.product(), next_week()
    days = [week + timedelta(days=place) for place in range(4)]
    for number in range(6):
        lots = [(days[first], days[min(3, first + chance.randint(0, 3))], (a_day := chance.randint(10, 40)),
                 chance.randint(a_day, 3 * a_day)) for first in (0, chance.randint(0, 2))]  # fmt: skip
        make.offer(make.organisation(member_households=chance.choice([1, 20])), ware, lots=lots,
                   price_satang=chance.randint(1500, 2200), pack_quantity=chance.choice([1, 5]),
                   minimum_quantity=5 * (number % 2))  # fmt: skip
    for kind in ("school", "hospital"):
        lines = [
            make.line(ware, quantity=(wanted := chance.randint(20, 120)), delivery_date=day,
                      most_awards=chance.choice([0, 2, 3]), whole=chance.random() < 0.2,
                      least_quantity=chance.choice([None, wanted - wanted // 8]),
                      most_quantity=chance.choice([None, wanted + wanted // 8]))
            for day in chance.sample(days, 3)
        ]  # fmt: skip
        make.demand(make.organisation(kind), lines, state="planned")
    ceiling = chance.choice([50_000, 20_000_000])
    return make.round(make.profile(household_year_ceiling_satang=ceiling, reserved_share_bp=1_000)).id


def run_to_proposal(database: Database, round_id: UUID, by: Any) -> None:
    with database.writing() as tx:
        actions.close(tx, by=by["facilitator"], round_id=round_id)
    solve_newest(database, round_id)
    with database.writing() as tx:
        row = tx.get_one(Round, round_id)
        actions.propose(tx, by=by["facilitator"], round_id=round_id, version=row.version)
        tx.flush()
        review.approve(tx, by=by["auditor"], round_id=round_id, version=row.version)
        tx.flush()
        review.publish(tx, by=by["auditor"], round_id=round_id, version=row.version)


def solve_newest(database: Database, round_id: UUID) -> None:
    with database.reading() as tx:
        run = runs.latest(tx, round_id)
    assert run is not None
    workflow.solve_missing(database, Settings(solver_processes=1), run.id)
    with database.writing() as tx:
        runs.settle(tx, run.id)


def answer_all(database: Database, chance: random.Random) -> None:
    """Each open award is accepted, accepted in part, declined, or runs out of time, line by line."""
    with database.writing() as tx:
        waiting = tx.scalars(select(Award).where(Award.state == "pending").options(selectinload(Award.lines))).all()
        for award in waiting:
            lines = [_answer(tx, line, chance) for line in award.lines if line.answer is None]
            if not lines or chance.random() < 0.15:
                continue
            by = Maker(tx).actor(tx.get_one(Organisation, award.supplier_id), "supplier_manager")
            orders.answer(tx, by=by, award_id=award.id, version=award.version, draft=AnswerIn(lines=lines))
    with database.writing() as tx:
        tx.execute(update(Award).values(respond_by=now() - timedelta(seconds=1)))
    answer_timers.run_due(database)


def _answer(tx: Session, line: AwardLine, chance: random.Random) -> LineAnswerIn:
    part = part_of(line.quantity, tx.get_one(Offer, line.offer_id).pack_quantity)
    word = chance.choice([Answer.ACCEPTED, Answer.PARTIALLY_ACCEPTED, Answer.DECLINED])
    if word == Answer.PARTIALLY_ACCEPTED and part is not None:
        quantity = chance.randrange(part.least, part.most + 1, part.step)
        return LineAnswerIn(award_line_id=line.id, answer=word, quantity=quantity, reason=DeclineReason.PRICE)
    if word == Answer.ACCEPTED:
        return LineAnswerIn(award_line_id=line.id, answer=word)
    reason = chance.choice([DeclineReason.PRICE, DeclineReason.NO_PRODUCE])
    return LineAnswerIn(award_line_id=line.id, answer=Answer.DECLINED, reason=reason)


def check(tx: Session) -> None:
    """The laws that hold after every step."""
    lines = list(tx.scalars(select(AwardLine).order_by(AwardLine.id)))
    pairs = [(line.demand_line_id, line.offer_id) for line in lines]
    assert len(pairs) == len(set(pairs)), "a pair is asked once"
    stands = {line.id: line.quantity if line.answer is None else line.accepted_quantity for line in lines}
    of_line: dict[UUID, int] = defaultdict(int)
    of_offer: dict[UUID, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for line in lines:
        of_line[line.demand_line_id] += stands[line.id]
        of_offer[line.offer_id][line.delivery_date] += stands[line.id]
    for key, units in of_line.items():
        need = tx.get_one(DemandLine, key)
        holders = sum(1 for line in lines if line.demand_line_id == key and stands[line.id])
        assert units <= most_of(need)
        assert not need.most_awards or holders <= need.most_awards
    for key, by_day in of_offer.items():
        check_offer(tx.get_one(Offer, key, options=WHOLE_OFFER), by_day)
    check_books(tx)


def check_offer(offer: Offer, by_day: dict[date, int]) -> None:
    """No set of days gets more than the lots give it."""
    for size in range(1, len(by_day) + 1):
        for days in combinations(by_day, size):
            room = sum(
                min(
                    lot.capacity_week,
                    lot.capacity_day * sum(lot.harvest_from <= day <= lot.harvest_until for day in days),
                )
                for lot in offer.lots
            )
            assert sum(by_day[day] for day in days) <= room


def check_books(tx: Session) -> None:
    """Reserved is what demands hold beyond their orders; committed is what was accepted."""
    for budget in tx.scalars(select(BudgetLine)):
        held = owed = 0
        for demand in tx.scalars(select(Demand).where(Demand.budget_line_id == budget.id)):
            held += (demand.approved_satang or 0) - ordered(tx, demand.id) if demand.state in HOLDING else 0
            owed += ordered(tx, demand.id)
        assert (budget.reserved_satang, budget.committed_satang) == (held, owed)
    accepted = sum(line.accepted_quantity * line.price_satang for line in tx.scalars(select(AwardLine)))
    assert accepted == sum(order.total_satang for order in tx.scalars(select(Order)))
    assert accepted == sum(line.quantity * line.price_satang for line in tx.scalars(select(OrderLine)))


def ordered(tx: Session, demand_id: UUID) -> int:
    return sum(order.total_satang for order in tx.scalars(select(Order).where(Order.demand_id == demand_id)))


@pytest.mark.parametrize("seed", range(8))
def test_a_round_ends_with_nothing_oversold_whatever_groups_answer(sqlite_database: Database, seed: int) -> None:
    chance = random.Random(seed)
    with making(sqlite_database) as make:
        round_id = stage(make, chance)
        by = {"facilitator": make.actor(make.organisation("provincial_company"), "facilitator"),
              "auditor": make.actor(make.organisation("national_company"), "auditor")}  # fmt: skip
    run_to_proposal(sqlite_database, round_id, by)
    for _ in range(MOST_RUNS + 1):
        answer_all(sqlite_database, chance)
        with sqlite_database.reading() as tx:
            check(tx)
            newest = runs.latest(tx, round_id)
        assert newest is not None
        if newest.state == "applied":
            break
        before = empty_days(sqlite_database)
        solve_newest(sqlite_database, round_id)
        with sqlite_database.reading() as tx:
            check(tx)
            new = tx.scalars(select(AwardLine).join(Award).where(Award.run_id == newest.id))
            assert not before & {(line.offer_id, line.delivery_date) for line in new}
    answer_timers.run_due(sqlite_database)
    with sqlite_database.reading() as tx:
        assert {*tx.scalars(select(Demand.state))} <= {"complete", "unsuccessful"}
        assert {*tx.scalars(select(Run.state))} == {"applied"}
        check(tx)


def empty_days(database: Database) -> set[tuple[UUID, date]]:
    """Offers and days of which a group has said that there is no produce."""
    with database.reading() as tx:
        said = tx.scalars(select(AwardLine).where(AwardLine.decline_reason == DeclineReason.NO_PRODUCE))
        return {(line.offer_id, line.delivery_date) for line in said}
