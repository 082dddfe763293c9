"""The API of photographs, quantities by weekday, and the harvest calendar."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from service.harvests import days, photo, weeks
from service.harvests.photo import NotAPhotograph
from service.harvests.schemas import DaysIn, HarvestOut, HarvestsOut, PhotoIn
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired, WrongState
from service.kernel.shapes import ProvinceCode
from service.listings import queries
from service.listings.rules import MinimumNotWholePacks, NeverEnough, NoLotAhead
from service.listings.schemas import OfferOut
from service.web.deps import By, Creates, IfMatch, PreconditionRequired, Tx
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput, NotFound)
WRITES = (*SIGNED_IN, NotAllowed, KeyReused)
JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}

router = api_router("", "listings")


@router.get("/harvests", response_model=HarvestsOut, responses=problems(*SIGNED_IN))
def harvests(
    tx: Tx, by: By, province: ProvinceCode, ahead: Annotated[int, Query(ge=1, le=26, alias="weeks")] = weeks.WEEKS
) -> HarvestsOut:
    """What groups of a province expect by week and product: an outlook, without prices and without names."""
    del by
    found = weeks.calendar(tx, province_code=province, weeks=ahead)
    return HarvestsOut(province_code=province, items=[_out(one) for one in found])


def _out(one: weeks.Harvest) -> HarvestOut:
    return HarvestOut(week=one.week, product_code=one.product_code, groups=len(one.groups), exact=one.exact,
                      at_least=one.at_least, below=one.below)  # fmt: skip


@router.get("/offers/{offer_id}/photo", response_class=Response, responses={**problems(*SIGNED_IN), **JPEG})
def picture(offer_id: UUID, tx: Tx, by: By) -> Response:
    """The photograph of an offer that you may know."""
    return Response(photo.of_offer(tx, by=by, offer_id=offer_id).content, media_type="image/jpeg")


@router.post("/offers/{offer_id}/photo", response_model=OfferOut, responses=problems(*WRITES, NotAPhotograph),
             dependencies=[Creates])  # fmt: skip
def put_picture(offer_id: UUID, body: PhotoIn, tx: Tx, by: By) -> OfferOut:
    """Keep a photograph: it is written anew, smaller, without the place and time that a camera adds."""
    return queries.seen(photo.put(tx, by=by, offer_id=offer_id, data=body.content), by)


@router.delete("/offers/{offer_id}/photo", response_model=OfferOut, responses=problems(*WRITES))
def drop_picture(offer_id: UUID, tx: Tx, by: By) -> OfferOut:
    """Take the photograph away."""
    return queries.seen(photo.drop(tx, by=by, offer_id=offer_id), by)


@router.put(
    "/offers/{offer_id}/days",
    response_model=OfferOut,
    responses=problems(*WRITES, EditConflict, PreconditionRequired, WrongState, NoLotAhead, NeverEnough,
                       MinimumNotWholePacks, days.WeekGrows),
)  # fmt: skip
def put_days(offer_id: UUID, body: DaysIn, version: IfMatch, tx: Tx, by: By) -> OfferOut:
    """Write seven quantities for the days of one or some weeks; they become lots, those of other weeks stay."""
    return queries.seen(days.put(tx, by=by, offer_id=offer_id, version=version, draft=body), by)
