"""What the API and forms of photographs, weekdays and the harvest calendar read and write."""

from datetime import date
from typing import Annotated

from pydantic import Base64Bytes, Field

from service.kernel.shapes import MAX_QUANTITY, In, Out, Week

MOST_WEEKS = 4
Amount = Annotated[int, Field(ge=0, le=MAX_QUANTITY)]
Seven = Annotated[list[Amount], Field(min_length=7, max_length=7, description="Monday to Sunday; 0: nothing.")]


class PhotoIn(In):
    """A photograph (JPEG, PNG or WebP) in base64."""

    content: Annotated[Base64Bytes, Field(max_length=5_000_000, repr=False)]


class DaysIn(In):
    """Quantities of each weekday, for one week or some that follow each other."""

    week: Week
    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 1
    quantities: Seven
    more: bool = Field(default=False, description="Yes, the days may come to more than the week's limit so far.")


class DaysForm(In):
    """The form of a week: a day left blank gives nothing."""

    version: Annotated[int, Field(ge=1, le=10**9)]
    week: Week
    weeks: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 1
    day: dict[str, Amount] = Field(default_factory=dict)
    more: bool = False

    def draft(self) -> DaysIn:
        """The seven quantities in order."""
        days = [self.day.get(f"d{n}", 0) for n in range(7)]
        return DaysIn(week=self.week, weeks=self.weeks, quantities=days, more=self.more)


class HarvestOut(Out):
    """What groups expect of a product in a week. `exact` is null where fewer than three groups stand behind it."""

    week: date
    product_code: str
    groups: int
    exact: int | None
    at_least: int
    below: int | None


class HarvestsOut(Out):
    """The harvest calendar of a province: an outlook, without prices and without names."""

    province_code: str
    items: list[HarvestOut]
