"""Questions about demands: asked without a name, answered to everyone, until a day; nothing that tells who asks."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.i18n import speaking
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, WrongState
from service.notices.models import Notice
from service.parties.rules import NotQualified
from service.people.models import Membership
from service.questions import actions, known, queries, rules
from service.questions.models import Question
from service.questions.rules import AnswerFinal, QuestionsClosed, QuestionSettled, TooManyQuestions
from service.questions.schemas import QuestionAnswerIn, QuestionDeclineIn, QuestionIn, QuestionTimeIn
from service.questions.vocabulary import DeclineCode
from tests.make import Caller, Maker, id_of, making, next_week

ASKED = "In bags or in boxes?"


class Scene:
    """A hospital's demand in the open round, its officer, and two groups."""

    def __init__(self, make: Maker, state: str = "active") -> None:
        self.hospital = make.organisation("hospital")
        self.group, self.other = make.organisation("cooperative"), make.organisation("charity")
        self.demand = make.demand(self.hospital, state=state)
        self.officer = make.actor(self.hospital, "buyer_officer")
        self.member, self.rival = make.actor(self.group, "supplier_member"), make.actor(self.other)

    def ask(self, tx: Session, by: Actor | None = None, text: str = ASKED, line_id: UUID | None = None) -> Question:
        draft = QuestionIn(text=text, line_id=line_id)
        made = actions.ask(tx, by=by or self.member, demand_id=self.demand.id, draft=draft)
        tx.flush()
        return made

    def step(self, tx: Session, name: str, made: Question, draft: Any, by: Actor | None = None) -> Question:
        facts = {"demand_id": self.demand.id, "question_id": made.id, "version": made.version}
        found: Question = getattr(actions, name)(tx, by=by or self.officer, draft=draft, **facts)
        tx.flush()
        return found

    def answer(self, tx: Session, made: Question, text: str = "In bags of five.") -> Question:
        return self.step(tx, "answer", made, QuestionAnswerIn(answer=text))

    def decline(self, tx: Session, made: Question, code: DeclineCode) -> Question:
        return self.step(tx, "decline", made, QuestionDeclineIn(code=code))

    def seen(self, tx: Session, by: Actor) -> list[Question]:
        return list(tx.scalars(known.of(by, self.demand).order_by(Question.id)))


@pytest.fixture
def scene(make: Maker) -> Scene:
    return Scene(make)


def told(tx: Session, kind: str) -> set[UUID]:
    """The organisations whose people were told."""
    seats = select(Membership.organisation_id).join(Notice, Notice.person_id == Membership.person_id)
    return set(tx.scalars(seats.where(Notice.kind == kind)))


def test_a_question_is_the_kitchens_and_the_askers_until_it_is_answered_and_then_everyones(
    tx: Session, make: Maker, scene: Scene
) -> None:
    line, auditor = scene.demand.lines[0], make.actor(make.organisation("provincial_company"), "auditor")
    made = scene.ask(tx, line_id=line.id)
    assert (made.product_code, made.delivery_date) == (line.product_code, line.delivery_date)
    assert [len(scene.seen(tx, by)) for by in (scene.officer, scene.member, auditor, scene.rival)] == [1, 1, 1, 0]
    assert (told(tx, "question.asked"), queries.count_to_answer(tx, by=scene.officer)) == ({scene.hospital.id}, 1)
    scene.answer(tx, made)
    assert [one.answer for one in scene.seen(tx, scene.rival)] == ["In bags of five."]
    assert (told(tx, "question.answered"), queries.count_to_answer(tx, by=scene.officer)) == ({scene.group.id}, 0)
    with pytest.raises(QuestionSettled):
        scene.answer(tx, made, "In boxes.")


def test_nobody_but_the_log_says_who_asked(tx: Session, scene: Scene) -> None:
    made = scene.ask(tx)
    for by in (scene.officer, scene.rival):
        facts = queries.seen(made, by).model_dump(mode="json")
        assert not facts["mine"]
        assert str(scene.group.id) not in str(facts)
    assert queries.seen(made, scene.member).mine
    event = tx.scalars(select(Event).where(Event.verb == "question.asked")).one()
    assert (event.person_id, event.organisation_id) == (scene.member.person_id, scene.group.id)
    assert ASKED not in str(event.change)
    letters = [row.secret_content or "" for row in tx.scalars(select(Notice).where(Notice.kind == "question.asked"))]
    assert letters
    assert not any(word in letter for letter in letters for word in (str(scene.group.id), scene.group.name_th, ASKED))


def test_an_answer_is_corrected_once_and_its_first_words_stay(tx: Session, scene: Scene) -> None:
    made = scene.ask(tx)
    again = QuestionAnswerIn(answer="In bags of ten.")
    with pytest.raises(AnswerFinal):
        scene.step(tx, "correct", made, again)
    scene.answer(tx, made)
    scene.step(tx, "correct", made, again)
    assert (made.first_answer, made.answer) == ("In bags of five.", "In bags of ten.")
    change = str(tx.scalars(select(Event.change).where(Event.verb == "question.corrected")).one())
    assert "In bags of five." in change
    assert "In bags of ten." in change
    assert tx.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "question.answered")) == 2
    with pytest.raises(AnswerFinal):
        scene.step(tx, "correct", made, QuestionAnswerIn(answer="In sacks."))


def test_a_declined_question_stays_hidden_and_its_asker_sees_why(tx: Session, scene: Scene) -> None:
    priced, personal = scene.ask(tx, text="Would 18 baht do?"), scene.ask(tx, text="Is Somsri on duty?")
    scene.decline(tx, priced, DeclineCode.PRICE)
    scene.decline(tx, personal, DeclineCode.PERSONAL)
    assert (priced.text, personal.text) == ("Would 18 baht do?", "")
    assert [one.code for one in scene.seen(tx, scene.member)] == ["price", "personal"]
    assert scene.seen(tx, scene.rival) == []
    assert told(tx, "question.declined") == {scene.group.id}
    with pytest.raises(QuestionSettled):
        scene.answer(tx, priced)


def test_the_last_day_is_the_kitchens_to_move_and_a_late_question_is_told_it(tx: Session, scene: Scene) -> None:
    row = scene.demand
    assert known.last_day(tx, row) == next_week() - timedelta(days=6)

    def set_to(day: date, version: int) -> int:
        draft = QuestionTimeIn(last_day=day)
        made = actions.set_time(tx, by=scene.officer, demand_id=row.id, version=version, draft=draft)
        tx.flush()
        return made.version

    version = set_to(today(), 0)
    scene.ask(tx)
    with pytest.raises(EditConflict):
        set_to(today(), 0)
    for wrong in (today() - timedelta(days=1), row.delivery_week):
        with pytest.raises(InvalidInput):
            set_to(wrong, version)
    chosen = known.time(tx, row)
    assert chosen is not None
    chosen.last_day = date(2026, 11, 20)
    with pytest.raises(QuestionsClosed) as refused:
        scene.ask(tx)
    with speaking("en"):
        assert "20 November 2026" in refused.value.words()["detail"]
    with speaking("th"):
        assert "20 พฤศจิกายน 2569" in refused.value.words()["detail"]
    assert queries.time(tx, row).taken is False


@pytest.mark.parametrize("state", ["evaluation", "complete", "cancelled"])
def test_after_the_cut_off_nobody_asks(tx: Session, make: Maker, state: str) -> None:
    with pytest.raises(WrongState):
        Scene(make, state).ask(tx)


def test_groups_ask_and_the_demands_own_kitchen_answers(tx: Session, make: Maker, scene: Scene) -> None:
    draft = Scene(make, "draft")
    with pytest.raises(NotFound):
        draft.ask(tx)
    with pytest.raises(NotAllowed):
        scene.ask(tx, scene.officer)
    made, stranger = scene.ask(tx), make.actor(make.organisation("school"))
    for by in (scene.member, stranger):
        with pytest.raises(NotAllowed):
            scene.step(tx, "answer", made, QuestionAnswerIn(answer="We do."), by)
    with pytest.raises(NotFound):
        scene.answer(tx, make.question(draft.demand, draft.group))
    scene.group.state = "suspended"
    with pytest.raises(NotQualified):
        scene.ask(tx)
    scene.demand.state = "draft"  # taken back: its questions are the kitchen's alone until it is approved again
    assert [list(tx.scalars(known.concerning(by))) for by in (scene.member, scene.officer)] == [[], [made]]
    assert queries.count_to_answer(tx, by=scene.officer) == 0


def test_a_group_has_a_few_open_questions_and_another_group_its_own(tx: Session, scene: Scene) -> None:
    made = [scene.ask(tx) for _ in range(rules.MOST_WAITING)]
    with pytest.raises(TooManyQuestions):
        scene.ask(tx)
    scene.ask(tx, scene.rival)
    scene.answer(tx, made[0])
    scene.ask(tx)


@pytest.mark.parametrize(
    "text",
    [
        "Call 081-234 5678 please",
        "Call ๐๘๑๒๓๔๕๖๗๘",
        "Write to som@example.org",
        "See www.example.org",
        "+66 81 234 5678",
    ],
)
def test_what_leads_to_somebody_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        rules.must_lead_nowhere("/text", text)


def test_what_only_counts_is_let_through() -> None:
    rules.must_lead_nowhere("/text", "Is it 1,000 kg on 30/11/2569 at 06:00-08:30, or 2000 units in 10 bags of 200 g?")


def test_the_api_refuses_nonsense_without_writing_and_carries_a_question_through(client: TestClient) -> None:
    with making(client) as make:
        scene = Scene(make)
        people = [make.person(side) for side in (scene.hospital, scene.group, scene.other)]
        path, line = f"/demands/{scene.demand.id}", str(scene.demand.lines[0].id)
    kitchen, group, rival = (Caller(client, person) for person in people)
    bad: list[Any] = [
        {}, {"text": ""}, {"text": "x" * 501}, {"text": 5}, {"text": ASKED, "line_id": "x"}, {"text": "a\x00bcd"},
        {"text": ASKED, "line_id": str(uuid4())}, {"text": ASKED, "price": 3}, {"text": "Call 0812345678"},
    ]  # fmt: skip
    for body in bad:
        assert group.post(f"{path}/questions", body).status_code == 422, body
    assert group.post(f"/demands/{uuid4()}/questions", {"text": ASKED}).status_code == 404
    assert group.get("/questions").json()["items"] == []
    made = group.post(f"{path}/questions", {"text": ASKED, "line_id": line}, key="once")
    assert (made.status_code, made.json()["mine"], made.json()["state"]) == (201, True, "waiting")
    assert id_of(group.post(f"{path}/questions", {"text": ASKED, "line_id": line}, key="once")) == id_of(made)
    second = id_of(group.post(f"{path}/questions", {"text": "Is it for lunch?"}))
    one = f"{path}/questions/{id_of(made)}"
    assert rival.get(f"{path}/questions").json()["items"] == []
    first = kitchen.get("/questions?state=waiting&limit=1").json()
    assert [item["id"] for item in first["items"]] == [str(id_of(made))]
    following = kitchen.get(f"{path}/questions?limit=1&cursor={first['next']}").json()
    assert ([item["id"] for item in following["items"]], following["next"]) == ([str(second)], None)
    assert kitchen.post(f"{one}/answer", {"answer": "Bags."}).status_code == 428
    assert kitchen.post(f"{one}/answer", {"answer": "Bags."}, version=7).status_code == 412
    assert kitchen.post(f"{one}/answer", {"answer": " "}, version=1).status_code == 422
    answered = kitchen.post(f"{one}/answer", {"answer": "Bags."}, version=1)
    assert (answered.status_code, answered.headers["etag"]) == (200, '"2"')
    assert kitchen.post(f"{one}/correct", {"answer": "Boxes."}, version=2).json()["first_answer"] == "Bags."
    assert kitchen.post(f"{one}/correct", {"answer": "Bags!"}, version=3).status_code == 409
    other = f"{path}/questions/{second}/decline"
    assert kitchen.post(other, {"code": "whim"}, version=1).status_code == 422
    assert kitchen.post(other, {"code": "off_topic"}, version=1).json()["code"] == "off_topic"
    public = rival.get(f"{path}/questions").json()["items"]
    assert [(item["answer"], item["mine"]) for item in public] == [("Boxes.", False)]
    moved = kitchen.put(f"{path}/question-time", {"last_day": str(today())}, version=0)
    assert moved.json()["last_day"] == str(today())
    assert rival.get(f"{path}/question-time").json()["taken"] is True


def test_the_pages_ask_answer_and_say_what_was_wrong(client: TestClient) -> None:
    with making(client) as make:
        scene = Scene(make)
        people = [make.person(scene.hospital, "buyer_officer"), make.person(scene.group), make.person(scene.other)]
        path = f"/demands/{scene.demand.id}/questions"
    kitchen, group, others = (Caller(client, person).headers | {"Cookie": "lang=en"} for person in people)
    assert f'href="{path}"' in client.get(path.removesuffix("/questions"), headers=group).text
    refused = client.post(path, data={"text": "Call 0812345678"}, headers=group)
    assert refused.status_code == 422
    assert "Leave out telephone numbers" in refused.text
    assert ">Call 0812345678</textarea>" in refused.text
    assert client.post(path, data={"text": ASKED, "line_id": ""}, headers=group).status_code == 303
    with making(client) as make:
        row = make.tx.scalars(select(Question)).one()
    assert row.organisation_id == scene.group.id
    assert "1 question waits" in client.get(path, headers=kitchen).text
    assert ASKED in client.get("/questions", headers=kitchen).text
    assert "Questions that wait" in client.get("/", headers=kitchen).text
    assert ASKED not in client.get(path, headers=others).text
    answer = f"{path}/{row.id}/answer"
    wrong = client.post(answer, data={"_version": "1", "_of": str(row.id), "answer": "a@b.example"}, headers=kitchen)
    assert (wrong.status_code, wrong.text.count("a@b.example</textarea>")) == (422, 1)
    good = client.post(answer, data={"_version": "1", "answer": "In bags of five."}, headers=kitchen)
    assert good.status_code == 303
    assert "In bags of five." in client.get(path, headers=others).text
    assert "In bags of five." in client.get("/questions", headers=group).text
    for day, status in (("2020-01-01", 422), (str(today()), 303)):
        moved = client.post(f"{path}/last-day", data={"_version": "0", "last_day": day}, headers=kitchen)
        assert moved.status_code == status
