"""No suppressed cell can be worked out: not by adding and subtracting, not by trying every table that fits."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.kernel.suppression import LEAST, TOTAL, Cell, Table, is_small, shown_or_none, suppressed, with_totals

MOST = 6  # of a cell in the examples
FURTHEST = 8  # of a cell in the search: beside a cell that is full, another must have room to grow


def table(rows: list[list[int]]) -> tuple[dict[Cell, int], list[int], list[str]]:
    columns = [f"c{place}" for place in range(len(rows[0]))]
    return (
        {(r, c): n for r, row in enumerate(rows) for c, n in zip(columns, row, strict=True)},
        [*range(len(rows))],
        columns,
    )


def shown(rows: list[list[int]]) -> Table:
    return suppressed(*table(rows))


def fitting(found: Table) -> Iterator[dict[Cell, int]]:
    """Every table of whole numbers that shows the same: hidden inner cells are tried up to FURTHEST."""
    inner = [(row, column) for row in found.rows[:-1] for column in found.columns[:-1]]
    free = [cell for cell in inner if found.cells[cell] is None]
    known = {cell: count for cell in inner if (count := found.cells[cell]) is not None}
    for values in product(range(FURTHEST + 1), repeat=len(free)):
        whole = with_totals(known | dict(zip(free, values, strict=True)), found.rows[:-1], found.columns[:-1])
        if all(count is None or whole[cell] == count for cell, count in found.cells.items()):
            yield whole


def test_a_table_of_large_cells_is_shown_whole() -> None:
    found = shown([[5, 12], [30, 8]])
    assert None not in found.cells.values()
    assert found.at(TOTAL, TOTAL) == 55


def test_a_small_cell_hides_another_of_its_row_and_of_its_column() -> None:
    found = shown([[3, 20, 30], [40, 50, 60], [70, 80, 90]])
    assert found.at(0, "c0") is None
    for line in ([found.at(0, c) for c in found.columns], [found.at(r, "c0") for r in found.rows]):
        assert line.count(None) == 2  # one alone would be the total less the others
    assert found.at(TOTAL, TOTAL) == 443
    assert [cell for cell, count in found.cells.items() if count is None] == [
        (0, "c0"),
        (0, "c1"),
        (1, "c0"),
        (1, "c1"),
    ]


def test_a_single_row_hides_two_cells_or_its_total() -> None:
    found = shown([[3, 20, 30]])
    assert found.at(0, "c0") is None
    assert found.at(0, TOTAL) == found.at(TOTAL, TOTAL) == 53
    assert [found.at(0, c) for c in ("c1", "c2")] == [None, 30]
    assert [found.at(TOTAL, c) for c in ("c0", "c1", "c2")] == [None, None, 30]  # the totals of one row repeat it


def test_zeros_and_small_totals_are_cells_under_five_as_well() -> None:
    found = shown([[0, 0], [9, 20]])
    assert found.at(0, "c0") is None
    assert found.at(0, TOTAL) is None
    assert found.at(TOTAL, TOTAL) is None or found.at(1, TOTAL) is None


def test_an_empty_table_tells_nothing_and_a_count_below_zero_is_refused() -> None:
    assert suppressed({}, [], []).cells == {(TOTAL, TOTAL): None}
    assert set(suppressed({}, [], [1, 2]).cells.values()) == {None}
    with pytest.raises(ValueError, match="below zero"):
        suppressed({("a", "b"): -1}, ["a"], ["b"])


def test_a_single_count_of_one_to_four_is_not_told() -> None:
    assert [shown_or_none(count) for count in (0, 1, 4, 5)] == [0, None, None, 5]


small_tables = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, MOST), min_size=width, max_size=width), min_size=1, max_size=3)
).filter(lambda rows: len(rows) * len(rows[0]) <= 4)  # fmt: skip


@given(small_tables)
@settings(max_examples=40, deadline=None)
def test_trying_every_table_that_fits_never_settles_a_hidden_cell(rows: list[list[int]]) -> None:
    """Of all tables that fit what is shown, two differ in each hidden cell."""
    counts, names, columns = table(rows)
    found, whole = suppressed(counts, names, columns), with_totals(counts, names, columns)
    for cell, count in found.cells.items():
        assert count is None or (count == whole[cell] and not is_small(count))
    hidden = {cell: set[int]() for cell, count in found.cells.items() if count is None}
    for other in fitting(found):
        for cell, seen in hidden.items():
            seen.add(other[cell])
    # A total above what the search tries may look settled only because the search ends: it is left to the next test.
    assert all(len(seen) > 1 for cell, seen in hidden.items() if seen and max(seen) < FURTHEST)


@given(st.integers(1, 12).flatmap(lambda width: st.lists(st.lists(st.integers(0, 40), min_size=width, max_size=width),
                                                         min_size=1, max_size=12)))  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_every_hidden_cell_of_a_larger_table_could_be_another_number(rows: list[list[int]]) -> None:
    """A witness for each hidden cell: another table of counts, alike in all that is shown and unlike in that cell."""
    counts, names, columns = table(rows)
    found, whole = suppressed(counts, names, columns), with_totals(counts, names, columns)
    hidden = {cell for cell, count in found.cells.items() if count is None}
    assert hidden >= {cell for cell, count in whole.items() if count < LEAST}
    for cell in hidden:
        assert any(_witness(whole, hidden, cell, step) for step in (1, -1)), (rows, cell)


def _witness(whole: dict[Cell, int], hidden: set[Cell], cell: Cell, step: int) -> bool:
    """Search, by balancing one line after another, for changes of one in hidden cells that keep every sum."""
    row, column = cell
    changed = {cell: step}
    if whole[cell] + step < 0:
        return False

    def sign(one: Cell) -> int:
        return -1 if (one[0] == TOTAL) != (one[1] == TOTAL) else 1

    seen = {("r", row)}
    stack = [("r", row, -step * sign(cell))]
    while stack:  # a walk from the row to the column of the cell through hidden cells, forth and back
        kind, line, needed = stack.pop()
        for other in hidden:
            if other == cell or other in changed or other[0 if kind == "r" else 1] != line:
                continue
            move = needed * sign(other)
            if whole[other] + move < 0:
                continue
            following = ("c", other[1]) if kind == "r" else ("r", other[0])
            if following == ("c", column):
                return True
            if following not in seen:
                seen.add(following)
                stack.append((*following, -needed))
    return False
