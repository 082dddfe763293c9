"""What the budgets' API and forms read and write."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from service.kernel.shapes import BahtAsSatang, In, Out, Satang, Text

Label = Annotated[Text, StringConstraints(min_length=2, max_length=160)]
FiscalYear = Annotated[int, Field(ge=2000, le=2200, description="Gregorian year in which the Thai fiscal year ends.")]


class BudgetLineIn(In):
    """Money for a fiscal year."""

    fiscal_year: FiscalYear
    name: Label
    source: Label
    amount_satang: Satang


class BudgetLineEdit(In):
    """Changes of a budget line; absent fields stay."""

    name: Label | None = None
    source: Label | None = None
    amount_satang: Satang | None = None


class BudgetLineForm(BudgetLineIn):
    """The form of a new budget line: its amount is written in baht."""

    amount_satang: BahtAsSatang


class BudgetEditForm(BudgetLineEdit):
    """The form of a budget line: its amount is written in baht."""

    amount_satang: BahtAsSatang | None = None


class BudgetLineOut(Out):
    """A budget line with what is reserved by approvals, committed by orders, spent by payments, and free."""

    id: UUID
    organisation_id: UUID
    fiscal_year: int
    name: str
    source: str
    amount_satang: int
    reserved_satang: int
    committed_satang: int
    spent_satang: int
    free_satang: int
    version: int
