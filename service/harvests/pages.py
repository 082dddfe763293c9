"""Pages of photographs, quantities by weekday, and the harvest calendar."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from service.catalog import choosing
from service.catalog import queries as catalog
from service.catalog.models import Product
from service.harvests import days, photo, weeks
from service.harvests.schemas import MOST_WEEKS, DaysForm
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound
from service.listings import queries, repeat
from service.listings.models import Offer
from service.parties.models import Organisation
from service.parties.permissions import require
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
LABELS = {"offer.photographed": N_("Photograph added to an offer"), "offer.photo_dropped": N_("Photograph taken away")}
add_words(LABELS)
Words = Annotated[str, Query(max_length=160)]
SHOWN = 40  # products of a page
# The guard's own headers (no sniffing, no foreign scripts) hold for pictures too; these keep them on this site.
SAFE = {"Content-Disposition": 'inline; filename="photo.jpg"', "Cross-Origin-Resource-Policy": "same-origin"}


@router.get("/harvests")
def calendar(
    request: Request, tx: Tx, by: By, product: Words = "", after: Annotated[Words, Query(alias="cursor")] = ""
) -> Response:
    """What is coming in the reader's province, by week; of a product that is looked for, or page by page."""
    if by.province_code is None:
        raise NotFound
    codes = weeks.products_ahead(tx, province_code=by.province_code, limit=SHOWN + 1,
                                 only=choosing.like(tx, product) if product.strip() else None,
                                 after="".join(sign for sign in after if sign.isprintable()))  # fmt: skip
    found = weeks.calendar(tx, province_code=by.province_code, products=codes[:SHOWN])
    rows: dict[str, dict[date, weeks.Harvest]] = {}
    for one in found:
        rows.setdefault(one.product_code, {})[one.week] = one
    return render(request, "harvests/calendar.html", weeks=sorted({one.week for one in found}),
                  rows=dict(sorted(rows.items())), products=catalog.names_of(tx, rows), asked=product,
                  following=codes[SHOWN - 1] if len(codes) > SHOWN else None)  # fmt: skip


@router.get("/listings/{offer_id}/photo")
def picture(offer_id: UUID, tx: Tx, by: By) -> Response:
    """The photograph alone."""
    return Response(photo.of_offer(tx, by=by, offer_id=offer_id).content, media_type="image/jpeg", headers=SAFE)


def _mine(tx: Tx, by: By, offer_id: UUID) -> dict[str, Any]:
    """An offer that the reader may change, with what its pages name."""
    row: Offer = queries.offer(tx, by=by, offer_id=offer_id)
    require(by, "listing.edit", organisation_id=row.organisation_id, province=row.province_code)
    return {"offer": row, "product": tx.get_one(Product, row.product_code),
            "owner": tx.get_one(Organisation, row.organisation_id)}  # fmt: skip


@router.get("/listings/{offer_id}/picture")
def picture_form(request: Request, offer_id: UUID, tx: Tx, by: By) -> Response:
    """Where a photograph is taken or chosen."""
    return render(request, "harvests/picture.html", **_mine(tx, by, offer_id))


@router.post("/listings/{offer_id}/picture")
@shows_again(picture_form)
def put_picture(request: Request, offer_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Keep it, or take it away."""
    del request
    if posted.get("remove"):
        photo.drop(tx, by=by, offer_id=offer_id)
        return see(f"/listings/{offer_id}")
    data = posted.file("photo")
    if not data:
        raise InvalidInput(errors=(FieldError("/photo", N_("Choose a file.")),))
    photo.put(tx, by=by, offer_id=offer_id, data=data)
    return see(f"/listings/{offer_id}")


@router.get("/listings/{offer_id}/days")
def days_form(request: Request, offer_id: UUID, tx: Tx, by: By) -> Response:
    """Seven numbers for the days of a week."""
    mine, week = _mine(tx, by, offer_id), repeat.coming_week()
    return render(request, "harvests/days.html", **mine, week=week, quantities=days.of_week(mine["offer"].lots, week),
                  dates=[week + place * days.DAY for place in range(7)],
                  limit=days.limit(mine["offer"].lots, week, MOST_WEEKS))  # fmt: skip


@router.post("/listings/{offer_id}/days")
@shows_again(days_form)
def put_days(request: Request, offer_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Save them."""
    del request
    form = posted.read(DaysForm)
    days.put(tx, by=by, offer_id=offer_id, version=form.version, draft=form.draft())
    return see(f"/listings/{offer_id}")
