"""What the API and the form of amendments read and write."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from service.demand.schemas import MOST_LINES, CancelDemandIn
from service.demand.vocabulary import ChangeCode
from service.kernel.shapes import In, Out, Quantity


class QuantityIn(In):
    """A line's new quantity."""

    line_id: UUID
    quantity: Quantity


class AmendIn(CancelDemandIn):
    """Other quantities for an approved demand, before the cut-off."""

    lines: Annotated[list[QuantityIn], Field(min_length=1, max_length=MOST_LINES)]


class AmendmentOut(Out):
    """An amendment: applied at once where the total does not rise, else pending until the head approves it."""

    id: UUID
    demand_id: UUID
    quantities: dict[str, int]
    before_satang: int
    after_satang: int
    code: ChangeCode
    note: str
    state: str
    proposed_at: datetime
    decided_at: datetime | None
    version: int
