"""What the API and the form of a committee read and write."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, ValidationError

from service.kernel.mistakes import invalid
from service.kernel.shapes import In, Out

MOST_SEATS = 15


class SeatIn(In):
    """A person in a seat."""

    person_id: UUID
    kind: Literal["chair", "member", "substitute"]


class CommitteeIn(In):
    """The committee as a whole, in the order named."""

    seats: Annotated[list[SeatIn], Field(min_length=1, max_length=MOST_SEATS)]


class CommitteeForm(In):
    """The form of a committee: people by kind of seat, seats left blank are none."""

    chair: UUID | None = None
    member: Annotated[list[UUID], Field(max_length=MOST_SEATS)] = Field(default_factory=list)
    substitute: Annotated[list[UUID], Field(max_length=MOST_SEATS)] = Field(default_factory=list)

    def draft(self) -> CommitteeIn:
        """The committee that the form names; an empty one is refused by the schema's own words."""
        named = [("chair", self.chair), *(("member", one) for one in self.member)]
        named += [("substitute", one) for one in self.substitute]
        seats = [{"person_id": person, "kind": kind} for kind, person in named if person is not None]
        try:
            return CommitteeIn.model_validate({"seats": seats})
        except ValidationError as error:
            raise invalid(error.errors()) from error


class SeatOut(Out):
    """A seat and who has it."""

    person_id: UUID
    kind: str
    name: str


class RuleOut(Out):
    """The row of the rule table that holds for the purchase."""

    code: str
    least: int
    before_approval: bool
    basis: str
    assumed: bool


class CommitteeOut(Out):
    """A committee as named, or as proposed where none is named yet."""

    rule: RuleOut | None
    named_at: datetime | None
    proposed: bool
    fits: bool
    version: int
    seats: list[SeatOut]
