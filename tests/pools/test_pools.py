"""Buying together: kitchens of a district agree on days and terms; each writes and answers for its own demand."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from service.demand import actions as demands
from service.demand import together
from service.demand.models import Demand, JointDemand
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound
from service.notices.models import Notice
from service.parties.models import Organisation
from service.parties.rules import NotQualified
from service.pools import actions, known, queries, rules
from service.pools.models import Pool, PoolMember
from service.pools.rules import Standing
from service.pools.schemas import CallOffIn, JoinIn, PoolDraftIn, PoolEdit, PoolIn
from tests.make import Caller, Maker, id_of, making, next_week

Step = Callable[[Session], object]
WAITING = "select count(*) from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
MONDAY = str(next_week())
TUESDAY = str(next_week() + timedelta(days=1))
JOIN_BY = rules.usual_end(next_week())
AFTER = JOIN_BY + timedelta(minutes=1)
LINES = [
    {"product_code": "MORNING-GLORY", "quantity": 20, "least_quantity": 10, "delivery_date": MONDAY,
     "ceiling_satang": 2200},
    {"product_code": "KALE", "quantity": 5, "delivery_date": TUESDAY, "ceiling_satang": 3000},
]  # fmt: skip
GOOD = {"title": "Greens of three schools", "delivery_week": MONDAY, "join_by": JOIN_BY.isoformat(), "lines": LINES}


def needs(*quantities: int) -> dict[str, Any]:
    return {"lines": [{"position": place, "quantity": units} for place, units in enumerate(quantities)]}


class District:
    """Three schools of one district, one of the next district, and the products that they need."""

    def __init__(self, make: Maker) -> None:
        self.make = make
        make.product()
        make.product("KALE")
        self.schools = [make.organisation("school") for _ in range(3)]
        self.lead, self.second, self.third = (make.actor(school, "buyer_officer") for school in self.schools)
        self.outside = make.actor(make.organisation("school", "450201"), "buyer_officer")

    def open(self, tx: Session, **facts: Any) -> Pool:
        row = actions.open_pool(tx, by=self.lead, draft=PoolIn.model_validate(GOOD | facts))
        tx.flush()
        return row

    def join(self, tx: Session, row: Pool, by: Actor, *quantities: int, read: int | None = None) -> PoolMember:
        draft = JoinIn.model_validate(needs(*quantities) | {"pool_version": read})
        return actions.join(tx, by=by, pool_id=row.id, draft=draft)

    def closed(self, tx: Session) -> Pool:
        """Two have joined the lead, and it is closed."""
        row = self.open(tx)
        self.join(tx, row, self.second, 30, 0)
        self.join(tx, row, self.third, 10, 15)
        with time_machine.travel(AFTER, tick=False):
            actions.close(tx, by=self.lead, pool_id=row.id, version=row.version)
        tx.flush()
        return row

    def draft(self, tx: Session, row: Pool, by: Actor, **facts: Any) -> Demand:
        budget = facts.get("budget") or self.make.budget_line(tx.get_one(Organisation, by.organisation_id))
        given = PoolDraftIn.model_validate(
            {"budget_line_id": budget.id, "method": "selective", "legal_ground": "The school lunch programme"}
        )
        made = actions.make_draft(tx, by=by, pool_id=row.id, draft=given)
        tx.flush()
        return made


@pytest.fixture
def district(make: Maker) -> District:
    return District(make)


def standing(members: int, moment: Any, state: str = "open") -> Standing:
    row = Pool(state=state, join_by=JOIN_BY, delivery_week=next_week())
    return rules.standing(row, members, moment)


def test_who_joined_is_asked_no_more_while_the_others_are(tx: Session, district: District) -> None:
    row = district.open(tx)
    district.join(tx, row, district.second, 30, 0)
    waits = select(Notice.person_id).where(Notice.kind == "pool.invited", Notice.read_at.is_(None))
    assert set(tx.scalars(waits)) == {district.third.person_id}


def test_where_it_stands_follows_from_the_time_and_from_who_joined() -> None:
    assert standing(1, AFTER - timedelta(hours=1)) == Standing.OPEN
    assert standing(2, AFTER) == Standing.DUE
    assert standing(1, AFTER) == Standing.LAPSED
    assert standing(5, AFTER + timedelta(days=7)) == Standing.LAPSED
    assert standing(1, AFTER, "called_off") == Standing.CALLED_OFF
    row = Pool(join_by=JOIN_BY)
    assert not rules.may_close(row, leads=False, moment=AFTER)
    assert rules.may_close(row, leads=False, moment=AFTER + rules.PATIENCE)


def test_each_kitchen_of_the_district_is_asked_and_each_keeps_its_own_demand(tx: Session, district: District) -> None:
    row = district.closed(tx)
    assert "least_quantity" not in row.terms[0]
    asked = set(tx.scalars(select(Notice.person_id).where(Notice.kind == "pool.invited")))
    assert asked == {district.second.person_id, district.third.person_id}
    told = set(tx.scalars(select(Notice.person_id).where(Notice.kind == "pool.closed")))
    assert told == asked  # the lead closed it
    open_ = select(Notice.kind).where(Notice.read_at.is_(None))
    assert set(tx.scalars(open_)) == {"pool.closed"}  # invitations ask nothing more
    made = [district.draft(tx, row, by) for by in (district.lead, district.second, district.third)]
    assert "pool.closed" not in set(tx.scalars(open_))  # each has its draft
    assert len({one.ocid for one in made}) == len({one.budget_line_id for one in made}) == 3
    assert [one.organisation_id for one in made] == [school.id for school in district.schools]
    assert [[line.quantity for line in one.lines] for one in made] == [[20, 5], [30], [10, 15]]
    assert {line.delivery_date for one in made for line in one.lines if line.product_code == "KALE"} == {
        next_week() + timedelta(days=1)
    }
    marks = tx.scalars(select(JointDemand)).all()
    assert {(mark.pool_id, mark.kitchens) for mark in marks} == {(row.id, 3)}
    assert marks[0].totals == [["MORNING-GLORY", MONDAY, 60], ["KALE", TUESDAY, 20]]
    verbs = set(tx.scalars(select(Event.verb).where(Event.subject_id == str(row.id))))
    assert verbs == {"pool.opened", "pool.joined", "pool.closed", "pool.drafted"}
    with pytest.raises(rules.AlreadyDrafted):
        district.draft(tx, row, district.second)


def test_what_one_kitchen_does_to_its_demand_touches_no_other(tx: Session, make: Maker, district: District) -> None:
    row = district.closed(tx)
    made = {by: district.draft(tx, row, by) for by in (district.lead, district.second)}
    for by, one in made.items():
        head = make.actor(tx.get_one(Organisation, by.organisation_id), "buyer_head")
        demands.approve(tx, by=head, demand_id=one.id, version=one.version)
        tx.flush()
    found = together.of(tx, made[district.lead])
    assert found is not None
    assert (found.kitchens, found.approved, found.district.code) == (3, 2, "4501")
    [group] = together.groups(tx, [one.id for one in made.values()])
    assert [(total.product_code, total.quantity) for total in group.totals] == [("MORNING-GLORY", 50), ("KALE", 5)]
    demands.cancel(tx, by=district.second, demand_id=made[district.second].id, reason="no pupils")
    tx.flush()
    assert made[district.lead].state == "planned"
    view = queries.whole(tx, by=district.lead, pool_id=row.id)
    assert [seat.approved for seat in view.members] == [True, False, False]
    district.draft(tx, row, district.second)  # a cancelled one may be made anew


def test_nobody_acts_for_another_kitchen_and_other_districts_find_nothing(
    tx: Session, make: Maker, district: District
) -> None:
    row = district.open(tx)
    district.join(tx, row, district.second, 30, 0)
    for step in (actions.close, actions.leave):
        with pytest.raises(NotFound):
            step(tx, by=district.outside, pool_id=row.id, version=1)
    assert queries.pools(tx, by=district.outside) == []
    with pytest.raises(NotAllowed):
        queries.whole(tx, by=make.actor(make.organisation()), pool_id=row.id)
    auditor = make.actor(make.organisation("provincial_company"), "auditor")
    assert queries.whole(tx, by=auditor, pool_id=row.id).kitchens == 2
    with pytest.raises(NotAllowed):
        district.join(tx, row, auditor, 1)
    with pytest.raises(NotAllowed):
        actions.call_off(tx, by=district.second, pool_id=row.id, version=1, draft=CallOffIn(reason="mine now"))
    with time_machine.travel(AFTER, tick=False):
        for by in (district.second, district.third):
            with pytest.raises(NotAllowed):
                actions.close(tx, by=by, pool_id=row.id, version=1)
    with time_machine.travel(AFTER + rules.PATIENCE, tick=False):
        actions.close(tx, by=district.second, pool_id=row.id, version=1)
    tx.flush()
    with pytest.raises(NotFound):
        district.draft(tx, row, district.third)  # did not join
    others = make.budget_line(tx.get_one(Organisation, district.lead.organisation_id))
    with pytest.raises(InvalidInput):
        district.draft(tx, row, district.second, budget=others)


def test_kitchens_change_and_leave_until_joining_ends_and_then_it_is_settled(tx: Session, district: District) -> None:
    row = district.open(tx)
    mine = district.join(tx, row, district.second, 30, 0)
    with pytest.raises(rules.AlreadyJoined):
        district.join(tx, row, district.second, 1)
    more = JoinIn.model_validate(needs(40, 2))
    actions.change(tx, by=district.second, pool_id=row.id, version=mine.version, draft=more)
    with pytest.raises(EditConflict):
        actions.change(tx, by=district.second, pool_id=row.id, version=1, draft=more)
    assert [line.total for line in queries.whole(tx, by=district.third, pool_id=row.id).lines] == [60, 7]
    with pytest.raises(rules.JoiningNotOver):
        actions.close(tx, by=district.lead, pool_id=row.id, version=row.version)
    with pytest.raises(rules.NotAgreed):
        district.draft(tx, row, district.second)
    actions.leave(tx, by=district.second, pool_id=row.id, version=mine.version)
    tx.flush()
    assert [member.quantities for member in known.members(tx, row.id)] == [[20, 5]]
    with time_machine.travel(AFTER, tick=False):
        with pytest.raises(rules.JoiningOver):
            district.join(tx, row, district.third, 5)
        with pytest.raises(rules.NotAgreed):
            actions.close(tx, by=district.lead, pool_id=row.id, version=row.version)
        assert queries.pools(tx, by=district.third)[0].standing == Standing.LAPSED


def test_the_lead_changes_everything_until_another_has_joined(tx: Session, district: District) -> None:
    row = district.open(tx)
    other = PoolEdit.model_validate({"title": "Kale alone", "lines": [LINES[1] | {"quantity": 8}]})
    with pytest.raises(EditConflict):
        actions.revise(tx, by=district.lead, pool_id=row.id, version=7, changes=other)
    with pytest.raises(NotAllowed):
        actions.revise(tx, by=district.second, pool_id=row.id, version=1, changes=other)
    actions.revise(tx, by=district.lead, pool_id=row.id, version=1, changes=other)
    tx.flush()
    assert [term["product_code"] for term in row.terms] == ["KALE"]
    assert known.members(tx, row.id)[0].quantities == [8]
    with pytest.raises(EditConflict):  # it was read before the change
        district.join(tx, row, district.second, 9, read=1)
    district.join(tx, row, district.second, 9)
    with pytest.raises(rules.TermsAgreed):
        actions.revise(tx, by=district.lead, pool_id=row.id, version=2, changes=other)
    later = JOIN_BY + timedelta(hours=5)
    actions.revise(tx, by=district.lead, pool_id=row.id, version=2, changes=PoolEdit(title="Kale", join_by=later))
    tx.flush()
    assert (row.title, row.join_by, [member.quantities for member in known.members(tx, row.id)]) == (
        "Kale", later, [[8], [9]]
    )  # fmt: skip
    told = tx.scalars(select(Notice.person_id).where(Notice.kind == "pool.revised")).all()
    assert told == [district.second.person_id]
    for wrong in ({"join_by": now()}, {"join_by": JOIN_BY + timedelta(days=9)}):
        with pytest.raises(InvalidInput):
            actions.revise(tx, by=district.lead, pool_id=row.id, version=3, changes=PoolEdit.model_validate(wrong))
    with time_machine.travel(later + timedelta(minutes=1), tick=False), pytest.raises(rules.JoiningOver):
        actions.revise(tx, by=district.lead, pool_id=row.id, version=3, changes=PoolEdit(title="Too late"))


def test_the_lead_calls_it_off_and_those_who_joined_hear_why(tx: Session, district: District) -> None:
    row = district.open(tx)
    district.join(tx, row, district.second, 30, 0)
    actions.call_off(tx, by=district.lead, pool_id=row.id, version=row.version, draft=CallOffIn(reason="no lorry"))
    told = tx.scalars(select(Notice.person_id).where(Notice.kind == "pool.called_off")).all()
    assert told == [district.second.person_id]
    with pytest.raises(rules.JoiningOver):
        district.join(tx, row, district.third, 5)


def test_who_is_not_qualified_or_has_no_district_asks_nobody(tx: Session, make: Maker, district: District) -> None:
    district.schools[0].state = "suspended"
    with pytest.raises(NotQualified):
        district.open(tx)
    nowhere = make.organisation("school", district_code=None)
    district.lead = make.actor(nowhere, "buyer_officer")
    with pytest.raises(rules.WithoutDistrict):
        district.open(tx)
    assert tx.scalar(select(func.count()).select_from(Pool)) == 0


def test_what_groups_usually_bring_is_told_without_a_price(tx: Session, make: Maker, district: District) -> None:
    for least in (10, 20, 40):
        make.offer(make.organisation(), minimum_quantity=least)
    lines = queries.whole(tx, by=district.lead, pool_id=district.open(tx).id).lines
    assert [(line.groups, line.usual_least) for line in lines] == [(3, 20), (0, None)]


def test_three_kitchens_buy_together_over_the_api(client: TestClient) -> None:
    with making(client) as make:
        district = District(make)
        people = [make.person(school, "buyer_officer") for school in district.schools]
        heads = [make.person(school, "buyer_head") for school in district.schools]
        budgets = [str(make.budget_line(school).id) for school in district.schools]
        away = make.person(make.organisation("school", "450201"), "buyer_officer")
    lead, second, third = (Caller(client, person) for person in people)
    bad: list[Any] = [
        {}, GOOD | {"title": ""}, GOOD | {"delivery_week": TUESDAY}, GOOD | {"join_by": "2026-01-05"},
        GOOD | {"join_by": now().isoformat()}, GOOD | {"join_by": AFTER.replace(year=2100).isoformat()},
        GOOD | {"lines": []}, GOOD | {"lines": [LINES[0] | {"quantity": 0}]}, GOOD | {"lines": LINES * 30},
        GOOD | {"lines": [LINES[0] | {"product_code": "UNKNOWN"}]}, GOOD | {"lines": [LINES[0] | {"quantity": 10**12}]},
        GOOD | {"lines": [LINES[0] | {"delivery_date": "2026-01-05"}]}, GOOD | {"lead_id": str(uuid4())},
    ]  # fmt: skip
    for body in bad:
        assert lead.post("/pools", body).status_code == 422, body
    assert lead.get("/pools").json()["items"] == []
    made = lead.post("/pools", GOOD, key="once")
    assert (made.status_code, made.json()["standing"]) == (201, "open"), made.text
    assert id_of(lead.post("/pools", GOOD, key="once")) == id_of(made)
    path = f"/pools/{id_of(made)}"
    assert Caller(client, away).get(path).status_code == 404
    for body in ({}, needs(0, 0), needs(-1), needs(10**9), {"lines": [{"position": 2, "quantity": 1}]}):
        assert second.post(f"{path}/membership", body).status_code == 422, body
    assert second.get(f"{path}/membership").status_code == 404
    assert second.post(f"{path}/membership", needs(30)).json()["quantities"] == [30, 0]
    assert third.post(f"{path}/membership", needs(10, 15)).status_code == 201
    assert lead.patch(path, {"lines": LINES}, 1).status_code == 409
    for body in ({"delivery_week": MONDAY}, {"title": ""}, {"lines": []}, {"state": "closed"}):
        assert lead.patch(path, body, 1).status_code == 422, body
    changed = second.patch(f"{path}/membership", needs(35), 1)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert [line["total"] for line in lead.get(path).json()["lines"]] == [65, 20]
    assert lead.post(f"{path}/close", version=1).status_code == 409
    with time_machine.travel(AFTER, tick=True):
        ways = [Caller(client, person) for person in people]
        assert ways[0].post(f"{path}/close", version=9).status_code == 412
        closed = ways[0].post(f"{path}/close", version=1)
        assert (closed.json()["standing"], closed.headers["etag"]) == ("closed", '"2"')
        drafts = []
        for way, budget in zip(ways, budgets, strict=True):
            money = {"budget_line_id": budget, "method": "direct", "legal_ground": "The lunch programme"}
            for wrong in ({}, money | {"method": "theft"}, money | {"budget_line_id": str(uuid4())}):
                assert way.post(f"{path}/draft", wrong).status_code == 422
            drafts.append(way.post(f"{path}/draft", money).json())
        assert len({draft["ocid"] for draft in drafts}) == 3
        for head, draft in zip(heads, drafts, strict=True):
            approved = Caller(client, head).post(f"/demands/{draft['id']}/approve", version=draft["version"])
            assert approved.json()["state"] == "planned", approved.text
        found = ways[2].get(f"/demands/{drafts[0]['id']}/pool").json()
        assert (found["kitchens"], found["approved"], found["district_code"]) == (3, 3, "4501")
        assert [seat["approved"] for seat in ways[1].get(path).json()["members"]] == [True] * 3
        assert "price" not in ways[1].get(path).text


def test_its_pages_ask_join_close_and_make_the_draft(client: TestClient) -> None:
    with making(client) as make:
        district = District(make)
        one, two = (make.person(school, "buyer_officer") for school in district.schools[:2])
        budget = str(make.budget_line(district.schools[1]).id)
        source = make.demand(district.schools[0])
        auditor = make.person(make.organisation("provincial_company"), "auditor")
    client.cookies.set("lang", "en")
    lead, other, reviewer = (Caller(client, person).headers for person in (one, two, auditor))
    filled = client.get(f"/pools/new?demand={source.id}", headers=lead)
    assert "Morning glory" in filled.text
    form = {"title": "Greens", "delivery_week": MONDAY, "join_by": "2020-01-01T10:00", "lines-0-product_code": "Kale",
            "lines-0-quantity": "20", "lines-0-ceiling_satang": "22", "lines-0-delivery_date": "1"}  # fmt: skip
    assert client.post("/pools/new", data=form | {"_more": "9"}, headers=lead).status_code == 200
    refused = client.post("/pools/new", data=form, headers=lead)
    assert (refused.status_code, "still ahead" in refused.text) == (422, True)
    asked = client.post("/pools/new", data=form | {"join_by": f"{JOIN_BY:%Y-%m-%dT%H:%M}"}, headers=lead)
    page = asked.headers["location"]
    edit = client.get(f"{page}/edit", headers=lead).text
    assert ('value="20"' in edit, client.get(f"{page}/edit", headers=other).status_code) == (True, 403)
    again = form | {"join_by": f"{JOIN_BY:%Y-%m-%dT%H:%M}", "title": "Greens", "_version": "1"}
    assert client.post(f"{page}/edit", data=again | {"_more": "9"}, headers=lead).status_code == 200
    assert client.post(f"{page}/edit", data=again, headers=lead).headers["location"] == page
    assert "Greens" in client.get("/pools", headers=other).text
    step = {"lines-0-position": "0", "lines-0-quantity": ""}
    assert client.post(f"{page}/membership", data=step, headers=other).status_code == 422
    joined = client.post(f"{page}/membership", data=step | {"lines-0-quantity": "30"}, headers=other)
    assert (joined.status_code, joined.headers["location"]) == (303, page)
    assert "lines-0-product_code" not in client.get(f"{page}/edit", headers=lead).text
    changed = step | {"lines-0-quantity": "40", "_version": "1"}
    assert client.post(f"{page}/membership", data=changed, headers=other).status_code == 303
    assert "60" in client.get(page, headers=reviewer).text
    with time_machine.travel(AFTER, tick=True):
        lead, other = Caller(client, one).headers, Caller(client, two).headers
        assert "/pools" in client.get("/", headers=lead).text
        assert client.post(f"{page}/close", data={"_version": "2"}, headers=lead).status_code == 303
        money = {"budget_line_id": budget, "method": "direct", "legal_ground": "The lunch programme"}
        drafted = client.post(f"{page}/draft", data=money, headers=other)
        shown = client.get(drafted.headers["location"], headers=other).text
        assert page in shown
        assert "Open your demand" in client.get(page, headers=other).text


def in_turn(database: Database, first: Step, second: Step) -> Exception | None:
    """Take a step, and another that meets it before its commit: it waits. What the second met."""
    met: list[Exception] = []

    def follow() -> None:
        try:
            with database.writing() as tx:
                second(tx)
        except Exception as error:  # noqa: BLE001 - told to the test
            met.append(error)

    follower = Thread(target=follow)
    with database.writing() as tx:
        first(tx)
        tx.flush()
        follower.start()
        while follower.is_alive() and not tx.scalar(text(WAITING)):
            pass  # until the database says that the other waits for us
        assert follower.is_alive(), met
    follower.join()
    return met[0] if met else None


@pytest.fixture
def opened(postgres_database: Database) -> tuple[District, Pool]:
    with making(postgres_database) as make:
        district = District(make)
        return district, district.open(make.tx)


@pytest.mark.postgres
def test_who_joins_in_time_is_in_though_it_is_closed_at_that_moment(
    postgres_database: Database, opened: tuple[District, Pool]
) -> None:
    district, row = opened
    with time_machine.travel(JOIN_BY - timedelta(minutes=1), tick=False) as clock:

        def last(tx: Session) -> None:
            district.join(tx, row, district.second, 30)
            clock.move_to(AFTER)

        close = partial(actions.close, by=district.lead, pool_id=row.id, version=1)
        assert in_turn(postgres_database, last, close) is None
    with postgres_database.reading() as tx:
        assert (tx.get_one(Pool, row.id).state, len(known.members(tx, row.id))) == ("closed", 2)


@pytest.mark.postgres
def test_who_joins_while_the_lead_takes_it_back_or_changes_it_stays_out(
    postgres_database: Database, opened: tuple[District, Pool]
) -> None:
    district, row = opened
    lead = district.lead

    def join(tx: Session, read: int) -> None:
        district.join(tx, row, district.second, 30, read=read)

    other = PoolEdit.model_validate({"lines": LINES[1:]})
    change = partial(actions.revise, by=lead, pool_id=row.id, version=1, changes=other)
    met = in_turn(postgres_database, change, partial(join, read=1))
    assert isinstance(met, EditConflict), met
    off = partial(actions.call_off, by=lead, pool_id=row.id, version=2, draft=CallOffIn(reason="no lorry"))
    met = in_turn(postgres_database, off, partial(join, read=2))
    assert isinstance(met, rules.JoiningOver), met
