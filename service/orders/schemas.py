"""What the API, forms and pages of awards and orders read and write."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator

from service.kernel.i18n import N_
from service.kernel.shapes import In, Mistake, Note, Out, Quantity
from service.orders import rules
from service.orders.vocabulary import Answer, AwardState, DeclineReason, OrderState

MOST_LINES = 200


class LineAnswerIn(In):
    """The answer to one line: in full, in part with a quantity, or declined with a reason."""

    award_line_id: UUID
    answer: Answer
    quantity: Quantity | None = Field(default=None, validate_default=True, description="Only when accepting in part.")
    reason: DeclineReason | None = Field(
        default=None, validate_default=True, description="Needed when declining, welcome when accepting in part."
    )
    note: Note = ""

    @field_validator("quantity")
    @classmethod
    def _when_in_part(cls, quantity: int | None, info: ValidationInfo) -> int | None:
        answer = info.data.get("answer")
        if answer == Answer.PARTIALLY_ACCEPTED and quantity is None:
            raise Mistake(N_("Say how much you accept."))
        if answer in {Answer.ACCEPTED, Answer.DECLINED} and quantity is not None:
            raise Mistake(N_("A quantity belongs only to an answer in part."))
        return quantity

    @field_validator("reason")
    @classmethod
    def _when_less(cls, reason: DeclineReason | None, info: ValidationInfo) -> DeclineReason | None:
        answer = info.data.get("answer")
        if answer == Answer.DECLINED and reason is None:
            raise Mistake(N_("Choose a reason: it helps the market, and declining in time costs you nothing."))
        if answer == Answer.ACCEPTED and reason is not None:
            raise Mistake(N_("Accepting in full needs no reason."))
        return reason


class AnswerIn(In):
    """Answers to one or several lines of one award: all are taken, or none."""

    lines: Annotated[list[LineAnswerIn], Field(min_length=1, max_length=MOST_LINES)]

    @field_validator("lines")
    @classmethod
    def _once_each(cls, lines: list[LineAnswerIn]) -> list[LineAnswerIn]:
        if len({line.award_line_id for line in lines}) < len(lines):
            raise Mistake(N_("A line is answered twice."))
        return lines


class AnswerForm(AnswerIn):
    """The page's form: the answers and the version of the award that was read."""

    version: Annotated[int, Field(ge=1, le=1_000_000_000)]


class PlaceOut(Out):
    """A place's code and names."""

    code: str
    name_th: str
    name_en: str


class ProductNamed(Out):
    """A product's names and unit (UN/CEFACT Rec 20)."""

    code: str
    name_th: str
    name_en: str
    unit: str


class SideOut(Out):
    """A buyer or a supplier, and where it is."""

    id: UUID
    kind: str
    name_th: str
    name_en: str
    district: PlaceOut | None
    province: PlaceOut | None


class ContactOut(Out):
    """How to reach a side of an order."""

    contact_name: str
    phone: str
    email: str
    address: str


class AwardLineOut(Out):
    """A line of an award and its answer; `expired` is the clock's answer."""

    id: UUID
    demand_line_id: UUID
    offer_id: UUID
    product: ProductNamed
    delivery_date: date
    window_from: time
    window_until: time
    quantity: int
    pack_quantity: int = Field(description="A part is accepted in whole packs of this many units.")
    price_satang: int
    total_satang: int
    answer: str | None
    accepted_quantity: int
    accepted_satang: int
    decline_reason: str
    answer_note: str
    answered_at: datetime | None

    @property
    def part(self) -> rules.Part | None:
        """What may be accepted in part."""
        return rules.part_of(self.quantity, self.pack_quantity)


class AwardOut(Out):
    """What a round gives a supplier of a demand; its ETag is needed to answer."""

    id: UUID
    ocid: str
    round_id: UUID
    demand_id: UUID
    state: AwardState
    open: bool = Field(description="A line still waits for the group's answer, and there is time.")
    respond_by: datetime
    seconds_left: int = Field(description="Time left to answer; 0 where nothing waits.")
    buyer: SideOut
    supplier: SideOut
    km: float | None = Field(description="By road, estimated.")
    total_satang: int
    accepted_satang: int
    lines: list[AwardLineOut]
    order_id: UUID | None
    order_number: str | None
    version: int

    @property
    def left(self) -> timedelta:
        """The time left to answer."""
        return timedelta(seconds=self.seconds_left)

    @property
    def open_lines(self) -> list[AwardLineOut]:
        """The lines that wait for the group."""
        return [line for line in self.lines if line.answer is None] if self.open else []

    @property
    def open_satang(self) -> int:
        """What they are worth."""
        return sum(line.total_satang for line in self.open_lines)


class OrderLineOut(Out):
    """An accepted quantity at its price."""

    id: UUID
    award_line_id: UUID
    product: ProductNamed
    delivery_date: date
    window_from: time
    window_until: time
    quantity: int
    price_satang: int
    total_satang: int


class OrderOut(Out):
    """What buyer and supplier owe each other."""

    id: UUID
    number: str
    ocid: str
    award_id: UUID
    demand_id: UUID
    state: OrderState
    created_at: datetime
    buyer: SideOut
    supplier: SideOut
    total_satang: int
    lines: list[OrderLineOut]
    version: int

    @property
    def days(self) -> list[date]:
        """The delivery days."""
        return sorted({line.delivery_date for line in self.lines})


class WholeOrderOut(OrderOut):
    """An order with both sides' contacts; null where the reader may not see them."""

    buyer_contact: ContactOut | None
    supplier_contact: ContactOut | None
