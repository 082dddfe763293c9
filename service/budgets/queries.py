"""Budget lines for people."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.budgets import known
from service.budgets.models import BudgetLine
from service.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Purse:
    """The budget lines of one source in a fiscal year, and their sums."""

    fiscal_year: int
    source: str
    lines: tuple[BudgetLine, ...]

    @property
    def amount_satang(self) -> int:
        """What the source gives in the year."""
        return sum(line.amount_satang for line in self.lines)

    @property
    def free_satang(self) -> int:
        """What is left of it."""
        return sum(line.free_satang for line in self.lines)


def budgets(tx: Session, *, by: Actor) -> list[BudgetLine]:
    """The own budget lines for people: the latest fiscal year first, by source."""
    order = (BudgetLine.fiscal_year.desc(), BudgetLine.source, BudgetLine.name)
    return list(tx.scalars(known.budget_lines(by).order_by(*order)))


def purses(tx: Session, *, by: Actor) -> list[Purse]:
    """The own budget lines gathered by fiscal year and source."""
    gathered: dict[tuple[int, str], list[BudgetLine]] = {}
    for line in budgets(tx, by=by):
        gathered.setdefault((line.fiscal_year, line.source), []).append(line)
    return [Purse(year, source, tuple(lines)) for (year, source), lines in gathered.items()]
