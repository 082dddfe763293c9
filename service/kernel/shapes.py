"""Shapes that every capability's schemas share: input that refuses unknown fields, output read from rows."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from service.kernel.clock import BANGKOK
from service.kernel.i18n import N_
from service.kernel.money import MAX_SATANG, parse_baht

MAX_QUANTITY = 10_000_000


class Mistake(ValueError):
    """Raised by a schema's validator: a message id for people, with the facts that fill it."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class In(BaseModel):
    """Input: unknown fields are refused, text is stripped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Out(BaseModel):
    """Output, read from rows and views."""

    model_config = ConfigDict(from_attributes=True)


def _monday(day: date) -> date:
    if day.weekday():
        raise Mistake(N_("A delivery week is named by its Monday."))
    return day


def _sensible(day: date) -> date:
    if not date(2000, 1, 1) <= day <= date(2200, 1, 1):
        raise Mistake(N_("Write the year as in 2026, within a sensible range."))
    return day


def _printable(text: str) -> str:
    if any(ord(character) < 32 and character not in "\n\t" for character in text):
        raise Mistake(N_("It holds characters that cannot be printed."))
    return text


def _from_baht(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_baht(value)
    except ValueError as error:
        raise Mistake(N_("Write an amount in baht, as 32 or 32.50.")) from error


def _in_thailand(value: Any) -> Any:
    """A form's wall-clock moment is Thai time."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Mistake(N_("Write a day and a time.")) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=BANGKOK)


Satang = Annotated[int, Field(gt=0, le=MAX_SATANG, strict=False, description="Whole satang (1 baht = 100 satang).")]
FromBaht = BeforeValidator(_from_baht)  # a form's amount: text in baht
BahtAsSatang = Annotated[Satang, FromBaht]
Quantity = Annotated[int, Field(gt=0, le=MAX_QUANTITY, description="Whole units of the product.")]
Day = Annotated[date, AfterValidator(_sensible)]
Week = Annotated[date, AfterValidator(_sensible), AfterValidator(_monday)]
ThaiMoment = Annotated[AwareDatetime, BeforeValidator(_in_thailand)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_printable)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200), AfterValidator(_printable)
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_printable)]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500), AfterValidator(_printable)
]
ProvinceCode = Annotated[str, StringConstraints(pattern=r"^[1-9]\d$")]
SubdistrictCode = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{5}$")]
ProductCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{2,40}$")]
