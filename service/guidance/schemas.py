"""What the API of guidance writes: a group's own offers, what decided, and what would have."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from service.guidance.words import Process
from service.kernel.shapes import Out


class QuartilesOut(Out):
    """Prices of at least three other groups, in satang a unit."""

    lower_satang: int
    median_satang: int
    upper_satang: int
    groups: int


class FindingOut(Out):
    """One of the group's offers held against one line of a kitchen."""

    line_id: UUID
    buyer_id: UUID
    product_code: str
    day: date
    asked_quantity: int
    kilometres: float
    code: str
    won_quantity: int
    decided: str
    would: str = Field(description="What would have won; empty where nothing is known or may be told.")
    firmness: Literal["certain", "indication", ""]
    price_satang: int | None = Field(description="The own price that would have won, rounded down; null: not told.")
    todo: str
    process: Process


class CauseOut(Out):
    """A reason that several lines share."""

    code: str
    lines: int
    decided: str
    would: str
    todo: str
    process: Process


class OfferWhyOut(Out):
    """One offer of the group in a round: what it won, what it did not, and why."""

    offer_id: UUID
    product_code: str
    price_satang: int
    lines_asking: int
    won: list[FindingOut]
    lost: list[FindingOut]
    causes: list[CauseOut]
    others: QuartilesOut | None = Field(description="What kitchens pay other groups in this round; null: fewer than 3.")


class WhyOut(Out):
    """Why a group got what it got in a published round."""

    round_id: UUID
    supplier_id: UUID
    offers: list[OfferWhyOut]


class WouldHaveWonOut(Out):
    """A group's own offer in the newest published round that had one."""

    round_id: UUID
    week: date
    own_price_satang: int
    won_lines: int
    price_satang: int | None = Field(description="The highest own price that would have won a line more, if told.")
    firmness: Literal["certain", "indication", ""]
    decided: str


class PriceWeekOut(Out):
    """Prices of a week in the province: imported, or paid in closed rounds to at least three groups."""

    week: date
    lower_satang: int
    median_satang: int
    upper_satang: int
    sample: int
    source: str


class PriceHelpOut(Out):
    """What may help a group to name its price."""

    product_code: str
    province_code: str
    weeks: list[PriceWeekOut]
    last: WouldHaveWonOut | None
