"""The API of amendments."""

from uuid import UUID

from service.amendments import actions, known
from service.amendments.models import Amendment
from service.amendments.rules import AmendmentWaits
from service.amendments.schemas import AmendIn, AmendmentOut
from service.budgets.rules import BudgetExceeded
from service.committees.rules import CommitteeMissing, CommitteeUnfit
from service.demand.rules import AboveGround, SameHands
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired, WrongState
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
STEPS = (*SIGNED_IN, NotAllowed, NotFound, KeyReused, WrongState, EditConflict)

router = api_router("/demands", "amendments")


@router.post(
    "/{demand_id}/amendments",
    status_code=201,
    response_model=AmendmentOut,
    responses=problems(*STEPS, PreconditionRequired, AmendmentWaits, AboveGround, CommitteeMissing, CommitteeUnfit),
    dependencies=[Creates],
)
def amend(demand_id: UUID, body: AmendIn, version: IfMatch, tx: Tx, by: By) -> Amendment:
    """Change quantities before the cut-off: at once, or pending until the head approves a higher total."""
    return actions.propose(tx, by=by, demand_id=demand_id, version=version, draft=body)


@router.get(
    "/{demand_id}/amendments", response_model=list[AmendmentOut], responses=problems(*SIGNED_IN, NotFound, NotAllowed)
)
def amendments_of(demand_id: UUID, tx: Tx, by: By) -> list[Amendment]:
    """What was changed after the approval, oldest first."""
    return known.of(tx, by=by, demand_id=demand_id)


@router.post(
    "/{demand_id}/amendments/{amendment_id}/approve",
    response_model=AmendmentOut,
    responses=problems(*STEPS, SameHands, BudgetExceeded, CommitteeMissing, CommitteeUnfit),
    dependencies=[Creates],
)
def approve_amendment(demand_id: UUID, amendment_id: UUID, tx: Tx, by: By) -> Amendment:
    """Approve a higher total; not by who proposed it."""
    return actions.decide(tx, by=by, demand_id=demand_id, amendment_id=amendment_id, approved=True)


@router.post(
    "/{demand_id}/amendments/{amendment_id}/refuse",
    response_model=AmendmentOut,
    responses=problems(*STEPS),
    dependencies=[Creates],
)
def refuse_amendment(demand_id: UUID, amendment_id: UUID, tx: Tx, by: By) -> Amendment:
    """Leave the quantities as they are."""
    return actions.decide(tx, by=by, demand_id=demand_id, amendment_id=amendment_id, approved=False)
