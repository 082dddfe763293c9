"""What the API and forms of rosters read and write. Numbers of people come in as secrets and are never given back."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from service.households import rules
from service.kernel.i18n import N_
from service.kernel.shapes import Day, In, Mistake, Out, Reason, Text

MOST_CHARACTERS = 500_000
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def _valid(given: SecretStr) -> SecretStr:
    return SecretStr(rules.citizen_id(given.get_secret_value()))


def _member_no(text: str) -> str:
    if rules.holds_long_number(text):
        raise Mistake(N_("This looks like the number of a person. Write the group's own number of the member."))
    if text.startswith(FORMULA_SIGNS):
        raise Mistake(N_("It begins like a formula of a spreadsheet; write the value itself."))
    return text


CitizenId = Annotated[SecretStr, Field(max_length=30), AfterValidator(_valid)]
MemberNo = Annotated[Text, Field(max_length=20), AfterValidator(_member_no)]
Tier = Annotated[int, Field(ge=1, le=4, description="1 in hardship, 2 with difficulty, 3 gets by, 4 lives well.")]
LineName = Annotated[str, StringConstraints(pattern=r"^x[0-9a-f]{32}$")]  # x: a name of digits alone would be a place
LabourDays = Annotated[int, Field(ge=0, le=rules.MOST_DAYS)]


class RosterIn(In):
    """A list of members to begin: its period, and the one agency that will see and attest it."""

    attester_id: UUID
    period_from: Day
    period_until: Day
    other_days: Annotated[int, Field(ge=0, le=10_000_000)] = 0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.period_from <= self.period_until <= self.period_from + rules.LONGEST_PERIOD:
            raise Mistake(N_("Choose a day within one year after the first."))
        return self


class MemberIn(In):
    """A household of the list. The number is marked and forgotten; the tier is the agency's to give."""

    citizen_id: CitizenId
    member_no: MemberNo = ""
    labour_days: LabourDays
    tier: Tier | None = None
    valid_until: Day | None = None


class TierIn(In):
    """The tier of a household on the list, and until when it counts."""

    tier: Tier
    valid_until: Day | None = None


class TiersIn(In):
    """The tiers that a form gives, by line; lines without one stay as they are."""

    tier: dict[LineName, Tier] = Field(default_factory=dict)

    def findings(self) -> dict[UUID, TierIn]:
        """What is found, by line."""
        return {UUID(line[1:]): TierIn(tier=tier) for line, tier in self.tier.items()}


class SheetIn(In):
    """A CSV of households with a header line: citizen_id, labour_days, and perhaps member_no, tier, valid_until."""

    csv: Annotated[
        str, StringConstraints(strip_whitespace=False, min_length=1, max_length=MOST_CHARACTERS), Field(repr=False)
    ]


class ReturnIn(In):
    """Why a list goes back to its group."""

    reason: Reason


class RosterOut(Out):
    """A list of members as its group and its agency see it."""

    id: UUID
    organisation_id: UUID
    attester_id: UUID
    period_from: date
    period_until: date
    other_days: int
    state: Literal["draft", "submitted", "attested"]
    state_reason: str
    version: int


class LineOut(Out):
    """A household of the list: what stands for it is the group's own number, never a pseudonym."""

    id: UUID
    member_no: str
    labour_days: int
    tier: int | None
    valid_until: date | None


class RosterWhole(RosterOut):
    """A list with its households and the shares that they make."""

    lines: list[LineOut]
    shares_bp: dict[int, int] | None


class FigureOut(Out):
    """One row of the public table; null where fewer than five are meant or where they could be worked out."""

    province_code: str | None
    tier_1: int | None
    tier_2: int | None
    tier_3: int | None
    tier_4: int | None
    total: int | None


class FiguresOut(Out):
    """Households with attested labour days, by province and tier, as at the end of a month."""

    until: date
    rows: list[FigureOut]
