"""Clients that meet at one moment, over HTTP on PostgreSQL: one wins, others hear 409, 412 or its own answer."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from starlette.testclient import TestClient

from service.amendments import actions as amendments
from service.amendments.schemas import AmendIn
from service.budgets.models import BudgetLine
from service.demand.models import Demand
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.listings.models import Offer
from service.orders.models import Order, OrderLine
from service.parties.models import SupplierIncome
from service.procedure import actions, review
from service.questions.models import Question
from service.rounds import runs, workflow
from service.rounds.models import Award, AwardLine, Round, Run
from tests.conftest import app_of
from tests.make import Maker, making, next_week

pytestmark = pytest.mark.postgres
CROWD = 50


class Crowd:
    """Clients of one service; each acts as somebody of a small market."""

    def __init__(self, database: Database, **actors: Actor) -> None:
        self.app = app_of(database, writes_per_minute=0)
        self.app.state.resolve_actor = lambda *given: actors.get(given[-1])

    def at_once(self, *calls: tuple[str, str, str, Any, dict[str, str]]) -> list[Any]:
        """Send every call (who, method, path, body, headers) at one moment, each from a client of its own."""
        start, answers = Barrier(len(calls)), list[Any]()

        def send(who: str, method: str, path: str, body: Any, headers: dict[str, str]) -> None:
            client = TestClient(self.app, raise_server_exceptions=False)
            named = {"Authorization": f"Bearer {who}", **headers}
            start.wait()
            answers.append(client.request(method, f"/api/v1{path}", json=body, headers=named))

        threads = [Thread(target=send, args=call) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers


def statuses(answers: list[Any]) -> dict[int, int]:
    return dict(Counter(answer.status_code for answer in answers))


def made(database: Database, build: Callable[[Maker], Any]) -> Any:
    with making(database) as make:
        return build(make)


def test_of_fifty_answers_to_one_award_one_counts(postgres_database: Database) -> None:
    def build(make: Maker) -> Any:
        group = make.organisation()
        return make.published_award(group), make.actor(group, "supplier_manager")

    award, leader = made(postgres_database, build)
    crowd, line = Crowd(postgres_database, leader=leader), str(award.lines[0].id)
    yes = {"lines": [{"award_line_id": line, "answer": "accepted"}]}
    no = {"lines": [{"award_line_id": line, "answer": "declined", "reason": "price"}]}
    path, version = f"/awards/{award.id}/answers", {"If-Match": '"1"'}
    calls = [("leader", "POST", path, yes if turn % 2 else no, version) for turn in range(CROWD)]
    answers = crowd.at_once(*calls)
    assert statuses(answers) == {200: 1, 412: CROWD - 1}
    with postgres_database.reading() as tx:
        answer = tx.scalars(select(AwardLine.answer)).one()
        orders, income = (tx.scalar(select(func.count()).select_from(table)) for table in (Order, SupplierIncome))
        assert (orders, income) == ((1, 1) if answer == "accepted" else (0, 0))


def test_of_two_edits_of_one_demand_one_counts(postgres_database: Database) -> None:
    def build(make: Maker) -> Any:
        school = make.organisation("school")
        return make.demand(school), [make.actor(school, "buyer_officer") for _ in range(2)]

    demand, (one, other) = made(postgres_database, build)
    crowd = Crowd(postgres_database, one=one, other=other)
    calls = [(who, "PATCH", f"/demands/{demand.id}", {"title": f"Food of {who}"}, {"If-Match": '"1"'})
             for who in ("one", "other")]  # fmt: skip
    answers = crowd.at_once(*calls)
    assert statuses(answers) == {200: 1, 412: 1}
    (kept,) = [answer.json()["title"] for answer in answers if answer.status_code == 200]
    with postgres_database.reading() as tx:
        row = tx.get_one(Demand, demand.id)
        assert (row.title, row.version) == (kept, 2)


def test_of_officers_who_answer_and_decline_a_question_at_once_one_settles_it(postgres_database: Database) -> None:
    def build(make: Maker) -> Any:
        school = make.organisation("school")
        asked = make.question(make.demand(school, state="active"), make.organisation())
        return asked, {f"officer-{number}": make.actor(school, "buyer_officer") for number in range(8)}

    asked, officers = made(postgres_database, build)
    path = f"/demands/{asked.demand_id}/questions/{asked.id}"
    steps = [("answer", {"answer": "In bags."}), ("decline", {"code": "off_topic"})]
    calls = [(who, "POST", f"{path}/{steps[turn % 2][0]}", steps[turn % 2][1], {"If-Match": '"1"'})
             for turn, who in enumerate(officers)]  # fmt: skip
    answers = Crowd(postgres_database, **officers).at_once(*calls)
    assert statuses(answers) == {200: 1, 412: 7}
    (kept,) = [answer.json()["state"] for answer in answers if answer.status_code == 200]
    with postgres_database.reading() as tx:
        row = tx.get_one(Question, asked.id)
        assert (row.state, bool(row.answer), bool(row.code)) == (kept, kept == "answered", kept == "declined")


def test_of_heads_who_approve_and_refuse_a_higher_total_at_once_one_decides(postgres_database: Database) -> None:
    def build(make: Maker) -> Any:
        school = make.organisation("school")
        demand = make.demand(school, state="planned")
        officer = make.actor(school, "buyer_officer")
        more = {"lines": [{"line_id": demand.lines[0].id, "quantity": 150}], "code": "heads"}
        draft = AmendIn.model_validate(more)
        proposed = amendments.propose(make.tx, by=officer, demand_id=demand.id, version=1, draft=draft)
        return proposed, {f"head-{number}": make.actor(school, "buyer_head") for number in range(8)}

    proposed, heads = made(postgres_database, build)
    path = f"/demands/{proposed.demand_id}/amendments/{proposed.id}"
    answers = Crowd(postgres_database, **heads).at_once(
        *((who, "POST", f"{path}/{('approve', 'refuse')[turn % 2]}", None, {}) for turn, who in enumerate(heads))
    )
    assert statuses(answers) == {200: 1, 409: 7}
    (kept,) = [answer.json()["state"] for answer in answers if answer.status_code == 200]
    with postgres_database.reading() as tx:
        demand = tx.get_one(Demand, proposed.demand_id)
        total = 330_000 if kept == "applied" else 220_000
        assert (demand.approved_satang, tx.scalars(select(BudgetLine.reserved_satang)).one()) == (total, total)


def test_of_two_rounds_on_the_lots_of_a_week_one_stands(postgres_database: Database) -> None:
    def build(make: Maker) -> Any:
        make.place()
        make.profile()
        return [make.actor(make.organisation("provincial_company"), "facilitator") for _ in range(2)]

    one, other = made(postgres_database, build)
    crowd = Crowd(postgres_database, one=one, other=other)
    body = {"province_code": "45", "delivery_week": str(next_week()), "opens_at": now().isoformat(),
            "closes_at": (now() + timedelta(days=1)).isoformat()}  # fmt: skip
    answers = crowd.at_once(*[(who, "POST", "/rounds", body, {}) for who in ("one", "other")])
    assert statuses(answers) == {201: 1, 409: 1}
    with postgres_database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Round)) == 1


@pytest.mark.parametrize("key", ["the-same-key", ""])
def test_a_double_submit_is_done_once(postgres_database: Database, key: str) -> None:
    """With a key everyone hears the same answer; without one the second finds the natural key taken."""
    officer = made(postgres_database, lambda make: make.actor(make.organisation("school"), "buyer_officer"))
    crowd, headers = Crowd(postgres_database, officer=officer), {"Idempotency-Key": key} if key else {}
    body = {"fiscal_year": next_week().year + 1, "name": "Lunch", "source": "State", "amount_satang": 10**6}
    answers = crowd.at_once(*[("officer", "POST", "/budget-lines", body, headers)] * 6)
    assert statuses(answers) == ({201: 6} if key else {201: 1, 409: 5})
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    with postgres_database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(BudgetLine)) == 1


@pytest.mark.slow
def test_fifty_kitchens_on_the_last_units_of_one_offer_are_promised_no_more_than_there_is(
    postgres_database: Database,
) -> None:
    """Fifty approvals at once, one round, and every award answered at once."""
    heads: dict[str, Actor] = {}

    def build(make: Maker) -> Any:
        ware, week, group = make.product(), next_week(), make.organisation()
        make.offer(group, ware, lots=[(week, week, 20, 20)])
        demands = []
        for number in range(CROWD):
            school = make.organisation("school")
            demands.append(make.demand(school, [make.line(ware, quantity=5)]))
            heads[f"head-{number}"] = make.actor(school, "buyer_head")
        company, nation = make.organisation("provincial_company"), make.organisation("national_company")
        round_ = make.round(make.profile(family_share_bp=10_000))
        hands = make.actor(company, "facilitator"), make.actor(nation, "auditor"), make.actor(group, "supplier_manager")
        return demands, round_.id, hands

    demands, round_id, (facilitator, auditor, leader) = made(postgres_database, build)
    crowd = Crowd(postgres_database, leader=leader, **heads)
    approvals = [(f"head-{number}", "POST", f"/demands/{demand.id}/approve", None, {"If-Match": '"1"'})
                 for number, demand in enumerate(demands)]  # fmt: skip
    assert statuses(crowd.at_once(*approvals)) == {200: CROWD}
    awards = publish(postgres_database, round_id, facilitator, auditor)
    assert sum(line.quantity for award in awards for line in award.lines) == 20
    answers = [("leader", "POST", f"/awards/{award.id}/answers", accepted(award), {"If-Match": f'"{award.version}"'})
               for award in awards]  # fmt: skip
    assert statuses(crowd.at_once(*answers, *answers)) == {200: len(awards), 412: len(awards)}
    with postgres_database.reading() as tx:
        assert tx.scalar(select(func.sum(OrderLine.quantity))) == 20
        assert tx.scalar(select(func.count()).select_from(Order)) == len(awards)
        assert tx.scalar(select(func.count()).select_from(Offer)) == 1


def accepted(award: Award) -> dict[str, Any]:
    return {"lines": [{"award_line_id": str(line.id), "answer": "accepted"} for line in award.lines]}


def publish(database: Database, round_id: UUID, facilitator: Actor, auditor: Actor) -> list[Award]:
    """Close, solve, propose, approve and publish; the awards."""
    with database.writing() as tx:
        actions.close(tx, by=facilitator, round_id=round_id)
        run_id = tx.scalars(select(Run.id).where(Run.round_id == round_id)).one()
    workflow.solve_missing(database, Settings(database_url=database.url), run_id)
    with database.writing() as tx:
        runs.settle(tx, run_id)
    with database.writing() as tx:
        row = tx.get_one(Round, round_id)
        actions.propose(tx, by=facilitator, round_id=round_id, version=row.version)
        tx.flush()
        review.approve(tx, by=auditor, round_id=round_id, version=row.version)
        tx.flush()
        review.publish(tx, by=auditor, round_id=round_id, version=row.version)
    with database.reading() as tx:
        return list(tx.scalars(select(Award).options(selectinload(Award.lines))))
