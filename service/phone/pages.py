"""Pages of the group's phone: what waits today, what is due where, offers that still stand, one award by its link."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from service.listings import actions as listings
from service.listings import freshness
from service.listings.schemas import VersionForm
from service.orders import queries as orders
from service.orders.pages import fitted, typed
from service.orders.schemas import AnswerForm
from service.orders.vocabulary import DeclineReason
from service.phone import actions, queries
from service.phone.schemas import LinkAnswerForm
from service.phone.vocabulary import LABELS
from service.web import patience
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)


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


@router.get("/a/{token}")
def link(request: Request, token: str, tx: Tx) -> Response:
    """One award for one person, without signing in: its answer, or kindly why there is none to give any more."""
    return _link(request, tx, token)


def _link(request: Request, tx: Tx, token: str, **more: Any) -> Response:
    here = actions.door(tx, token=token)
    award = orders.award(tx, by=here.by, award_id=here.award.id)
    answer = render(request, "phone/link.html", award=award, late=here.late, closed=here.link.closed_at is not None,
                    path_here=f"/a/{token}", reasons=list(DeclineReason), typed=typed(request),
                    needs_pin=here.group.shared_phone, used=not here.link.code_hash, holder=here.link.person_id,
                    leaders=actions.leaders_with_pin(tx, here), **{"weighed": None, "sent": False, **more})  # fmt: skip
    answer.headers["cache-control"] = "no-store"
    return answer


@router.post("/a/{token}")
@shows_again(link)
def answer_by_link(request: Request, token: str, tx: Tx, posted: Form) -> Response:
    """Take the answer with its code, or only show what it comes to."""
    patience.entry(request)
    if posted.get("_check"):
        weighed = actions.weigh(tx, token=token, form=fitted(posted).read_some(AnswerForm))
        request.state.posted = posted
        return _link(request, tx, token, weighed=weighed)
    form = fitted(posted).read_some(LinkAnswerForm)
    refusal = actions.answer(tx, token=token, form=form, key=posted.get("_key"))
    if refusal is None:
        return see(f"/a/{token}")
    request.state.posted, request.state.problem = posted, refusal
    return _link(request, tx, token, status=refusal.status)


@router.post("/a/{token}/code")
@shows_again(link)
def send_code(request: Request, token: str, tx: Tx, posted: Form) -> Response:
    """Send another code."""
    del posted
    patience.entry(request)
    actions.send_code(tx, token=token)
    return _link(request, tx, token, sent=True)
