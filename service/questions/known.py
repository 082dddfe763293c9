"""What an actor may know of questions: the answered ones of every demand in sight, the others by who is concerned."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from service.demand import known as demands
from service.demand.models import Demand
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.permissions import may
from service.questions import rules
from service.questions.models import Question, QuestionTime


def of(by: Actor, row: Demand) -> Select[Question]:
    """The questions about a demand that the actor knows already."""
    found = select(Question).where(Question.demand_id == row.id)
    if may(by, "question.see", organisation_id=row.organisation_id, province=row.province_code):
        return found
    return found.where(or_(Question.state == "answered", _asked_by(by)))


def _asked_by(by: Actor) -> ColumnElement[bool]:
    asks = may(by, "question.ask", organisation_id=by.organisation_id)
    return Question.organisation_id == by.organisation_id if asks else false()


def concerning(by: Actor, state: str | None = None) -> Select[Question]:
    """The questions that are the actor's own business: to the own kitchen, or asked by the own group."""
    answers = may(by, "question.answer", organisation_id=by.organisation_id)
    own = Demand.organisation_id == by.organisation_id if answers else false()
    seen = Question.demand_id.in_(demands.visible(by).with_only_columns(Demand.id))
    found = select(Question).join(Demand, Demand.id == Question.demand_id).where(or_(own, and_(_asked_by(by), seen)))
    return found if state is None else found.where(Question.state == state)


def to_answer(by: Actor) -> Select[Question]:
    """The questions that wait for the actor's own kitchen, and can be answered now."""
    if not may(by, "question.answer", organisation_id=by.organisation_id):
        return select(Question).where(false())
    return concerning(by, "waiting").where(Demand.state.in_(rules.ANSWERABLE))


def question(tx: Session, *, by: Actor, row: Demand, question_id: UUID) -> Question:
    """A question about the demand, or NotFound; locked for who settles it."""
    found = tx.scalar(of(by, row).where(Question.id == question_id).with_for_update())
    if found is None:
        raise NotFound
    return found


def waiting(tx: Session, *, organisation_id: UUID | None, demand_id: UUID) -> int:
    """How many questions of a group about a demand wait."""
    mine = (Question.demand_id == demand_id, Question.organisation_id == organisation_id, Question.state == "waiting")
    return tx.scalar(select(func.count()).select_from(Question).where(*mine)) or 0


def time(tx: Session, row: Demand) -> QuestionTime | None:
    """What the kitchen chose about the time for questions."""
    return tx.scalar(select(QuestionTime).where(QuestionTime.demand_id == row.id))


def last_day(tx: Session, row: Demand) -> date:
    """The last day for questions about the demand."""
    chosen = time(tx, row)
    return rules.last_day(row.delivery_week, chosen.last_day if chosen else None)
