"""What the demands' API and forms read and write."""

from datetime import date, datetime, time
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    Base64Bytes,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from service.demand.vocabulary import ChangeCode, Method, State, known_ground
from service.kernel.i18n import N_
from service.kernel.shapes import (
    BahtAsSatang,
    Day,
    In,
    Mistake,
    Name,
    Note,
    Out,
    ProductCode,
    Quantity,
    Reason,
    Satang,
    Text,
    Week,
)
from service.sheets import cells

MOST_LINES = 200
MOST_SUBSTITUTES = 3
LEAST_REASON = 3
Kind = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,20}$")]
Ground = Annotated[Text, StringConstraints(min_length=3, max_length=300), AfterValidator(known_ground)]
MostAwards = Annotated[int, Field(ge=0, le=99, description="Most suppliers that may share the line; 0: no limit.")]


class DemandLineIn(In):
    """One product on one day of the delivery week."""

    product_code: ProductCode
    grade_id: UUID | None = Field(default=None, description="The least grade accepted.")
    certificate_kinds: Annotated[list[Kind], Field(max_length=10)] = Field(default_factory=list)
    quantity: Quantity
    least_quantity: Quantity | None = Field(
        default=None,
        description="From here on the line counts as served: what answers leave open above it is not allocated again.",
    )
    most_quantity: Quantity | None = Field(
        default=None,
        description="What whole packs may add up to where `quantity` itself cannot be had; the approved total covers "
        "it. Absent: never more than `quantity`.",
    )
    delivery_date: Day
    window_from: time = time(6)
    window_until: time = time(9)
    ceiling_satang: Satang
    most_awards: MostAwards = 3
    whole: bool = False
    substitutes: Annotated[list[ProductCode], Field(max_length=MOST_SUBSTITUTES)] = Field(default_factory=list)

    @field_validator("least_quantity")
    @classmethod
    def _no_more_than_wanted(cls, least: int | None, line: ValidationInfo) -> int | None:
        if least is not None and least > line.data.get("quantity", least):
            raise Mistake(N_("At least cannot be more than the quantity wanted."))
        return least

    @field_validator("most_quantity")
    @classmethod
    def _no_less_than_wanted(cls, most: int | None, line: ValidationInfo) -> int | None:
        if most is not None and most < line.data.get("quantity", most):
            raise Mistake(N_("At most cannot be less than the quantity wanted."))
        return most

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.window_from.tzinfo or self.window_until.tzinfo:
            raise Mistake(N_("Write the times as on the clock in Thailand, without a zone."))
        if self.window_from >= self.window_until:
            raise Mistake(N_("The time window ends after it begins."))
        if len(set(self.substitutes)) < len(self.substitutes):
            raise Mistake(N_("A substitute is named twice."))
        return self


class DemandIn(In):
    """A need for a delivery week."""

    title: Name
    delivery_week: Week
    budget_line_id: UUID
    method: Method
    legal_ground: Ground
    lines: Annotated[list[DemandLineIn], Field(min_length=1, max_length=MOST_LINES)]


class DemandEdit(In):
    """Changes of a draft; absent fields stay, lines are replaced as a whole."""

    title: Name | None = None
    delivery_week: Week | None = None
    budget_line_id: UUID | None = None
    method: Method | None = None
    legal_ground: Ground | None = None
    lines: Annotated[list[DemandLineIn], Field(min_length=1, max_length=MOST_LINES)] | None = None


def _clock(text: Any) -> Any:
    try:
        return cells.value_of(text, "time")
    except cells.Wrong as error:
        raise Mistake(N_("Write a time as 06:30.")) from error


Clock = Annotated[time, BeforeValidator(_clock)]  # a form's time: 6, 06:00, 6.00 or 0600


class DemandLineForm(DemandLineIn):
    """A row of the form: the cell of the ceiling is written in baht, times as people write them."""

    ceiling_satang: BahtAsSatang
    window_from: Clock = time(6)
    window_until: Clock = time(9)


class DemandForm(DemandIn):
    """The form, whole."""

    lines: Annotated[list[DemandLineForm], Field(min_length=1, max_length=MOST_LINES)]  # type: ignore[assignment]


class CopyIn(In):
    """The week that a demand is repeated in."""

    delivery_week: Week


class CancelIn(In):
    """Why a demand is cancelled or taken back."""

    reason: Reason


class CancelDemandIn(In):
    """Why a demand is cancelled: a code from the closed list, in words where it is another reason."""

    code: ChangeCode = ChangeCode.OTHER
    reason: Note = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.code == ChangeCode.OTHER and len(self.reason) < LEAST_REASON:
            raise Mistake(N_("Write the other reason in a few words."))
        return self


class DemandOut(Out):
    """A demand without its lines."""

    id: UUID
    ocid: str
    organisation_id: UUID
    province_code: str
    title: str
    delivery_week: date
    budget_line_id: UUID
    method: Method
    legal_ground: str
    committee_id: UUID | None
    state: State
    state_reason: str
    reason_code: str
    total_satang: int
    approved_satang: int | None
    approved_at: datetime | None
    created_at: datetime
    version: int


class DemandLineOut(Out):
    """A line of a demand."""

    id: UUID
    position: int
    product_code: str
    grade_id: UUID | None
    certificate_kinds: list[str]
    quantity: int
    least_quantity: int | None
    most_quantity: int | None
    delivery_date: date
    window_from: time
    window_until: time
    ceiling_satang: int
    most_awards: int
    whole: bool
    substitutes: list[str]


class WholeDemandOut(DemandOut):
    """A demand with its lines."""

    lines: list[DemandLineOut]


class FileIn(In):
    """A spreadsheet with lines of a delivery week."""

    name: Text = ""
    content: Annotated[Base64Bytes, Field(max_length=4_000_000, description="The .xlsx or .csv file, in base64.")]
    delivery_week: Week


class ReadLineOut(Out):
    """A line as a file says it; without a ceiling where the file leaves it out."""

    product_code: str
    quantity: int
    least_quantity: int | None
    most_quantity: int | None
    delivery_date: date
    window_from: time
    window_until: time
    ceiling_satang: int | None
