"""The API of questions about demands: asking, answering, and until which day."""

from uuid import UUID

from sqlalchemy.orm import Session

from service.accounts.rules import NameYourself
from service.demand import known as demands
from service.kernel.actor import Actor
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired, WrongState
from service.parties.rules import NotQualified
from service.questions import actions, known, queries
from service.questions.models import Question
from service.questions.rules import AnswerFinal, QuestionsClosed, QuestionSettled, TooManyQuestions
from service.questions.schemas import (
    QuestionAnswerIn,
    QuestionDeclineIn,
    QuestionIn,
    QuestionOut,
    QuestionTimeIn,
    QuestionTimeOut,
)
from service.questions.vocabulary import QuestionState
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
SETTLES = (*SIGNED_IN, NotAllowed, NotFound, KeyReused, WrongState, EditConflict, PreconditionRequired)
ONE = "/demands/{demand_id}/questions/{question_id}"

router = api_router("", "questions")


@router.get("/questions", response_model=Page[QuestionOut], responses=problems(*SIGNED_IN))
def questions(tx: Tx, by: By, cut: Paging, state: QuestionState | None = None) -> Page[QuestionOut]:
    """The questions to your kitchen, or those that your group asked; oldest first."""
    rows, following = page_of(tx, known.concerning(by, state), Question.id, cut)
    return Page(items=queries.all_seen(rows, by), next=following)


@router.get("/demands/{demand_id}/questions", response_model=Page[QuestionOut], responses=problems(*SIGNED_IN))
def questions_of(demand_id: UUID, tx: Tx, by: By, cut: Paging) -> Page[QuestionOut]:
    """Questions and answers of a demand, oldest first. Nobody is told who asked."""
    row = demands.demand(tx, by=by, demand_id=demand_id)
    rows, following = page_of(tx, known.of(by, row), Question.id, cut)
    return Page(items=queries.all_seen(rows, by), next=following)


@router.post(
    "/demands/{demand_id}/questions",
    status_code=201,
    response_model=QuestionOut,
    responses=problems(
        *SIGNED_IN, NotAllowed, KeyReused, WrongState, NotQualified, NameYourself, QuestionsClosed, TooManyQuestions
    ),
    dependencies=[Creates],
)
def ask(demand_id: UUID, body: QuestionIn, tx: Tx, by: By) -> QuestionOut:
    """Ask about a demand, perhaps about one of its lines; it is published with its answer and without your name."""
    return _settled(tx, actions.ask(tx, by=by, demand_id=demand_id, draft=body), by)


@router.post(f"{ONE}/answer", response_model=QuestionOut, responses=problems(*SETTLES, QuestionSettled),
             dependencies=[Creates])  # fmt: skip
def answer(demand_id: UUID, question_id: UUID, body: QuestionAnswerIn, version: IfMatch, tx: Tx, by: By) -> QuestionOut:
    """Answer a question of your kitchen's demand to everyone who may see the demand."""
    row = actions.answer(tx, by=by, demand_id=demand_id, question_id=question_id, version=version, draft=body)
    return _settled(tx, row, by)


@router.post(f"{ONE}/correct", response_model=QuestionOut, responses=problems(*SETTLES, AnswerFinal),
             dependencies=[Creates])  # fmt: skip
def correct(
    demand_id: UUID, question_id: UUID, body: QuestionAnswerIn, version: IfMatch, tx: Tx, by: By
) -> QuestionOut:
    """Correct an answer, once; what it said before stays beside it."""
    row = actions.correct(tx, by=by, demand_id=demand_id, question_id=question_id, version=version, draft=body)
    return _settled(tx, row, by)


@router.post(f"{ONE}/decline", response_model=QuestionOut, responses=problems(*SETTLES, QuestionSettled),
             dependencies=[Creates])  # fmt: skip
def decline(
    demand_id: UUID, question_id: UUID, body: QuestionDeclineIn, version: IfMatch, tx: Tx, by: By
) -> QuestionOut:
    """Do not publish a question; who asked sees why."""
    row = actions.decline(tx, by=by, demand_id=demand_id, question_id=question_id, version=version, draft=body)
    return _settled(tx, row, by)


def _settled(tx: Session, row: Question, by: Actor) -> QuestionOut:
    tx.flush()
    return queries.seen(row, by)


@router.get("/demands/{demand_id}/question-time", response_model=QuestionTimeOut, responses=problems(*SIGNED_IN))
def time(demand_id: UUID, tx: Tx, by: By) -> QuestionTimeOut:
    """Until which day questions about a demand are taken."""
    return queries.time(tx, demands.demand(tx, by=by, demand_id=demand_id))


@router.put("/demands/{demand_id}/question-time", response_model=QuestionTimeOut, responses=problems(*SETTLES))
def set_time(demand_id: UUID, body: QuestionTimeIn, version: IfMatch, tx: Tx, by: By) -> QuestionTimeOut:
    """Name another last day for questions, before the delivery week."""
    actions.set_time(tx, by=by, demand_id=demand_id, version=version, draft=body)
    return queries.time(tx, demands.demand(tx, by=by, demand_id=demand_id))
