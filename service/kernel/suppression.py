"""Figures about people that anyone may see: no cell under five, and none that can be worked out from the totals.

A table of counts with its totals is a flow: a cell can be worked out exactly when no other table of whole numbers fits
what is shown. Two such tables differ by a closed walk through hidden cells that adds one here and takes one there, so a
hidden cell is safe when such a walk passes through it. Where none does, the cheapest one is hidden too.
"""

import heapq
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

LEAST = 5
TOTAL = "total"  # the name of the row and of the column of totals
_DEAR = 4  # a total is worth more to a reader than a cell of its size

Cell = tuple[Hashable, Hashable]
Node = tuple[str, Hashable]


def is_small(count: int) -> bool:
    """Whether so few are meant that a reader could know them."""
    return count < LEAST


def shown_or_none(count: int) -> int | None:
    """A single count for others: none where one to four are meant. Zero says that there is nobody to know."""
    return None if 0 < count < LEAST else count


@dataclass(frozen=True, slots=True)
class Table:
    """What may be shown: the count of each cell and total, None where it is hidden."""

    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    cells: Mapping[Cell, int | None]

    def at(self, row: Hashable, column: Hashable) -> int | None:
        """A cell, or a total under `TOTAL`."""
        return self.cells[row, column]


def suppressed(counts: Mapping[Cell, int], rows: Sequence[Hashable], columns: Sequence[Hashable]) -> Table:
    """The table with its totals, small cells and small totals hidden, and as many others as protect them."""
    whole = with_totals(counts, rows, columns)
    hidden = {cell for cell, count in whole.items() if is_small(count)}
    if not (rows and columns):
        return Table((*rows, TOTAL), (*columns, TOTAL), dict.fromkeys(whole))
    for cell in sorted(hidden, key=lambda cell: (whole[cell], str(cell))):
        if not _safe(whole, hidden, cell):
            hidden |= _cheapest_walk(whole, hidden, cell)
    shown = {cell: None if cell in hidden else count for cell, count in whole.items()}
    return Table((*rows, TOTAL), (*columns, TOTAL), shown)


def with_totals(counts: Mapping[Cell, int], rows: Sequence[Hashable], columns: Sequence[Hashable]) -> dict[Cell, int]:
    """Every cell, none left out, with the totals of rows, columns and all."""
    whole = {(row, column): counts.get((row, column), 0) for row in rows for column in columns}
    if any(count < 0 for count in whole.values()):
        msg = "a count below zero"
        raise ValueError(msg)
    for row in rows:
        whole[row, TOTAL] = sum(whole[row, column] for column in columns)
    for column in (*columns, TOTAL):
        whole[TOTAL, column] = sum(whole[row, column] for row in rows)
    return whole


def _safe(whole: Mapping[Cell, int], hidden: Collection[Cell], cell: Cell) -> bool:
    """Whether the cell could be one more or one less, as far as a reader of the rest can tell."""
    free = dict.fromkeys(hidden, 0)
    return any(_walk(whole, free, cell, grows=grows) is not None for grows in (True, False))


def _cheapest_walk(whole: Mapping[Cell, int], hidden: Collection[Cell], cell: Cell) -> set[Cell]:
    """The cells to hide that cost a reader least: one with a larger cell and its totals always exists."""
    price = {other: 0 if other in hidden else _price(other, count) for other, count in whole.items()}
    found = [walk for grows in (True, False) if (walk := _walk(whole, price, cell, grows=grows)) is not None]
    return set(min(found, key=lambda walk: walk[0])[1])


def _price(cell: Cell, count: int) -> int:
    totals = (cell[0] == TOTAL) + (cell[1] == TOTAL)
    return (count + 1) * int(_DEAR**totals)


def _walk(
    whole: Mapping[Cell, int], price: Mapping[Cell, int], start: Cell, *, grows: bool
) -> tuple[int, frozenset[Cell]] | None:
    """The cheapest closed walk of ones added and taken in which the cell grows (or shrinks); None where none fits.

    Signed so that every row and column sums to nothing (totals count against their parts), adding one is a step from
    the row to the column and taking one is a step back; a count never falls below nothing.
    """
    steps = dict[Node, list[tuple[Node, Cell]]]()
    for cell in price:
        for frm, to in _steps(cell, whole[cell]):
            if cell != start:
                steps.setdefault(frm, []).append((to, cell))
    mine = next((step for step in _steps(start, max(1, whole[start])) if _is_growth(step, start) is grows), None)
    if mine is None or (not grows and whole[start] == 0):
        return None
    return _path(steps, price, mine[1], mine[0])


def _steps(cell: Cell, count: int) -> Iterator[tuple[Node, Node]]:
    """The steps that a cell allows: growing always, shrinking where there is something to take."""
    row, column = ("row", cell[0]), ("column", cell[1])
    growth = (column, row) if _is_total(cell) else (row, column)
    yield growth
    if count >= 1:
        yield growth[::-1]


def _is_total(cell: Cell) -> bool:
    """Whether the cell counts against its parts; the grand total is a total of totals and counts with them."""
    return (cell[0] == TOTAL) != (cell[1] == TOTAL)


def _is_growth(step: tuple[Node, Node], cell: Cell) -> bool:
    return (step[0][0] == "column") is _is_total(cell)


def _path(
    steps: Mapping[Node, Sequence[tuple[Node, Cell]]], price: Mapping[Cell, int], start: Node, goal: Node
) -> tuple[int, frozenset[Cell]] | None:
    """The cheapest path (Dijkstra) with the cells that it passes."""
    queue: list[tuple[int, int, Node, tuple[Cell, ...]]] = [(0, 0, start, ())]
    seen, number = set[Node](), 0
    while queue:
        cost, _, node, passed = heapq.heappop(queue)
        if node == goal:
            return cost, frozenset(passed)
        if node in seen:
            continue
        seen.add(node)
        for following, cell in steps.get(node, ()):
            number += 1
            heapq.heappush(queue, (cost + price[cell], number, following, (*passed, cell)))
    return None
