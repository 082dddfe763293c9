"""Pages of the group's phone: what waits today, what is due where, offers that still stand."""

from uuid import UUID

from fastapi import Request, Response

from service.listings import actions as listings
from service.listings import freshness
from service.listings.schemas import VersionForm
from service.phone import queries
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import render, see
from service.web.routes import page_router, shows_again

router = page_router()


@router.get("/today")
def today(request: Request, tx: Tx, by: By) -> Response:
    """One screen: answer these awards, deliver these drops, confirm these offers."""
    return render(request, "phone/today.html", today=queries.today_of(tx, by=by))


@router.get("/today/deliveries")
def deliveries(request: Request, tx: Tx, by: By) -> Response:
    """What is due when and where, fit for paper."""
    group, days = queries.deliveries(tx, by=by)
    return render(request, "phone/deliveries.html", group=group, days=days)


@router.post("/today/offers/{offer_id}/still")
@shows_again(today)
def still(request: Request, offer_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Yes, the offer still stands."""
    del request, posted
    freshness.confirm(tx, by=by, offer_id=offer_id)
    return see("/today#offers")


@router.post("/today/offers/{offer_id}/gone")
@shows_again(today)
def gone(request: Request, offer_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """No, there is nothing of it now: the offer pauses."""
    del request
    listings.suspend(tx, by=by, offer_id=offer_id, version=posted.read_some(VersionForm).version)
    return see("/today#offers")
