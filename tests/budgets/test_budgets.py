"""Budget lines: entering, editing, and that approvals at the same moment never reserve more than there is."""

from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from service.budgets import actions as budget
from service.budgets import known
from service.budgets.models import BudgetLine
from service.budgets.rules import BelowReserved, BudgetExceeded
from service.budgets.schemas import BudgetLineEdit, BudgetLineIn
from service.demand import actions
from service.kernel.actor import Actor
from service.kernel.db import Database
from service.kernel.problems import EditConflict, NotAllowed, NotFound, Problem
from tests.make import Maker, making

DRAFT = BudgetLineIn(fiscal_year=2027, name="Patients' food", source="State budget", amount_satang=500_000)


def test_an_officer_enters_a_budget_line(tx: Session, make: Maker) -> None:
    officer = make.actor(make.organisation("hospital"), "buyer_officer")
    row = budget.create(tx, by=officer, draft=DRAFT)
    assert (row.organisation_id, row.amount_satang, row.free_satang) == (officer.organisation_id, 500_000, 500_000)
    assert known.budget_line(tx, by=officer, budget_line_id=row.id) is row


def test_its_amount_never_goes_below_what_is_reserved(tx: Session, make: Maker) -> None:
    hospital = make.organisation("hospital")
    head, row = make.actor(hospital, "buyer_head"), make.budget_line(hospital, 1000, reserved_satang=400)
    changed = budget.edit(
        tx, by=head, budget_line_id=row.id, version=row.version, changes=BudgetLineEdit(amount_satang=400)
    )
    assert changed.free_satang == 0
    with pytest.raises(BelowReserved):
        budget.edit(tx, by=head, budget_line_id=row.id, version=row.version, changes=BudgetLineEdit(amount_satang=399))


def test_an_edit_of_an_old_version_is_refused(tx: Session, make: Maker) -> None:
    hospital = make.organisation("hospital")
    head, row = make.actor(hospital, "buyer_head"), make.budget_line(hospital)
    budget.reserve(tx, row.id, 100)
    with pytest.raises(EditConflict):
        budget.edit(tx, by=head, budget_line_id=row.id, version=1, changes=BudgetLineEdit(name="Other"))


def test_others_neither_see_nor_edit_it(tx: Session, make: Maker) -> None:
    row = make.budget_line(make.organisation("hospital"))
    with pytest.raises(NotFound):
        known.budget_line(tx, by=make.actor(make.organisation("school")), budget_line_id=row.id)
    with pytest.raises(NotAllowed):
        known.budget_line(tx, by=make.actor(make.organisation()), budget_line_id=row.id)
    with pytest.raises(NotAllowed):
        budget.create(tx, by=make.actor(make.organisation("hospital"), "inspector"), draft=DRAFT)


def test_a_reservation_takes_exactly_what_is_free(tx: Session, make: Maker) -> None:
    row = make.budget_line(make.organisation("hospital"), 1000)
    budget.reserve(tx, row.id, 1000)
    with pytest.raises(BudgetExceeded):
        budget.reserve(tx, row.id, 1)
    budget.release(tx, row.id, 1000)
    assert row.reserved_satang == 0


def test_approvals_at_the_same_moment_never_reserve_more_than_there_is(database: Database) -> None:
    racers = 6
    with making(database) as make:
        hospital = make.organisation("hospital")
        head = make.actor(hospital, "buyer_head")
        shared = make.budget_line(hospital, 500_000)  # two demands of 220,000 fit, a third does not
        ids = [make.demand(hospital, budget_line_id=shared.id).id for _ in range(racers)]
    start, outcomes = Barrier(racers), list[str]()

    def approve(by: Actor, demand_id: UUID) -> None:
        start.wait()
        try:
            with database.writing() as tx:
                actions.approve(tx, by=by, demand_id=demand_id, version=1)
        except Problem as refusal:
            outcomes.append(refusal.slug())
        else:
            outcomes.append("approved")

    threads = [Thread(target=approve, args=(head, demand_id)) for demand_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["approved"] * 2 + ["budget-exceeded"] * 4
    with database.reading() as tx:
        assert tx.get_one(BudgetLine, shared.id).reserved_satang == 440_000


def test_one_demand_approved_twice_at_the_same_moment_is_reserved_once(database: Database) -> None:
    with making(database) as make:
        hospital = make.organisation("hospital")
        heads = [make.actor(hospital, "buyer_head") for _ in range(2)]
        row = make.demand(hospital)
    start, outcomes = Barrier(2), list[str]()

    def approve(by: Actor) -> None:
        start.wait()
        try:
            with database.writing() as tx:
                actions.approve(tx, by=by, demand_id=row.id, version=1)
        except Problem as refusal:
            outcomes.append(refusal.slug())
        else:
            outcomes.append("approved")

    threads = [Thread(target=approve, args=(head,)) for head in heads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["approved", "edit-conflict"]
    with database.reading() as tx:
        assert tx.get_one(BudgetLine, row.budget_line_id).reserved_satang == row.total_satang
