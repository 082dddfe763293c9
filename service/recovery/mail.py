"""Recovery by e-mail: whoever asks hears the same at the same speed; a worker finds out whether there is an account.

A mailbox opens an account only if the address was confirmed a day ago (who borrows a session cannot make it last),
is one person's alone, and no role of review stands without its authenticator behind it.
"""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts import codes, factors
from service.events import actions as events
from service.kernel import jobs
from service.kernel.actor import SYSTEM
from service.kernel.clock import now
from service.kernel.secrecy import vault
from service.kernel.settings import Settings
from service.notices import actions as notices
from service.notices.channels import is_ready
from service.notices.choosing import marked
from service.notices.models import Address, Choices
from service.people.models import Person
from service.recovery.help import reviews
from service.recovery.rules import BY_MAIL, EMAIL, MAILS, SETTLED
from service.tries import throttle

WORKFLOW = "recover_by_mail"


def is_set_up(settings: Settings) -> bool:
    """Whether this installation sends e-mail."""
    return is_ready(settings, EMAIL)


def ask(tx: Session, *, email: str) -> None:
    """Let a worker look whose address it is; what is kept until then is encrypted."""
    throttle.beside(tx).count(MAILS, "recovery", vault().mark(email))
    queue = notices.QUEUES[False]
    jobs.start_after_commit(tx, queue, WORKFLOW, f"recovery-{uuid4()}", vault().seal(email))


def answer(tx: Session, email: str) -> None:
    """Send a code where an account is to be opened with it; otherwise nothing."""
    person = _owner(tx, email)
    if person is None or (reviews(tx, person.id) and not factors.has(tx, person.id)):
        return
    made = codes.make(tx, person.id, holds=BY_MAIL, issued_by=None, email=email)
    chosen = tx.get(Choices, person.id)
    notices.tell_address(
        tx, kind="account.recovery_code", channel=EMAIL, address=email, path="/access", person_id=person.id,
        facts={"code": made.code, "until": made.until.isoformat()}, key=f"recovery:{made.id}",
        language=chosen.language if chosen else "th",
    )  # fmt: skip
    events.record(tx, by=SYSTEM, verb="access_code.mailed", subject=person)


def confirm(tx: Session, person: Person, email: str) -> None:
    """Who brought a code that was sent to an address reads there."""
    mine = (Address.person_id == person.id, Address.channel == EMAIL)
    row = tx.scalar(select(Address).where(*mine)) or Address(person_id=person.id, channel=EMAIL)
    row.address, row.address_hash, row.confirmed_at = email, vault().mark(marked(EMAIL, email)), now()
    row.code_hash, row.code_expires_at = "", None
    tx.add(row)


def _owner(tx: Session, email: str) -> Person | None:
    """The one person whose confirmed address it is; a mailbox of several people opens no account."""
    rows = select(Person).join(Address, Address.person_id == Person.id).where(Address.channel == EMAIL)
    rows = rows.where(Address.address_hash.in_(vault().marks(marked(EMAIL, email))), Address.confirmed_at.is_not(None))
    found = list(tx.scalars(rows))
    if len(found) != 1 or not found[0].active:
        return None
    mine = select(Address.confirmed_at).where(Address.person_id == found[0].id, Address.channel == EMAIL)
    confirmed_at = tx.scalar(mine)
    return found[0] if confirmed_at is not None and confirmed_at < now() - SETTLED else None
