"""Deliveries leave one by one: claimed in one transaction, sent outside any, settled in another.

A worker holds what it sends for a while; if it is killed, the next one finds it due again, and the letter may arrive
twice, never not at all. In a lane (a recipient's channel) nothing overtakes what was begun or is due before it; only
what waits for the morning is passed by what is urgent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.notices import rules
from service.notices.channels import ADAPTERS, Letter, is_ready
from service.notices.models import EVENING, MORNING, Address, Choices, Delivery, Notice, Webhook
from service.notices.outside import Failed
from service.notices.vocabulary import KINDS, SETTLED, Channel, State
from service.notices.wording import Content, content_of, said
from service.people.models import Person

log = structlog.get_logger()
HELD = timedelta(minutes=3)
AT_MOST = 200  # letters a workflow


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker holds: which try it is, and what to send; None where there is nothing to send."""

    id: UUID
    tries: int
    channel: str
    letter: Letter | None


def send_next(database: Database, settings: Settings, programs: bool = False) -> bool:  # noqa: FBT001, FBT002
    """Send what is due next, to people or to programs; whether there was anything."""
    with database.writing() as tx:
        claim = _claim(tx, settings, programs=programs)
    if claim is None:
        return False
    if claim.letter is not None:
        failure = _try(settings, claim.channel, claim.letter)
        with database.writing() as tx:
            settle(tx, claim, failure)
    return True


def _try(settings: Settings, channel: str, letter: Letter) -> Failed | None:
    try:
        ADAPTERS[channel](settings, letter)
    except Failed as failure:
        return failure
    except Exception as fault:  # a fault of ours must not stop the lane for ever: it is tried again, then given up
        log.exception("notice not sent", delivery=str(letter.id), channel=channel)
        return Failed(type(fault).__name__)
    return None


def due(moment: datetime, *, programs: bool) -> ColumnElement[bool]:
    """What may be claimed at a moment: the first of its lane that is due, or that a killed worker held."""
    other = aliased(Delivery)
    begun = and_(other.state == State.WAITING, or_(other.tries > 0, other.due_at <= moment))
    ahead = and_(other.id < Delivery.id, or_(begun, other.state == State.SENDING))
    at_work = and_(other.id > Delivery.id, other.state == State.SENDING, other.held_until >= moment)
    blocked = exists().where(other.lane == Delivery.lane, or_(ahead, at_work))
    waits = and_(Delivery.state == State.WAITING, Delivery.due_at <= moment)
    left = and_(Delivery.state == State.SENDING, Delivery.held_until < moment)
    kind = Delivery.channel == Channel.WEBHOOK if programs else Delivery.channel != Channel.WEBHOOK
    return and_(or_(waits, left), ~blocked, kind)


def _claim(tx: Session, settings: Settings, *, programs: bool) -> Claim | None:
    rows = select(Delivery, Notice).join(Notice, Notice.id == Delivery.notice_id).where(due(now(), programs=programs))
    rows = rows.order_by(Notice.shown, Delivery.id).limit(1)  # codes that somebody waits for go first
    found = tx.execute(rows.with_for_update(of=Delivery, skip_locked=True)).first()
    if found is None:
        return None
    row, notice = found
    letter = _read(tx, settings, row, notice)
    if isinstance(letter, Letter):
        row.state, row.tries, row.held_until = State.SENDING.value, row.tries + 1, now() + HELD
        return Claim(row.id, row.tries, row.channel, letter)
    if isinstance(letter, Failed):
        row.tries += 1
        _failed(tx, row, notice, letter)
    elif isinstance(letter, datetime):
        row.due_at, row.state = letter, State.WAITING.value
    else:
        _end(tx, row, notice, State.DROPPED, letter)
    return Claim(row.id, row.tries, row.channel, None)


def _read(tx: Session, settings: Settings, row: Delivery, notice: Notice) -> Letter | datetime | str | Failed:
    """The letter, or why there is none; one that cannot be read must not stop what comes after it."""
    try:
        return _letter(tx, settings, row, notice)
    except Exception:
        log.exception("notice not read", delivery=str(row.id))
        return Failed(code="unreadable")


def _letter(tx: Session, settings: Settings, row: Delivery, notice: Notice) -> Letter | datetime | str:
    """What to send; or the moment when to; or why never."""
    if row.last_error == SETTLED:
        return SETTLED
    content = content_of(notice)
    if content is None:
        return "text gone"
    if not is_ready(settings, row.channel):
        return "channel not set up"
    if notice.webhook_id is not None:
        hook = tx.get_one(Webhook, notice.webhook_id)
        return _written(settings, row, notice, content, hook.url, secret=hook.secret) if hook.active else "ended"
    choices = tx.get(Choices, notice.person_id) if notice.person_id else None
    quiet = (choices.quiet_from, choices.quiet_until) if choices else (EVENING, MORNING)
    moment = now() if KINDS[notice.kind].urgent else rules.next_due(now(), *quiet, facts=content.facts)
    if moment > now():
        return moment
    if rules.is_late(content.facts, now()):
        return "too late"
    address = row.secret_address or _address(tx, notice.person_id, row.channel)
    language = choices.language if choices else notice.language
    return _written(settings, row, notice, content, address, language=language) if address else "no address"


def _address(tx: Session, person_id: UUID | None, channel: str) -> str:
    rows = select(Address.address).join(Person, Person.id == Address.person_id)
    rows = rows.where(Address.person_id == person_id, Address.channel == channel, Address.confirmed_at.is_not(None))
    return tx.scalar(rows.where(Person.active)) or ""


def _written(settings: Settings, row: Delivery, notice: Notice, content: Content, address: str, **more: Any) -> Letter:
    language = more.pop("language", "th")
    site = settings.public_address or f"http://{settings.host}:{settings.port}"
    return Letter(
        id=row.id, notice_id=notice.id, address=address, kind=notice.kind, language=language,
        said=said(notice, language), at=notice.created_at, facts=content.facts,
        url=f"{site}{content.path}" if content.path else "",
        choose_url=f"{site}/notices/choices" if notice.shown else "", **more,
    )  # fmt: skip


def settle(tx: Session, claim: Claim, failure: Failed | None) -> None:
    """Write what became of a try, unless the hold was lost to another worker meanwhile."""
    row = tx.scalar(select(Delivery).where(Delivery.id == claim.id).with_for_update())
    if row is None or row.state != State.SENDING or row.tries != claim.tries:
        return
    notice = tx.get_one(Notice, row.notice_id)
    if failure is None:
        row.delivered_at = now()
        _end(tx, row, notice, State.DELIVERED, "")
    else:
        _failed(tx, row, notice, failure)


def _failed(tx: Session, row: Delivery, notice: Notice, failure: Failed) -> None:
    """Another try later, or none any more."""
    if row.last_error == SETTLED:
        _end(tx, row, notice, State.DROPPED, SETTLED)
    elif failure.final or row.tries >= rules.MOST_TRIES:
        _end(tx, row, notice, State.DEAD, failure.code)
    else:
        row.state, row.held_until, row.last_error = State.WAITING.value, None, failure.code[:200]
        row.due_at = now() + rules.wait_after(row.tries, failure.wait)


def _end(tx: Session, row: Delivery, notice: Notice, state: State, error: str) -> None:
    """A delivery has ended; what lets someone in is kept no longer than a delivery needs it."""
    row.state, row.held_until, row.last_error = state.value, None, error[:200]
    others = select(Delivery.id).where(Delivery.notice_id == notice.id, Delivery.id != row.id)
    still = tx.scalar(others.where(Delivery.state.in_((State.WAITING, State.SENDING))).limit(1))
    if KINDS[notice.kind].secret and still is None:
        notice.secret_content = row.secret_address = ""  # nosec B105 # what was secret is blanked
