"""Demands as use cases: writing, editing, approving, taking back, cancelling, repeating, and a round's steps."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.budgets.models import BudgetLine
from service.budgets.rules import BudgetExceeded
from service.calendars.models import ClosedPeriod
from service.demand import actions, known, queries, rules
from service.demand.models import Demand, DemandLine
from service.demand.schemas import DemandEdit, DemandIn, DemandLineIn
from service.demand.vocabulary import SMALL_VALUE
from service.events.models import Event
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import today, week_of
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, WrongState
from service.parties.models import Organisation
from service.parties.rules import NotQualified
from tests.make import Maker, next_week

DAY = timedelta(days=1)


def draft_of(make: Maker, budget: BudgetLine, **facts: Any) -> DemandIn:
    line = {"product_code": make.product().code, "quantity": 100, "delivery_date": next_week(), "ceiling_satang": 2200}
    given = {"title": "Vegetables", "delivery_week": next_week(), "budget_line_id": budget.id, "method": "direct",
             "legal_ground": "Test ground", "lines": [line]}  # fmt: skip
    return DemandIn.model_validate(given | facts)


class Kitchen:
    """A hospital with a budget, an officer who writes and a head who approves."""

    def __init__(self, make: Maker, amount_satang: int = 1_000_000) -> None:
        self.hospital: Organisation = make.organisation("hospital")
        self.officer: Actor = make.actor(self.hospital, "buyer_officer")
        self.head: Actor = make.actor(self.hospital, "buyer_head")
        self.budget: BudgetLine = make.budget_line(self.hospital, amount_satang)


@pytest.fixture
def kitchen(make: Maker) -> Kitchen:
    return Kitchen(make)


@pytest.fixture
def written(tx: Session, make: Maker, kitchen: Kitchen) -> Demand:
    return actions.create(tx, by=kitchen.officer, draft=draft_of(make, kitchen.budget))


def verbs(tx: Session, row: Demand) -> list[str]:
    return list(tx.scalars(select(Event.verb).where(Event.subject_id == str(row.id)).order_by(Event.id)))


def test_an_officer_writes_a_draft_whose_total_is_the_sum_of_its_lines(kitchen: Kitchen, written: Demand) -> None:
    assert (written.state, written.total_satang, written.created_by) == ("draft", 220_000, kitchen.officer.person_id)
    assert written.ocid.startswith("ocds-thprs-")
    assert written.province_code == "45"
    assert kitchen.budget.reserved_satang == 0


def test_the_head_approves_and_exactly_the_total_is_reserved(tx: Session, kitchen: Kitchen, written: Demand) -> None:
    actions.approve(tx, by=kitchen.head, demand_id=written.id, version=written.version)

    assert (written.state, written.approved_satang, kitchen.budget.reserved_satang) == ("planned", 220_000, 220_000)
    assert written.approved_by == kitchen.head.person_id
    assert verbs(tx, written) == ["demand.drafted", "demand.approved"]
    assert [row.id for row in queries.awaiting(tx, "45", next_week())] == [written.id]
    assert queries.awaiting(tx, "45", next_week() + timedelta(days=7)) == []


def test_who_wrote_it_cannot_approve_it(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    both = make.actor(kitchen.hospital, "buyer_officer", "buyer_head")
    row = actions.create(tx, by=both, draft=draft_of(make, kitchen.budget))
    with pytest.raises(rules.SameHands):
        actions.approve(tx, by=both, demand_id=row.id, version=row.version)
    assert (row.state, kitchen.budget.reserved_satang) == ("draft", 0)


def test_who_changed_it_cannot_approve_it_either(tx: Session, kitchen: Kitchen, written: Demand) -> None:
    changes = DemandEdit(title="Changed by the head")
    actions.edit(tx, by=kitchen.head, demand_id=written.id, version=written.version, changes=changes)
    with pytest.raises(rules.SameHands):
        actions.approve(tx, by=kitchen.head, demand_id=written.id, version=written.version)


def test_an_officer_cannot_approve(tx: Session, make: Maker, kitchen: Kitchen, written: Demand) -> None:
    other = make.actor(kitchen.hospital, "buyer_officer")
    with pytest.raises(NotAllowed):
        actions.approve(tx, by=other, demand_id=written.id, version=written.version)


def test_a_total_above_the_free_budget_is_refused(tx: Session, make: Maker) -> None:
    poor = Kitchen(make, amount_satang=219_999)
    row = actions.create(tx, by=poor.officer, draft=draft_of(make, poor.budget))
    with pytest.raises(BudgetExceeded) as refusal:
        actions.approve(tx, by=poor.head, demand_id=row.id, version=row.version)
    assert refusal.value.facts["free"] == "2,199.99"
    assert (row.state, poor.budget.reserved_satang) == ("draft", 0)


def test_what_was_read_is_what_is_approved(tx: Session, kitchen: Kitchen, written: Demand) -> None:
    read = written.version
    actions.edit(tx, by=kitchen.officer, demand_id=written.id, version=read, changes=DemandEdit(title="Another one"))
    tx.flush()
    with pytest.raises(EditConflict):
        actions.approve(tx, by=kitchen.head, demand_id=written.id, version=read)


def test_a_week_that_has_begun_is_neither_written_nor_approved(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    this_week = week_of(today())
    line = {"product_code": make.product().code, "quantity": 1, "delivery_date": this_week, "ceiling_satang": 1}
    late = draft_of(make, kitchen.budget, delivery_week=this_week, lines=[line])
    with pytest.raises(rules.WeekBegun):
        actions.create(tx, by=kitchen.officer, draft=late)
    row = make.demand(kitchen.hospital, [make.line(delivery_date=this_week)], delivery_week=this_week)
    with pytest.raises(rules.WeekBegun):
        actions.approve(tx, by=kitchen.head, demand_id=row.id, version=row.version)


def test_the_small_value_ground_does_not_carry_a_large_total(tx: Session, make: Maker) -> None:
    rich = Kitchen(make, amount_satang=10**9)
    line = {"product_code": make.product().code, "quantity": 50_001, "delivery_date": next_week(),
            "ceiling_satang": 1000}  # fmt: skip
    row = actions.create(tx, by=rich.officer, draft=draft_of(make, rich.budget, legal_ground=SMALL_VALUE, lines=[line]))
    with pytest.raises(rules.AboveGround):
        actions.approve(tx, by=rich.head, demand_id=row.id, version=row.version)


def test_a_ceiling_above_the_reference_price_is_refused(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    make.reference_price(make.product(), week=next_week(), lower_satang=1500, median_satang=1800, upper_satang=1900)
    with pytest.raises(InvalidInput) as refusal:
        actions.create(tx, by=kitchen.officer, draft=draft_of(make, kitchen.budget))
    error = refusal.value.errors[0]
    assert (error.pointer, dict(error.facts)) == ("/lines/0/ceiling_satang", {"limit": "20.90"})


def test_an_edit_replaces_the_lines_and_moves_the_version(tx: Session, make: Maker, kitchen: Kitchen,
                                                          written: Demand) -> None:  # fmt: skip
    lines = [
        DemandLineIn(product_code=make.product().code, quantity=number, delivery_date=next_week(), ceiling_satang=100)
        for number in (10, 20)
    ]
    before = written.version
    actions.edit(tx, by=kitchen.officer, demand_id=written.id, version=before, changes=DemandEdit(lines=lines))
    actions.edit(tx, by=kitchen.officer, demand_id=written.id, version=before + 1, changes=DemandEdit(lines=lines))

    stored = tx.scalars(select(DemandLine).where(DemandLine.demand_id == written.id).order_by(DemandLine.position))
    assert [(row.position, row.quantity) for row in stored] == [(0, 10), (1, 20)]
    assert (written.total_satang, written.version) == (3000, before + 2)


def test_moving_the_week_without_its_lines_is_refused(tx: Session, kitchen: Kitchen, written: Demand) -> None:
    changes = DemandEdit(delivery_week=next_week() + timedelta(days=7))
    with pytest.raises(InvalidInput) as refusal:
        actions.edit(tx, by=kitchen.officer, demand_id=written.id, version=written.version, changes=changes)
    assert refusal.value.errors[0].pointer == "/lines/0/delivery_date"


def test_an_approved_demand_cannot_be_edited(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    row = make.demand(kitchen.hospital, state="planned")
    with pytest.raises(WrongState):
        actions.edit(tx, by=kitchen.officer, demand_id=row.id, version=row.version, changes=DemandEdit(title="Late"))


def test_taking_back_frees_the_budget(tx: Session, kitchen: Kitchen, written: Demand) -> None:
    actions.approve(tx, by=kitchen.head, demand_id=written.id, version=written.version)
    actions.reopen(tx, by=kitchen.head, demand_id=written.id, reason="one line is missing")
    assert (written.state, written.approved_satang, kitchen.budget.reserved_satang) == ("draft", None, 0)


@pytest.mark.parametrize("state", ["planned", "active"])
def test_cancelling_frees_the_budget(tx: Session, make: Maker, kitchen: Kitchen, state: str) -> None:
    row = make.demand(kitchen.hospital, state=state)
    actions.cancel(tx, by=kitchen.officer, demand_id=row.id, reason="the ward is closed")
    assert (row.state, row.state_reason) == ("cancelled", "the ward is closed")
    assert tx.get_one(BudgetLine, row.budget_line_id).reserved_satang == 0


def test_once_it_is_allocated_it_cannot_be_cancelled(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    row = make.demand(kitchen.hospital, state="evaluation")
    with pytest.raises(WrongState):
        actions.cancel(tx, by=kitchen.officer, demand_id=row.id, reason="too late")
    assert tx.get_one(BudgetLine, row.budget_line_id).reserved_satang == row.total_satang


def test_a_round_takes_a_demand_to_its_end_and_the_rest_is_freed(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    row = make.demand(kitchen.hospital, state="planned")
    actions.activate(tx, by=SYSTEM, demand_id=row.id)
    actions.evaluate(tx, by=SYSTEM, demand_id=row.id)
    actions.complete(tx, by=SYSTEM, demand_id=row.id, awarded_satang=200_000)
    assert row.state == "complete"
    assert tx.get_one(BudgetLine, row.budget_line_id).reserved_satang == 200_000
    assert verbs(tx, row) == ["demand.activated", "demand.evaluated", "demand.completed"]


def test_a_round_that_fails_gives_the_demand_back_and_one_without_awards_frees_it(
    tx: Session, make: Maker, kitchen: Kitchen
) -> None:
    row = make.demand(kitchen.hospital, state="evaluation")
    actions.put_back(tx, by=SYSTEM, demand_id=row.id, reason="the round was cancelled")
    assert (row.state, tx.get_one(BudgetLine, row.budget_line_id).reserved_satang) == ("planned", row.total_satang)
    actions.activate(tx, by=SYSTEM, demand_id=row.id)
    actions.evaluate(tx, by=SYSTEM, demand_id=row.id)
    actions.unsuccessful(tx, by=SYSTEM, demand_id=row.id, reason="no offers")
    assert (row.state, tx.get_one(BudgetLine, row.budget_line_id).reserved_satang) == ("unsuccessful", 0)


def test_a_demand_is_repeated_in_another_week_with_ceilings_that_fit(
    tx: Session, make: Maker, kitchen: Kitchen
) -> None:
    later = next_week() + timedelta(days=14)
    retired = make.product("RETIRED", active=False)
    lines = [make.line(delivery_date=next_week() + timedelta(days=2), most_quantity=110), make.line(retired)]
    source = make.demand(kitchen.hospital, lines, state="complete", budget_line_id=kitchen.budget.id)
    make.reference_price(make.product(), week=later, lower_satang=1000, median_satang=1000, upper_satang=1000)

    row = actions.copy(tx, by=kitchen.officer, demand_id=source.id, week=later)

    assert (row.state, row.delivery_week, row.title) == ("draft", later, source.title)
    assert [(line.delivery_date, line.ceiling_satang) for line in row.lines] == [(later + timedelta(days=2), 1100)]
    assert row.ocid != source.ocid
    assert (row.total_satang, row.lines[0].most_quantity) == (110 * 1100, 110)
    other = make.actor(kitchen.hospital, "buyer_head")
    actions.approve(tx, by=other, demand_id=row.id, version=row.version)
    assert (row.approved_satang, kitchen.budget.reserved_satang) == (121_000, 121_000)


def test_a_copy_moves_lines_off_closed_days_and_says_which(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    week, kale = next_week() + timedelta(days=7), make.product()
    for first, last in ((0, 0), (3, 4)):
        make.add(ClosedPeriod(organisation_id=kitchen.hospital.id, first_day=week + timedelta(days=first),
                              last_day=week + timedelta(days=last), reason="Repairs"))  # fmt: skip
    lines = [make.line(kale, delivery_date=next_week() + timedelta(days=day)) for day in (0, 1, 4)]
    source = make.demand(kitchen.hospital, lines, state="complete", budget_line_id=kitchen.budget.id)

    row = actions.copy(tx, by=kitchen.officer, demand_id=source.id, week=week)
    assert [(line.delivery_date - week).days for line in row.lines] == [1, 1, 2]
    found = [(move.before - week, move.after and move.after - week, move.reason) for move in queries.moves(tx, row)]
    assert found == [(0 * DAY, DAY, "Repairs"), (4 * DAY, 2 * DAY, "Repairs")]

    back = known.as_draft(row).lines
    back[2] = back[2].model_copy(update={"delivery_date": week + timedelta(days=5)})
    actions.edit(tx, by=kitchen.officer, demand_id=row.id, version=row.version, changes=DemandEdit(lines=back))
    assert [move.after and move.after - week for move in queries.moves(tx, row)] == [DAY]


def test_another_institution_does_not_know_a_draft(tx: Session, make: Maker, written: Demand) -> None:
    stranger = make.actor(make.organisation("school"))
    facilitator = make.actor(make.organisation("provincial_company"))
    for actor in (stranger, facilitator):
        with pytest.raises(NotFound):
            known.demand(tx, by=actor, demand_id=written.id)
    with pytest.raises(NotFound):
        actions.approve(tx, by=stranger, demand_id=written.id, version=written.version)
    with pytest.raises(NotFound):
        actions.cancel(tx, by=stranger, demand_id=uuid4(), reason="unknown")


def test_everyone_knows_an_approved_demand_and_only_its_buyer_changes_it(tx: Session, make: Maker) -> None:
    row = make.demand(make.organisation("hospital"), state="planned")
    group, school = make.actor(make.organisation()), make.actor(make.organisation("school"))
    for actor in (group, school):
        assert known.demand(tx, by=actor, demand_id=row.id).id == row.id
        assert queries.desk(tx, by=actor, row=row).budget is None
        with pytest.raises(NotAllowed):
            actions.cancel(tx, by=actor, demand_id=row.id, reason="not mine")


def test_a_demand_that_was_never_approved_stays_unknown_when_cancelled(tx: Session, make: Maker) -> None:
    row = make.demand(make.organisation("hospital"), state="cancelled", approved_at=None, approved_satang=None)
    with pytest.raises(NotFound):
        known.demand(tx, by=make.actor(make.organisation()), demand_id=row.id)


def test_suppliers_and_unqualified_buyers_write_no_demands(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    with pytest.raises(NotAllowed):
        actions.create(tx, by=make.actor(make.organisation()), draft=draft_of(make, kitchen.budget))
    kitchen.hospital.state = "suspended"
    with pytest.raises(NotQualified):
        actions.create(tx, by=kitchen.officer, draft=draft_of(make, kitchen.budget))


def test_another_institutions_budget_line_is_as_good_as_none(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    foreign = make.budget_line(make.organisation("school"))
    with pytest.raises(InvalidInput) as refusal:
        actions.create(tx, by=kitchen.officer, draft=draft_of(make, foreign))
    assert refusal.value.errors[0].pointer == "/budget_line_id"


def test_names_of_people_are_for_their_own_institution(tx: Session, make: Maker, kitchen: Kitchen,
                                                       written: Demand) -> None:  # fmt: skip
    actions.approve(tx, by=kitchen.head, demand_id=written.id, version=written.version)
    own = queries.desk(tx, by=kitchen.officer, row=written)
    foreign = queries.desk(tx, by=make.actor(make.organisation()), row=written)
    assert all(moment.name.startswith("Person") for moment in own.moments)
    assert [moment.name for moment in foreign.moments] == ["", ""]
