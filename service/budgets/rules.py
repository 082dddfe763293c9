"""Rules of budget lines: what they hold, what they cover, whose year it is."""

from datetime import date

from service.budgets.models import BudgetLine
from service.kernel.i18n import N_
from service.kernel.money import baht_text
from service.kernel.problems import Problem


class BudgetExceeded(Problem):
    """A demand's total is more than the budget line has free."""

    title = N_("The budget line does not hold this total")
    detail = N_("The demand's total is {total} baht; “{name}” has {free} baht free.")
    todo = N_("Lower the demand, choose another budget line, or have its amount raised.")


class BelowReserved(Problem):
    """A budget line would become smaller than what is reserved, committed and spent on it."""

    title = N_("More than that is spoken for already")
    detail = N_("Approved demands, orders and payments hold {held} baht of this budget line.")
    todo = N_("Enter at least that amount, or take back or cancel approved demands first.")


def must_hold(budget: BudgetLine, total_satang: int) -> None:
    """Refuse a total above what the budget line has free."""
    if total_satang > budget.free_satang:
        raise BudgetExceeded(total=baht_text(total_satang), free=baht_text(budget.free_satang), name=budget.name)


def must_cover(amount_satang: int, budget: BudgetLine) -> None:
    """Refuse an amount below what is spoken for."""
    if amount_satang < budget.held_satang:
        raise BelowReserved(held=baht_text(budget.held_satang))


def fiscal_year(day: date) -> int:
    """The Thai fiscal year of a day, as the Gregorian year in which it ends (October to September)."""
    return day.year + (day.month >= 10)
