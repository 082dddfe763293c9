"""The menus' API: recipes, the plan of a week, heads, stock, the need and the draft demand made of it."""

from fractions import Fraction
from uuid import UUID

from service.demand.models import Demand
from service.demand.rules import WeekBegun
from service.demand.schemas import WholeDemandOut
from service.kernel.problems import Duplicate, EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.kernel.shapes import Week
from service.menus import actions, drafting, known
from service.menus.models import MenuWeek
from service.menus.need import in_packs
from service.menus.rules import NothingToOrder, TooManyDeliveries
from service.menus.schemas import CountsIn, DraftIn, ItemOut, NeedOut, PlanIn, PlanOut, ScaleIn
from service.parties.rules import NotQualified
from service.recipes import known as cookbook
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput, NotAllowed, NotFound)
CREATES = (*SIGNED_IN, KeyReused, Duplicate)
EDITS = (*SIGNED_IN, EditConflict, PreconditionRequired)

router = api_router("/menus", "menus")


@router.get("/weeks/{week}", response_model=PlanOut, responses=problems(*SIGNED_IN))
def plan(week: Week, tx: Tx, by: By) -> MenuWeek:
    """The menu of a week; its ETag is needed to change it."""
    row = known.week_of(tx, cookbook.kitchen(tx, by).id, week)
    if row is None:
        raise NotFound
    return row


@router.put("/weeks/{week}", response_model=PlanOut, responses=problems(*EDITS))
def save_plan(week: Week, body: PlanIn, version: IfMatch, tx: Tx, by: By) -> MenuWeek:
    """Plan a week; it replaces what was planned. A week without a menu is written with If-Match "0"."""
    return actions.plan(tx, by=by, week=week, version=version, draft=body)


@router.post("/heads", status_code=204, responses=problems(*CREATES), dependencies=[Creates])
def count_heads(body: CountsIn, tx: Tx, by: By) -> None:
    """Enter how many are fed on days."""
    actions.count_heads(tx, by=by, draft=body)


@router.get("/weeks/{week}/need", response_model=NeedOut, responses=problems(*SIGNED_IN))
def need(week: Week, tx: Tx, by: By) -> NeedOut:
    """What the week's menu needs: products in packs by delivery day, in thousandths where it is weighed."""
    found = known.need_of(tx, cookbook.kitchen(tx, by), week)
    items = [
        ItemOut(
            product_code=item.bought.product_code, need_milli=_milli(item.need), netted_milli=_milli(item.netted),
            quantity=item.quantity, deliveries=[(drop.day, drop.quantity) for drop in item.drops if drop.quantity],
        )
        for item in found.items
    ]  # fmt: skip
    return NeedOut(week=week, items=items, unknown=list(found.unknown))


def _milli(units: Fraction) -> int:
    return in_packs(units * cookbook.MILLI, 1)


@router.post(
    "/weeks/{week}/demand",
    status_code=201,
    response_model=WholeDemandOut,
    responses=problems(*CREATES, NothingToOrder, TooManyDeliveries, WeekBegun, NotQualified),
    dependencies=[Creates],
)
def draft(week: Week, body: DraftIn, tx: Tx, by: By) -> Demand:
    """Make the draft demand of a week's menu, or bring the one made before up to date."""
    return drafting.draft(tx, by=by, week=week, wanted=body)


@router.post(
    "/demands/{demand_id}/scaled",
    status_code=201,
    response_model=WholeDemandOut,
    responses=problems(*CREATES, WeekBegun, NotQualified),
    dependencies=[Creates],
)
def scale(demand_id: UUID, body: ScaleIn, tx: Tx, by: By) -> Demand:
    """Repeat a past demand in another week for other heads, as a new draft."""
    return drafting.scale(tx, by=by, demand_id=demand_id, wanted=body)
