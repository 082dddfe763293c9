"""The comparison that a run has."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.comparisons.models import Comparison


def newest(tx: Session, run_id: UUID) -> Comparison | None:
    """The newest comparison of a run."""
    rows = select(Comparison).where(Comparison.run_id == run_id).order_by(Comparison.id.desc())
    return tx.scalar(rows.limit(1))
