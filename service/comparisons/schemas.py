"""What the API of comparisons writes."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from service.kernel.shapes import Out


class PointOut(Out):
    """The plan at one strength of preference."""

    strength: int = Field(description="Per cent of the profile's margins; 100 is the policy.")
    paid_satang: int
    poor_labour_satang: int = Field(description="Labour income of poor households.")
    served_value_satang: int = Field(description="What is served, at the kitchens' ceilings.")
    groups: int
    gap: float = Field(description="How far the plan is from its proven bound at most, of its cost.")


class WeightOut(Out):
    """What the policy plan pays and buys beyond the plan without one preference."""

    preference: str
    paid_satang: int
    poor_labour_satang: int
    groups: int


class ComparisonOut(Out):
    """A comparison: its progress in plans, then its points and the price of each preference."""

    id: UUID
    run_id: UUID
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    points: list[PointOut]
    weights: list[WeightOut]
    failure: str
    created_at: datetime
    finished_at: datetime | None
