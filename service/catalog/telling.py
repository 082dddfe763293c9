"""Groups are told before their certificates run out, while there is time to renew them."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog.models import Certificate
from service.catalog.rules import EXPIRY_WARNING_DAYS
from service.kernel.clock import today
from service.notices import actions as notices
from service.notices.queries import told

KIND = "certificate.expiring"
LEADERS = frozenset({"supplier_manager"})


def remind(tx: Session) -> None:
    """Every certificate that runs out within the warning time and was not told of yet."""
    soon = Certificate.expires_on.between(today(), today() + timedelta(days=EXPIRY_WARNING_DAYS))
    rows = tx.scalars(select(Certificate).where(soon, Certificate.revoked_on.is_(None)).order_by(Certificate.id)).all()
    known = told(tx, {f"{KIND}:{row.id}" for row in rows})
    for row in rows:
        if f"{KIND}:{row.id}" not in known:
            facts: notices.Facts = {"number": row.number, "expires_on": row.expires_on.isoformat()}
            notices.tell(tx, kind=KIND, organisation_id=row.organisation_id, roles=LEADERS, facts=facts,
                         path="/certificates", key=f"{KIND}:{row.id}")  # fmt: skip
