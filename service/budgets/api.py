"""The budgets' API: a buyer's money by fiscal year and source."""

from uuid import UUID

from service.budgets import actions, known
from service.budgets.models import BudgetLine
from service.budgets.rules import BelowReserved
from service.budgets.schemas import BudgetLineEdit, BudgetLineIn, BudgetLineOut
from service.kernel.problems import Duplicate, EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.parties.rules import NotQualified
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
CREATES = (*SIGNED_IN, NotAllowed, Duplicate, KeyReused, NotQualified)
EDITS = (*SIGNED_IN, NotAllowed, NotFound, EditConflict, PreconditionRequired)

router = api_router("", "budgets")


@router.post(
    "/budget-lines",
    status_code=201,
    response_model=BudgetLineOut,
    responses=problems(*CREATES),
    dependencies=[Creates],
)
def enter(body: BudgetLineIn, tx: Tx, by: By) -> BudgetLine:
    """Enter a budget line of your institution."""
    return actions.create(tx, by=by, draft=body)


@router.get("/budget-lines", response_model=Page[BudgetLineOut], responses=problems(*SIGNED_IN, NotAllowed))
def budget_lines(tx: Tx, by: By, cut: Paging) -> Page[BudgetLineOut]:
    """Your institution's budget lines with what is reserved, committed, spent and free."""
    rows, following = page_of(tx, known.budget_lines(by), BudgetLine.id, cut)
    return Page(items=rows, next=following)


@router.get(
    "/budget-lines/{budget_line_id}",
    response_model=BudgetLineOut,
    responses=problems(*SIGNED_IN, NotAllowed, NotFound),
)
def budget_line(budget_line_id: UUID, tx: Tx, by: By) -> BudgetLine:
    """One budget line; its ETag is needed to edit it."""
    return known.budget_line(tx, by=by, budget_line_id=budget_line_id)


@router.patch(
    "/budget-lines/{budget_line_id}",
    response_model=BudgetLineOut,
    responses=problems(*EDITS, Duplicate, BelowReserved),
)
def edit_budget(budget_line_id: UUID, body: BudgetLineEdit, version: IfMatch, tx: Tx, by: By) -> BudgetLine:
    """Change a budget line; its amount never goes below what is spoken for."""
    return actions.edit(tx, by=by, budget_line_id=budget_line_id, version=version, changes=body)
