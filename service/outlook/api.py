"""The API of the outlook."""

from uuid import UUID

from service.kernel.problems import InvalidInput, NotAllowed, NotFound, SignInRequired
from service.outlook import queries
from service.outlook.schemas import AdviceOut, LineOutlookOut, ReachOut, TogetherReachOut
from service.prices.schemas import CellOut
from service.web.deps import By, Tx
from service.web.problems import problems
from service.web.routes import api_router

router = api_router("", "demand")


@router.get(
    "/demands/{demand_id}/outlook",
    response_model=list[LineOutlookOut],
    responses=problems(SignInRequired, InvalidInput, NotAllowed, NotFound),
)
def outlook(demand_id: UUID, tx: Tx, by: By) -> list[LineOutlookOut]:
    """Who could serve each line of your demand as the market stands, and what would have it served better."""
    _, found = queries.outlook(tx, by=by, demand_id=demand_id)
    return [
        LineOutlookOut(
            line_id=one.line.id, product_code=one.line.product_code, quantity=one.line.quantity,
            reach=ReachOut.model_validate(one.reach), fill=one.fill,
            paid=None if one.paid is None else CellOut.model_validate(one.paid),
            advice=[AdviceOut.model_validate(change) for change in one.advice],
            together=None if one.together is None else TogetherReachOut.model_validate(one.together),
        )
        for one in found
    ]  # fmt: skip
