"""Amendments: lower at once, higher by the head, until the cut-off; the least quantity; coded cancellations."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.amendments import actions, known
from service.amendments.models import Amendment
from service.amendments.rules import AmendmentWaits
from service.amendments.schemas import AmendIn
from service.budgets.models import BudgetLine
from service.budgets.rules import BudgetExceeded
from service.committees.rules import CommitteeMissing
from service.demand import actions as demands
from service.demand.known import as_line
from service.demand.models import Demand
from service.demand.rules import SameHands
from service.demand.schemas import DemandEdit
from service.demand.vocabulary import ChangeCode
from service.events.models import Event
from service.kernel.actor import SYSTEM
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, WrongState
from service.notices.models import Notice
from tests.make import Caller, Maker, id_of, making


class Kitchen:
    """A hospital whose approved demand has a line of 100 units at 22 baht, and a second head and officer."""

    def __init__(self, make: Maker, state: str = "planned") -> None:
        self.hospital = make.organisation("hospital")
        self.officer, self.head = (make.actor(self.hospital, role) for role in ("buyer_officer", "buyer_head"))
        self.budget = make.budget_line(self.hospital, 1_000_000, reserved_satang=220_000)
        self.demand = make.demand(self.hospital, state=state, budget_line_id=self.budget.id)
        self.line = self.demand.lines[0]

    def draft(self, quantity: int) -> AmendIn:
        lines = [{"line_id": self.line.id, "quantity": quantity}]
        return AmendIn.model_validate({"lines": lines, "code": "heads"})

    def propose(self, tx: Session, quantity: int) -> Amendment:
        row = self.demand
        made = actions.propose(tx, by=self.officer, demand_id=row.id, version=row.version, draft=self.draft(quantity))
        tx.flush()
        return made

    def decide(self, tx: Session, made: Amendment, *, approved: bool) -> None:
        actions.decide(tx, by=self.head, demand_id=self.demand.id, amendment_id=made.id, approved=approved)
        tx.flush()


@pytest.fixture(params=["planned", "active"])
def kitchen(request: pytest.FixtureRequest, make: Maker) -> Kitchen:
    return Kitchen(make, request.param)


def test_a_lower_quantity_counts_at_once_and_frees_its_money(tx: Session, kitchen: Kitchen) -> None:
    kitchen.line.least_quantity, kitchen.line.most_quantity = 80, 120
    seen = kitchen.demand.version
    made = kitchen.propose(tx, 60)
    row = kitchen.demand
    assert (made.state, kitchen.line.quantity) == ("applied", 60)
    assert (kitchen.line.least_quantity, kitchen.line.most_quantity) == (48, 72)  # in proportion
    assert (row.total_satang, row.approved_satang, kitchen.budget.reserved_satang) == (158_400, 158_400, 158_400)
    assert row.version > seen
    event = tx.scalars(select(Event).where(Event.verb == "demand.amended")).one()
    assert event.subject_id == str(row.id)
    with pytest.raises(EditConflict):
        actions.propose(tx, by=kitchen.officer, demand_id=row.id, version=seen, draft=kitchen.draft(50))


def test_a_higher_total_waits_for_the_head_and_then_reserves_the_difference(tx: Session, kitchen: Kitchen) -> None:
    made = kitchen.propose(tx, 150)
    assert (made.state, kitchen.line.quantity, kitchen.budget.reserved_satang) == ("pending", 100, 220_000)
    assert tx.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "demand.submitted")) == 1
    with pytest.raises(AmendmentWaits):
        kitchen.propose(tx, 90)
    kitchen.decide(tx, made, approved=True)
    assert (made.state, kitchen.line.quantity, kitchen.budget.reserved_satang) == ("applied", 150, 330_000)
    with pytest.raises(WrongState):
        kitchen.decide(tx, made, approved=True)


def test_a_refused_one_changes_nothing(tx: Session, kitchen: Kitchen) -> None:
    made = kitchen.propose(tx, 150)
    kitchen.decide(tx, made, approved=False)
    assert (made.state, kitchen.line.quantity, kitchen.budget.reserved_satang) == ("refused", 100, 220_000)
    assert known.pending(tx, kitchen.demand.id) is None


def test_who_proposed_it_does_not_approve_it(tx: Session, make: Maker) -> None:
    kitchen = Kitchen(make)
    kitchen.officer = kitchen.head
    made = kitchen.propose(tx, 150)
    with pytest.raises(SameHands):
        kitchen.decide(tx, made, approved=True)


def test_what_was_proposed_before_the_demand_was_a_draft_again_does_not_reach_its_new_lines(
    tx: Session, make: Maker
) -> None:
    kitchen = Kitchen(make)
    made = kitchen.propose(tx, 150)
    row = kitchen.demand
    demands.reopen(tx, by=kitchen.head, demand_id=row.id, reason="other heads")
    fewer = [as_line(line).model_copy(update={"quantity": 10}) for line in row.lines]
    demands.edit(tx, by=kitchen.officer, demand_id=row.id, version=row.version, changes=DemandEdit(lines=fewer))
    tx.flush()
    demands.approve(tx, by=kitchen.head, demand_id=row.id, version=row.version)
    with pytest.raises(EditConflict):
        kitchen.decide(tx, made, approved=True)
    assert (row.total_satang, kitchen.budget.reserved_satang) == (22_000, 22_000)
    kitchen.decide(tx, made, approved=False)
    assert known.pending(tx, row.id) is None


def test_money_and_committee_hold_for_the_higher_total_too(tx: Session, make: Maker) -> None:
    kitchen = Kitchen(make)
    made = kitchen.propose(tx, 500)
    with pytest.raises(BudgetExceeded):
        kitchen.decide(tx, made, approved=True)
    kitchen.decide(tx, made, approved=False)
    kitchen.budget.amount_satang = 10**9
    made = kitchen.propose(tx, 5_000)
    with pytest.raises(CommitteeMissing):
        kitchen.decide(tx, made, approved=True)


@pytest.mark.parametrize("state", ["draft", "evaluation", "complete", "cancelled"])
def test_before_the_approval_and_after_the_cut_off_nothing_is_amended(tx: Session, make: Maker, state: str) -> None:
    with pytest.raises(WrongState):
        Kitchen(make, state).propose(tx, 60)


def test_others_do_not_amend_it(tx: Session, make: Maker) -> None:
    kitchen = Kitchen(make)
    row, stranger = kitchen.demand, make.actor(make.organisation("school"))
    with pytest.raises(NotAllowed):
        actions.propose(tx, by=stranger, demand_id=row.id, version=row.version, draft=kitchen.draft(60))
    with pytest.raises(NotAllowed):
        known.of(tx, by=stranger, demand_id=row.id)
    with pytest.raises(NotFound):
        actions.decide(tx, by=kitchen.head, demand_id=row.id, amendment_id=uuid4(), approved=True)
    with pytest.raises(InvalidInput):
        kitchen.propose(tx, 100)


def test_a_cancellation_keeps_its_code_and_tells_those_concerned(tx: Session, make: Maker) -> None:
    kitchen = Kitchen(make, "active")
    facilitator = make.person(make.organisation("provincial_company"), "facilitator")
    demands.cancel(tx, by=kitchen.officer, demand_id=kitchen.demand.id, code=ChangeCode.CLOSED)
    assert (kitchen.demand.state, kitchen.demand.reason_code) == ("cancelled", "closed")
    assert tx.get_one(BudgetLine, kitchen.budget.id).reserved_satang == 0
    told = set(tx.scalars(select(Notice.person_id).where(Notice.kind == "demand.cancelled")))
    assert told == {kitchen.head.person_id, facilitator.id}
    assert SYSTEM.person_id not in told


def test_the_api_refuses_nonsense_without_writing_and_does_the_rest(client: TestClient) -> None:
    with making(client) as make:
        kitchen = Kitchen(make)
        officer, head = (make.person(kitchen.hospital, role) for role in ("buyer_officer", "buyer_head"))
        stranger = make.person(make.organisation(), "supplier_manager")
        path, line = f"/demands/{kitchen.demand.id}", str(kitchen.line.id)
        version = kitchen.demand.version
    caller = Caller(client, officer)
    good = {"lines": [{"line_id": line, "quantity": 300}], "code": "menu"}
    bad: list[Any] = [
        {}, good | {"lines": []}, good | {"code": "whim"}, {"lines": good["lines"]}, good | {"reason": "x" * 501},
        good | {"lines": [{"line_id": line, "quantity": 0}]}, good | {"lines": [{"line_id": line, "quantity": 10**12}]},
        good | {"lines": [{"line_id": str(uuid4()), "quantity": 3}]}, good | {"lines": [{"quantity": 3}]},
    ]  # fmt: skip
    for body in bad:
        assert caller.post(f"{path}/amendments", body, version=version).status_code == 422, body
    assert caller.post(f"{path}/amendments", good).status_code == 428
    made = caller.post(f"{path}/amendments", good, key="once", version=version)
    assert (made.status_code, made.json()["state"]) == (201, "pending")
    approve = f"{path}/amendments/{id_of(made)}/approve"
    assert caller.post(approve).status_code == 403
    page = client.get(f"/demands/{kitchen.demand.id}/amend", headers=Caller(client, head).headers)
    assert "6,600.00" in page.text
    for reader, told in ((officer, True), (head, True), (stranger, False)):
        shown = client.get(f"/demands/{kitchen.demand.id}", headers=Caller(client, reader).headers)
        assert (shown.status_code, "6,600.00" in shown.text) == (200, told)
    assert Caller(client, head).post(approve).json()["state"] == "applied"
    assert [one["state"] for one in caller.get(f"{path}/amendments").json()] == ["applied"]
    assert caller.get(path).json()["lines"][0]["quantity"] == 300
    assert caller.post(f"{path}/cancel", {"code": "other"}).status_code == 422
    form = {"_version": str(caller.get(path).json()["version"]), "lines-0-line_id": line, "lines-0-quantity": "50",
            "code": "heads"}  # fmt: skip
    amended = client.post(f"/demands/{kitchen.demand.id}/amend", data=form, headers=caller.headers)
    assert amended.status_code == 303
    assert caller.get(path).json()["total_satang"] == 110_000


def test_at_least_is_at_most_what_is_wanted(client: TestClient) -> None:
    with making(client) as make:
        hospital = make.organisation("hospital")
        officer, budget, product = make.person(hospital, "buyer_officer"), make.budget_line(hospital), make.product()
        day = str(Kitchen(make).line.delivery_date)
    line = {"product_code": product.code, "quantity": 10, "delivery_date": day, "ceiling_satang": 100}
    body = {"title": "Greens", "delivery_week": day, "budget_line_id": str(budget.id), "method": "direct",
            "legal_ground": "Test ground"}  # fmt: skip
    caller = Caller(client, officer)
    for wrong in (11, 0, "some"):
        assert caller.post("/demands", body | {"lines": [line | {"least_quantity": wrong}]}).status_code == 422
    made = caller.post("/demands", body | {"lines": [line | {"least_quantity": 8}]})
    assert (made.status_code, made.json()["lines"][0]["least_quantity"]) == (201, 8)


def test_nothing_of_this_reaches_a_draft(tx: Session, make: Maker) -> None:
    row = make.demand(make.organisation("hospital"))
    assert tx.scalar(select(func.count()).select_from(Amendment)) == 0
    assert tx.get_one(Demand, row.id).reason_code == ""
