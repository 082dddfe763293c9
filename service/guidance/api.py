"""The API of guidance: why a group's offers won or not, and help with a price."""

from uuid import UUID

from service.guidance import queries
from service.guidance.schemas import PriceHelpOut, WhyOut
from service.kernel.problems import InvalidInput, NotFound, SignInRequired, WrongState
from service.web.deps import By, Tx
from service.web.problems import problems
from service.web.routes import api_router

SIGNED_IN = (SignInRequired, InvalidInput, NotFound)

router = api_router("", "guidance")


@router.get(
    "/rounds/{round_id}/suppliers/{supplier_id}/why",
    response_model=WhyOut,
    responses=problems(*SIGNED_IN, WrongState),
)
def why(round_id: UUID, supplier_id: UUID, tx: Tx, by: By) -> WhyOut:
    """Why a group's offers won or did not, in sentences of your language: for the group once the round is published."""
    return queries.why(tx, by=by, round_id=round_id, supplier_id=supplier_id)


@router.get("/products/{code}/price-help", response_model=PriceHelpOut, responses=problems(*SIGNED_IN))
def price_help(code: str, tx: Tx, by: By) -> PriceHelpOut:
    """What may help your group to name a price: quartiles of your province, and what would have won last time."""
    return queries.price_help(tx, by=by, product_code=code)
