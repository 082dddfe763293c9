"""Reads what people send, .xlsx or .csv, as rows with named cells; faults point at cells.

Whoever sends a file may mean harm, or just have an old program: size, time, rows and columns are bounded, the content
decides what a file is (never its name), and whatever it holds ends as rows, as faults or as `SheetNotReadable`.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from service.kernel.i18n import N_
from service.kernel.problems import FieldError, Problem
from service.sheets import cells, workbooks
from service.sheets.tables import DELIMITERS, MOST_COLUMNS, Check, Table, Unreadable, Why, split, text_of

MOST_BYTES = 5_000_000
MOST_SECONDS = 5.0  # of processor time; a file of ours takes hundredths
MOST_FAULTS = 50  # told at once; the rest is found at the next try
HEADER_WITHIN = 20  # rows: titles and remarks may stand above the headings
_OLE, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MERGED = N_("{cell}: take the merged cells apart; it is not clear which row they are meant for.")
BROKEN_FORMULA = N_("{cell}: the formula here gives an error.")
MISSING = N_("{cell}: this is needed.")


@dataclass(frozen=True, slots=True)
class Told:
    """A message inside a refusal; it is said in the reader's language when the refusal is shown."""

    message: str
    facts: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return FieldError("", self.message, self.facts).text()


class SheetNotReadable(Problem):
    """A file that is no table of the expected kind."""

    status = 422
    title = N_("This file cannot be read as a table")
    detail = N_("{why} Nothing of it was taken over.")
    todo = N_("Send an .xlsx or .csv file with the headings of the template, and nothing else in it.")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is looked for: its name for us, the headings that people may give it, what its cells mean."""

    name: str
    titles: tuple[str, ...]
    kind: cells.Kind = "text"
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row that says something: its number in the file, values by column, and the address of each column's cell."""

    number: int
    values: dict[str, Any]
    at: dict[str, str]

    def fault(self, column: str, message: str, **facts: Any) -> FieldError:
        """A fault that points at the row's cell; the message names it as {cell}."""
        return fault(self.at.get(column, f"A{self.number}"), message, **facts)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file holds: rows that can be taken, and what is wrong with the others."""

    rows: list[Row] = field(default_factory=list)
    faults: list[FieldError] = field(default_factory=list)


def read(name: str, content: bytes, columns: Sequence[Column], *, most_rows: int = 2_000, bare: bool = False) -> Sheet:
    """The rows under the headings; SheetNotReadable where there is no such table.

    `bare`: what was pasted may come without headings; its columns are then those that are looked for, in their order.
    """
    del name  # a file is what it holds
    deadline = time.thread_time() + MOST_SECONDS

    def check() -> None:
        if time.thread_time() > deadline:
            raise Unreadable(Why.SLOW)

    try:
        return _rows_of(_table(content, columns, most_rows + HEADER_WITHIN, check), columns, check, bare=bare)
    except Unreadable as error:
        raise SheetNotReadable(why=Told(error.why.value, tuple(error.facts.items()))) from error


def _table(content: bytes, columns: Sequence[Column], most_rows: int, check: Check) -> Table:
    if len(content) > MOST_BYTES:
        raise Unreadable(Why.LARGE)
    if content.startswith(_OLE):
        raise Unreadable(Why.LOCKED if _ENCRYPTED in content else Why.OLD)
    if content.startswith(_ZIP):
        return workbooks.opened(content, most_rows, check)
    return Table(_best(text_of(content), columns, most_rows, check))


def _best(text: str, columns: Sequence[Column], most_rows: int, check: Check) -> list[list[Any]]:
    """The rows under the delimiter that makes the headings appear; without any, under the most frequent one."""
    marked = re.match(r"\ufeff?sep=(.)\r?\n", text)
    body = text[marked.end() :] if marked else text
    start = "\n".join(body.splitlines()[:HEADER_WITHIN])
    order = sorted(marked[1] if marked and marked[1] in DELIMITERS else DELIMITERS, key=start.count, reverse=True)
    chosen = next((sign for sign in order if _header(list(split(start, sign)), columns) is not None), order[0])
    rows = list[list[Any]]([[]] if marked else [])  # keeps the numbers of the file
    for row in split(body, chosen):
        rows.append(row)
        if len(rows) > most_rows:
            raise Unreadable(Why.ROWS, most=most_rows)
        if len(row) > MOST_COLUMNS and any(cell.strip() for cell in row[MOST_COLUMNS:]):
            raise Unreadable(Why.COLUMNS, most=MOST_COLUMNS)
        check()
    return rows


def heading(text: Any) -> str:
    """A heading as it is compared: without case, spaces, punctuation and what stands in brackets."""
    bare = re.sub(r"[(\[].*?[)\]]", "", normalize("NFKC", str(text))[:200]).casefold()
    return re.sub(r"[\s_\-.:*]+", "", bare)


def _header(rows: list[list[Any]], columns: Sequence[Column]) -> tuple[int, dict[str, int]] | None:
    """The first row that has every needed heading: its place, and the place of each column."""
    known = {heading(title): column.name for column in columns for title in (column.name, *column.titles)}
    needed = {column.name for column in columns if column.needed}
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        found = [(known.get(heading(cell)), place) for place, cell in enumerate(row[:MOST_COLUMNS])]
        places = {name: place for name, place in reversed(found) if name is not None}
        if places and needed <= set(places):
            twice = next((name for name, place in found if name is not None and places[name] != place), None)
            if twice is not None:
                raise Unreadable(Why.TWICE, column=str(row[places[twice]])[:60])
            return number, places
    return None


def _rows_of(table: Table, columns: Sequence[Column], check: Check, *, bare: bool) -> Sheet:
    if not any(str(cell).strip() for row in table.rows for cell in row):
        raise Unreadable(Why.EMPTY)
    header = _header(table.rows, columns)
    if header is None and bare:
        header = -1, {column.name: place for place, column in enumerate(columns)}
    if header is None:
        raise Unreadable(Why.HEADER, columns=", ".join(column.titles[0] for column in columns if column.needed))
    first, places = header
    sheet = Sheet()
    for number, raw in enumerate(table.rows[first + 1 :], first + 1):
        check()
        _take(sheet, table, columns, places, number, raw)
        if len(sheet.faults) >= MOST_FAULTS:
            break
    return sheet


def _take(
    sheet: Sheet, table: Table, columns: Sequence[Column], places: dict[str, int], number: int, raw: list[Any]
) -> None:
    """Read one row into the sheet; a row without any value of ours is passed over."""
    wanted = [column for column in columns if column.name in places]
    given = {column.name: raw[places[column.name]] if places[column.name] < len(raw) else None for column in wanted}
    touched = {(number, places[column.name]) for column in wanted}
    if not any(str(cell).strip() for cell in given.values() if cell is not None) and not touched & table.broken:
        return
    row = Row(number + 1, {}, {column.name: address(number, places[column.name]) for column in wanted})
    before = len(sheet.faults)
    for column in wanted:
        place = (number, places[column.name])
        if place in table.merged or place in table.broken:
            sheet.faults.append(row.fault(column.name, MERGED if place in table.merged else BROKEN_FORMULA))
        else:
            _put(sheet, row, column, given[column.name])
    if len(sheet.faults) == before:
        sheet.rows.append(row)


def _put(sheet: Sheet, row: Row, column: Column, raw: Any) -> None:
    try:
        value = cells.value_of(raw, column.kind)
    except cells.Wrong as wrong:
        sheet.faults.append(row.fault(column.name, wrong.message, **wrong.facts))
        return
    if value is not None:
        row.values[column.name] = value
    elif column.needed:
        sheet.faults.append(row.fault(column.name, MISSING))


def fault(cell: str, message: str, **facts: Any) -> FieldError:
    """A fault that points at a cell, such as C7; the message names it as {cell}."""
    return FieldError(f"/sheet/{cell}", message, (("cell", cell), *facts.items()))


def address(row: int, column: int) -> str:
    """A place from 0 as spreadsheets name it."""
    letters = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
