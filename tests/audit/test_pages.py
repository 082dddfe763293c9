"""Pages of rounds without JavaScript: the way of a round by its people, its result, and who may read which why."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from service.audit import figures
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotFound
from service.people.models import Person
from service.programme.models import ProgrammeProfile
from service.results import queries, replays
from service.results.models import Replay
from service.rounds import runs, workflow
from service.rounds.models import AwardLine, Round, Run, Scenario
from service.rounds.rules import RoundStillSealed, RoundUnpublished
from tests.make import PASSWORD, Maker, database_of, making, next_week
from tests.rounds.test_chain import SETTINGS

PRICES = {"first": 1900, "second": 2000, "dear": 2190}


class Cast:
    """A school with one line, three groups of which one is too dear and one too far, and those who run a round."""

    def __init__(self, make: Maker) -> None:
        product = make.product()
        self.school = make.organisation("school", name_en="The School")
        self.groups = {name: make.organisation(name_en=f"The {name} group") for name in PRICES}
        for name, price in PRICES.items():
            make.offer(self.groups[name], product, price_satang=price)
        self.far = make.organisation(name_en="The far group", lat=18.0, lng=100.0)
        make.offer(self.far, product, price_satang=1500)
        self.demand = make.demand(self.school, [make.line(product, quantity=40)], state="planned")
        self.line_id = self.demand.lines[0].id
        company, national = make.organisation("provincial_company"), make.organisation("national_company")
        self.national = national
        self.company = company
        people = {
            "facilitator": (company, "facilitator"), "own auditor": (company, "auditor"),
            "auditor": (national, "auditor"),
            "committee": (make.organisation("provincial_committee"), "committee_member"),
            "school": (self.school, "buyer_officer"), "first": (self.groups["first"], "supplier_manager"),
            "dear": (self.groups["dear"], "supplier_manager"),
            "other school": (make.organisation("school"), "buyer_officer"),
        }  # fmt: skip
        self.people: dict[str, Person] = {}
        self.actors: dict[str, Actor] = {}
        for name, (organisation, role) in people.items():
            person = self.people[name] = make.person(organisation, role)
            facts = (organisation.kind, organisation.province_code if name != "auditor" else None)
            self.actors[name] = Actor(person.id, organisation.id, *facts, frozenset({role}))
        self.round_id: UUID = make.round(make.profile(family_share_bp=10_000)).id


class Reader:
    """Several people at one client: each is signed in once and keeps a session."""

    def __init__(self, client: TestClient, cast: Cast) -> None:
        self.client, self.cast = client, cast
        self.sessions: dict[str, str] = {}

    def become(self, name: str) -> None:
        self.client.cookies.clear()
        self.client.cookies.set("lang", "en")
        if name not in self.sessions:
            self.client.post("/sign-in", data={"username": self.cast.people[name].username, "password": PASSWORD})
            self.sessions[name] = self.client.cookies["session"]
        else:
            self.client.cookies.set("session", self.sessions[name])

    def get(self, name: str, path: str) -> Any:
        self.become(name)
        return self.client.get(path)

    def text(self, name: str, path: str) -> str:
        answer = self.get(name, path)
        assert answer.status_code == 200, answer.text
        return re.sub(r"\s+", " ", answer.text)

    def step(self, name: str, deed: str, **form: Any) -> Any:
        self.become(name)
        with database_of(self.client).reading() as tx:
            version = tx.get_one(Round, self.cast.round_id).version
        return self.client.post(f"/rounds/{self.cast.round_id}/{deed}", data={"_version": str(version)} | form)


@pytest.fixture
def cast(client: TestClient) -> Cast:
    with making(client) as make:
        return Cast(make)


@pytest.fixture
def reader(client: TestClient, cast: Cast) -> Reader:
    return Reader(client, cast)


def path(cast: Cast, rest: str = "") -> str:
    return f"/rounds/{cast.round_id}{rest}"


def solve(client: TestClient, cast: Cast) -> Run:
    """Solve the newest run as the worker does."""
    database = database_of(client)
    with database.reading() as tx:
        run = runs.latest(tx, cast.round_id)
        assert run is not None
    workflow.solve_missing(database, SETTINGS, run.id)
    with database.writing() as tx:
        runs.settle(tx, run.id)
    return run


def solved(reader: Reader) -> Run:
    assert reader.step("facilitator", "close").status_code == 303
    return solve(reader.client, reader.cast)


def published(reader: Reader) -> Run:
    run = solved(reader)
    for name, deed in (("facilitator", "propose"), ("auditor", "approve"), ("facilitator", "publish")):
        assert reader.step(name, deed).status_code == 303
    return run


def state(reader: Reader) -> str:
    with database_of(reader.client).reading() as tx:
        return tx.get_one(Round, reader.cast.round_id).state


def test_each_person_is_shown_the_one_step_that_is_theirs(reader: Reader) -> None:
    cast = reader.cast
    assert "Close the round" in reader.text("facilitator", path(cast))
    solved(reader)
    assert "Propose this result" in reader.text("facilitator", path(cast))
    assert "Propose this result" in reader.text("facilitator", "/rounds")
    assert reader.step("facilitator", "propose").status_code == 303
    assert "Take up the review" not in reader.text("own auditor", path(cast))
    assert "Your company facilitated this round" in reader.text("own auditor", path(cast))
    assert cast.national.name_en in reader.text("own auditor", path(cast))
    assert reader.step("auditor", "review").status_code == 303
    assert reader.step("auditor", "approve", note="read and checked").status_code == 303
    assert "read and checked" in reader.text("auditor", path(cast))
    assert reader.step("facilitator", "publish").status_code == 303
    assert state(reader) == "published"


def test_an_own_auditor_who_posts_an_approval_is_refused_on_the_page(reader: Reader) -> None:
    solved(reader)
    reader.step("facilitator", "propose")
    answer = reader.step("own auditor", "approve")
    assert answer.status_code == 409
    assert "Your company may not review this round" in answer.text
    assert state(reader) == "proposed"


def test_an_early_closing_asks_for_a_reason(reader: Reader) -> None:
    with database_of(reader.client).writing() as tx:
        tx.execute(update(Round).values(closes_at=now() + timedelta(days=1)))
    assert "Close the round early" in reader.text("facilitator", path(reader.cast))
    assert reader.step("facilitator", "close").status_code == 422
    assert reader.step("facilitator", "close", reason="  ").status_code == 422
    assert state(reader) == "open"
    assert reader.step("facilitator", "close", reason="all demands are in").status_code == 303
    assert "all demands are in" in reader.text("facilitator", path(reader.cast))


def test_a_proposal_is_sent_back_with_a_reason_and_solved_again(reader: Reader) -> None:
    solved(reader)
    reader.step("facilitator", "propose")
    assert reader.step("auditor", "send-back").status_code == 422
    assert reader.step("auditor", "send-back", reason="prices look odd").status_code == 303
    page = reader.text("facilitator", path(reader.cast))
    assert "prices look odd" in page
    assert "Solve again" in page
    assert reader.step("facilitator", "solve", effort="standard").status_code == 303
    assert solve(reader.client, reader.cast).number == 2
    assert "Propose this result" in reader.text("facilitator", path(reader.cast))
    for number, effort in ((1, "Quick"), (2, "Standard")):  # what each was solved with, whatever the round's is now
        assert f"{effort} · 1 ·" in reader.text("auditor", path(reader.cast, f"/runs/{number}/certificate"))


def test_a_step_on_a_stale_page_changes_nothing(reader: Reader) -> None:
    solved(reader)
    reader.become("facilitator")
    answer = reader.client.post(path(reader.cast, "/propose"), data={"_version": "99"})
    assert answer.status_code in {409, 412}
    assert state(reader) == "solving"
    assert reader.client.post(path(reader.cast, "/propose"), data={}).status_code in {409, 412}


def test_while_open_there_are_counts_and_no_prices(reader: Reader) -> None:
    page = reader.text("auditor", path(reader.cast))
    assert "Prices are sealed" in page
    assert "19.00" not in page
    assert reader.get("auditor", path(reader.cast, "/awards")).status_code == 409
    assert reader.get("auditor", path(reader.cast, f"/lines/{reader.cast.line_id}")).status_code == 409


def test_a_busy_page_renews_itself_with_and_without_scripts_and_ends(reader: Reader) -> None:
    reader.step("facilitator", "close")
    page = reader.text("facilitator", path(reader.cast))
    assert '<noscript><meta http-equiv="refresh"' in page
    assert f'hx-get="/rounds/{reader.cast.round_id}/progress"' in page
    assert page.count("<progress") == 3
    fragment = reader.get("facilitator", path(reader.cast, "/progress"))
    assert "hx-refresh" not in fragment.headers
    assert "<html" not in fragment.text
    solve(reader.client, reader.cast)
    assert reader.get("facilitator", path(reader.cast, "/progress")).headers["hx-refresh"] == "true"
    assert 'http-equiv="refresh"' not in reader.text("facilitator", path(reader.cast))


def test_a_failed_solving_is_shown_with_its_reason(reader: Reader) -> None:
    reader.step("facilitator", "close")
    with database_of(reader.client).writing() as tx:
        run = runs.latest(tx, reader.cast.round_id)
        assert run is not None
        runs.begin(tx, run.id)
        runs.give_up(tx, run.id, "the machine is on fire")
    assert "the machine is on fire" in reader.text("facilitator", path(reader.cast))


def test_the_result_compares_three_plans_and_certifies_the_proposed_one(reader: Reader) -> None:
    solved(reader)
    for name in ("auditor", "facilitator", "committee"):
        page = reader.text(name, path(reader.cast))
        assert "Three ways to allocate the same market" in page
        assert "proven optimal" in page
        assert "python -m solver verify policy-1-instance.npz policy-1-result.json" in page
    for name in ("school", "first"):
        page = reader.text(name, path(reader.cast))
        assert "Three ways" not in page
        assert "19.00" not in page


def test_the_certificate_is_recomputed_and_a_changed_snapshot_is_told(reader: Reader) -> None:
    run = solved(reader)
    at = path(reader.cast, "/runs/1/certificate")
    assert "Verified: everything below" in reader.text("auditor", at)
    with database_of(reader.client).writing() as tx:
        tx.execute(update(Run).where(Run.id == run.id).values(snapshot_sha256="0" * 64))
    page = reader.text("auditor", at + "?scenario=least_cost")
    assert "Not verified" in page
    assert page.count(">fails<") == 1
    assert reader.get("first", at).status_code == 403


def test_a_stored_result_that_was_tampered_with_is_found(reader: Reader) -> None:
    solved(reader)
    with database_of(reader.client).writing() as tx:
        row = tx.scalars(select(Scenario).where(Scenario.name == "policy")).one()
        row.result = re.sub(rb'"objective": ?[0-9.]+', b'"objective": 1.0', row.result)
    assert "objective: 1.0 reported" in reader.text("auditor", path(reader.cast, "/runs/1/certificate"))


def test_a_replay_is_asked_performed_and_identical(reader: Reader) -> None:
    solved(reader)
    at = path(reader.cast, "/runs/1/replays/policy")
    assert reader.get("auditor", at).status_code == 200
    reader.become("committee")
    assert reader.client.post(at, data={}).status_code == 403
    reader.become("auditor")
    assert reader.client.post(at, data={}).status_code == 303
    assert 'hx-trigger="every 2s"' in reader.text("auditor", at)
    database = database_of(reader.client)
    with database.reading() as tx:
        replay_id = tx.scalars(select(Replay.id)).one()
    replays.perform(database, SETTINGS, replay_id)
    page = reader.text("auditor", at)
    assert "Identical" in page
    assert "http-equiv" not in page


def test_a_replay_that_differs_names_line_and_group(reader: Reader) -> None:
    solved(reader)
    database = database_of(reader.client)
    with database.writing() as tx:
        scenario = tx.scalars(select(Scenario).where(Scenario.name == "policy")).one()
        line = str(reader.cast.line_id)
        offer = runs.market_of(tx.scalars(select(Run)).one()).bids[0]
        found = [{"what": "objective", "stored": 1.5, "again": 2.5},
                 {"what": "award", "line": line, "offer": offer.id, "stored": 20, "again": 0}]  # fmt: skip
        tx.add(Replay(scenario_id=scenario.id, state="done", identical=False, differences=found))
    page = reader.text("auditor", path(reader.cast, "/runs/1/replays/policy"))
    assert "2 differences" in page
    assert "The School" in page


def test_awards_are_listed_by_line_group_kitchen_and_shortage(reader: Reader) -> None:
    published(reader)
    at = path(reader.cast, "/awards")
    lines = reader.text("auditor", at)
    assert "The first group" in lines
    assert "Not answered yet" in lines
    groups = {name: group.id for name, group in reader.cast.groups.items()}
    assert "380.00" in reader.text("auditor", at + f"?view=suppliers&supplier={groups['first']}")
    assert "The second group" not in re.sub(
        "<select.*?</select>", "", reader.text("auditor", at + f"?supplier={groups['first']}")
    )
    assert "100.0 %" in reader.text("auditor", at + "?view=buyers")
    assert "Nothing here" in reader.text("auditor", at + "?view=short")
    assert reader.get("auditor", at + "?view=nonsense&page=9999&product=x").status_code == 200
    assert reader.get("auditor", at + "?page=0").status_code == 422
    assert reader.get("first", at).status_code == 403


def test_a_line_says_who_won_who_lost_and_why_another_was_out_of_question(reader: Reader) -> None:
    solved(reader)
    at = path(reader.cast, f"/lines/{reader.cast.line_id}")
    page = reader.text("auditor", at)
    assert "The first group" in page
    assert "Nearness to the kitchen" in page
    assert "21.90" in page
    assert re.search(r"lower a unit (would|might) have won|more than the dearest", page)
    far = reader.text("auditor", f"{at}?supplier={reader.cast.far.id}")
    assert "km away by road, beyond the group" in far
    assert reader.get("auditor", f"{at}?supplier={uuid4()}").status_code == 200
    assert reader.get("auditor", path(reader.cast, f"/lines/{uuid4()}")).status_code == 404
    assert reader.get("auditor", f"{at}?supplier=nonsense").status_code == 422


def test_a_kitchen_reads_its_own_line_after_publication_without_losers_prices(reader: Reader) -> None:
    at = path(reader.cast, f"/lines/{reader.cast.line_id}")
    solved(reader)
    assert reader.get("school", at).status_code == 409
    reader.step("facilitator", "propose")
    reader.step("auditor", "approve")
    assert reader.get("school", at).status_code == 409
    reader.step("facilitator", "publish")
    page = reader.text("school", at)
    assert "19.00" in page
    assert "The dear group" in page
    assert "21.90" not in page
    assert "might have" not in page
    assert "Ask about another group" not in page
    assert f"/lines/{reader.cast.line_id}" in reader.text("school", path(reader.cast))
    assert reader.get("other school", at).status_code == 404
    assert reader.get("first", at).status_code == 404


def test_a_group_reads_its_own_page_after_publication_and_no_other_price(reader: Reader) -> None:
    cast = reader.cast
    own, other = (path(cast, f"/suppliers/{cast.groups[name].id}") for name in ("dear", "first"))
    assert reader.get("dear", own).status_code == 409
    published(reader)
    page = reader.text("dear", own)
    assert "21.90" in page
    assert "19.00" not in page
    assert "20.00" not in page
    assert "no amount is told" in page, "of two rivals an amount would give away a price"
    assert "baht lower" not in page
    assert "Why this result" in reader.text("first", other)
    assert reader.get("dear", other).status_code == 404
    assert reader.get("school", own).status_code == 404
    assert own in reader.text("dear", path(cast))
    assert "21.90" in reader.text("auditor", own)


def test_sight_is_refused_in_the_queries_themselves(reader: Reader) -> None:
    cast, database = reader.cast, database_of(reader.client)
    with database.reading() as tx:
        for name in ("auditor", "school"):
            with pytest.raises(RoundStillSealed):
                queries.line_sight(tx, by=cast.actors[name], round_id=cast.round_id, line_id=cast.line_id)
        with pytest.raises(NotFound):
            queries.line_sight(tx, by=cast.actors["other school"], round_id=cast.round_id, line_id=cast.line_id)
    solved(reader)
    with database.reading() as tx:
        seen = queries.line_sight(tx, by=cast.actors["committee"], round_id=cast.round_id, line_id=cast.line_id)
        assert seen.whole
        with pytest.raises(RoundUnpublished):
            queries.supplier_sight(
                tx, by=cast.actors["dear"], round_id=cast.round_id, supplier_id=cast.groups["dear"].id
            )
        with pytest.raises(NotFound):
            queries.supplier_sight(
                tx, by=cast.actors["dear"], round_id=cast.round_id, supplier_id=cast.groups["first"].id
            )


def test_nobody_signed_in_reads_rounds_but_everyone_the_profile(reader: Reader) -> None:
    reader.client.cookies.clear()
    assert reader.client.get("/rounds").status_code in {303, 401}
    assert reader.client.get(path(reader.cast)).status_code in {303, 401}
    assert reader.client.get("/profiles?province=45").status_code == 200
    assert reader.client.get("/profiles?province=xx").status_code == 200


def form_of_round(week: date, **cells: Any) -> dict[str, Any]:
    given = {"province_code": "45", "delivery_week": week.isoformat(), "opens_at": "2026-01-05T09:00",
             "closes_at": f"{week - timedelta(days=4)}T12:00", "answer_hours": "24", "effort": "quick"}  # fmt: skip
    return given | cells


def test_a_round_is_scheduled_from_a_form_with_thai_times(reader: Reader) -> None:
    page = reader.text("facilitator", "/rounds/new")
    assert "T12:00" in page
    week = next_week() + timedelta(days=14)
    opens = (datetime.fromisoformat(f"{week}") - timedelta(days=7)).isoformat(timespec="minutes")
    answer = reader.client.post("/rounds/new", data=form_of_round(week, opens_at=opens))
    assert answer.status_code == 303
    with database_of(reader.client).reading() as tx:
        row = tx.scalars(select(Round).where(Round.delivery_week == week)).one()
        assert (row.closes_at.hour, row.closes_at.minute) == (5, 0)  # noon in Bangkok
        assert row.state == "scheduled"
    assert "Open now" in reader.text("facilitator", answer.headers["location"])


@pytest.mark.parametrize(
    "cells",
    [{"opens_at": "soon"}, {"closes_at": ""}, {"delivery_week": "2026-12-09"}, {"answer_hours": "0"},
     {"answer_hours": "9999999999999"}, {"effort": "heroic"}, {"province_code": "99"}, {"seed": "-1"}],
)  # fmt: skip
def test_a_wrong_round_form_is_shown_again_and_writes_nothing(reader: Reader, cells: dict[str, str]) -> None:
    reader.become("facilitator")
    answer = reader.client.post("/rounds/new", data=form_of_round(next_week() + timedelta(days=14), **cells))
    assert answer.status_code in {403, 422}
    with database_of(reader.client).reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Round)) == 1


def test_only_facilitators_schedule(reader: Reader) -> None:
    for name in ("auditor", "committee", "school"):
        assert reader.get(name, "/rounds/new").status_code == 403
        form = form_of_round(next_week() + timedelta(days=14))
        assert reader.client.post("/rounds/new", data=form).status_code == 403


def profile_form(page: str) -> dict[str, Any]:
    """What the form was filled with."""
    fields = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', page))
    return fields | {"province_code": "45", "resolution_number": "7/2569", "resolution_date": "2026-11-01",
                     "valid_from": "2026-11-10"}  # fmt: skip


def test_the_committee_adopts_a_version_written_in_per_cents_and_baht(reader: Reader) -> None:
    form = profile_form(reader.text("committee", "/profiles/new"))
    assert form["poor_labour_bp"] == "8"
    assert form["trip_per_km_satang"] == "3.50"
    changed = form | {"poor_labour_bp": "9.5", "tier_3": "40", "household_year_ceiling_satang": "150000"}
    answer = reader.client.post("/profiles/new", data=changed)
    assert answer.status_code == 303, answer.text
    with database_of(reader.client).reading() as tx:
        row = tx.scalars(select(ProgrammeProfile).order_by(ProgrammeProfile.number.desc())).first()
        assert row is not None
        assert row.number == 2
        assert row.weights["poor_labour_bp"] == 950
        assert row.weights["tier_bp"] == [10_000, 7_000, 4_000, 0]
        assert row.weights["household_year_ceiling_satang"] == 15_000_000
    page = reader.text("school", "/profiles")
    assert "9.5 %" in page
    assert "7/2569" in page


@pytest.mark.parametrize(
    "cells",
    [{"poor_labour_bp": "much"}, {"poor_labour_bp": "101"}, {"poor_labour_bp": "-1"}, {"poor_labour_bp": "1.234"},
     {"poor_labour_bp": "1e999999999"}, {"equity_bp": "NaN"}, {"equity_bp": "."}, {"total_cap_bp": "60"},
     {"tier_1": ""}, {"resolution_number": ""}, {"resolution_date": "31/12/2569"}, {"trip_base_satang": "9" * 30},
     {"priority_districts": "x"}, {"province_code": "52"}],
)  # fmt: skip
def test_a_wrong_profile_is_refused_and_writes_nothing(reader: Reader, cells: dict[str, str]) -> None:
    form = profile_form(reader.text("committee", "/profiles/new"))
    assert reader.client.post("/profiles/new", data=form | cells).status_code in {403, 422}
    with database_of(reader.client).reading() as tx:
        assert tx.scalar(select(func.count()).select_from(ProgrammeProfile)) == 1


def test_only_the_committee_adopts(reader: Reader) -> None:
    assert reader.get("facilitator", "/profiles/new").status_code == 403


def test_evenness_is_zero_for_alike_and_near_one_for_one_winner() -> None:
    assert figures.evenness([5, 5, 5, 5]).gini == pytest.approx(0)
    one = figures.evenness([0] * 99 + [100])
    assert one.gini == pytest.approx(0.99)
    assert one.top_tenth == 1.0
    assert (one.suppliers, one.served) == (100, 1)
    assert figures.evenness([]).gini == 0.0
    assert figures.evenness([0, 0]).curve == ((0.0, 0.0), (1.0, 1.0))


def test_answers_are_laid_beside_the_plan(reader: Reader) -> None:
    published(reader)
    with database_of(reader.client).writing() as tx:
        line = tx.scalars(select(AwardLine).order_by(AwardLine.price_satang)).first()
        assert line is not None
        line.answer = "declined"
    assert "Declined" in reader.text("auditor", path(reader.cast, "/awards"))
