"""Pages of amendments: new quantities, and the head's decision about a higher total."""

from typing import Literal
from uuid import UUID

from fastapi import Request, Response

from service.amendments import actions, known, rules
from service.amendments.schemas import AmendIn
from service.demand import known as demands
from service.demand import queries as demand_queries
from service.demand.vocabulary import ChangeCode
from service.parties.permissions import require
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import render, see
from service.web.routes import page_router, shows_again

router = page_router()
Verdict = Literal["approve", "refuse"]


@router.get("/demands/{demand_id}/amend")
def amend_page(request: Request, demand_id: UUID, tx: Tx, by: By) -> Response:
    """The quantities of an approved demand, to be changed before the cut-off."""
    row = demands.demand(tx, by=by, demand_id=demand_id)
    require(by, "demand.edit", organisation_id=row.organisation_id)
    return render(request, "amendments/one.html", demand=row, desk=demand_queries.desk(tx, by=by, row=row),
                  codes=list(ChangeCode), waiting=known.pending(tx, row.id),
                  amendable=rules.may_be_amended(row.state))  # fmt: skip


@router.post("/demands/{demand_id}/amend")
@shows_again(amend_page)
def amend(request: Request, demand_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Change them, or ask the head."""
    del request
    draft = posted.read(AmendIn)
    actions.propose(tx, by=by, demand_id=demand_id, version=posted.version(), draft=draft)
    return see(f"/demands/{demand_id}")


@router.post("/demands/{demand_id}/amendments/{amendment_id}/{verdict}")
@shows_again(amend_page)
def decide(request: Request, demand_id: UUID, amendment_id: UUID, verdict: Verdict, tx: Tx, by: By) -> Response:
    """The head approves or refuses a higher total."""
    del request
    actions.decide(tx, by=by, demand_id=demand_id, amendment_id=amendment_id, approved=verdict == "approve")
    return see(f"/demands/{demand_id}")
