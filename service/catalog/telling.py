"""Groups are told before their certificates run out, while there is time to renew them."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from service.catalog.models import Certificate
from service.catalog.rules import EXPIRY_WARNING_DAYS
from service.kernel.clock import today
from service.notices import actions as notices
from service.notices.queries import told

KIND = "certificate.expiring"
LEADERS = frozenset({"supplier_manager"})


def renewed(tx: Session, owner: UUID) -> None:
    """What has a longer one after it needs no renewal any more."""
    tx.flush()
    ended(tx, *tx.scalars(select(Certificate.id).where(Certificate.organisation_id == owner, _followed())))


def _followed() -> ColumnElement[bool]:
    """The owner has another of its kind that holds longer, for the same product or for everything."""
    other = aliased(Certificate)
    covers = or_(other.product_code.is_(None), other.product_code == Certificate.product_code)
    same = other.organisation_id == Certificate.organisation_id, other.kind_code == Certificate.kind_code
    return exists().where(*same, covers, other.revoked_on.is_(None), other.expires_on > Certificate.expires_on)


def ended(tx: Session, *ids: UUID) -> None:
    """Nothing is left to be renewed."""
    notices.settled(tx, [f"{KIND}:{key}" for key in ids])


def remind(tx: Session) -> None:
    """Every certificate that runs out within the warning time, has no longer one after it and was not told of yet."""
    soon = Certificate.expires_on.between(today(), today() + timedelta(days=EXPIRY_WARNING_DAYS))
    due = select(Certificate).where(soon, Certificate.revoked_on.is_(None), ~_followed())
    rows = tx.scalars(due.order_by(Certificate.id)).all()
    known = told(tx, {f"{KIND}:{row.id}" for row in rows})
    for row in rows:
        if f"{KIND}:{row.id}" not in known:
            facts: notices.Facts = {"number": row.number, "expires_on": row.expires_on.isoformat()}
            notices.tell(tx, kind=KIND, organisation_id=row.organisation_id, roles=LEADERS, facts=facts,
                         path="/certificates", key=f"{KIND}:{row.id}")  # fmt: skip
