"""How long an answer stays remembered under its Idempotency-Key."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from service.kernel.clock import now
from service.web.models import IdempotentAnswer

KEPT = timedelta(days=7)


def forget_old(tx: Session) -> None:
    """Forget the answers that nobody asks for again."""
    tx.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at < now() - KEPT))
