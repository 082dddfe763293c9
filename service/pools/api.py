"""The API of pools."""

from uuid import UUID

from service.demand import known as demands
from service.demand import together
from service.demand.models import Demand
from service.demand.rules import WeekBegun
from service.demand.schemas import WholeDemandOut
from service.demand.together import Together
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.parties.rules import NotQualified
from service.pools import actions, known, queries
from service.pools.models import Pool, PoolMember
from service.pools.rules import (
    AlreadyDrafted,
    AlreadyJoined,
    JoiningNotOver,
    JoiningOver,
    NotAgreed,
    TermsAgreed,
    WithoutDistrict,
)
from service.pools.schemas import (
    CallOffIn,
    JoinIn,
    MembershipOut,
    PoolDraftIn,
    PoolEdit,
    PoolIn,
    PoolOut,
    TogetherOut,
    WholePoolOut,
)
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SEES = (SignInRequired, InvalidInput, NotAllowed)
CREATES = (*SEES, KeyReused, NotQualified)
EDITS = (*SEES, NotFound, EditConflict, PreconditionRequired)
STEPS = (*EDITS, KeyReused)

router = api_router("/pools", "pools")
of_demands = api_router("/demands", "pools")


@router.post(
    "",
    status_code=201,
    response_model=WholePoolOut,
    responses=problems(*CREATES, WeekBegun, WithoutDistrict),
    dependencies=[Creates],
)
def open_pool(body: PoolIn, tx: Tx, by: By) -> WholePoolOut:
    """Ask the kitchens of your district to buy the same products on the same days; your own needs come first."""
    return _whole(tx, by, actions.open_pool(tx, by=by, draft=body))


@router.get("", response_model=Page[PoolOut], responses=problems(*SEES))
def pools(tx: Tx, by: By, cut: Paging) -> Page[PoolOut]:
    """The pools of your district; of your province for the companies."""
    rows, following = page_of(tx, known.visible(by), Pool.id, cut)
    return Page(items=[PoolOut.of(view) for view in queries.briefs(tx, by=by, rows=rows)], next=following)


@router.get("/{pool_id}", response_model=WholePoolOut, responses=problems(*SEES, NotFound))
def one(pool_id: UUID, tx: Tx, by: By) -> WholePoolOut:
    """One of them with what all need of each line; its ETag is needed to close it or to call it off."""
    return WholePoolOut.of(queries.whole(tx, by=by, pool_id=pool_id))


@router.patch(
    "/{pool_id}", response_model=WholePoolOut, responses=problems(*EDITS, JoiningOver, TermsAgreed, WeekBegun)
)
def revise(pool_id: UUID, body: PoolEdit, version: IfMatch, tx: Tx, by: By) -> WholePoolOut:
    """Change what your kitchen asked for: title and end while others may join, week and lines until one has joined."""
    return _whole(tx, by, actions.revise(tx, by=by, pool_id=pool_id, version=version, changes=body))


@router.post(
    "/{pool_id}/membership",
    status_code=201,
    response_model=MembershipOut,
    responses=problems(*CREATES, NotFound, JoiningOver, AlreadyJoined, EditConflict),
    dependencies=[Creates],
)
def join(pool_id: UUID, body: JoinIn, tx: Tx, by: By) -> PoolMember:
    """Take part with your kitchen's quantities."""
    return actions.join(tx, by=by, pool_id=pool_id, draft=body)


@router.get("/{pool_id}/membership", response_model=MembershipOut, responses=problems(*SEES, NotFound))
def membership(pool_id: UUID, tx: Tx, by: By) -> PoolMember:
    """Your kitchen's part; its ETag is needed to change it or to leave."""
    return known.membership(tx, by=by, pool_id=pool_id)


@router.patch("/{pool_id}/membership", response_model=MembershipOut, responses=problems(*EDITS, JoiningOver))
def change(pool_id: UUID, body: JoinIn, version: IfMatch, tx: Tx, by: By) -> PoolMember:
    """Bring other quantities; lines that are not named are not needed."""
    return actions.change(tx, by=by, pool_id=pool_id, version=version, draft=body)


@router.post(
    "/{pool_id}/leave", response_model=WholePoolOut, responses=problems(*STEPS, JoiningOver), dependencies=[Creates]
)
def leave(pool_id: UUID, version: IfMatch, tx: Tx, by: By) -> WholePoolOut:
    """Take no part after all, while others may still join; If-Match is the ETag of your part."""
    return _whole(tx, by, actions.leave(tx, by=by, pool_id=pool_id, version=version))


@router.post(
    "/{pool_id}/close",
    response_model=WholePoolOut,
    responses=problems(*STEPS, JoiningNotOver, NotAgreed),
    dependencies=[Creates],
)
def close(pool_id: UUID, version: IfMatch, tx: Tx, by: By) -> WholePoolOut:
    """Settle who takes part: by the lead once joining is over, by any member a day later."""
    return _whole(tx, by, actions.close(tx, by=by, pool_id=pool_id, version=version))


@router.post(
    "/{pool_id}/call-off", response_model=WholePoolOut, responses=problems(*STEPS, JoiningOver), dependencies=[Creates]
)
def call_off(pool_id: UUID, body: CallOffIn, version: IfMatch, tx: Tx, by: By) -> WholePoolOut:
    """Take your pool back before it is closed, with a reason."""
    return _whole(tx, by, actions.call_off(tx, by=by, pool_id=pool_id, version=version, draft=body))


@router.post(
    "/{pool_id}/draft",
    status_code=201,
    response_model=WholeDemandOut,
    responses=problems(*CREATES, NotFound, NotAgreed, AlreadyDrafted, WeekBegun),
    dependencies=[Creates],
)
def make_draft(pool_id: UUID, body: PoolDraftIn, tx: Tx, by: By) -> Demand:
    """Write your kitchen's own demand from what was agreed, on your own budget line."""
    return actions.make_draft(tx, by=by, pool_id=pool_id, draft=body)


@of_demands.get("/{demand_id}/pool", response_model=TogetherOut, responses=problems(SignInRequired, NotFound))
def of_demand(demand_id: UUID, tx: Tx, by: By) -> Together:
    """With which others of its district a demand was agreed on; nothing is found for most demands."""
    return together.must_be(tx, demands.demand(tx, by=by, demand_id=demand_id))


def _whole(tx: Tx, by: By, row: Pool) -> WholePoolOut:
    tx.flush()
    return WholePoolOut.of(queries.whole(tx, by=by, pool_id=row.id))
