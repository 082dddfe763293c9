"""The API of notices: one's own, choices, addresses, kinds, an organisation's webhooks, and the log of deliveries."""

from typing import Any
from uuid import UUID

from fastapi import Request

from service.kernel.problems import Duplicate, InvalidInput, NotAllowed, NotFound, SignInRequired, WrongState
from service.notices import choosing, queries, webhooks
from service.notices.models import Choices, Delivery, Notice
from service.notices.rules import TooManyWebhooks, WrongNoticeCode
from service.notices.schemas import (
    AddressIn,
    AddressOut,
    ChoicesIn,
    ChoicesOut,
    CodeIn,
    DeliveryOut,
    FreshWebhookOut,
    KindOut,
    NoticeOut,
    Personal,
    WebhookIn,
    WebhookOut,
)
from service.notices.vocabulary import State
from service.tries.throttle import TooManyAttempts
from service.web.deps import By, Creates, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router, tells_secret

SIGNED_IN = (SignInRequired, InvalidInput)
OWN = (*SIGNED_IN, NotFound)
WRITES = (*OWN, NotAllowed, Duplicate, KeyReused)
WEBHOOKS = "/organisations/{organisation_id}/webhooks"

router = api_router("", "notices")


@router.get("/me/notices", response_model=Page[NoticeOut], responses=problems(*OWN))
def notices(tx: Tx, by: By, cut: Paging) -> dict[str, Any]:
    """Your notices, the newest first, in the language you ask for."""
    rows, following = page_of(tx, queries.own(by), Notice.id, cut, newest=True)
    return {"items": [queries.as_out(one) for one in queries.shown(rows)], "next": following}


@router.post("/me/notices/read", status_code=204, responses=problems(*WRITES), dependencies=[Creates])
def read_all(tx: Tx, by: By) -> None:
    """Mark all of your notices as read."""
    choosing.read_all(tx, by=by)


@router.post(
    "/me/notices/{notice_id}/read", response_model=NoticeOut, responses=problems(*WRITES), dependencies=[Creates]
)
def read(notice_id: UUID, tx: Tx, by: By) -> dict[str, Any]:
    """Mark a notice as read."""
    return queries.as_out(queries.shown([choosing.read(tx, by=by, notice_id=notice_id)])[0])


def _choices(tx: Tx, row: Choices) -> dict[str, Any]:
    return {"language": row.language, "quiet_from": row.quiet_from, "quiet_until": row.quiet_until,
            "channels": row.channels, "addresses": queries.addresses(tx, row.person_id)}  # fmt: skip


@router.get("/me/notices/choices", response_model=ChoicesOut, responses=problems(*OWN))
def choices(tx: Tx, by: By) -> dict[str, Any]:
    """How you are told."""
    return _choices(tx, queries.choices(tx, by.person_id))


@router.put("/me/notices/choices", response_model=ChoicesOut, responses=problems(*WRITES))
def choose(body: ChoicesIn, tx: Tx, by: By) -> dict[str, Any]:
    """Choose how you are told."""
    return _choices(tx, choosing.choose(tx, by=by, draft=body))


@router.post(
    "/me/notices/addresses",
    status_code=201,
    response_model=list[AddressOut],
    responses=problems(*WRITES, TooManyAttempts),
    dependencies=[Creates],
)
def add_address(body: AddressIn, tx: Tx, by: By) -> list[dict[str, Any]]:
    """Name an address; a code is sent to it."""
    row = choosing.add_address(tx, by=by, draft=body)
    return queries.addresses(tx, row.person_id)


@router.post(
    "/me/notices/addresses/{channel}/confirmation",
    response_model=list[AddressOut],
    responses=problems(*WRITES, WrongNoticeCode, TooManyAttempts),
    dependencies=[Creates],
)
def confirm(channel: Personal, body: CodeIn, tx: Tx, by: By) -> list[dict[str, Any]]:
    """Bring the code that was sent to an address."""
    row = choosing.confirm(tx, by=by, channel=channel, code=body.code)
    return queries.addresses(tx, row.person_id)


@router.delete("/me/notices/addresses/{channel}", status_code=204, responses=problems(*WRITES))
def remove(channel: Personal, tx: Tx, by: By) -> None:
    """Forget an address."""
    choosing.remove(tx, by=by, channel=channel)


@router.get("/notice-kinds", response_model=list[KindOut], responses=problems(*SIGNED_IN))
def kinds(by: By) -> list[dict[str, Any]]:
    """Every kind of notice, with a preview in both languages."""
    del by
    return [
        {"code": kind.code, "urgent": kind.urgent, "channels": sorted(kind.channels)}
        | {code: {"title": words.title, "text": words.text} for code, words in languages.items()}
        for kind, languages in queries.previews()
    ]


def _delivery(one: queries.Logged) -> dict[str, Any]:
    row = one.row
    facts = {name: getattr(row, name) for name in ("id", "channel", "state", "tries", "last_error", "due_at")}
    return facts | {"kind": one.kind, "to": one.to, "delivered_at": row.delivered_at, "created_at": one.created_at}


@router.get("/notice-deliveries", response_model=Page[DeliveryOut], responses=problems(*SIGNED_IN, NotAllowed))
def deliveries(tx: Tx, by: By, cut: Paging, state: State | None = None) -> dict[str, Any]:
    """The log of deliveries, the newest first."""
    rows, following = page_of(tx, queries.deliveries(by, state), Delivery.id, cut, newest=True)
    return {"items": [_delivery(one) for one in queries.logged(tx, rows)], "next": following}


@router.post(
    "/notice-deliveries/{delivery_id}/replay",
    response_model=DeliveryOut,
    responses=problems(*WRITES, WrongState),
    dependencies=[Creates],
)
def replay(delivery_id: UUID, tx: Tx, by: By) -> dict[str, Any]:
    """Send again what was given up."""
    row = webhooks.replay(tx, by=by, delivery_id=delivery_id)
    return _delivery(queries.logged(tx, [row])[0])


def _webhook(row: Any) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in ("id", "kinds", "active", "created_at")}
    return facts | {"host": webhooks.host_of(row)}


@router.get(WEBHOOKS, response_model=list[WebhookOut], responses=problems(*OWN, NotAllowed))
def webhooks_of(organisation_id: UUID, tx: Tx, by: By) -> list[dict[str, Any]]:
    """The webhooks of an organisation."""
    return [_webhook(row) for row in webhooks.of(tx, by=by, organisation_id=organisation_id)]


@router.post(
    WEBHOOKS,
    status_code=201,
    response_model=FreshWebhookOut,
    responses=problems(*WRITES, TooManyWebhooks),
)
@tells_secret
def add_webhook(organisation_id: UUID, body: WebhookIn, request: Request, tx: Tx, by: By) -> dict[str, Any]:
    """Add a webhook; its secret is shown this once."""
    private = request.app.state.settings.webhooks_private
    fresh = webhooks.add(tx, by=by, organisation_id=organisation_id, draft=body, private=private)
    return _webhook(fresh.row) | {"secret": fresh.secret}


@router.delete(WEBHOOKS + "/{webhook_id}", status_code=204, responses=problems(*WRITES))
def end_webhook(organisation_id: UUID, webhook_id: UUID, tx: Tx, by: By) -> None:
    """Stop calling a webhook."""
    webhooks.end(tx, by=by, organisation_id=organisation_id, webhook_id=webhook_id)
