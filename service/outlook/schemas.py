"""What the API of the outlook writes."""

from uuid import UUID

from pydantic import Field

from service.kernel.shapes import Out
from service.prices.schemas import CellOut


class ReachOut(Out):
    """Who could serve a line, and how far away they are; who they are and at what price is not told."""

    groups: int
    units: int = Field(description="Units of the line that they could bring on its day, before others' needs.")
    nearest_km: int | None
    farthest_km: int | None


class AdviceOut(Out):
    """A change that would have the line served better, and what it would reach."""

    kind: str
    value: str
    reach: ReachOut


class TogetherReachOut(Out):
    """What all kitchens of the demand's pool need of the product on the day, and who could bring how much of that."""

    quantity: int
    reach: ReachOut


class LineOutlookOut(Out):
    """A line of a draft before it is posted."""

    line_id: UUID
    product_code: str
    quantity: int
    reach: ReachOut
    fill: float
    paid: CellOut | None = Field(description="What closed rounds paid lately, where enough groups stand behind it.")
    advice: list[AdviceOut]
    together: TogetherReachOut | None = Field(description="Where other kitchens agreed on the product and day too.")
