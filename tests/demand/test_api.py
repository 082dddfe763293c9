"""The demands' API: the way of a demand, versions, who sees what, and that bad input writes nothing."""

from datetime import timedelta
from functools import cached_property
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from service.budgets.models import BudgetLine
from service.demand.models import Demand, DemandLine
from service.events.models import Event
from tests.make import Caller, database_of, making, next_week

UNKNOWN = "00000000-0000-7000-8000-000000000000"


class Scene:
    """A hospital with an officer, a head and a budget; a group and a school; each signs in when needed."""

    def __init__(self, client: TestClient) -> None:
        with making(client) as make:
            hospital = make.organisation("hospital")
            self.product = make.product().code
            self.budget_id = str(make.budget_line(hospital).id)
            self.foreign_budget_id = str(make.budget_line(make.organisation("school")).id)
            self.people = {role: make.person(hospital, role) for role in ("buyer_officer", "buyer_head")}
            self.people["group"] = make.person(make.organisation())
            self.people["school"] = make.person(make.organisation("school"))
        self.client, self.database = client, database_of(client)

    @cached_property
    def officer(self) -> Caller:
        return Caller(self.client, self.people["buyer_officer"])

    @cached_property
    def head(self) -> Caller:
        return Caller(self.client, self.people["buyer_head"])

    @cached_property
    def group(self) -> Caller:
        return Caller(self.client, self.people["group"])

    @cached_property
    def school(self) -> Caller:
        return Caller(self.client, self.people["school"])

    def line(self, **facts: Any) -> dict[str, Any]:
        given = {"product_code": self.product, "quantity": 100, "delivery_date": next_week().isoformat(),
                 "ceiling_satang": 2200}  # fmt: skip
        return given | facts

    def body(self, **facts: Any) -> dict[str, Any]:
        given = {"title": "Vegetables", "delivery_week": next_week().isoformat(), "budget_line_id": self.budget_id,
                 "method": "direct", "legal_ground": "Test ground", "lines": [self.line()]}  # fmt: skip
        return {name: value for name, value in (given | facts).items() if value is not ...}

    def rows(self) -> tuple[int, ...]:
        with self.database.reading() as tx:
            tables = (Demand, DemandLine, BudgetLine)
            counts = [tx.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
            ours = select(func.count()).where(Event.subject_type.in_(["demands", "budget_lines"]))
            return (*counts, tx.scalar(ours) or 0)


@pytest.fixture
def scene(client: TestClient) -> Scene:
    return Scene(client)


def test_a_demand_goes_from_draft_to_approved_and_back(market: TestClient) -> None:
    scene = Scene(market)
    made = scene.officer.post("/demands", scene.body(), key="once")
    again = scene.officer.post("/demands", scene.body(), key="once")
    assert (made.status_code, made.headers["etag"], made.json()) == (201, '"1"', again.json())
    assert made.json()["lines"][0] | {"id": ""} == {
        "id": "", "position": 0, "product_code": scene.product, "grade_id": None, "certificate_kinds": [],
        "quantity": 100, "least_quantity": None, "most_quantity": None, "delivery_date": next_week().isoformat(),
        "window_from": "06:00:00",
        "window_until": "09:00:00", "ceiling_satang": 2200, "most_awards": 3, "whole": False, "substitutes": [],
    }  # fmt: skip
    path = f"/demands/{made.json()['id']}"

    assert scene.officer.patch(path, {"title": "Greens"}, None).status_code == 428
    assert scene.officer.patch(path, {"title": "Greens"}, 1).headers["etag"] == '"2"'
    assert scene.officer.patch(path, {"title": "Stale"}, 1).status_code == 412
    assert scene.head.post(f"{path}/approve", version=1).status_code == 412
    assert scene.head.post(f"{path}/approve").status_code == 428
    assert scene.officer.post(f"{path}/approve", version=2).status_code == 403
    approved = scene.head.post(f"{path}/approve", version=2)
    assert (approved.status_code, approved.json()["state"], approved.json()["approved_satang"]) == (
        200, "planned", 220_000,
    )  # fmt: skip
    held = scene.head.get(f"/budget-lines/{scene.budget_id}").json()
    assert (held["reserved_satang"], held["free_satang"]) == (220_000, 99_780_000)
    assert scene.head.post(f"{path}/reopen", {"reason": "one more line"}).json()["state"] == "draft"
    assert scene.officer.post(f"{path}/cancel", {"reason": "not needed"}).json()["state"] == "cancelled"


def test_the_list_filters_and_everyone_sees_what_is_approved(scene: Scene) -> None:
    first = scene.officer.post("/demands", scene.body()).json()
    second = scene.officer.post("/demands", scene.body(title="Approved")).json()
    scene.head.post(f"/demands/{second['id']}/approve", version=1)

    def titles(caller: Caller, query: str = "") -> list[str]:
        return [row["title"] for row in caller.get(f"/demands{query}").json()["items"]]

    assert titles(scene.officer) == ["Vegetables", "Approved"]
    assert titles(scene.officer, "?mine=true&state=draft") == ["Vegetables"]
    assert titles(scene.group) == titles(scene.school) == ["Approved"]
    assert titles(scene.group, f"?week={next_week()}&province=45") == ["Approved"]
    assert titles(scene.group, f"?week={next_week() + timedelta(days=7)}") == titles(scene.group, "?province=50") == []
    assert titles(scene.school, "?mine=true") == []
    assert scene.group.get(f"/demands/{second['id']}").json()["lines"][0]["ceiling_satang"] == 2200
    assert scene.group.get(f"/demands/{first['id']}").status_code == 404
    page = scene.officer.get("/demands?limit=1").json()
    assert titles(scene.officer, f"?cursor={page['next']}") == ["Approved"]


def test_a_demand_is_repeated_in_another_week(scene: Scene) -> None:
    made = scene.officer.post("/demands", scene.body()).json()
    week = (next_week() + timedelta(days=7)).isoformat()
    copied = scene.officer.post(f"/demands/{made['id']}/copy", {"delivery_week": week})
    assert (copied.status_code, copied.json()["delivery_week"], copied.json()["state"]) == (201, week, "draft")
    assert copied.json()["lines"][0]["delivery_date"] == week


BAD_BODIES: list[tuple[dict[str, Any], str]] = [
    ({"title": ...}, "/title"), ({"title": 7}, "/title"), ({"title": "x" * 201}, "/title"), ({"title": "  "}, "/title"),
    ({"delivery_week": ...}, "/delivery_week"), ({"delivery_week": "soon"}, "/delivery_week"),
    ({"delivery_week": (next_week() + timedelta(days=1)).isoformat()}, "/delivery_week"),
    ({"delivery_week": "9999-12-27"}, "/delivery_week"), ({"budget_line_id": ...}, "/budget_line_id"),
    ({"budget_line_id": UNKNOWN}, "/budget_line_id"), ({"budget_line_id": "none"}, "/budget_line_id"),
    ({"method": "lottery"}, "/method"), ({"legal_ground": ""}, "/legal_ground"),
    ({"legal_ground": None}, "/legal_ground"),
    ({"legal_ground": "x" * 301}, "/legal_ground"), ({"lines": ...}, "/lines"), ({"lines": []}, "/lines"),
    ({"lines": "none"}, "/lines"), ({"surprise": 1}, "/surprise"), ({"organisation_id": UNKNOWN}, "/organisation_id"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "pointer"), BAD_BODIES)
def test_a_bad_demand_is_refused_at_its_field_and_nothing_is_written(
    scene: Scene, facts: dict[str, Any], pointer: str
) -> None:
    before = scene.rows()
    answer = scene.officer.post("/demands", scene.body(**facts))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-input")
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert scene.rows() == before


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"quantity": -5}, "quantity"), ({"quantity": 10**12}, "quantity"), ({"quantity": "many"}, "quantity"),
        ({"quantity": None}, "quantity"), ({"ceiling_satang": -1}, "ceiling_satang"),
        ({"ceiling_satang": 10**20}, "ceiling_satang"), ({"product_code": "NONE"}, "product_code"),
        ({"product_code": ""}, "product_code"), ({"grade_id": UNKNOWN}, "grade_id"),
        ({"certificate_kinds": ["NONE"]}, "certificate_kinds/0"), ({"substitutes": ["NONE"]}, "substitutes/0"),
        ({"delivery_date": "2026-02-30"}, "delivery_date"), ({"delivery_date": "2020-01-01"}, "delivery_date"),
        ({"window_from": "25:00"}, "window_from"), ({"most_awards": 1000}, "most_awards"),
        ({"whole": "maybe"}, "whole"),
    ],
)  # fmt: skip
def test_a_bad_line_is_refused_at_its_cell_and_nothing_is_written(
    scene: Scene, facts: dict[str, Any], field: str
) -> None:
    before = scene.rows()
    answer = scene.officer.post("/demands", scene.body(lines=[scene.line(), scene.line(**facts)]))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/lines/1/{field}"]
    assert scene.rows() == before


def test_a_total_that_no_budget_holds_is_refused(scene: Scene) -> None:
    before = scene.rows()
    answer = scene.officer.post("/demands", scene.body(lines=[scene.line(quantity=10**7, ceiling_satang=10**13)]))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/lines")
    assert scene.rows() == before


def test_a_foreign_budget_line_a_supplier_and_a_past_week_are_refused(scene: Scene) -> None:
    before = scene.rows()
    foreign = scene.officer.post("/demands", scene.body(budget_line_id=scene.foreign_budget_id))
    supplier = scene.group.post("/demands", scene.body())
    past = scene.officer.post(
        "/demands", scene.body(delivery_week="2024-01-01", lines=[scene.line(delivery_date="2024-01-01")])
    )
    assert (foreign.status_code, foreign.json()["errors"][0]["pointer"]) == (422, "/budget_line_id")
    assert supplier.status_code == 403
    assert (past.status_code, past.json()["type"]) == (409, "/problems/week-begun")
    assert scene.rows() == before


@pytest.mark.parametrize("step", ["approve", "reopen", "cancel", "copy"])
def test_steps_on_what_one_may_not_know_are_not_found(scene: Scene, step: str) -> None:
    made = scene.officer.post("/demands", scene.body()).json()
    body = {"delivery_week": next_week().isoformat()} if step == "copy" else {"reason": "not mine"}
    before = scene.rows()
    for demand_id in (made["id"], UNKNOWN, "no-id"):
        answer = scene.school.post(f"/demands/{demand_id}/{step}", body, version=1)
        assert answer.status_code == 404, answer.text
    assert scene.rows() == before


@pytest.mark.parametrize(
    ("step", "body"),
    [("reopen", {}), ("cancel", {"reason": ""}), ("cancel", None), ("cancel", {"reason": "x" * 501}), ("copy", {}),
     ("copy", {"delivery_week": "2026-12-08"}), ("copy", [])],
)  # fmt: skip
def test_steps_with_bad_input_change_nothing(scene: Scene, step: str, body: Any) -> None:
    made = scene.officer.post("/demands", scene.body()).json()
    before = scene.rows()
    assert scene.head.post(f"/demands/{made['id']}/{step}", body).status_code == 422
    assert scene.rows() == before


BUDGET = {"fiscal_year": 2027, "name": "Food", "source": "State budget", "amount_satang": 1000}


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"fiscal_year": 2570}, "/fiscal_year"), ({"fiscal_year": "now"}, "/fiscal_year"), ({"name": ""}, "/name"),
        ({"name": "x" * 161}, "/name"), ({"source": None}, "/source"), ({"amount_satang": 0}, "/amount_satang"),
        ({"amount_satang": -5}, "/amount_satang"), ({"amount_satang": 10**18}, "/amount_satang"),
        ({"reserved_satang": 5}, "/reserved_satang"),
    ],
)  # fmt: skip
def test_a_bad_budget_line_is_refused_at_its_field(scene: Scene, facts: dict[str, Any], pointer: str) -> None:
    before = scene.rows()
    answer = scene.officer.post("/budget-lines", BUDGET | facts)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])
    assert scene.rows() == before


def test_budget_lines_are_entered_once_edited_and_listed_for_their_institution(scene: Scene) -> None:
    made = scene.officer.post("/budget-lines", BUDGET)
    twin = scene.officer.post("/budget-lines", BUDGET)
    assert (made.status_code, twin.status_code, twin.json()["type"]) == (201, 409, "/problems/duplicate")
    path = f"/budget-lines/{made.json()['id']}"
    assert scene.head.patch(path, {"amount_satang": 2000}, 1).json()["free_satang"] == 2000
    assert scene.head.patch(path, {"amount_satang": 3000}, 1).status_code == 412
    assert scene.school.patch(path, {"amount_satang": 3000}, 2).status_code == 404
    assert scene.group.get("/budget-lines").status_code == 403
    names = [row["name"] for row in scene.officer.get("/budget-lines").json()["items"]]
    assert (len(names), names[-1]) == (2, "Food")
