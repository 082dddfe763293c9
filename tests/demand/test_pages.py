"""Pages of demands and budgets: a whole journey without JavaScript, and what each reader is shown."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from service.budgets.models import BudgetLine
from service.calendars.models import ClosedPeriod
from service.demand.models import Demand, DemandLine
from service.people.models import Person
from tests.make import PASSWORD, Maker, database_of, making, next_week


class Reader:
    """A person at a browser that speaks English and keeps its cookies."""

    def __init__(self, client: TestClient, person: Person) -> None:
        self.client = client
        client.cookies.clear()
        client.cookies.set("lang", "en")
        signed_in = self.post("/sign-in", {"username": person.username, "password": PASSWORD})
        assert signed_in.status_code == 303

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, form: dict[str, Any]) -> Any:
        return self.client.post(path, data=form)


class Scene:
    """A hospital with its people and budget, kale with a reference price, rice without one."""

    def __init__(self, make: Maker) -> None:
        self.hospital = make.organisation("hospital")
        self.officer, self.head = (make.person(self.hospital, role) for role in ("buyer_officer", "buyer_head"))
        self.group = make.person(make.organisation())
        self.kale, self.rice = make.product("KALE"), make.product("RICE")
        self.grade_id = str(make.grade(self.kale).id)
        make.reference_price(self.kale, week=next_week())
        make.certificate_kind("GAP")
        self.budget_id = str(make.budget_line(self.hospital, 1_000_000).id)

    def form(self, **cells: Any) -> dict[str, Any]:
        given = {"title": "Greens", "delivery_week": next_week().isoformat(), "budget_line_id": self.budget_id,
                 "method": "direct", "legal_ground": "Test ground"}  # fmt: skip
        return given | {name.replace("__", "-"): value for name, value in cells.items()}


@pytest.fixture
def scene(client: TestClient) -> Scene:
    with making(client) as make:
        return Scene(make)


def count(client: TestClient, table: type[Any]) -> int:
    with database_of(client).reading() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def value(page: Any, name: str) -> str:
    """What an input of the page holds."""
    found = re.search(rf'<input id="f-{name}" [^>]*?value="([^"]*)"', page.text)
    assert found, name
    return found[1]


def test_from_the_first_cell_to_the_approval_by_another_person(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    cells = {"lines__1__product_code": "KALE", "lines__1__quantity": "40", "lines__1__ceiling_satang": "99.50",
             "lines__1__delivery_date": "2", "lines__1__window_from": "05:30", "lines__1__window_until": "08:00",
             "lines__3__product_code": "RICE", "lines__3__quantity": "many", "lines__3__ceiling_satang": "31",
             "lines__3__delivery_date": "0"}  # fmt: skip

    wrong = officer.post("/demands/new", scene.form(**cells))
    assert wrong.status_code == 422
    assert 'id="e-lines-1-quantity">Write a whole number.' in wrong.text
    too_high = officer.post("/demands/new", scene.form(**cells | {"lines__3__quantity": "50"}))
    assert too_high.status_code == 422
    assert 'id="e-lines-0-ceiling_satang">The ceiling may be at most 24.20 baht' in too_high.text
    assert (value(too_high, "lines-0-quantity"), value(too_high, "lines-1-ceiling_satang")) == ("40", "31")
    assert count(client, Demand) == 0
    saved = officer.post(
        "/demands/new", scene.form(**cells | {"lines__1__ceiling_satang": "24.20", "lines__3__quantity": "50"})
    )
    assert saved.status_code == 303
    page = officer.get(saved.headers["location"])
    assert "2,518.00" in page.text
    assert "The head of your institution approves the total here." in page.text

    head = Reader(client, scene.head)
    page = head.get(saved.headers["location"])
    assert "Approve 2,518.00 baht" in page.text
    assert "7,482.00" in page.text
    approved = head.post(f"{saved.headers['location']}/approve", {"_version": "1"})
    assert approved.status_code == 303
    page = head.get(saved.headers["location"])
    assert "Approved, waiting for a round" in page.text
    assert "Total approved, budget reserved" in page.text
    with database_of(client).reading() as tx:
        assert tx.scalars(select(BudgetLine.reserved_satang)).one() == 251_800
        line = tx.scalars(select(DemandLine).order_by(DemandLine.position)).first()
        assert line is not None
        assert (line.delivery_date, f"{line.window_from:%H:%M}") == (next_week() + timedelta(days=2), "05:30")


def test_more_rows_keep_what_was_typed_show_prices_and_write_nothing(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    first = officer.get("/demands/new")
    assert first.text.count('class="need"') == 5
    typed = {"lines__4__product_code": "KALE", "lines__4__quantity": "7", "_more": "10", "_key": "typed-once"}
    more = officer.post("/demands/new", scene.form(**typed) | {"title": "Half a title"})
    assert more.status_code == 200
    assert more.text.count('class="need"') == 10
    assert (value(more, "title"), value(more, "lines-0-quantity")) == ("Half a title", "7")
    assert "at most 24.20" in more.text
    assert scene.grade_id in more.text
    assert value(more, "lines-0-ceiling_satang") == "24.20"  # what was left blank, to be looked at
    assert re.search(r'name="lines-1-product_code" [^>]* autofocus>', more.text)  # typing goes on there
    assert more.text.count("autofocus") == 1
    assert 'value="typed-once"' not in more.text
    assert 'class="wrong"' not in more.text
    assert count(client, Demand) == 0


def test_everything_that_a_line_can_say_is_saved_and_shown_for_editing(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    cells = {"lines__0__product_code": "KALE", "lines__0__quantity": "5", "lines__0__ceiling_satang": "20",
             "lines__0__delivery_date": "6", "lines__0__grade_id": scene.grade_id, "lines__0__whole": "true",
             "lines__0__certificate_kinds-0": "GAP", "lines__0__substitutes-1": "RICE",
             "lines__0__most_awards": "1", "lines__0__least_quantity": "4", "lines__0__most_quantity": "8"}  # fmt: skip
    path = officer.post("/demands/new", scene.form(**cells)).headers["location"]
    with database_of(client).reading() as tx:
        line = tx.scalars(select(DemandLine)).one()
        assert (line.whole, line.certificate_kinds, line.substitutes, line.most_awards) == (True, ["GAP"], ["RICE"], 1)
        assert (line.least_quantity, line.quantity, line.most_quantity) == (4, 5, 8)
        assert tx.scalars(select(Demand.total_satang)).one() == 8 * 2000  # the most that could be paid
    sunday = next_week() + timedelta(days=6)
    assert "you need to do nothing more" in officer.get(path).text
    with making(client) as make:
        shut = ClosedPeriod(organisation_id=scene.hospital.id, first_day=sunday, last_day=sunday, reason="Repairs")
        make.add(shut)
    assert "your kitchen is closed: Repairs" in officer.get(path).text
    assert "you need to do nothing more" not in officer.get(path).text
    shown = officer.get(path).text
    assert "4–8 kg<br>wanted 5" in shown
    assert "160.00" in shown
    page = officer.get(f"{path}/edit")
    assert (value(page, "lines-0-ceiling_satang"), value(page, "lines-0-most_awards")) == ("20.00", "1")
    assert (value(page, "lines-0-least_quantity"), value(page, "lines-0-most_quantity")) == ("4", "8")
    assert "Total so far: 160.00 baht" in page.text
    wrong = officer.post("/demands/new", scene.form(**cells | {"lines__0__most_quantity": "4"}))
    assert wrong.status_code == 422
    named = '<a href="#f-lines-0-most_quantity"><strong>Line 1 · At most</strong>: At most cannot be less than'
    assert named in wrong.text
    assert f'<option value="{scene.grade_id}" selected>' in page.text
    assert page.text.count('class="need"') == 6

    changed = officer.post(f"{path}/edit", scene.form(**cells | {"lines__0__quantity": "6"}) | {"_version": "1"})
    assert changed.status_code == 303
    stale = officer.post(f"{path}/edit", scene.form(**cells) | {"_version": "1"})
    assert stale.status_code == 412
    assert "Someone changed this meanwhile" in stale.text
    more = officer.post(f"{path}/edit", scene.form(**cells) | {"_version": "2", "_more": "20"})
    assert more.text.count('class="need"') == 20


@pytest.mark.parametrize(
    "strange",
    [
        {"lines": "x"}, {"lines-0": "x"}, {"lines-0-substitutes": "x", "lines-0-substitutes-0": "y"},
        {"lines-99999999-quantity": "1"}, {"lines-0-quantity": "1", "lines-0-evil-deep-name": "z"},
        {"delivery_week": "next"}, {"delivery_week": "0001-01-01"}, {"delivery_week": "9999-12-27"},
        {"lines-0-delivery_date": "9", "lines-0-quantity": "1"}, {"_rows": "9" * 30}, {"_rows": "-4"},
        {"lines-0-quantity": "٣", "lines-0-ceiling_satang": "²"}, {"lines-0-substitutes-7": "A"},
        {"budget_line_id": "'; drop table demands"}, {"method": "…"}, {"title": "\x00\x01"},
    ],
)  # fmt: skip
def test_strange_forms_are_refused_calmly_and_write_nothing(
    client: TestClient, scene: Scene, strange: dict[str, str]
) -> None:
    officer = Reader(client, scene.officer)
    for extra in ({}, {"_more": "10"}, {"_more": "9" * 40}):
        answer = officer.post("/demands/new", scene.form() | strange | extra)
        assert answer.status_code in {200, 422}, answer.text
    assert count(client, Demand) == 0


def test_who_wrote_a_demand_is_told_that_another_head_approves(client: TestClient, scene: Scene) -> None:
    head = Reader(client, scene.head)
    cells = {"lines__0__product_code": "KALE", "lines__0__quantity": "5", "lines__0__ceiling_satang": "20"}
    path = head.post("/demands/new", scene.form(**cells, lines__0__delivery_date="0")).headers["location"]
    page = head.get(path)
    assert "another head of your institution has to approve it" in page.text
    assert "/approve" not in page.text
    refused = head.post(f"{path}/approve", {"_version": "1"})
    assert refused.status_code == 409
    assert "Somebody else has to approve this" in refused.text


def test_taking_back_cancelling_and_repeating(client: TestClient, scene: Scene) -> None:
    with making(client) as make:
        row = make.demand(scene.hospital, [make.line(scene.kale)], state="planned")
    path, head = f"/demands/{row.id}", Reader(client, scene.head)
    assert head.post(f"{path}/reopen", {"reason": ""}).status_code == 422
    assert head.post(f"{path}/reopen", {"reason": "one line is missing"}).status_code == 303
    assert head.post(f"{path}/cancel", {"reason": "the ward is closed"}).status_code == 303
    page = head.get(path)
    assert "Cancelled" in page.text
    assert "the ward is closed" in page.text
    again = head.post(f"{path}/copy", {"delivery_week": (next_week() + timedelta(days=7)).isoformat()})
    assert again.headers["location"].endswith("/edit")
    assert head.get(again.headers["location"]).status_code == 200
    assert f'action="{again.headers["location"].removesuffix("/edit")}/copy"' in head.get("/demands/new").text
    copied = f'<option value="{next_week() + timedelta(days=7)}" selected>'  # never a week that has begun
    assert copied in head.get(path.replace("/demands/", "/menus/scale/")).text


def test_a_group_sees_what_is_approved_and_no_steps(client: TestClient, scene: Scene) -> None:
    with making(client) as make:
        draft = make.demand(scene.hospital, [make.line(scene.kale)], title="Still a draft")
        known = make.demand(scene.hospital, [make.line(scene.kale)], title="Known to all", state="planned")
    group = Reader(client, scene.group)
    listed = group.get("/demands")
    assert "Known to all" in listed.text
    assert "Still a draft" not in listed.text
    assert "/demands/new" not in listed.text
    page = group.get(f"/demands/{known.id}")
    assert "22.00" in page.text
    assert "Budget line" not in page.text
    assert "<form" not in page.text.split("<main")[1]
    assert group.get(f"/demands/{draft.id}").status_code == 404
    assert group.get("/demands/new").status_code == 403
    assert group.get("/budget").status_code == 403


def test_budget_lines_are_entered_and_changed_in_baht(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    form = {"name": "School milk", "source": "State budget", "fiscal_year": "2027", "amount_satang": "1,234.50"}
    wrong = officer.post("/budget", form | {"amount_satang": "plenty"})
    assert wrong.status_code == 422
    assert "Write an amount in baht" in wrong.text
    assert officer.post("/budget", form).status_code == 303
    assert "1,234.50" in officer.get("/budget").text
    assert officer.post("/budget", form).status_code == 409
    path = f"/budget/{scene.budget_id}"
    assert officer.post(path, {"_version": "1", "amount_satang": "20,000"}).status_code == 303
    assert officer.post(path, {"_version": "1", "amount_satang": "30,000"}).status_code == 412
    assert officer.post(path, {"_version": "x", "amount_satang": "30,000"}).status_code == 412
    with database_of(client).reading() as tx:
        amounts = tx.scalars(select(BudgetLine.amount_satang).order_by(BudgetLine.amount_satang))
        assert list(amounts) == [123_450, 2_000_000]


def test_the_list_pages_back_filters_and_repeats(client: TestClient, scene: Scene) -> None:
    with making(client) as make:
        budget_id = make.budget_line(scene.hospital, 10**12).id
        rows = [make.demand(scene.hospital, [make.line(scene.kale)], title=f"Week {number:02}",
                            budget_line_id=budget_id) for number in range(42)]  # fmt: skip
    officer = Reader(client, scene.officer)
    first = officer.get("/demands")
    assert "Week 41" in first.text
    assert "Week 01" not in first.text
    assert "Week 01" in officer.get(f"/demands?before={rows[2].id}").text
    assert "Nothing in this state" in officer.get("/demands?state=complete").text
    assert officer.get("/demands?state=nonsense&before=nonsense").status_code == 200
    assert f"/demands/{rows[41].id}/copy" in first.text


def test_the_other_language_leads_back_to_the_page_also_after_a_refusal(client: TestClient, scene: Scene) -> None:
    officer = Reader(client, scene.officer)
    assert 'name="next" value="/demands?state=draft"' in officer.get("/demands?state=draft").text
    for came, back in (
        ("http://testserver/demands/new?a=1", "/demands/new?a=1"),
        ("http://[elsewhere/x", "/"),
        ("", "/"),
    ):
        refused = client.post("/demands/new", data={"title": ""}, headers={"Referer": came})
        assert f'name="next" value="{back}"' in refused.text
