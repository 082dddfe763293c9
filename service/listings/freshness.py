"""Whether an offer still stands: what nobody has touched for a week is asked about."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.events import actions as events
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.clock import now, today
from service.kernel.problems import WrongState
from service.listings import queries
from service.listings.models import WHOLE_OFFER, Offer, SupplyLot
from service.listings.rules import LABELS
from service.parties.permissions import require

ASKED_AFTER = timedelta(days=7)


def stale(tx: Session, organisation_id: UUID) -> list[Offer]:
    """A group's offers on the market that nobody has touched for a week, the longest untouched first."""
    ahead = select(SupplyLot.id).where(SupplyLot.offer_id == Offer.id, SupplyLot.harvest_until >= today())
    mine = select(Offer).where(Offer.organisation_id == organisation_id, Offer.state == "active", ahead.exists())
    rows = list(tx.scalars(mine.options(*WHOLE_OFFER)))
    touched = _touched(tx, [str(row.id) for row in rows])
    since = {row.id: max(row.created_at, touched.get(str(row.id), row.created_at)) for row in rows}
    old = [row for row in rows if since[row.id] < now() - ASKED_AFTER]
    return sorted(old, key=lambda row: (since[row.id], row.id))


def _touched(tx: Session, ids: list[str]) -> dict[str, datetime]:
    """When something was last recorded about each offer."""
    rows = select(Event.subject_id, func.max(Event.at)).group_by(Event.subject_id)
    return dict(tx.execute(rows.where(Event.subject_type == Offer.__tablename__, Event.subject_id.in_(ids))).all())


def confirm(tx: Session, *, by: Actor, offer_id: UUID) -> Offer:
    """Its group says that an offer still stands as it is."""
    row = queries.offer(tx, by=by, offer_id=offer_id)
    require(by, "listing.edit", organisation_id=row.organisation_id, province=row.province_code)
    if row.state != "active":
        raise WrongState.of(LABELS, row.state, {"active"}, "offer-")
    helps = None if by.organisation_id == row.organisation_id else row.organisation_id
    events.record(tx, by=by, verb="offer.confirmed", subject=row, province_code=row.province_code, on_behalf_of=helps)
    return row
