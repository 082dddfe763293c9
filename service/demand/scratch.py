"""What an officer has typed and not saved: kept step by step, so that nothing is lost and steps can be undone.

A state is the form as it stood, right or wrong; it belongs to the person who typed it and is no part of the demand.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.demand.models import DraftState
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.parties.permissions import require

KEPT = 20  # steps that can be undone
KEPT_DAYS = 30
LARGEST = 5_000  # fields of a form: two hundred lines with all of theirs
Pairs = list[tuple[str, Any]]


def keep(tx: Session, *, by: Actor, demand_id: UUID | None, pairs: Pairs) -> DraftState:
    """Keep the form as it stands; the same form again is kept once, the oldest steps leave."""
    require(by, "demand.edit", organisation_id=by.organisation_id)
    form = [[name, value] for name, value in pairs if isinstance(value, str) and not name.startswith("_")][:LARGEST]
    before = states(tx, by=by, demand_id=demand_id)
    if before and before[0].form == form:
        return before[0]
    row = DraftState(organisation_id=by.organisation_id, person_id=by.person_id, demand_id=demand_id, form=form)
    tx.add(row)
    tx.flush()
    _drop(tx, [state.id for state in before[KEPT - 1 :]])
    tx.execute(delete(DraftState).where(DraftState.kept_at < now() - timedelta(days=KEPT_DAYS)))
    return row


def states(tx: Session, *, by: Actor, demand_id: UUID | None) -> list[DraftState]:
    """The actor's own states of a demand, or of one that is not saved yet; the newest first."""
    query = select(DraftState).where(
        DraftState.person_id == by.person_id,
        DraftState.organisation_id == by.organisation_id,
        DraftState.demand_id == demand_id,
    )
    return list(tx.scalars(query.order_by(DraftState.id.desc())))


def undone(tx: Session, *, by: Actor, demand_id: UUID | None, pairs: Pairs, state: str) -> Pairs:
    """The form one step before the state that the page shows; later steps leave. Without an earlier one it stays."""
    require(by, "demand.edit", organisation_id=by.organisation_id)
    kept = states(tx, by=by, demand_id=demand_id)
    shown = next((place for place, row in enumerate(kept) if str(row.id) == state), 0)
    if shown + 1 >= len(kept):
        return pairs
    _drop(tx, [row.id for row in kept[: shown + 1]])
    tokens = [(name, value) for name, value in pairs if name in {"_version", "_rows"}]
    return [*((str(name), value) for name, value in kept[shown + 1].form), *tokens]


def drop(tx: Session, *, by: Actor, demand_id: UUID | None) -> None:
    """Forget what was typed: it is saved now, or thrown away."""
    _drop(tx, [state.id for state in states(tx, by=by, demand_id=demand_id)])


def _drop(tx: Session, ids: list[UUID]) -> None:
    if ids:
        tx.execute(delete(DraftState).where(DraftState.id.in_(ids)))
