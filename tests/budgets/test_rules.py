"""Rules of budget lines, without a database."""

from datetime import date

import pytest

from service.budgets import rules
from service.budgets.models import BudgetLine


def test_a_budget_line_holds_what_is_free_and_keeps_what_is_spoken_for() -> None:
    budget = BudgetLine(name="Food", amount_satang=1000, reserved_satang=100, committed_satang=200, spent_satang=100)
    rules.must_hold(budget, 600)
    rules.must_cover(400, budget)
    with pytest.raises(rules.BudgetExceeded):
        rules.must_hold(budget, 601)
    with pytest.raises(rules.BelowReserved):
        rules.must_cover(399, budget)


@pytest.mark.parametrize(("day", "year"), [((2026, 9, 30), 2026), ((2026, 10, 1), 2027), ((2027, 1, 1), 2027)])
def test_the_fiscal_year_ends_with_september(day: tuple[int, int, int], year: int) -> None:
    assert rules.fiscal_year(date(*day)) == year
