"""Pages of the group's phone: what waits today, what is due where, offers that still stand, one award by its link."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from service.kernel.i18n import N_, gettext, language
from service.listings import actions as listings
from service.listings import freshness
from service.listings.schemas import VersionForm
from service.orders import queries as orders
from service.orders.pages import fitted, kept_for, typed
from service.orders.schemas import AnswerForm
from service.orders.vocabulary import DeclineReason
from service.phone import actions, queries
from service.phone.rules import WrongLinkCode
from service.phone.schemas import LinkAnswerForm
from service.phone.vocabulary import LABELS
from service.rounds.models import Award
from service.web import assets, patience
from service.web.deps import By, MaybeBy, Tx
from service.web.files import static_url
from service.web.forms import Form
from service.web.pages import add_words, environment, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)


@router.get("/today")
def today(request: Request, tx: Tx, by: By) -> Response:
    """One screen: answer these awards, deliver these drops, confirm these offers."""
    return kept_for(by, render(request, "phone/today.html", today=queries.today_of(tx, by=by)))


@router.get("/today/deliveries")
def deliveries(request: Request, tx: Tx, by: By) -> Response:
    """What is due when and where, fit for paper."""
    group, days = queries.deliveries(tx, by=by)
    return kept_for(by, render(request, "phone/deliveries.html", group=group, days=days))


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
def link(request: Request, token: str, tx: Tx, by: MaybeBy) -> Response:
    """One award for one person, or the list of those told together, without signing in: its answer, or kindly why there
    is none to give any more.

    Whoever is signed in as that person needs no code: their own page of the award is a tap shorter.
    """
    told = actions.doors(tx, token=token)
    here = told[0] if told else actions.door(tx, token=token)
    own = by is not None and (by.person_id, by.organisation_id) == (here.link.person_id, here.group.id)
    if own and "x-kept-at" not in request.headers:
        return see("/today" if told else f"/awards/{here.award.id}")
    return _list(request, tx, told) if told else opened(request, token, tx)


def _list(request: Request, tx: Tx, told: list[actions.Door]) -> Response:
    """The awards of one message, those that wait first."""
    here = orders.awards(told[0].by, state=None, open_=None, supplier_id=told[0].group.id)
    rows = here.where(Award.id.in_([one.award.id for one in told])).order_by(Award.id)
    awards = orders.shown(tx, tx.scalars(rows).all())
    paths = {one.award.id: one.path for one in told}
    answer = render(request, "phone/links.html", awards=awards, paths=paths, closed=told[0].link.closed_at is not None)
    return _kept(answer)


def _kept(answer: Response) -> Response:
    """For this phone alone, which may show it again without a network."""
    answer.headers["cache-control"], answer.headers["x-keep"] = "no-store", "link"
    return answer


def opened(request: Request, token: str, tx: Tx) -> Response:
    """What the link shows to whoever is not signed in as its person, and when an answer by it is refused."""
    return _link(request, tx, token)


def _link(request: Request, tx: Tx, token: str, **more: Any) -> Response:
    here = actions.door(tx, token=token)
    award = orders.award(tx, by=here.by, award_id=here.award.id)
    answer = render(request, "phone/link.html", award=award, late=here.late, closed=here.link.closed_at is not None,
                    path_here=f"/a/{token}", reasons=list(DeclineReason), typed=typed(request),
                    needs_pin=here.group.shared_phone, holder=here.link.person_id,
                    leaders=actions.leaders_with_pin(tx, here), kept="x-kept-at" in request.headers,
                    all_path=actions.list_path(here), others=actions.waiting_beside(tx, here),
                    **{"weighed": None, "sent": False, **more})  # fmt: skip
    if here.group.shared_phone:  # there the page names the people who may answer
        answer.headers["cache-control"] = "no-store"
        return answer
    return _kept(answer)


@router.post("/a/{token}")
@shows_again(opened)
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
    comes_to = actions.weigh(tx, token=token, form=form) if isinstance(refusal, WrongLinkCode) else None
    return _link(request, tx, token, status=refusal.status, weighed=comes_to)


@router.post("/a/{token}/code")
@shows_again(opened)
def send_code(request: Request, token: str, tx: Tx, posted: Form) -> Response:
    """Send another code."""
    del posted
    patience.entry(request)
    actions.send_code(tx, token=token)
    return _link(request, tx, token, sent=True)


def _shell() -> list[str]:
    """What a phone keeps to show anything at all without a network."""
    ours = [static_url(name) for name in ("style.css", "phone.js", "kept.js", "icon.svg", "icon-192.png")]
    return [*ours, assets.url("sarabun-regular.woff2"), assets.url("sarabun-bold.woff2"), "/offline"]


@router.get("/sw.js")
def worker(request: Request) -> Response:
    """The service worker; its text changes with what it keeps, so browsers take the new one up."""
    del request
    shell = _shell()
    version = sha256("".join(shell).encode()).hexdigest()[:12]
    script = environment().get_template("phone/sw.js")
    text = script.render(version=version, files=shell, kept=static_url("kept.js"))
    return Response(text, media_type="text/javascript", headers={"cache-control": "no-cache"})


@router.get("/manifest.webmanifest")
def manifest(request: Request) -> Response:
    """What a phone needs to put the market among its apps."""
    del request
    icons = [("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"),
             ("icon-maskable-512.png", "512x512", "maskable")]  # fmt: skip
    content = {
        "name": gettext(N_("Pracharat Market")), "short_name": gettext(N_("Market")), "lang": language(),
        "id": "/today", "start_url": "/today", "scope": "/", "display": "standalone",
        "background_color": "#f4f6f3", "theme_color": "#0f4a2b",
        "icons": [{"src": static_url(name), "sizes": size, "type": "image/png", "purpose": purpose}
                  for name, size, purpose in icons],
    }  # fmt: skip
    return JSONResponse(content, headers={"cache-control": "no-cache"}, media_type="application/manifest+json")


@router.get("/offline")
def offline(request: Request) -> Response:
    """What stands where a page would be, without a network: nothing about anybody."""
    return render(request, "phone/offline.html")
