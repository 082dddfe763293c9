"""Use cases of assisted entries: a centre writes down, the group confirms, and only then does anything happen."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts import pins
from service.accounts.rules import WrongPin
from service.catalog.rules import must_supply
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.problems import NotFound, must_match
from service.listings import actions as listings
from service.listings.schemas import OfferIn
from service.notices.actions import Facts, settled, tell
from service.orders import actions as orders
from service.orders import answering
from service.orders import known as awards
from service.orders.schemas import AnswerIn
from service.parties.models import Organisation
from service.parties.permissions import require
from service.people.models import Membership
from service.visits import known, rules
from service.visits.models import AssistedEntry
from service.visits.schemas import EntryIn, PinIn

DECIDES = "supplier_manager"
WAITS = "entry.waiting"


def enter(tx: Session, *, by: Actor, draft: EntryIn) -> AssistedEntry:
    """Write down what a group asks for; it takes effect once the group confirms."""
    group = tx.get(Organisation, draft.organisation_id)
    if group is None:
        raise NotFound
    require(by, "entry.make", province=group.province_code)
    must_supply(group)
    if draft.award_id is not None and draft.answer is not None:
        _must_fit(tx, by, group.id, draft.award_id, draft.answer)
    content = draft.listing if draft.listing is not None else draft.answer
    assert content is not None
    row = AssistedEntry(organisation_id=group.id, centre_id=by.organisation_id, entered_by=by.person_id,
                        kind="answer" if draft.listing is None else "listing", award_id=draft.award_id,
                        payload=content.model_dump(mode="json"), valid_until=now() + rules.WAITS)  # fmt: skip
    tx.add(row)
    # What was written stays out of the log: a listing holds a sealed price.
    events.record(tx, by=by, verb="entry.made", subject=row, province_code=group.province_code, on_behalf_of=group.id,
                  change={"kind": row.kind, "award": row.award_id})  # fmt: skip
    tx.flush()
    _tell(tx, group.id, row)
    return row


def _tell(tx: Session, group_id: UUID, row: AssistedEntry) -> None:
    centre = tx.get_one(Organisation, row.centre_id)
    facts: Facts = {"organisation": centre.name_th, "organisation_en": centre.name_en}
    tell(tx, kind=WAITS, organisation_id=group_id, roles=frozenset({DECIDES}), facts=facts,
         path="/confirmations", key=f"{WAITS}:{row.id}")  # fmt: skip


def _must_fit(tx: Session, by: Actor, group_id: UUID, award_id: UUID, answer: AnswerIn) -> None:
    """Refuse now what could not be answered later."""
    award = awards.award(tx, by=by, award_id=award_id)
    if award.supplier_id != group_id:
        raise NotFound
    answering.weigh(tx, by=by, award_id=award_id, version=award.version, draft=answer, right="entry.make")


def confirm(tx: Session, *, by: Actor, entry_id: UUID, version: int) -> AssistedEntry:
    """The group confirms on its own sign-in: what was written happens now, in its name."""
    row = _own(tx, by, entry_id, version)
    return _done(tx, by, row, {"centre": row.centre_id, "entered_by": row.entered_by})


def confirm_here(tx: Session, *, by: Actor, entry_id: UUID, proof: PinIn) -> AssistedEntry:
    """Someone of the group confirms at the centre with their PIN; the record says on whose device."""
    row = known.entry(tx, by=by, entry_id=entry_id, lock=True)
    group = tx.get_one(Organisation, row.organisation_id)
    require(by, "entry.make", province=group.province_code)
    rules.must_wait(row)
    decides = (Membership.person_id == proof.person_id, Membership.organisation_id == group.id, Membership.active)
    held = tx.scalar(select(Membership.id).where(*decides, Membership.role == DECIDES))
    right = pins.is_right(tx, person_id=proof.person_id, organisation_id=group.id, pin=proof.pin)
    if held is None or not right:
        raise WrongPin
    person = Actor(proof.person_id, group.id, group.kind, group.province_code, frozenset({DECIDES}),
                   account_id=by.person_id)  # fmt: skip
    return _done(tx, person, row, {"centre": row.centre_id, "entered_by": row.entered_by, "at_centre": True})


def refuse(tx: Session, *, by: Actor, entry_id: UUID, version: int) -> AssistedEntry:
    """The group does not want it: nothing happens."""
    row = _own(tx, by, entry_id, version)
    _decide(tx, by, row, "refused", {"centre": row.centre_id})
    return row


def _own(tx: Session, by: Actor, entry_id: UUID, version: int) -> AssistedEntry:
    row = known.entry(tx, by=by, entry_id=entry_id, lock=True)
    require(by, "entry.decide", organisation_id=row.organisation_id)
    must_match(row.version, version)
    pins.must_be_named(tx, by, row.organisation_id)
    rules.must_wait(row)
    return row


def _done(tx: Session, by: Actor, row: AssistedEntry, change: dict[str, object]) -> AssistedEntry:
    if row.award_id is None:
        offer = listings.post(tx, by=by, draft=OfferIn.model_validate(row.payload))
        tx.flush()
        listings.publish(tx, by=by, offer_id=offer.id, version=offer.version)
    else:
        award = awards.award(tx, by=by, award_id=row.award_id)
        orders.answer(tx, by=by, award_id=award.id, version=award.version, draft=AnswerIn.model_validate(row.payload))
    _decide(tx, by, row, "confirmed", change)
    return row


def _decide(tx: Session, by: Actor, row: AssistedEntry, state: str, change: dict[str, object]) -> None:
    row.state, row.decided_by, row.decided_at = state, by.person_id, now()
    settled(tx, [f"{WAITS}:{row.id}"])
    province = tx.get_one(Organisation, row.organisation_id).province_code
    events.record(tx, by=by, verb=f"entry.{state}", subject=row, province_code=province, change=change)
