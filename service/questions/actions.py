"""Use cases of questions: a group asks, the kitchen answers everyone or says why a question is not published."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from service.accounts import pins
from service.demand import known as demands
from service.demand.models import Demand, DemandLine
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now, today
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotAllowed, must_match
from service.notices.actions import settled, tell
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.rules import must_be_qualified
from service.questions import known, rules
from service.questions.models import Question, QuestionTime
from service.questions.schemas import QuestionAnswerIn, QuestionDeclineIn, QuestionIn, QuestionTimeIn
from service.questions.vocabulary import DeclineCode

OFFICERS = frozenset({"buyer_officer"})


def ask(tx: Session, *, by: Actor, demand_id: UUID, draft: QuestionIn) -> Question:
    """A group asks; the kitchen reads the question without its author."""
    row = demands.demand(tx, by=by, demand_id=demand_id)
    require(by, "question.ask", organisation_id=by.organisation_id)
    group = _asking(tx, by)
    rules.must_be_askable(row.state, known.last_day(tx, row), today())
    rules.must_be_few(known.waiting(tx, organisation_id=group.id, demand_id=row.id))
    rules.must_lead_nowhere("/text", draft.text)
    line = _line(row, draft.line_id)
    made = Question(demand_id=row.id, organisation_id=group.id, text=draft.text,
                    product_code=line.product_code if line else None,
                    delivery_date=line.delivery_date if line else None)  # fmt: skip
    tx.add(made)
    _record(tx, by, row, made, "question.asked", {"product": made.product_code})
    tell(tx, kind="question.asked", organisation_id=row.organisation_id, roles=OFFICERS, facts={"demand": row.title},
         path=_path(made), key=f"question.asked:{made.id}")  # fmt: skip
    return made


def _asking(tx: Session, by: Actor) -> Organisation:
    """The actor's group, locked so that its questions are counted one after the other."""
    group = tx.get(Organisation, by.organisation_id, with_for_update=True)
    if group is None:
        raise NotAllowed
    must_be_qualified(group)
    pins.must_be_named(tx, by, group.id)
    return group


def _line(row: Demand, line_id: UUID | None) -> DemandLine | None:
    if line_id is None:
        return None
    found = next((line for line in row.lines if line.id == line_id), None)
    if found is None:
        raise InvalidInput(errors=(FieldError("/line_id", N_("This demand has no such line.")),))
    return found


def answer(
    tx: Session, *, by: Actor, demand_id: UUID, question_id: UUID, version: int, draft: QuestionAnswerIn
) -> Question:
    """Answer a question: it becomes public with its answer."""
    row, made = _own(tx, by, demand_id, question_id, version)
    rules.must_wait(made)
    rules.must_lead_nowhere("/answer", draft.answer)
    made.state, made.answer, made.decided_at = "answered", draft.answer, now()
    _record(tx, by, row, made, "question.answered", {})
    _tell_asker(tx, row, made)
    return made


def correct(
    tx: Session, *, by: Actor, demand_id: UUID, question_id: UUID, version: int, draft: QuestionAnswerIn
) -> Question:
    """Correct an answer, once; what it said before stays beside it and in the log."""
    row, made = _own(tx, by, demand_id, question_id, version)
    rules.must_be_correctable(made)
    rules.must_lead_nowhere("/answer", draft.answer)
    made.first_answer, made.answer, made.decided_at = made.answer, draft.answer, now()
    _record(tx, by, row, made, "question.corrected", {"answer": made.answer}, {"answer": made.first_answer})
    _tell_asker(tx, row, made)
    return made


def decline(
    tx: Session, *, by: Actor, demand_id: UUID, question_id: UUID, version: int, draft: QuestionDeclineIn
) -> Question:
    """Do not publish a question; who asked sees why. Personal data in it are deleted."""
    row, made = _own(tx, by, demand_id, question_id, version)
    rules.must_wait(made)
    made.state, made.code, made.decided_at = "declined", draft.code.value, now()
    if draft.code is DeclineCode.PERSONAL:
        made.text = ""
    _record(tx, by, row, made, "question.declined", {"code": made.code})
    _tell_asker(tx, row, made)
    return made


def set_time(tx: Session, *, by: Actor, demand_id: UUID, version: int, draft: QuestionTimeIn) -> QuestionTime:
    """Name the last day for questions; version 0 is the market's own day."""
    row = _kitchens(tx, by, demand_id)
    chosen = known.time(tx, row)
    must_match(chosen.version if chosen else 0, version)
    rules.must_be_answerable(row.state)
    rules.must_be_a_day_for(draft.last_day, row.delivery_week, today())
    before = {"last_day": known.last_day(tx, row)}
    if chosen is None:
        chosen = QuestionTime(demand_id=row.id)
        tx.add(chosen)
    chosen.last_day = draft.last_day
    _record(tx, by, row, chosen, "question.time_set", {"last_day": chosen.last_day}, before)
    return chosen


def _kitchens(tx: Session, by: Actor, demand_id: UUID) -> Demand:
    row = demands.demand(tx, by=by, demand_id=demand_id)
    require(by, "question.answer", organisation_id=row.organisation_id)
    return row


def _own(tx: Session, by: Actor, demand_id: UUID, question_id: UUID, version: int) -> tuple[Demand, Question]:
    """A question to the actor's own kitchen that is as it was read."""
    row = _kitchens(tx, by, demand_id)
    made = known.question(tx, by=by, row=row, question_id=question_id)
    must_match(made.version, version)
    rules.must_be_answerable(row.state)
    return row, made


def _path(made: Question) -> str:
    return f"/demands/{made.demand_id}/questions#q-{made.id}"


def _tell_asker(tx: Session, row: Demand, made: Question) -> None:
    settled(tx, [f"question.asked:{made.id}"])
    kind = "question.declined" if made.state == "declined" else "question.answered"
    tell(tx, kind=kind, organisation_id=made.organisation_id, facts={"demand": row.title}, path=_path(made),
         key=f"{kind}:{made.id}:{made.version}")  # fmt: skip


def _record(
    tx: Session, by: Actor, row: Demand, made: Question | QuestionTime, verb: str, change: Mapping[str, object],
    before: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    """The log knows who asked, never what: a question may hold what must not be kept for good."""
    tx.flush()
    events.record(tx, by=by, verb=verb, subject=made, province_code=row.province_code, before=before,
                  change={"demand": row.id, **change})  # fmt: skip
