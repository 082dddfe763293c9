"""An award answered by its link: one screen, a code, nothing beyond that award, and kindly told when it is too late."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from service.accounts.models import Pin
from service.events.models import Event
from service.kernel.actor import SYSTEM
from service.kernel.clock import now
from service.notices.models import Notice, Webhook
from service.notices.wording import content_of, said
from service.orders import actions as orders
from service.orders import telling
from service.orders.models import Order
from service.orders.schemas import AnswerIn, LineAnswerIn
from service.orders.vocabulary import Answer
from service.parties.models import Organisation
from service.people.models import Membership, Person
from service.people.passwords import hash_password
from service.rounds import invitations, runs
from service.rounds.models import AnswerLink, Award, AwardLine, Round, Run
from tests.make import PASSWORD, Maker, database_of, making

TWO = ((40, 2033), (15, 1999))


class Scene:
    """An award of two lines (813.20 and 299.85 baht), and its leader's link."""

    def __init__(
        self, client: TestClient, *, shared_phone: bool = False, lines: tuple[tuple[int, int], ...] = TWO
    ) -> None:
        self.client = client
        client.cookies.set("lang", "en")
        with making(client) as make:
            group, kitchen = make.organisation(shared_phone=shared_phone), make.organisation("hospital")
            award = make.published_award(group, kitchen, lines=lines)
            leader, self.other = make.person(group, "supplier_manager"), make.person(group, "supplier_manager")
            make.add(Pin(person_id=self.other.id, pin_hash=hash_password("482915")))
            self.path, self.code = make.answer_link(award, leader)
            self.leader, self.award_id = leader.id, award.id
            self.lines = [str(line.id) for line in award.lines]

    def fields(self, *answers: str, code: str = "", **more: str) -> dict[str, str]:
        given = {"version": "1", "code": code or self.code}
        for place, answer in enumerate(answers or ("accepted", "accepted")):
            given |= {f"lines-{place}-award_line_id": self.lines[place], f"lines-{place}-answer": answer}
        return given | {name.replace("__", "-"): value for name, value in more.items()}

    def send(self, *answers: str, **more: str) -> Any:
        return self.client.post(self.path, data=self.fields(*answers, **more))

    def answers(self) -> list[str | None]:
        with database_of(self.client).reading() as tx:
            return list(tx.scalars(select(AwardLine.answer).order_by(AwardLine.delivery_date)))

    def answered(self) -> dict[str, Any]:
        with database_of(self.client).reading() as tx:
            event = tx.scalars(select(Event).where(Event.verb == "award.answered")).one()
            return {"person": event.person_id} | {step["path"]: step["value"] for step in event.change}


@pytest.fixture
def scene(client: TestClient) -> Scene:
    return Scene(client)


def test_a_long_award_is_folded_until_somebody_decides_line_by_line(client: TestClient) -> None:
    scene = Scene(client, lines=(*TWO, (5, 100)))
    assert '<details class="choice"><summary>Not all of it' in client.get(scene.path).text
    for first, found, total in (("accepted", '"choice"><summary>', "1,118.05"),
                                ("declined", '"choice" open><summary>', "304.85")):  # fmt: skip
        page = scene.send(first, "accepted", "accepted", code=wrong(scene.code), lines__0__reason="no_produce")
        assert (page.status_code, found in page.text, f"data-total>{total}<" in page.text) == (422, True, True)
    assert scene.answers() == [None, None, None]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_publication_tells_each_leader_a_link_and_a_code_of_their_own(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leaders = [make.person(group, "supplier_manager") for _ in range(2)]
    make.person(group, "supplier_member")
    award = make.published_award(group, lines=((40, 2000),))
    award.respond_by = None
    run, row = tx.get_one(Run, award.run_id), tx.get_one(Round, award.round_id)
    runs.publish_awards(tx, row, run, by=SYSTEM)
    notices = {notice.person_id: content_of(notice) for notice in tx.scalars(select(Notice))}
    assert set(notices) == {leader.id for leader in leaders}
    links = {link.person_id: link for link in tx.scalars(select(AnswerLink))}
    for person_id, told in notices.items():
        assert person_id is not None
        assert told is not None
        assert (told.facts["total"], len(told.facts["code"])) == (80_000, 6)
        link = links[person_id]
        assert link.token_hash == invitations.hashed(told.path.removeprefix("/a/"))
        assert invitations.is_code(link, told.facts["code"])
    stored = [row[0] for row in tx.connection().exec_driver_sql("select secret_content from notices")]
    assert not [text for text in stored if "/a/" in text]


def test_awards_published_together_are_one_message_a_leader_and_one_each_a_program(tx: Session, make: Maker) -> None:
    group, other = make.organisation(), make.organisation()
    for place in (group, other):
        make.person(place, "supplier_manager")
    make.add(Webhook(organisation_id=group.id, url="https://x.example/", secret="s", kinds=["award.offered"]))
    round_ = make.published_round("45")
    awards = [make.published_award(place, round_=round_) for place in (group, group, group, other)]
    for award in awards:
        award.respond_by = None
    runs.publish_awards(tx, round_, tx.get_one(Run, awards[0].run_id), by=SYSTEM)
    rows = tx.scalars(select(Notice).where(Notice.person_id.is_not(None)).order_by(Notice.id)).all()
    [several, alone] = [content_of(row) for row in rows]
    assert several is not None
    assert alone is not None
    assert ("awards" in alone.facts, several.facts["awards"], several.facts["total"]) == (False, 3, 240_000)
    assert said(rows[0], "en").title == "3 awards wait for your answer: 2,400.00 baht together"
    programs = tx.scalars(select(Notice).where(Notice.webhook_id.is_not(None))).all()
    assert {row.key for row in programs} == {f"award.offered:{award.id}" for award in awards[:3]}
    for award in awards[:3]:  # read by whoever has answered the last of them
        assert tx.scalar(select(Notice.read_at).where(Notice.id == rows[0].id)) is None
        leader = make.actor(group, "supplier_manager")
        lines = [LineAnswerIn(award_line_id=line.id, answer=Answer.ACCEPTED) for line in award.lines]
        orders.answer(tx, by=leader, award_id=award.id, version=award.version, draft=AnswerIn(lines=lines))
    assert tx.scalar(select(Notice.read_at).where(Notice.id == rows[0].id)) is not None


def test_groups_hear_once_of_all_that_waits_and_of_all_that_is_over(tx: Session, make: Maker) -> None:
    group = make.organisation()
    make.person(group, "supplier_manager")
    round_ = make.published_round("45")
    awards = [make.published_award(group, round_=round_, hours=0) for _ in range(3)]
    round_.published_at = now() - timedelta(hours=9)
    until = now() + timedelta(hours=1)
    for award in awards:
        award.respond_by = until
    for _ in range(2):
        telling.remind(tx)
    with time_machine.travel(until + timedelta(minutes=1), tick=False):
        orders.expire(tx, by=SYSTEM, round_id=round_.id)
    rows = tx.scalars(select(Notice).order_by(Notice.id)).all()
    assert [said(row, "en").title for row in rows] == ["3 awards still wait for your answer",
                                                       "The time to answer 3 awards is over"]  # fmt: skip


def test_one_link_lists_the_awards_of_a_message_and_one_code_answers_each(client: TestClient) -> None:
    client.cookies.set("lang", "en")
    with making(client) as make:
        group, round_ = make.organisation(), make.published_round("45")
        awards = [make.published_award(group, round_=round_, lines=((40, price),)) for price in (2033, 1999)]
        path, code = make.answer_link(awards[0], make.person(group, "supplier_manager"), awards[1])
        fields = [{"version": "1", "lines-0-award_line_id": str(award.lines[0].id), "lines-0-answer": "accepted"}
                  for award in awards]  # fmt: skip
    page = client.get(path)
    assert "2 awards wait" in page.text
    assert "1,612.80 baht" in page.text
    assert (page.headers["cache-control"], page.headers["x-keep"]) == ("no-store", "link")
    assert [f'href="{path}.{place}"' in page.text for place in (1, 2, 3)] == [True, True, False]
    assert [client.post(path, data=fields[0] | {"code": code}).status_code, client.get(path + ".3").status_code] == [
        404,
        404,
    ]
    tries = [client.post(f"{path}.{place}", data=fields[place - 1] | {"code": wrong(code)}) for place in (1, 2)]
    assert [f"Tries that are left: {left}" in page.text for left, page in zip((4, 3), tries, strict=True)] == [
        True,
        True,
    ]
    assert client.post(f"{path}.1", data=fields[0] | {"code": code}).status_code == 303
    done = client.get(f"{path}.1").text
    assert "Next: 1 award still waits" in done
    assert f'href="{path}.2"' in done
    assert "on its way" in client.post(f"{path}.2/code").text
    with database_of(client).reading() as tx:
        told = content_of(tx.scalars(select(Notice).where(Notice.kind == "door.code")).one())
    assert told is not None
    old, new = (client.post(f"{path}.2", data=fields[1] | {"code": one}) for one in (code, told.facts["code"]))
    assert (old.status_code, new.status_code) == (422, 303)
    assert "Nothing waits for an answer" in client.get(path).text


def test_wrong_codes_close_all_links_of_a_message_together(client: TestClient) -> None:
    client.cookies.set("lang", "en")
    with making(client) as make:
        group, round_ = make.organisation(), make.published_round("45")
        awards = [make.published_award(group, round_=round_) for _ in range(2)]
        path, code = make.answer_link(awards[0], make.person(group, "supplier_manager"), awards[1])
        line = str(awards[1].lines[0].id)
    data = {"version": "1", "lines-0-award_line_id": line, "lines-0-answer": "accepted"}
    tries = [client.post(f"{path}.2", data=data | {"code": wrong(code)}).status_code for _ in range(5)]
    assert tries == [422, 422, 422, 422, 403]
    assert client.post(f"{path}.2", data=data | {"code": code}).status_code == 403
    assert "This link is closed" in client.get(f"{path}.1").text
    assert "A wrong code was entered five times" in client.get(path).text


@pytest.mark.parametrize(("language", "words"), [("en", ["1,113.05", "23 hours left", "Code from the message"]),
                                                 ("th", ["1,113.05", "เหลือ 23 ชั่วโมง", "รหัสจากข้อความ"])])  # fmt: skip
def test_a_link_opens_its_award_on_one_screen_and_nothing_else(scene: Scene, language: str, words: list[str]) -> None:
    scene.client.cookies.set("lang", language)
    page = scene.client.get(scene.path)
    assert [word for word in words if word not in page.text] == []
    assert (page.headers["cache-control"], "session" in scene.client.cookies) == ("no-store", False)
    assert scene.client.get(f"/awards/{scene.award_id}").headers["location"].startswith("/sign-in")
    assert scene.client.get(scene.path + "x").status_code == 404


def test_the_code_answers_once_and_the_record_says_who_and_how(scene: Scene) -> None:
    data = scene.fields("partially_accepted", "declined", lines__0__quantity="25", lines__0__reason="labour",
                        lines__1__quantity="9", lines__1__reason="weather", _key="made-on-the-device")  # fmt: skip
    checked = scene.client.post(scene.path, data=data | {"_check": "yes"})
    assert (checked.status_code, "508.25" in checked.text, scene.answers()) == (200, True, [None, None])
    first, again = (scene.client.post(scene.path, data=data) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert scene.answers() == ["partially_accepted", "declined"]
    told = scene.answered()
    assert (told["person"], told["/channel"]) == (scene.leader, "link and code")
    with database_of(scene.client).reading() as tx:
        assert [order.total_satang for order in tx.scalars(select(Order))] == [50_825]
    assert "Done: the order stands" in scene.client.get(scene.path).text


def test_five_wrong_codes_close_the_link_and_none_is_forgotten(scene: Scene) -> None:
    missing = scene.client.post(scene.path, data={**scene.fields(), "code": ""})
    assert (missing.status_code, scene.answers()) == (422, [None, None])
    tries = [scene.send(code=wrong(scene.code)) for _ in range(5)]
    assert [answer.status_code for answer in tries] == [422, 422, 422, 422, 403]
    assert "Tries that are left: 4." in tries[0].text
    right = scene.send()
    assert (right.status_code, "This link is closed" in right.text, scene.answers()) == (403, True, [None, None])
    with database_of(scene.client).reading() as tx:
        assert list(tx.scalars(select(Event.verb).where(Event.subject_type == "answer_links"))) == [
            "answer_link.closed"
        ]


def test_a_new_code_ends_the_one_before_and_comes_three_times_at_most(scene: Scene) -> None:
    assert "on its way" in scene.client.post(f"{scene.path}/code").text
    assert scene.send().status_code == 422
    with database_of(scene.client).reading() as tx:
        told = content_of(tx.scalars(select(Notice).where(Notice.kind == "door.code")).one())
    assert told is not None
    digits = "".join("๐๑๒๓๔๕๖๗๘๙"[int(digit)] for digit in told.facts["code"])
    assert scene.send("accepted", "later", code=f"{digits[:3]} {digits[3:]}").status_code == 303
    assert scene.answers() == ["accepted", None]
    assert [scene.client.post(f"{scene.path}/code").status_code for _ in range(3)] == [200, 200, 429]


def test_on_a_shared_phone_only_a_leaders_pin_answers(client: TestClient) -> None:
    scene = Scene(client, shared_phone=True)
    assert scene.other.display_name in client.get(scene.path).text
    assert scene.send().status_code == 422  # the code says only which phone it is
    assert scene.send(code="482915", person_id=str(scene.other.id)).status_code == 303
    told = scene.answered()
    assert (told["person"], told["/account"], told["/channel"]) == (scene.other.id, str(scene.leader), "link and PIN")


def test_a_late_answer_is_told_kindly_what_happens_next(scene: Scene) -> None:
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        sent = scene.client.post(scene.path, data=scene.fields(), headers={"x-kept-at": "2026-11-22T03:00:00Z"})
        looked = scene.client.get(scene.path)
    assert (sent.status_code, looked.status_code, scene.answers()) == (409, 200, [None, None])
    for words in ("The time to answer has passed", "Your offers stay listed", "You need to do nothing"):
        assert words in sent.text
        assert words in looked.text
    assert "reached us too late" in sent.text
    assert "reached us too late" not in looked.text


@pytest.mark.parametrize("broken", [{"version": "x"}, {"code": "12"}, {"lines-0-answer": "perhaps"},
                                    {"lines-0-award_line_id": "0"}, {"person_id": "nobody"},
                                    {"lines-0-answer": "partially_accepted", "lines-0-quantity": "7"}])  # fmt: skip
def test_a_broken_form_changes_nothing_and_uses_no_code(scene: Scene, broken: dict[str, str]) -> None:
    answer = scene.client.post(scene.path, data=scene.fields() | broken)
    assert (answer.status_code, 'class="refusal"' in answer.text) == (422, True)
    assert scene.answers() == [None, None]
    assert scene.send().status_code == 303


def test_a_link_ends_with_its_persons_role_and_is_deleted_in_time(tx: Session, make: Maker, client: TestClient) -> None:
    scene = Scene(client)
    with database_of(client).writing() as own:
        seat = own.scalars(select(Membership).where(Membership.person_id == scene.leader)).one()
        seat.active = False
    assert client.get(scene.path).status_code == 404
    group: Organisation = make.organisation()
    old, new = make.published_award(group, hours=-24 * 31), make.published_award(group)
    for award in (old, new):
        make.answer_link(award, make.person(group))
    invitations.forget_old(tx)
    kept: list[Award] = list(tx.scalars(select(Award).join(AnswerLink, AnswerLink.award_id == Award.id)))
    assert [award.id for award in kept] == [new.id]


def test_the_log_of_requests_holds_no_link(scene: Scene) -> None:
    with capture_logs() as lines:
        scene.client.get(scene.path)
    assert scene.path not in str(lines)
    assert any(line.get("path") == "/a/…" for line in lines)


def test_who_is_signed_in_as_the_links_person_needs_no_code(scene: Scene) -> None:
    with database_of(scene.client).reading() as tx:
        names = {key: tx.get_one(Person, key).username for key in (scene.leader, scene.other.id)}
    for key, leads in ((scene.other.id, None), (scene.leader, f"/awards/{scene.award_id}")):
        scene.client.post("/sign-in", data={"username": names[key], "password": PASSWORD})
        assert scene.client.get(scene.path).headers.get("location") == leads
