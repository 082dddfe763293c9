"""Pages of notices: one's own, how to be told, what each kind says, webhooks, the log of deliveries."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from service.notices import choosing, queries, webhooks
from service.notices.channels import is_ready
from service.notices.models import Delivery, Notice
from service.notices.schemas import AddressIn, ChoicesIn, CodeIn, Personal, WebhookIn
from service.notices.vocabulary import LABELS, PERSONAL, PUBLIC, SETTLED, State, for_organisation
from service.notices.wording import said
from service.parties import actions as parties
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, local, render, see
from service.web.paging import Cut, Paging, page_of
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
WEBHOOKS = "/organisations/{organisation_id}/webhooks"
AT_ONCE = 25  # deliveries: a page of the log is no long scroll on a phone


@router.get("/notices")
def notices(request: Request, tx: Tx, by: By, cut: Paging) -> Response:
    """One's notices, the newest first."""
    rows, following = page_of(tx, queries.own(by), Notice.id, cut, newest=True)
    return render(request, "notices/notices.html", notices=queries.shown(rows), following=following)


@router.post("/notices/read")
@shows_again(notices)
def read_all(request: Request, tx: Tx, by: By) -> Response:
    """Mark everything as read."""
    del request
    choosing.read_all(tx, by=by)
    return see("/notices")


@router.post("/notices/{notice_id}/open")
def open_notice(notice_id: UUID, tx: Tx, by: By) -> Response:
    """Mark a notice as read and go where it leads."""
    row = choosing.read(tx, by=by, notice_id=notice_id)
    return see(local(said(row, "en").path or "/notices"))


@router.get("/notices/choices")
def choices_page(request: Request, tx: Tx, by: By) -> Response:
    """Channels with their addresses, quiet hours, and which kind goes where."""
    ready = [channel.value for channel in PERSONAL if is_ready(request.app.state.settings, channel)]
    vouching = set(request.app.state.providers(request.app.state.settings)) & {"line"}
    return render(request, "notices/choices.html", choices=queries.choices(tx, by.person_id), ready=ready,
                  vouching=vouching,
                  kinds=for_organisation(by.organisation_kind),
                  addresses={row["channel"]: row for row in queries.addresses(tx, by.person_id)})  # fmt: skip


def _chosen(posted: Posted, known: dict[str, Any]) -> dict[str, Any]:
    """Boxes named `kind:channel` of the kinds that the page has shown: one whose every box is empty goes nowhere."""
    boxes, asked = set(posted.all("box")), set(posted.all("kind"))
    offered = [channel.value for channel in PERSONAL if channel in posted.all("offered")]
    shown = [kind.code for kind in PUBLIC if kind.code in asked] if offered else []
    return known | {kind: [way for way in offered if f"{kind}:{way}" in boxes] for kind in shown}


@router.post("/notices/choices")
@shows_again(choices_page)
def choose(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Keep the choices."""
    del request
    known = queries.choices(tx, by.person_id).channels
    draft = posted.read_some(ChoicesIn).model_copy(update={"channels": _chosen(posted, known)})
    choosing.choose(tx, by=by, draft=draft)
    return see("/notices/choices")


@router.post("/notices/addresses")
@shows_again(choices_page)
def add_address(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Send a code to an address."""
    del request
    choosing.add_address(tx, by=by, draft=posted.read(AddressIn))
    return see("/notices/choices")


@router.post("/notices/addresses/{channel}/confirm")
@shows_again(choices_page)
def confirm(request: Request, channel: Personal, tx: Tx, by: By, posted: Form) -> Response:
    """Bring the code."""
    del request
    choosing.confirm(tx, by=by, channel=channel, code=posted.read(CodeIn).code)
    return see("/notices/choices")


@router.post("/notices/addresses/{channel}/remove")
@shows_again(choices_page)
def remove(request: Request, channel: Personal, tx: Tx, by: By) -> Response:
    """Forget an address."""
    del request
    choosing.remove(tx, by=by, channel=channel)
    return see("/notices/choices")


@router.get("/notices/previews")
def previews(request: Request, by: By) -> Response:
    """What each kind says, in both languages."""
    del by
    several = {kind.code: words for kind, words in queries.previews(several=True)}
    return render(request, "notices/previews.html", previews=queries.previews(), several=several)


@router.get("/notices/log")
def log(request: Request, tx: Tx, by: By, cut: Paging, state: Annotated[str, Query(max_length=12)] = "") -> Response:
    """Every delivery: for whom, how, how it stands."""
    chosen = state if state in set(State) else None
    short = Cut(cut.after, min(cut.limit, AT_ONCE))
    rows, following = page_of(tx, queries.deliveries(by, chosen), Delivery.id, short, newest=True)
    return render(request, "notices/log.html", deliveries=queries.logged(tx, rows), following=following, state=chosen,
                  counts=queries.counts(tx), again=(State.DEAD, State.DROPPED), settled=SETTLED)  # fmt: skip


@router.post("/notices/log/{delivery_id}/replay")
@shows_again(log)
def replay(
    request: Request, delivery_id: UUID, tx: Tx, by: By, cut: Paging, state: Annotated[str, Query(max_length=12)] = ""
) -> Response:
    """Send again."""
    del request, cut
    webhooks.replay(tx, by=by, delivery_id=delivery_id)
    return see(f"/notices/log?state={state}" if state in set(State) else "/notices/log")


def _webhooks(request: Request, tx: Tx, by: By, organisation_id: UUID, fresh: webhooks.Fresh | None) -> Response:
    found = parties.get(tx, organisation_id)
    rows = webhooks.of(tx, by=by, organisation_id=organisation_id)
    return render(request, "notices/webhooks.html", organisation=found, fresh=fresh, kinds=for_organisation(found.kind),
                  webhooks=[(row, webhooks.host_of(row)) for row in rows])  # fmt: skip


@router.get(WEBHOOKS)
def webhooks_page(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """The programs that an organisation lets us tell."""
    return _webhooks(request, tx, by, organisation_id, None)


# Without a one-time key: a secret is not remembered as an answer to be repeated.
@router.post(WEBHOOKS)
@shows_again(webhooks_page)
def add_webhook(request: Request, organisation_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Add a webhook and show its secret this once."""
    private = request.app.state.settings.webhooks_private
    draft = posted.read(WebhookIn)
    fresh = webhooks.add(tx, by=by, organisation_id=organisation_id, draft=draft, private=private)
    return _webhooks(request, tx, by, organisation_id, fresh)


@router.post(WEBHOOKS + "/{webhook_id}/end")
@shows_again(webhooks_page)
def end_webhook(request: Request, organisation_id: UUID, webhook_id: UUID, tx: Tx, by: By) -> Response:
    """Stop calling it."""
    del request
    webhooks.end(tx, by=by, organisation_id=organisation_id, webhook_id=webhook_id)
    return see(f"/organisations/{organisation_id}/webhooks")
