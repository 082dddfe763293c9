"""What the API and forms of recurring demands read and write."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from service.kernel.shapes import In, Name, Out, Week
from service.recurring.rules import Rhythm

LeadDays = Annotated[int, Field(ge=1, le=60, description="Days before the delivery week on which its draft is made.")]


class RecurringIn(In):
    """A demand that is to come again."""

    demand_id: UUID
    title: Name | None = Field(default=None, description="The demand's own title where absent.")
    rhythm: Rhythm
    first_week: Week
    last_week: Week | None = None
    lead_days: LeadDays = 10


class RecurringEdit(In):
    """Changes from the next cycle on; absent fields stay, `demand_id` takes that demand's lines."""

    demand_id: UUID | None = None
    title: Name | None = None
    rhythm: Rhythm | None = None
    last_week: Week | None = None
    lead_days: LeadDays | None = None


class RecurringForm(In):
    """The form of a recurring demand: an empty last week means without end."""

    title: Name
    rhythm: Rhythm
    last_week: Week | None = None
    lead_days: LeadDays


class RecurringOut(Out):
    """A recurring demand."""

    id: UUID
    organisation_id: UUID
    title: str
    rhythm: Rhythm
    first_week: date
    last_week: date | None
    lead_days: int
    paused: bool
    source_id: UUID
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle, taken or ahead: its state, the day of its draft, the days that are closed in it."""

    week: date
    state: str
    drafted_on: date
    demand_id: UUID | None
    left_out: int
    closed: dict[date, str]


class CycleOut(Out):
    """A cycle, taken (drafted, skipped, refused) or ahead (planned, closed, paused)."""

    week: date
    state: str
    drafted_on: date
    demand_id: UUID | None
    left_out: int
    closed: dict[date, str]
