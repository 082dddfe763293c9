"""The overrides of a round that stand, and how the market knows them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.allocation.market import Override as Word
from service.overrides.models import Override


def words(overrides: Sequence[Override]) -> tuple[Word, ...]:
    """Overrides as the market knows them, in a fixed order."""
    found = (Word(str(o.demand_line_id), str(o.offer_id), o.quantity, o.reason) for o in overrides)
    return tuple(sorted(found, key=lambda word: (word.line, word.offer)))


def of_round(tx: Session, round_id: UUID) -> list[Override]:
    """The overrides that stand, oldest first."""
    rows = select(Override).where(Override.round_id == round_id, Override.withdrawn_at.is_(None))
    return list(tx.scalars(rows.order_by(Override.id)))
