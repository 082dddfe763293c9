"""The API of income: a group's confirmed orders added up, its statements, and their check for whoever has the code."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from service.accounts.rules import NameYourself
from service.income import actions, known, paper, queries
from service.income.models import Statement
from service.income.rules import NothingToShow, StatementOver
from service.income.schemas import CheckOut, IncomeOut, StatementIn, StatementOut
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Site, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput, NotAllowed, NotFound)
PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
Year = Annotated[int | None, Query(ge=2000, le=2200, description="A calendar year; left out, the last twelve months.")]

router = api_router("", "income")


@router.get("/organisations/{organisation_id}/income", response_model=IncomeOut, responses=problems(*SIGNED_IN))
def income(organisation_id: UUID, tx: Tx, by: By, year: Year = None) -> IncomeOut:
    """A group's confirmed orders by month and by buyer, with what is recorded as billed and paid."""
    return queries.income(tx, by=by, organisation_id=organisation_id, year=year).out()


@router.get("/income-statements", response_model=Page[StatementOut], responses=problems(*SIGNED_IN))
def statements(tx: Tx, by: By, cut: Paging) -> Page[StatementOut]:
    """The statements that your own group made."""
    rows, following = page_of(tx, queries.statements(by), Statement.id, cut)
    return Page(items=rows, next=following)


@router.post(
    "/income-statements",
    status_code=201,
    response_model=StatementOut,
    responses=problems(*SIGNED_IN, NothingToShow, NameYourself, KeyReused),
    dependencies=[Creates],
)
def make(body: StatementIn, tx: Tx, by: By) -> Statement:
    """Freeze what your group chooses to show of its confirmed orders; its code opens the public check."""
    row = actions.make(tx, by=by, draft=body)
    tx.flush()
    return row


@router.get("/income-statements/{statement_id}", response_model=StatementOut, responses=problems(*SIGNED_IN))
def statement(statement_id: UUID, tx: Tx, by: By) -> Statement:
    """One statement of your own group."""
    return known.statement(tx, by=by, statement_id=statement_id)


@router.get("/income-statements/{statement_id}/paper", response_class=Response,
            responses={**problems(*SIGNED_IN, StatementOver), **PDF})  # fmt: skip
def on_paper(statement_id: UUID, tx: Tx, by: By, site: Site) -> Response:
    """The statement as one page (PDF) with its code and the square that leads to its check."""
    row = known.holding(known.statement(tx, by=by, statement_id=statement_id))
    return Response(paper.pdf(row, f"{site}/statements/{row.code}"), media_type="application/pdf")


@router.post(
    "/income-statements/{statement_id}/withdraw",
    response_model=StatementOut,
    responses=problems(*SIGNED_IN, StatementOver, NameYourself, EditConflict, PreconditionRequired, KeyReused),
    dependencies=[Creates],
)
def withdraw(statement_id: UUID, version: IfMatch, tx: Tx, by: By) -> Statement:
    """Take a statement back: its code shows no figure any more."""
    row = actions.withdraw(tx, by=by, statement_id=statement_id, version=version)
    tx.flush()
    return row


@router.get("/statement-checks/{code}", response_model=CheckOut, responses=problems(NotFound, InvalidInput))
def check(code: str, tx: Tx) -> CheckOut:
    """What a group's statement shows, for whoever has its code; a statement that is over tells nothing else."""
    found = queries.check(tx, code=code)
    if found is None:
        raise NotFound
    return found
