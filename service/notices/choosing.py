"""Use cases of one's own notices: read, how to be told, and addresses that a code confirms. Events hold no address."""

import secrets
from datetime import timedelta
from uuid import UUID

from limits import RateLimitItemPerHour
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotFound
from service.kernel.secrecy import digits, vault
from service.notices import actions
from service.notices.models import Address, Choices, Delivery, Notice
from service.notices.rules import WrongNoticeCode
from service.notices.schemas import AddressIn, ChoicesIn, ways_of
from service.notices.vocabulary import State
from service.people.models import Person
from service.tries import throttle

CODES, TRIES = RateLimitItemPerHour(5), RateLimitItemPerHour(10)
DIGITS, HOLDS = 6, timedelta(minutes=15)


def _owner(by: Actor) -> UUID:
    if by.person_id is None or by.key_id is not None:
        raise NotFound
    return by.person_id


def read(tx: Session, *, by: Actor, notice_id: UUID) -> Notice:
    """Mark one of one's own notices as read."""
    row = tx.get(Notice, notice_id)
    if row is None or not row.shown or row.person_id != _owner(by):
        raise NotFound
    row.read_at = row.read_at or now()
    return row


def read_all(tx: Session, *, by: Actor) -> None:
    """Mark everything as read."""
    mine = (Notice.person_id == _owner(by), Notice.shown, Notice.read_at.is_(None))
    tx.execute(update(Notice).where(*mine).values(read_at=now()))


def choose(tx: Session, *, by: Actor, draft: ChoicesIn) -> Choices:
    """Choose language, quiet hours and channels."""
    owner = _owner(by)
    row = tx.scalar(select(Choices).where(Choices.person_id == owner).with_for_update())
    row = row or Choices(person_id=owner)
    row.language, row.quiet_from, row.quiet_until = draft.language, draft.quiet_from, draft.quiet_until
    row.channels = ways_of(draft.channels)
    tx.add(row)
    _look_again(tx, owner)
    events.record(tx, by=by, verb="notice_choices.changed", subject=tx.get_one(Person, owner))
    return row


def _look_again(tx: Session, owner: UUID) -> None:
    """What rests until the old quiet hours end is weighed anew: it goes now, or rests until the new ones end."""
    mine = select(Notice.id).where(Notice.person_id == owner)
    resting = (Delivery.state == State.WAITING, Delivery.tries == 0, Delivery.notice_id.in_(mine))
    tx.execute(update(Delivery).where(*resting).values(due_at=now()))
    actions.wake(tx)


def add_address(tx: Session, *, by: Actor, draft: AddressIn) -> Address:
    """Name an address: it is used once its owner has brought the code that is sent to it."""
    owner = _owner(by)
    throttle.beside(tx).count(CODES, "address", str(owner))
    row = tx.scalar(_mine(owner, draft.channel)) or Address(person_id=owner, channel=draft.channel)
    code = digits(DIGITS)
    row.address, row.address_hash = draft.address, vault().mark(marked(draft.channel, draft.address))
    row.confirmed_at, row.code_expires_at = None, now() + HOLDS
    tx.add(row)
    tx.flush()
    row.code_hash = vault().mark(_code(row, code))
    chosen = tx.get(Choices, owner)
    actions.tell_address(
        tx, kind="address.code", channel=draft.channel, address=draft.address, path="", person_id=owner,
        facts={"code": code, "until": row.code_expires_at.isoformat()}, key=f"address.code:{secrets.token_hex(8)}",
        language=chosen.language if chosen else "th",
    )  # fmt: skip
    events.record(tx, by=by, verb="notice_address.named", subject=row, change={"channel": row.channel})
    return row


def take_vouched(tx: Session, *, by: Actor, draft: AddressIn) -> Address:
    """Keep an address for which its own service has vouched: notices go there from now on, no code is needed."""
    owner = _owner(by)
    row = tx.scalar(_mine(owner, draft.channel).with_for_update()) or Address(person_id=owner, channel=draft.channel)
    row.address, row.address_hash = draft.address, vault().mark(marked(draft.channel, draft.address))
    row.code_hash, row.code_expires_at, row.confirmed_at = "", None, now()
    tx.add(row)
    tx.flush()
    events.record(tx, by=by, verb="notice_address.confirmed", subject=row, change={"channel": row.channel})
    return row


def confirm(tx: Session, *, by: Actor, channel: str, code: str) -> Address:
    """Bring the code: from now on notices go there."""
    owner = _owner(by)
    tries = throttle.beside(tx)
    tries.count(TRIES, "confirm", str(owner))
    row = tx.scalar(_mine(owner, channel).with_for_update())
    if row is None:
        raise NotFound
    late = row.code_expires_at is None or row.code_expires_at < now()
    if late or row.code_hash not in vault().marks(_code(row, code.replace(" ", ""))):
        raise WrongNoticeCode
    row.confirmed_at, row.code_hash = now(), ""
    tries.forget(TRIES, "confirm", str(owner))
    events.record(tx, by=by, verb="notice_address.confirmed", subject=row, change={"channel": row.channel})
    return row


def remove(tx: Session, *, by: Actor, channel: str) -> None:
    """Forget an address."""
    row = tx.scalar(_mine(_owner(by), channel))
    if row is None:
        raise NotFound
    events.record(tx, by=by, verb="notice_address.removed", subject=row, change={"channel": row.channel})
    tx.delete(row)


def forget_mailbox(tx: Session, *, by: Actor, person_id: UUID, but: str) -> None:
    """Forget where a person's e-mail goes, unless it is the address that was proven: it opens the account."""
    row = tx.scalar(_mine(person_id, "email"))
    if row is not None and row.address_hash not in vault().marks(marked("email", but)):
        events.record(tx, by=by, verb="notice_address.removed", subject=row, change={"channel": row.channel})
        tx.delete(row)


def _mine(owner: UUID, channel: str) -> Select[Address]:
    return select(Address).where(Address.person_id == owner, Address.channel == channel)


def _code(row: Address, code: str) -> str:
    return f"address {row.id} {code}"


def marked(channel: str, address: str) -> str:
    """What an address is marked by, so that it can be found again but not read."""
    return f"{channel} {address.casefold()}"
