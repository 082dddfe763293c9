"""What the steps of a round read."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from service.kernel.shapes import In, ProvinceCode, Text, ThaiMoment, Week

Effort = Annotated[str, Field(pattern="^(quick|standard|deep)$")]


class RoundIn(In):
    """A round to schedule."""

    province_code: ProvinceCode
    delivery_week: Week
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    answer_hours: Annotated[int, Field(ge=1, le=168)] = 24
    effort: Effort | None = Field(default=None, description="How hard to search; absent: as this service is set up.")
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1


class RoundForm(RoundIn):
    """A round to schedule as a person writes it."""

    opens_at: ThaiMoment
    closes_at: ThaiMoment


class NoteIn(In):
    """A remark, if any."""

    note: Text = ""


class SolveAgainIn(In):
    """How hard to search this time; absent: as before."""

    effort: Effort | None = None
