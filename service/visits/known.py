"""An assisted entry as those find it who may know it: its group, and the service centre that wrote it."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.permissions import may
from service.visits.models import AssistedEntry


def entries(by: Actor) -> Select[AssistedEntry]:
    """The entries that the actor may know."""
    sides: list[ColumnElement[bool]] = [false()]
    if may(by, "entry.decide", organisation_id=by.organisation_id):
        sides.append(AssistedEntry.organisation_id == by.organisation_id)
    if may(by, "entry.make", province=by.province_code):
        sides.append(AssistedEntry.centre_id == by.organisation_id)
    return select(AssistedEntry).where(or_(*sides))


def entry(tx: Session, *, by: Actor, entry_id: UUID, lock: bool = False) -> AssistedEntry:
    """One of them, or NotFound."""
    query = entries(by).where(AssistedEntry.id == entry_id)
    row = tx.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound
    return row
