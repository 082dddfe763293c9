"""Income: what is confirmed is counted, what nobody recorded stays unknown, and a statement tells what was chosen."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.events.models import Event
from service.income import actions, chart, known, paper, queries, rules
from service.income.models import Statement
from service.income.schemas import StatementIn
from service.kernel.clock import now, today
from service.kernel.i18n import speaking
from service.kernel.problems import EditConflict, NotAllowed, NotFound
from service.papers import typesetting
from tests.ids import without_ids
from tests.income.earned import ordered, settled, statement
from tests.make import Caller, Maker, database_of, making
from tests.orders.test_pages import Browser

DAY = timedelta(days=1)


def test_confirmed_orders_are_added_up_by_month_and_by_buyer(tx: Session, make: Maker) -> None:
    group, school, clinic = make.organisation(), make.organisation("school"), make.organisation("hospital")
    first = rules.earlier(today(), 2)
    paid = ordered(make, group, school, first, 50_000)
    ordered(make, group, clinic, first + 9 * DAY, 20_000, state="terminated")
    ordered(make, group, clinic, today() + 40 * DAY, 30_000)
    ordered(make, group, clinic, first, 99_000, state="cancelled")
    ordered(make, make.organisation(), clinic, first, 77_000)
    settled(make, paid, "billed", 50_000)
    settled(make, paid, "paid", 15_000)

    found = queries.income(tx, by=make.actor(group, "supplier_member"), organisation_id=group.id)

    assert (found.total.ordered_satang, found.total.orders, found.total.unrecorded) == (100_000, 3, 2)
    month = found.months[first]
    assert (month.ordered_satang, month.billed_satang, month.paid_satang, month.due_satang) == (
        70_000, 50_000, 15_000, 35_000,
    )  # fmt: skip
    assert {key: row.ordered_satang for key, row in found.buyers.items()} == {school.id: 50_000, clinic.id: 50_000}
    assert max(found.months) == (today() + 40 * DAY).replace(day=1)
    assert list(found.months) == sorted(found.months)
    assert found.out().buyers[0].buyer_id in {school.id, clinic.id}
    ahead = next(row for row in found.out().months if row.month == max(found.months))
    assert (ahead.paid_satang, ahead.due_satang) == (None, None)  # not yet recorded is not zero


def test_a_year_is_cut_out_and_others_may_not_look(tx: Session, make: Maker) -> None:
    group, school = make.organisation(), make.organisation("school")
    ordered(make, group, school, date(2024, 12, 31), 10_000)
    ordered(make, group, school, date(2025, 1, 1), 20_000)
    seen = queries.income(tx, by=make.actor(group), organisation_id=group.id, year=2024)
    assert (seen.total.ordered_satang, queries.years(tx, group.id)) == (10_000, [2025, 2024])
    for stranger in (make.organisation(), school):
        with pytest.raises(NotAllowed):
            queries.income(tx, by=make.actor(stranger), organisation_id=group.id)
    with pytest.raises(NotFound):
        queries.income(tx, by=make.actor(school), organisation_id=school.id)


def test_a_statement_holds_what_was_chosen_and_its_event_holds_no_sum(tx: Session, make: Maker) -> None:
    group, school = make.organisation(), make.organisation("school")
    ordered(make, group, school, today() - 30 * DAY, 12_345)
    ordered(make, group, school, today() + 3 * DAY, 55_555)
    leader = make.actor(group)
    bare = actions.make(tx, by=leader, draft=StatementIn(months=3))
    full = actions.make(tx, by=leader, draft=StatementIn(months=3, buyers=True, payments=True))

    assert bare.facts["total"] == {"orders": 2, "satang": 67_900, "buyers": 1}
    assert bare.facts["ahead"] == {"orders": 1, "satang": 55_555}
    assert not {"buyers", "payments"} & set(bare.facts)
    assert full.facts["buyers"][0]["satang"] == 67_900
    assert full.facts["payments"]["paid_satang"] is None
    assert bare.sha256 == rules.digest(bare.facts) != full.sha256
    assert not any(word in str(full.facts) for word in ("household", "member", str(group.id)))
    told = tx.scalars(select(Event).where(Event.verb == "income_statement.made")).all()
    assert all(bare.code not in str(event.change) and "67900" not in without_ids(event.change) for event in told)


def test_only_the_group_makes_and_withdraws_and_then_no_figure_is_left(tx: Session, make: Maker) -> None:
    group, school = make.organisation(), make.organisation("school")
    leader = make.actor(group, "supplier_manager")
    with pytest.raises(rules.NothingToShow):
        actions.make(tx, by=leader, draft=StatementIn())
    ordered(make, group, school, today(), 10_000)
    centre, member = make.organisation("service_centre"), make.actor(group, "supplier_member")
    for other in (make.actor(centre), make.actor(school), member):
        with pytest.raises(NotAllowed):
            actions.make(tx, by=other, draft=StatementIn())
    row = actions.make(tx, by=leader, draft=StatementIn())
    tx.flush()
    shown = queries.check(tx, code=rules.spaced(row.code).lower())
    assert shown is not None
    assert (shown.state, shown.sha256, shown.facts) == ("valid", row.sha256, row.facts)
    with pytest.raises(NotFound):
        actions.withdraw(tx, by=make.actor(make.organisation()), statement_id=row.id, version=1)
    with pytest.raises(EditConflict):
        actions.withdraw(tx, by=leader, statement_id=row.id, version=9)
    actions.withdraw(tx, by=leader, statement_id=row.id, version=row.version)
    over = queries.check(tx, code=row.code)
    assert over is not None
    assert (over.state, over.facts, over.sha256) == ("withdrawn", None, None)
    with pytest.raises(rules.StatementOver):
        known.holding(row)


def test_a_statement_ends_by_itself_and_an_unknown_code_is_nothing(tx: Session, make: Maker) -> None:
    old = statement(make, make.organisation(), valid_until=today() - DAY)
    found = queries.check(tx, code=old.code)
    assert found is not None
    assert (found.state, found.facts) == ("expired", None)
    assert queries.check(tx, code="AAAA") is None
    assert queries.check(tx, code="\x00") is None


def test_bars_stand_on_a_round_scale() -> None:
    months = {date(2026, 1, 1): rules.Sum(ordered_satang=123_400), date(2026, 2, 1): rules.Sum()}
    drawn = chart.draw(months)
    assert drawn.lines[-1][1] == 200_000
    assert [bar.height for bar in drawn.bars] == [round(123_400 / 200_000 * 192, 1), 0.0]
    assert chart.draw({date(2026, 1, 1): rules.Sum()}).lines[-1][1] == 400


def scene(client: TestClient) -> dict[str, Any]:
    with making(client) as make:
        group, school = make.organisation(), make.organisation("school")
        ordered(make, group, school, today(), 123_400)
        return {"leader": make.person(group, "supplier_manager"), "name": group.name_en, "school": school.name_en}


@pytest.mark.parametrize(("language", "unknown"), [("en", "not yet recorded"), ("th", "ยังไม่มีการบันทึก")])
def test_the_page_says_what_is_unknown_and_leads_to_a_paper_that_anybody_can_check(
    client: TestClient, language: str, unknown: str
) -> None:
    made = scene(client)
    leader = Browser(client, made["leader"], language)
    page = leader.see("/income")
    assert "1,234.00" in page
    assert unknown in page
    assert "<svg" in page
    sent = leader.send("/income/statements", months="3", days_valid="30")
    own = sent.headers["location"]
    assert "<svg" in leader.see(own)
    paper = client.get(f"{own}/paper")
    assert paper.content.startswith(b"%PDF-")
    with database_of(client).reading() as tx:
        row = tx.scalars(select(Statement)).one()
    client.cookies.clear()
    client.cookies.set("lang", language)
    public = client.get(f"/statements?code={rules.spaced(row.code).lower()}", follow_redirects=True)
    assert row.sha256 in public.text
    assert "1,234.00" in public.text
    assert made["school"] not in public.text
    assert public.headers["x-robots-tag"] == "noindex"
    assert client.get("/statements/AAAABBBBCCCCDDDD").status_code == 404
    leader = Browser(client, made["leader"], language)
    assert leader.send(f"{own}/withdraw", version="1").status_code == 303
    assert client.get(f"{own}/paper").status_code == 409
    gone = client.get(f"/statements/{row.code}").text
    assert "1,234.00" not in gone
    assert row.sha256 not in gone


@pytest.mark.parametrize(
    "body", [{"months": 4}, {"months": "many"}, {"days_valid": -1}, {"days_valid": 10**20}, {"buyers": 7}, {"more": 1}]
)
def test_bad_wishes_are_refused_and_nothing_is_made(client: TestClient, body: dict[str, Any]) -> None:
    caller = Caller(client, scene(client)["leader"])
    assert caller.post("/income-statements", body).status_code == 422
    assert caller.get("/income-statements").json()["items"] == []


def test_programs_make_read_and_withdraw_one(client: TestClient) -> None:
    caller = Caller(client, scene(client)["leader"])
    made = caller.post("/income-statements", {"months": 12, "buyers": True}, key="once").json()
    assert caller.post("/income-statements", {"months": 12, "buyers": True}, key="once").json()["id"] == made["id"]
    path = f"/income-statements/{made['id']}"
    assert caller.get(path).json()["facts"]["total"]["satang"] == 123_400
    assert caller.get(f"{path}/paper").headers["content-type"] == "application/pdf"
    checked = client.get(f"/api/v1/statement-checks/{made['code']}").json()
    assert (checked["state"], checked["sha256"]) == ("valid", made["sha256"])
    assert caller.post(f"{path}/withdraw", version=1).json()["withdrawn_at"] <= now().isoformat()
    assert client.get(f"/api/v1/statement-checks/{made['code']}").json()["facts"] is None


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_fullest_statement_is_one_page_and_names_one_code(language: str) -> None:
    named = {"name_th": "โรงพยาบาลส่งเสริมสุขภาพตำบลบ้านโนนฟ้าใสใหญ่",
             "name_en": "Subdistrict Health Promoting Hospital of Non Fa"}  # fmt: skip
    one = {"orders": 12, "satang": 123_456_789}
    facts = {
        "group": named | {"registration": "45", "district": named, "province": named}, "made_on": "2026-11-22",
        "first_month": "2025-12-01", "last_month": "2027-01-01", "total": one | {"buyers": 14}, "ahead": one,
        "months": [one | {"month": month.isoformat()} for month in rules.months(date(2025, 12, 1), date(2027, 1, 1))],
        "buyers": [one | named] * 14, "payments": {"billed_satang": 1, "paid_satang": None, "due_satang": 1},
    }  # fmt: skip
    row = Statement(code="BRXZ2GBNT55YVDZN", facts=facts, sha256=rules.digest(facts), valid_until=today())
    with speaking(language):
        told = paper.facts(row, "https://market.example/statements/BRXZ2GBNT55YVDZN")
        assert len(typesetting.typeset("income_statement", told, "png")) == 1
    assert ("อำเภอ" in told["place"], told["ahead"][:12]) == (language == "th", "1,234,567.89")
