"""Pages of questions: those about one demand, for groups and for its kitchen, and what waits for an answer."""

from uuid import UUID

from fastapi import Request, Response

from service.demand import known as demands
from service.questions import actions, queries, rules
from service.questions.schemas import QuestionAnswerIn, QuestionDeclineIn, QuestionIn, QuestionTimeIn
from service.questions.vocabulary import LABELS, DeclineCode
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
ONE = "/demands/{demand_id}/questions/{question_id}"


@router.get("/questions")
def questions(request: Request, tx: Tx, by: By) -> Response:
    """What waits for the own kitchen, or what the own group asked."""
    return render(request, "questions/list.html", desk=queries.desk(tx, by=by))


@router.get("/demands/{demand_id}/questions")
def of_demand(request: Request, demand_id: UUID, tx: Tx, by: By) -> Response:
    """Questions and answers of a demand."""
    row = demands.demand(tx, by=by, demand_id=demand_id)
    return render(request, "questions/of_demand.html", demand=row, board=queries.board(tx, by=by, row=row),
                  most=rules.MOST_WAITING, codes=list(DeclineCode), askable=row.state in rules.ASKABLE)  # fmt: skip


@router.post("/demands/{demand_id}/questions")
@shows_again(of_demand)
def ask(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Ask."""
    del request
    made = actions.ask(tx, by=by, demand_id=demand_id, draft=posted.read(QuestionIn))
    tx.flush()
    return see(f"/demands/{demand_id}/questions#q-{made.id}")


@router.post("/demands/{demand_id}/questions/last-day")
@shows_again(of_demand)
def set_time(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Name the last day."""
    del request
    draft = posted.read(QuestionTimeIn)
    actions.set_time(tx, by=by, demand_id=demand_id, version=posted.version(), draft=draft)
    return see(f"/demands/{demand_id}/questions")


@router.post(ONE + "/decline")
@shows_again(of_demand)
def decline(request: Request, demand_id: UUID, question_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Do not publish a question."""
    del request
    draft, version = posted.read(QuestionDeclineIn), posted.version()
    actions.decline(tx, by=by, demand_id=demand_id, question_id=question_id, version=version, draft=draft)
    return see(f"/demands/{demand_id}/questions#q-{question_id}")


@router.post(ONE + "/answer")
@shows_again(of_demand)
def answer(request: Request, demand_id: UUID, question_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Answer a question."""
    del request
    draft, version = posted.read(QuestionAnswerIn), posted.version()
    actions.answer(tx, by=by, demand_id=demand_id, question_id=question_id, version=version, draft=draft)
    return see(f"/demands/{demand_id}/questions#q-{question_id}")


@router.post(ONE + "/correct")
@shows_again(of_demand)
def correct(request: Request, demand_id: UUID, question_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Correct an answer."""
    del request
    draft, version = posted.read(QuestionAnswerIn), posted.version()
    actions.correct(tx, by=by, demand_id=demand_id, question_id=question_id, version=version, draft=draft)
    return see(f"/demands/{demand_id}/questions#q-{question_id}")
