"""Use cases of an organisation's webhooks, and of the administrator who sends again what was given up."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotFound, WrongState
from service.notices import actions, rules
from service.notices.models import Delivery, Notice, Webhook
from service.notices.schemas import WebhookIn
from service.notices.vocabulary import LABELS, Channel, State
from service.parties import actions as parties
from service.parties.models import Organisation
from service.parties.permissions import require

MOST = 5


@dataclass(frozen=True, slots=True)
class Fresh:
    """A webhook and its secret, for this once."""

    row: Webhook
    secret: str


def managed(tx: Session, by: Actor, organisation_id: UUID) -> Organisation:
    """The organisation, if the actor manages its webhooks."""
    row = parties.get(tx, organisation_id)
    require(by, "webhook.manage", organisation_id=row.id, province=row.province_code)
    return row


def of(tx: Session, *, by: Actor, organisation_id: UUID) -> list[Webhook]:
    """An organisation's webhooks in use."""
    row = managed(tx, by, organisation_id)
    found = select(Webhook).where(Webhook.organisation_id == row.id, Webhook.active).order_by(Webhook.id)
    return list(tx.scalars(found))


def add(tx: Session, *, by: Actor, organisation_id: UUID, draft: WebhookIn, private: bool) -> Fresh:
    """Add a webhook; its secret is shown this once. `private`: plain HTTP and addresses inside are allowed."""
    organisation = managed(tx, by, organisation_id)
    rules.must_be_address(draft.url, private=private)
    used = select(func.count()).select_from(Webhook).where(Webhook.organisation_id == organisation.id, Webhook.active)
    if (tx.scalar(used) or 0) >= MOST:
        raise rules.TooManyWebhooks(most=MOST)
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    row = Webhook(organisation_id=organisation.id, url=draft.url, secret=secret, kinds=sorted(set(draft.kinds)),
                  created_by=by.person_id)  # fmt: skip
    tx.add(row)
    events.record(tx, by=by, verb="webhook.added", subject=row, province_code=organisation.province_code,
                  change={"organisation": organisation.id, "kinds": row.kinds})  # fmt: skip
    return Fresh(row, secret)


def end(tx: Session, *, by: Actor, organisation_id: UUID, webhook_id: UUID) -> None:
    """Stop calling a webhook; its address and secret are forgotten."""
    organisation = managed(tx, by, organisation_id)
    row = tx.scalar(select(Webhook).where(Webhook.id == webhook_id).with_for_update())
    if row is None or row.organisation_id != organisation.id or not row.active:
        raise NotFound
    row.active, row.url, row.secret = False, "", ""
    events.record(tx, by=by, verb="webhook.ended", subject=row, province_code=organisation.province_code)


def host_of(row: Webhook) -> str:
    """Where a webhook leads, without what its address may hold of secrets."""
    return urlsplit(row.url).netloc.rpartition("@")[2]


def replay(tx: Session, *, by: Actor, delivery_id: UUID) -> Delivery:
    """Send again what was given up or not sent, under the same id, so that whoever took it before can tell."""
    require(by, "notice.replay")
    row = tx.scalar(select(Delivery).where(Delivery.id == delivery_id).with_for_update())
    if row is None:
        raise NotFound
    if row.state not in {State.DEAD, State.DROPPED} or not tx.get_one(Notice, row.notice_id).secret_content:
        raise WrongState.of(LABELS, row.state, {State.DEAD, State.DROPPED}, "delivery.")
    row.state, row.tries, row.due_at, row.last_error = State.WAITING.value, 0, now(), ""
    events.record(tx, by=by, verb="notice.sent_again", subject=row, change={"channel": row.channel})
    actions.wake(tx, programs=row.channel == Channel.WEBHOOK)
    return row
