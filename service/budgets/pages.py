"""Pages of budgets: what is left by source and year, a new line, the form of one."""

from uuid import UUID

from fastapi import Request, Response

from service.budgets import actions, known, queries
from service.budgets.rules import fiscal_year
from service.budgets.schemas import BudgetEditForm, BudgetLineEdit, BudgetLineForm
from service.kernel.clock import today
from service.parties.permissions import may, require
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import render, see
from service.web.routes import page_router, shows_again

router = page_router()


@router.get("/budget")
def budgets(request: Request, tx: Tx, by: By) -> Response:
    """The budget lines with what is reserved and free."""
    this_year = fiscal_year(today())
    return render(
        request, "budgets/list.html", purses=queries.purses(tx, by=by), years=range(this_year, this_year + 3),
        writes=may(by, "budget.edit", organisation_id=by.organisation_id),
    )  # fmt: skip


@router.post("/budget")
@shows_again(budgets)
def enter(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Enter a budget line."""
    del request
    actions.create(tx, by=by, draft=posted.read(BudgetLineForm))
    return see("/budget")


@router.get("/budget/{budget_line_id}")
def budget_page(request: Request, budget_line_id: UUID, tx: Tx, by: By) -> Response:
    """The form of one budget line."""
    line = known.budget_line(tx, by=by, budget_line_id=budget_line_id)
    require(by, "budget.edit", organisation_id=line.organisation_id)
    return render(request, "budgets/one.html", line=line)


@router.post("/budget/{budget_line_id}")
@shows_again(budget_page)
def edit_budget(request: Request, budget_line_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Change a budget line."""
    del request
    changes = BudgetLineEdit(**posted.read(BudgetEditForm).model_dump())
    actions.edit(tx, by=by, budget_line_id=budget_line_id, version=posted.version(), changes=changes)
    return see("/budget")
