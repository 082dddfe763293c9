"""What overrides read and write, from programs and from a line's page alike."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from service.kernel.shapes import In, Out, Reason
from service.overrides.vocabulary import OverrideReason


class OverrideIn(In):
    """Exactly so much of a line from an offer, 0 for nothing, and why."""

    offer_id: UUID
    quantity: Annotated[int, Field(ge=0, le=10**9, description="Whole units; 0: nothing from this offer.")]
    reason: OverrideReason
    note: Annotated[Reason, Field(description="What happened, for those who review.")]


class OverrideOut(Out):
    """An override that stands."""

    id: UUID
    demand_line_id: UUID
    offer_id: UUID
    quantity: int
    reason: OverrideReason
    note: str
    made_at: datetime


class OverridesOut(Out):
    """The overrides that stand, and what they change against the last result without any (satang; groups)."""

    items: list[OverrideOut]
    difference: dict[str, int]
