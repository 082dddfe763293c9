"""Budget lines: what is left of each amount follows from three sums that only use cases move."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base, Identified, Versioned


class BudgetLine(Identified, Versioned, Base):
    """Money of a buyer for a fiscal year and source; demands reserve it when their total is approved."""

    __tablename__ = "budget_lines"
    __table_args__ = (
        UniqueConstraint("organisation_id", "fiscal_year", "name"),
        CheckConstraint("amount_satang > 0", name="amount"),
        CheckConstraint("reserved_satang >= 0 and committed_satang >= 0 and spent_satang >= 0", name="sums"),
        CheckConstraint("reserved_satang + committed_satang + spent_satang <= amount_satang", name="held"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    fiscal_year: Mapped[int]  # Gregorian year in which the Thai fiscal year ends
    name: Mapped[str] = mapped_column(String(160))
    source: Mapped[str] = mapped_column(String(160))
    amount_satang: Mapped[int] = mapped_column(BigInteger)
    reserved_satang: Mapped[int] = mapped_column(BigInteger, default=0)  # approved demands, not yet ordered
    committed_satang: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default="0"
    )  # orders in force, not yet paid
    spent_satang: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default="0"
    )  # paid; the stage of payments writes it

    @property
    def held_satang(self) -> int:
        """What is spoken for: reserved, committed or spent."""
        return self.reserved_satang + self.committed_satang + self.spent_satang

    @property
    def free_satang(self) -> int:
        """What nothing speaks for."""
        return self.amount_satang - self.held_satang
