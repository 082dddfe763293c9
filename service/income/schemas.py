"""What the API and forms of income read and write."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field

from service.income.rules import Sum
from service.kernel.i18n import N_
from service.kernel.shapes import In, Mistake, Out

MONTHS = (3, 6, 12)
DAYS_VALID = (30, 90, 180)


def _one_of(*choices: int) -> AfterValidator:
    def check(value: int) -> int:
        if value not in choices:
            raise Mistake(N_("Choose one of: {expected}."), expected=", ".join(map(str, choices)))
        return value

    return AfterValidator(check)


Months = Annotated[int, _one_of(*MONTHS), Field(json_schema_extra={"enum": list(MONTHS)})]
DaysValid = Annotated[int, _one_of(*DAYS_VALID), Field(json_schema_extra={"enum": list(DAYS_VALID)})]


class StatementIn(In):
    """What a group shows: how many months back (orders ahead are always in), and whether with buyers and payments."""

    months: Months = 12
    buyers: bool = False
    payments: bool = False
    days_valid: DaysValid = 90


class VersionForm(In):
    """Which version a page's form was made from."""

    version: Annotated[int, Field(ge=1, le=10**9)]


class SumOut(Out):
    """Orders added up. Of bills and payments nothing is known where `recorded` is 0: they are null then, not zero."""

    orders: int
    ordered_satang: int
    billed_satang: int | None
    paid_satang: int | None
    due_satang: int | None
    unrecorded: int = Field(description="Orders of which no bill or payment is recorded yet.")

    @classmethod
    def of(cls, row: Sum, **more: Any) -> Self:
        """A sum, silent about what nobody has recorded."""
        known = row.recorded > 0
        return cls(
            orders=row.orders,
            ordered_satang=row.ordered_satang,
            billed_satang=row.billed_satang if known else None,
            paid_satang=row.paid_satang if known else None,
            due_satang=row.due_satang if known else None,
            unrecorded=row.unrecorded,
            **more,
        )


class MonthOut(SumOut):
    """A month of first deliveries, by its first day."""

    month: date


class BuyerOut(SumOut):
    """A buyer's orders."""

    buyer_id: UUID


class IncomeOut(Out):
    """A group's confirmed orders, by month and by buyer."""

    organisation_id: UUID
    total: SumOut
    months: list[MonthOut]
    buyers: list[BuyerOut]


class StatementOut(Out):
    """A statement that the group made; its code opens the public page."""

    id: UUID
    code: str
    sha256: str
    valid_until: date
    withdrawn_at: datetime | None
    created_at: datetime
    facts: dict[str, Any] = Field(description="Exactly what is shown to whoever has the code.")
    version: int


class CheckOut(Out):
    """What the holder of a code may know: the figures only while the statement holds."""

    state: Literal["valid", "withdrawn", "expired"]
    sha256: str | None
    valid_until: date | None
    facts: dict[str, Any] | None
