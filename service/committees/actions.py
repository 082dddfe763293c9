"""Naming a committee. The demand that it is named for asks for permission and records it: nobody else names one."""

from uuid import UUID

from sqlalchemy.orm import Session

from service.committees import known, rules
from service.committees.models import Committee, Seat
from service.committees.rules import Purchase
from service.committees.schemas import CommitteeIn, SeatIn
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput


def name(
    tx: Session, *, by: Actor, organisation_id: UUID, committee_id: UUID | None, purchase: Purchase, draft: CommitteeIn
) -> Committee:
    """Name (or name anew) who inspects a purchase, under the rule that holds for it today."""
    rule = rules.rule_for(purchase)
    if rule is None:
        raise InvalidInput(errors=(FieldError("/seats", N_("No rule asks for a committee here.")),))
    rules.must_be_right(draft.seats, known.roles_of(tx, organisation_id), rule, purchase)
    row = known.committee(tx, committee_id)
    if row is None:
        row = Committee(organisation_id=organisation_id, seats=[])
        tx.add(row)
    row.rule, row.named_by, row.named_at = rule.code, by.person_id, now()
    row.seats.clear()
    tx.flush()  # old seats leave before the new ones come
    row.seats = _seats(draft.seats)
    tx.flush()
    return row


def _seats(seats: list[SeatIn]) -> list[Seat]:
    return [Seat(person_id=seat.person_id, kind=seat.kind, position=place) for place, seat in enumerate(seats)]


def again(tx: Session, *, by: Actor, committee_id: UUID) -> UUID | None:
    """The same people for another purchase; whether they may sit there is checked at its approval."""
    source = known.committee(tx, committee_id)
    if source is None:
        return None
    kept = [SeatIn.model_validate({"person_id": seat.person_id, "kind": seat.kind}) for seat in source.seats]
    row = Committee(organisation_id=source.organisation_id, rule=source.rule, named_by=by.person_id, seats=_seats(kept))
    tx.add(row)
    tx.flush()
    return row.id
