"""The demands' API: demands with their steps."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from service.budgets.rules import BudgetExceeded
from service.committees.known import Bench
from service.committees.rules import CommitteeMissing, CommitteeUnfit
from service.committees.schemas import CommitteeIn, CommitteeOut
from service.demand import actions, entry, known, paper, queries
from service.demand.models import Demand
from service.demand.rules import AboveGround, SameHands, WeekBegun
from service.demand.schemas import (
    CancelDemandIn,
    CancelIn,
    CopyIn,
    DemandEdit,
    DemandIn,
    DemandOut,
    FileIn,
    ReadLineOut,
    WholeDemandOut,
)
from service.demand.vocabulary import State
from service.kernel.problems import (
    Duplicate,
    EditConflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongState,
)
from service.kernel.shapes import ProvinceCode, Week
from service.parties.permissions import require
from service.parties.rules import NotQualified
from service.sheets.reading import SheetNotReadable
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
CREATES = (*SIGNED_IN, NotAllowed, Duplicate, KeyReused, NotQualified)
STEPS = (*SIGNED_IN, NotAllowed, NotFound, KeyReused, WrongState, EditConflict)
EDITS = (*SIGNED_IN, NotAllowed, NotFound, EditConflict, PreconditionRequired)

router = api_router("", "demand")


@router.post(
    "/demands",
    status_code=201,
    response_model=WholeDemandOut,
    responses=problems(*CREATES, WeekBegun, NotQualified),
    dependencies=[Creates],
)
def create(body: DemandIn, tx: Tx, by: By) -> Demand:
    """Write a demand of your institution as a draft."""
    return actions.create(tx, by=by, draft=body)


@router.get("/demands", response_model=Page[DemandOut], responses=problems(*SIGNED_IN))
def demands(
    tx: Tx,
    by: By,
    cut: Paging,
    state: State | None = None,
    week: Week | None = None,
    province: ProvinceCode | None = None,
    mine: Annotated[bool, Query(description="Only those of the organisation you act for.")] = False,  # noqa: FBT002
) -> Page[DemandOut]:
    """Your institution's demands, and everyone's once approved (procurement notices are public)."""
    query = queries.demands(by, state=state, week=week, province=province, mine=mine)
    rows, following = page_of(tx, query, Demand.id, cut)
    return Page(items=rows, next=following)


@router.post(
    "/demands/lines-of-file",
    response_model=list[ReadLineOut],
    responses=problems(*SIGNED_IN, NotAllowed, KeyReused, SheetNotReadable),
)
def lines_of_file(body: FileIn, tx: Tx, by: By) -> list[dict[str, Any]]:
    """Read the lines of an .xlsx or .csv file as a demand would take them; nothing is kept. Faults name their cells."""
    require(by, "demand.edit", organisation_id=by.organisation_id)
    found = entry.read(tx, name=body.name, content=body.content, week=body.delivery_week)
    return [entry.line_of(cells, body.delivery_week) for cells in found]


@router.get("/demands/{demand_id}", response_model=WholeDemandOut, responses=problems(*SIGNED_IN, NotFound))
def demand(demand_id: UUID, tx: Tx, by: By) -> Demand:
    """One demand with its lines; its ETag is needed to edit and to approve it."""
    return known.demand(tx, by=by, demand_id=demand_id)


@router.patch("/demands/{demand_id}", response_model=WholeDemandOut, responses=problems(*EDITS, WrongState, WeekBegun))
def edit(demand_id: UUID, body: DemandEdit, version: IfMatch, tx: Tx, by: By) -> Demand:
    """Change a draft; `lines` replaces all lines."""
    return actions.edit(tx, by=by, demand_id=demand_id, version=version, changes=body)


@router.post(
    "/demands/{demand_id}/approve",
    response_model=DemandOut,
    responses=problems(
        *STEPS,
        PreconditionRequired,
        SameHands,
        BudgetExceeded,
        AboveGround,
        WeekBegun,
        NotQualified,
        CommitteeMissing,
        CommitteeUnfit,
    ),
    dependencies=[Creates],
)
def approve(demand_id: UUID, version: IfMatch, tx: Tx, by: By) -> Demand:
    """Approve the total of the version that was read; reserves the budget. Not by who wrote it."""
    return actions.approve(tx, by=by, demand_id=demand_id, version=version)


@router.get(
    "/demands/{demand_id}/request",
    response_class=Response,
    responses=problems(*SIGNED_IN, NotFound, NotAllowed) | {200: {"content": {"application/pdf": {}}}},
)
def request_paper(demand_id: UUID, tx: Tx, by: By) -> Response:
    """The request document in Thai, as PDF; the same demand gives the same bytes."""
    made = paper.request(tx, by=by, demand_id=demand_id)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type="application/pdf", headers=headers)


@router.get(
    "/demands/{demand_id}/committee", response_model=CommitteeOut, responses=problems(*SIGNED_IN, NotFound, NotAllowed)
)
def committee(demand_id: UUID, tx: Tx, by: By) -> Bench:
    """Who inspects what the demand asks for, as named or as proposed; its ETag is the demand's."""
    return queries.committee(tx, by=by, demand_id=demand_id)


@router.put(
    "/demands/{demand_id}/committee",
    response_model=CommitteeOut,
    responses=problems(*EDITS, WrongState),
)
def name_committee(demand_id: UUID, body: CommitteeIn, version: IfMatch, tx: Tx, by: By) -> Bench:
    """Name the inspection committee of a draft; who approves or wrote it may not be in it."""
    row = actions.name_committee(tx, by=by, demand_id=demand_id, version=version, draft=body)
    tx.flush()
    return known.bench(tx, row)


@router.post(
    "/demands/{demand_id}/reopen", response_model=DemandOut, responses=problems(*STEPS), dependencies=[Creates]
)
def reopen(demand_id: UUID, body: CancelIn, tx: Tx, by: By) -> Demand:
    """Take an approved demand back to draft while no round has it; frees the budget."""
    return actions.reopen(tx, by=by, demand_id=demand_id, reason=body.reason)


@router.post(
    "/demands/{demand_id}/cancel", response_model=DemandOut, responses=problems(*STEPS), dependencies=[Creates]
)
def cancel(demand_id: UUID, body: CancelDemandIn, tx: Tx, by: By) -> Demand:
    """Cancel a demand before its allocation begins; frees a reserved budget."""
    return actions.cancel(tx, by=by, demand_id=demand_id, reason=body.reason, code=body.code)


@router.post(
    "/demands/{demand_id}/copy",
    status_code=201,
    response_model=WholeDemandOut,
    responses=problems(*CREATES, NotFound, WeekBegun, NotQualified),
    dependencies=[Creates],
)
def copy(demand_id: UUID, body: CopyIn, tx: Tx, by: By) -> Demand:
    """Repeat a demand in another week as a new draft: what fell on a closed day comes on the nearest open one of the
    week, before it if there is one; ceilings come down to that week's limits.
    """
    return actions.copy(tx, by=by, demand_id=demand_id, week=body.delivery_week)
