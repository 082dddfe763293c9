"""What the API of prices writes."""

from datetime import date

from pydantic import Field

from service.kernel.shapes import Out


class CellOut(Out):
    """The prices of a week from one source; quartiles are null where fewer than three groups sold."""

    week: date
    q1: int | None = Field(description="Lower quartile, satang per unit.")
    median: int | None
    q3: int | None
    sample: int = Field(description="Prices behind an import; groups behind `accepted`.")
    source: str = Field(description="Where the prices come from; `accepted`: closed rounds of this market.")
    synthetic: bool
