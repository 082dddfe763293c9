"""The log for auditors: who may read what, filters, paging, words, and the verification."""

import ast
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from service import work
from service.events import actions as events
from service.events import checkpoints
from service.kernel import jobs
from service.kernel.actor import SYSTEM
from service.kernel.clock import now
from service.kernel.db import Database
from service.oversight import actions
from service.oversight.models import LogCheck
from service.web.pages import environment
from tests.house.tree import sources
from tests.make import PASSWORD, Caller, making

CHANGE = {"price_satang": 123456, "from": "draft", "list": [1, None]}


class Log:
    """A market with events of two provinces and readers of both and of the nation."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        with making(client) as make:
            self.here, self.there = make.organisation(), make.organisation(place="520101")
            kinds = {"local": ("provincial_company", "450101"), "national": ("national_company", "100101")}
            self.people = {name: make.person(make.organisation(*kind), "auditor") for name, kind in kinds.items()}
            self.people["facilitator"] = make.person(make.organisation("provincial_company"), "facilitator")
            self.people["group"] = make.person(self.here)
            by = make.actor(self.here, "supplier_manager")
            for subject, actor in ((self.here, by), (self.there, SYSTEM), (self.here, by)):
                events.record(
                    make.tx, by=actor, verb="organisation.edited", subject=subject, reason="because <b>",
                    province_code=subject.province_code, change=CHANGE,
                )  # fmt: skip

    def reads(self, who: str, path: str = "/events") -> Any:
        return Caller(self.client, self.people[who]).get(path)

    def page(self, who: str, path: str) -> Any:
        self.client.cookies.clear()
        self.client.cookies.set("lang", "en")
        self.client.post("/sign-in", data={"username": self.people[who].username, "password": PASSWORD})
        return self.client.get(path)


@pytest.fixture
def log(market: TestClient) -> Log:
    return Log(market)


def edited(answer: Any) -> list[str]:
    return [one["subject_id"] for one in answer.json()["items"] if one["verb"] == "organisation.edited"]


@pytest.mark.postgres
def test_provincial_auditors_read_their_province_and_the_nation_everything(log: Log) -> None:
    here, there = str(log.here.id), str(log.there.id)
    assert edited(log.reads("local")) == [here, here]
    assert edited(log.reads("national")) == [here, there, here]
    for who in ("facilitator", "group"):
        for path in ("/events", "/events/verification"):
            assert log.reads(who, path).status_code == 403
            assert log.page(who, path).status_code == 403
    log.client.cookies.clear()
    assert log.client.get("/api/v1/events").status_code == 401


@pytest.mark.postgres
def test_events_are_filtered_and_paged_by_id(log: Log) -> None:
    first = log.reads("national", "/events?verb=organisation.edited&limit=2")
    rest = log.reads("national", f"/events?verb=organisation.edited&limit=2&cursor={first.json()['next']}")
    assert (len(edited(first)), len(edited(rest)), rest.json()["next"]) == (2, 1, None)
    assert len(edited(log.reads("national", f"/events?organisation={log.here.id}"))) == 2
    assert len(edited(log.reads("national", f"/events?subject_type=organisations&subject_id={log.there.id}"))) == 1
    later = quote((now() + timedelta(hours=1)).isoformat())
    assert log.reads("national", f"/events?since={later}").json()["items"] == []
    assert len(edited(log.reads("national", f"/events?until={later}"))) == 3


STRANGE = ["cursor=x", "cursor=-1", f"cursor={10**30}", "limit=0", "since=yesterday", "organisation=5",
           "since=0001-01-01T00:00:00Z", "since=2026-01-01T00:00:00", "verb=" + "x" * 100]  # fmt: skip


@pytest.mark.parametrize("query", STRANGE)
def test_a_filter_that_is_none_is_refused(sqlite_log: Log, query: str) -> None:
    assert sqlite_log.reads("national", f"/events?{query}").status_code == 422


@pytest.fixture
def sqlite_log(client: TestClient) -> Log:
    return Log(client)


@pytest.mark.postgres
def test_the_page_says_who_did_what_when_and_why(log: Log) -> None:
    page = log.page("local", "/events").text
    assert "Organisation&#39;s details changed" in page
    assert log.here.name_en in page
    assert log.there.name_en not in page
    assert "Group leader" in page
    assert "1,234.56 baht" in page
    assert "because &lt;b&gt;" in page
    assert f'href="/organisations/{log.here.id}"' in page
    assert "Person" not in page  # the log shows roles, never names


def test_the_page_is_filtered_and_says_when_nothing_fits(sqlite_log: Log) -> None:
    assert (
        sqlite_log.there.name_en in sqlite_log.page("national", f"/events?organisation_id={sqlite_log.there.id}").text
    )
    assert "No events here" in sqlite_log.page("national", "/events?verb=organisation.edited&until=2020-01-01").text
    assert sqlite_log.page("national", "/events?organisation_id=x").status_code == 422
    assert sqlite_log.page("national", "/events?before=0").status_code == 422


@pytest.mark.postgres
def test_the_chain_is_verified_over_the_web_and_compared_with_a_noted_head(log: Log) -> None:
    verdict = log.reads("local", "/events/verification").json()
    assert verdict["faults"] == []
    assert verdict["sealed"] >= 3
    assert log.reads("local", f"/events/verification?head={verdict['head']}").json()["faults"] == []
    other = log.reads("local", f"/events/verification?head=2:{'0' * 64}").json()
    assert [fault["kind"] for fault in other["faults"]] == ["other_head"]
    assert log.reads("local", "/events/verification?head=nonsense").status_code == 422
    whole = log.page("local", f"/events/verification?head={verdict['head']}").text
    assert "The chain is whole." in whole
    assert verdict["head"] in whole
    assert "The log was tampered with: 1 fault<" in log.page("local", f"/events/verification?head=2:{'0' * 64}").text


def recorded() -> set[str]:
    """Every verb that the code writes in full."""
    verb = re.compile(r"[a-z_]+\.[a-z_]+")
    calls = (node for source in sources("service") for node in source.nodes if isinstance(node, ast.Call))
    values = (word.value for call in calls for word in call.keywords if word.arg == "verb")
    constants = (one for value in values for one in ast.walk(value) if isinstance(one, ast.Constant))
    return {str(one.value) for one in constants if verb.fullmatch(str(one.value))}


def test_every_verb_and_every_subject_has_words(client: TestClient) -> None:
    assert (
        client.get("/health").status_code == 200
    )  # the app is loaded, and its parts have taught the pages their words
    known: Any = environment().globals["words_of_market"]
    verbs = recorded()
    assert len(verbs) > 30
    assert verbs - set(known) == set()


def test_a_verification_whose_start_was_lost_is_swept_up_and_one_that_ended_without_a_verdict_fails(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with making(sqlite_database) as make:
        by = make.actor(make.organisation("national_company", "100101"), "auditor")
        lost, broken = (actions.ask(make.tx, by=by, head=head) for head in ("", f"1:{'0' * 64}"))
    started: list[str] = []
    monkeypatch.setattr(jobs, "start", lambda queue, name, key, *_: started.append(f"{queue} {name} {key}"))
    monkeypatch.setattr(jobs, "_ended", lambda _: {str(broken.id)})
    actions.sweep(sqlite_database)
    assert started == [f"{checkpoints.QUEUE} {actions.WORKFLOW} {one.id}" for one in (lost, broken)]
    with sqlite_database.writing() as tx:
        assert [tx.get_one(LogCheck, one.id).state for one in (lost, broken)] == ["queued", "failed"]
        assert actions.ask(tx, by=by, head=broken.head).id != broken.id  # another can be asked for
    assert work.look_for_checks in {timer.workflow for timer in work.TIMERS}
