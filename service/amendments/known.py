"""What an actor may know of amendments: those of the demands that he or she may know, of the own institution."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.amendments.models import Amendment
from service.demand import known as demands
from service.kernel.actor import Actor
from service.parties.permissions import require


def pending(tx: Session, demand_id: UUID) -> Amendment | None:
    """The amendment that waits for the head."""
    rows = select(Amendment).where(Amendment.demand_id == demand_id, Amendment.state == "pending")
    return tx.scalar(rows.limit(1))


def of(tx: Session, *, by: Actor, demand_id: UUID) -> list[Amendment]:
    """The amendments of one of the own demands, oldest first."""
    row = demands.demand(tx, by=by, demand_id=demand_id)
    require(by, "demand.see", organisation_id=row.organisation_id, province=row.province_code)
    return list(tx.scalars(select(Amendment).where(Amendment.demand_id == row.id).order_by(Amendment.id)))
