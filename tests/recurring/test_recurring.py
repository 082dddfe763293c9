"""Recurring demands: rhythms, one draft a cycle whoever is killed, closed days, pause, preview; API and pages."""

from datetime import date, timedelta
from itertools import islice
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.calendars.models import ClosedPeriod
from service.demand import actions as demands
from service.demand import known as known_demands
from service.demand import queries as demand_queries
from service.demand.models import Demand
from service.demand.rules import SameHands
from service.events.models import Event
from service.kernel.actor import SYSTEM
from service.kernel.clock import today, week_of
from service.kernel.db import Database
from service.kernel.problems import InvalidInput, NotAllowed, NotFound
from service.notices import actions as notices
from service.notices.models import Notice
from service.recurring import actions, queries, rules, timers
from service.recurring.models import RecurringCycle, RecurringDemand
from service.recurring.schemas import RecurringEdit, RecurringIn
from tests.make import Caller, Maker, database_of, id_of, making, next_week

WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("rhythm", "first", "since", "found"),
    [
        ("weekly", "2026-11-30", "2026-11-22", ["2026-11-30", "2026-12-07", "2026-12-14"]),
        ("weekly", "2026-11-30", "2026-12-23", ["2026-12-21", "2026-12-28", "2027-01-04"]),
        ("fortnightly", "2026-11-30", "2026-12-07", ["2026-12-14", "2026-12-28", "2027-01-11"]),
        ("fortnightly", "2026-11-30", "2026-12-20", ["2026-12-14", "2026-12-28", "2027-01-11"]),
        ("monthly", "2026-11-09", "2026-11-10", ["2026-11-09", "2026-12-14", "2027-01-11"]),
        ("monthly", "2026-11-30", "2026-12-01", ["2026-12-28", "2027-01-25", "2027-02-22"]),
    ],
)
def test_weeks_follow_the_rhythm(rhythm: str, first: str, since: str, found: list[str]) -> None:
    weeks = rules.weeks(rhythm, date.fromisoformat(first), date.fromisoformat(since))
    assert [str(week) for week in islice((one for one in weeks if str(one) >= found[0]), 3)] == found


def test_a_rhythm_ends_with_its_last_week_and_skips_what_has_begun() -> None:
    row = RecurringDemand(rhythm="weekly", first_week=date(2026, 11, 2), last_week=date(2026, 12, 7), lead_days=10,
                          paused=False)  # fmt: skip
    assert rules.due(row, date(2026, 11, 22)) == [date(2026, 11, 23), date(2026, 11, 30)]
    assert rules.due(row, date(2026, 11, 23)) == [date(2026, 11, 30)]
    assert len(rules.coming(row, date(2026, 11, 22))) == 3
    row.paused = True
    assert rules.due(row, date(2026, 11, 22)) == []


class Kitchen:
    """A hospital with a demand that is to come again: two lines, on Monday and Tuesday."""

    def __init__(self, make: Maker) -> None:
        self.hospital = make.organisation("hospital")
        self.officer, self.head = (make.actor(self.hospital, role) for role in ("buyer_officer", "buyer_head"))
        days = [next_week(), next_week() + timedelta(days=1)]
        self.demand = make.demand(self.hospital, [make.line(delivery_date=day) for day in days])
        make.reference_price(make.product())

    def begin(self, tx: Session, **facts: Any) -> RecurringDemand:
        """Let it come again, by default weekly from the week after, drafts thirty days ahead."""
        given = {"demand_id": self.demand.id, "rhythm": "weekly", "first_week": next_week() + WEEK, "lead_days": 30}
        row = actions.begin(tx, by=self.officer, draft=RecurringIn.model_validate(given | facts))
        tx.flush()
        return row


@pytest.fixture
def kitchen(make: Maker) -> Kitchen:
    return Kitchen(make)


def drafts(tx: Session, kitchen: Kitchen) -> list[Demand]:
    rows = select(Demand).where(Demand.organisation_id == kitchen.hospital.id, Demand.id != kitchen.demand.id)
    return list(tx.scalars(rows.order_by(Demand.delivery_week)))


def test_each_cycle_becomes_one_draft_and_never_a_second(tx: Session, kitchen: Kitchen) -> None:
    row = kitchen.begin(tx)
    taken = actions.make_due(tx, by=SYSTEM, recurring_id=row.id)
    weeks = [cycle.week for cycle in taken]
    assert weeks[0] == next_week() + WEEK
    assert actions.make_due(tx, by=SYSTEM, recurring_id=row.id) == []
    made = drafts(tx, kitchen)
    assert [one.delivery_week for one in made] == weeks
    assert {one.state for one in made} == {"draft"}
    assert made[0].created_by == kitchen.officer.person_id
    assert tx.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "demand.drafted")) == len(made)
    verbs = set(tx.scalars(select(Event.verb).where(Event.subject_id == str(row.id))))
    assert verbs == {"recurring.begun", "recurring.drafted"}


def test_who_set_it_up_does_not_approve_its_drafts(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    kitchen.officer = kitchen.head
    row = kitchen.begin(tx, last_week=next_week() + WEEK)
    [cycle] = actions.make_due(tx, by=SYSTEM, recurring_id=row.id)
    [made] = drafts(tx, kitchen)
    assert cycle.demand_id == made.id
    with pytest.raises(SameHands):
        demands.approve(tx, by=kitchen.head, demand_id=made.id, version=made.version)
    demands.approve(tx, by=make.actor(kitchen.hospital, "buyer_head"), demand_id=made.id, version=made.version)


def test_closed_days_are_left_out_and_a_closed_week_is_skipped(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    first = next_week() + WEEK
    closed = [(first, first), (first + WEEK, first + WEEK + timedelta(days=6))]
    for since, until in closed:
        make.add(ClosedPeriod(organisation_id=kitchen.hospital.id, first_day=since, last_day=until, reason="Repairs"))
    row = kitchen.begin(tx)
    states = [cycle.state for cycle in queries.cycles(tx, by=kitchen.officer, recurring_id=row.id)]
    assert states[:3] == ["planned", "closed", "planned"]
    taken = actions.make_due(tx, by=SYSTEM, recurring_id=row.id)
    assert [(one.outcome, one.left_out) for one in taken[:2]] == [("drafted", 1), ("skipped", 2)]
    made = drafts(tx, kitchen)[0]
    assert made.delivery_week == first
    [left] = demand_queries.moves(tx, known_demands.demand(tx, by=kitchen.officer, demand_id=made.id))
    assert (left.before, left.after, left.reason) == (first, None, "Repairs")
    shown = {cycle.week: cycle.closed for cycle in queries.cycles(tx, by=kitchen.officer, recurring_id=row.id)}
    assert shown[first] == {first: "Repairs"}


def test_a_change_counts_from_the_next_cycle_and_past_demands_stay(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    row = kitchen.begin(tx, lead_days=14)
    actions.make_due(tx, by=SYSTEM, recurring_id=row.id)
    tx.flush()
    before = [(one.id, one.title, one.total_satang, one.version) for one in drafts(tx, kitchen)]
    other = make.demand(kitchen.hospital, [make.line(quantity=7)])
    edit = RecurringEdit(title="More of it", demand_id=other.id, lead_days=40)
    actions.edit(tx, by=kitchen.officer, recurring_id=row.id, version=row.version, changes=edit)
    tx.flush()
    actions.make_due(tx, by=SYSTEM, recurring_id=row.id)
    tx.flush()
    after = [one for one in drafts(tx, kitchen) if one.id != other.id]
    assert [(one.id, one.title, one.total_satang, one.version) for one in after[: len(before)]] == before
    assert {one.title for one in after[len(before) :]} == {"More of it"}
    assert {one.total_satang for one in after[len(before) :]} == {7 * 2200}


def test_what_can_no_longer_be_ordered_refuses_the_cycle_once(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    row = kitchen.begin(tx, last_week=next_week() + WEEK)
    make.product().active = False
    tx.flush()
    [cycle] = actions.make_due(tx, by=SYSTEM, recurring_id=row.id)
    assert (cycle.outcome, cycle.demand_id, drafts(tx, kitchen)) == ("refused", None, [])
    assert actions.make_due(tx, by=SYSTEM, recurring_id=row.id) == []


def test_a_pause_is_not_made_up_for(tx: Session, kitchen: Kitchen) -> None:
    row = kitchen.begin(tx, lead_days=14)
    actions.pause(tx, by=kitchen.officer, recurring_id=row.id, version=row.version, paused=True)
    tx.flush()
    assert actions.make_due(tx, by=SYSTEM, recurring_id=row.id) == []
    assert queries.cycles(tx, by=kitchen.officer, recurring_id=row.id)[0].state == "paused"
    with time_machine.travel(next_week() + 3 * WEEK, tick=False):
        actions.pause(tx, by=kitchen.officer, recurring_id=row.id, version=row.version, paused=False)
        tx.flush()
        weeks = [cycle.week for cycle in actions.make_due(tx, by=SYSTEM, recurring_id=row.id)]
        assert weeks
        assert min(weeks) > week_of(today())


def test_others_neither_see_nor_change_it(tx: Session, make: Maker, kitchen: Kitchen) -> None:
    row = kitchen.begin(tx)
    with pytest.raises(NotFound):
        queries.cycles(tx, by=make.actor(make.organisation("school")), recurring_id=row.id)
    with pytest.raises(NotAllowed):
        queries.cycles(tx, by=make.actor(make.organisation()), recurring_id=row.id)
    with pytest.raises(NotAllowed):
        actions.pause(tx, by=make.actor(kitchen.hospital, "inspector"), recurring_id=row.id, version=1, paused=True)
    with pytest.raises(InvalidInput):
        kitchen.begin(tx, first_week=week_of(today()))


def test_two_workers_at_the_same_moment_make_each_draft_once(database: Database) -> None:
    with making(database) as make:
        kitchen = Kitchen(make)
        kitchen.begin(make.tx)
    start, faults = Barrier(2), list[Exception]()

    def work() -> None:
        start.wait()
        try:
            timers.run_due(database)
        except Exception as fault:  # noqa: BLE001 - told to the test below
            faults.append(fault)

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with database.reading() as tx:
        cycles = tx.scalar(select(func.count()).select_from(RecurringCycle))
        assert (len(drafts(tx, kitchen)), faults) == (cycles, [])
        assert cycles


def test_a_worker_killed_in_a_cycle_leaves_nothing_and_the_next_one_makes_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with making(database) as make:
        kitchen = Kitchen(make)
        kitchen.begin(make.tx)

    def killed(*args: object, **facts: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(notices, "tell", killed)
        with pytest.raises(KeyboardInterrupt):
            timers.run_due(database)
    with database.reading() as tx:
        assert drafts(tx, kitchen) == []
        assert tx.scalar(select(func.count()).select_from(RecurringCycle)) == 0
    timers.run_due(database)
    timers.run_due(database)
    with database.reading() as tx:
        assert len(drafts(tx, kitchen)) == tx.scalar(select(func.count()).select_from(RecurringCycle))
        assert drafts(tx, kitchen)


def test_the_api_begins_changes_and_pauses_it_and_refuses_nonsense(client: TestClient) -> None:
    with making(client) as make:
        kitchen = Kitchen(make)
        officer, other = make.person(kitchen.hospital, "buyer_officer"), make.demand(make.organisation("school"))
    caller = Caller(client, officer)
    good = {"demand_id": str(kitchen.demand.id), "rhythm": "monthly", "first_week": str(next_week())}
    bad: list[Any] = [
        {}, good | {"rhythm": "daily"}, good | {"first_week": "2020-01-06"}, good | {"lead_days": 0},
        good | {"lead_days": 10**9}, good | {"first_week": str(next_week() + timedelta(days=1))},
        good | {"last_week": str(next_week() - WEEK)}, good | {"demand_id": "x"}, good | {"title": ""},
    ]  # fmt: skip
    for body in bad:
        assert caller.post("/recurring-demands", body).status_code == 422, body
    for unknown in (str(uuid4()), str(other.id)):
        assert caller.post("/recurring-demands", good | {"demand_id": unknown}).status_code == 404
    with database_of(client).reading() as tx:
        assert tx.scalar(select(func.count()).select_from(RecurringDemand)) == 0
    made = caller.post("/recurring-demands", good, key="once")
    assert made.status_code == 201
    assert id_of(caller.post("/recurring-demands", good, key="once")) == id_of(made)
    path = f"/recurring-demands/{id_of(made)}"
    assert len(caller.get(f"{path}/cycles").json()) == 8
    edited = caller.patch(path, {"lead_days": 20}, 1)
    assert (edited.status_code, edited.json()["lead_days"], edited.json()["version"]) == (200, 20, 2)
    assert caller.post(f"{path}/pause", version=1).status_code == 412
    assert caller.post(f"{path}/pause", version=2).json()["paused"] is True
    assert caller.post(f"{path}/resume", version=3).json()["paused"] is False
    assert len(caller.get("/recurring-demands").json()["items"]) == 1


def test_its_pages_begin_show_and_pause_it(client: TestClient) -> None:
    with making(client) as make:
        kitchen = Kitchen(make)
        officer = make.person(kitchen.hospital, "buyer_officer")
        path = f"/recurring/new?demand={kitchen.demand.id}"
    headers = Caller(client, officer).headers
    assert client.get(path, headers=headers).status_code == 200
    form = {"title": "Every week", "rhythm": "weekly", "first_week": str(next_week() + WEEK), "lead_days": "0"}
    assert client.post(path, data=form, headers=headers).status_code == 422
    made = client.post(path, data=form | {"lead_days": "10"}, headers=headers)
    page = made.headers["location"]
    assert "Every week" in client.get(page, headers=headers).text
    assert "Every week" in client.get("/recurring", headers=headers).text
    paused = client.post(f"{page}/pause", data={"_version": "1"}, headers=headers)
    assert (paused.status_code, paused.headers["location"]) == (303, page)
    saved = client.post(page, data={"title": "Renamed", "rhythm": "monthly", "lead_days": "5", "_version": "2"},
                        headers=headers)  # fmt: skip
    assert saved.status_code == 303
    assert "Renamed" in client.get(page, headers=headers).text
