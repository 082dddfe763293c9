"""What the calendars' API and forms read and write."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from service.calendars.rules import LONGEST
from service.kernel.i18n import N_
from service.kernel.shapes import Day, In, Mistake, Name, Out, Text

Weekday = Annotated[int, Field(ge=0, le=6, description="0 Monday to 6 Sunday.")]


class PeriodIn(In):
    """From a first day to a last one."""

    first_day: Day
    last_day: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 <= (self.last_day - self.first_day).days < LONGEST:
            raise Mistake(N_("The last day comes after the first, within two years."))
        return self


class ClosureIn(PeriodIn):
    """Own closed days."""

    reason: Name


class TermIn(PeriodIn):
    """A term: where there is any, the kitchen cooks inside them alone."""

    name: Annotated[Text, StringConstraints(min_length=1, max_length=80)]


class WeekIn(In):
    """On which weekdays the kitchen cooks and receives, and whether public holidays close it."""

    weekdays: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    keeps_holidays: bool = False


class HolidayIn(In):
    """A public holiday as a file brings it."""

    day: Day
    name_th: Name
    name_en: Name
    source: Annotated[Name, StringConstraints(max_length=160)]
    observed: bool = True


class ClosedOut(Out):
    """A closed day and why."""

    day: date
    reason: str


class PeriodOut(Out):
    """Own closed days or a term."""

    id: UUID
    first_day: date
    last_day: date
