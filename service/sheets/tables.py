"""What every reader of spreadsheets hands on: a table of raw cells, or why there is none; and the text of a .csv."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from service.kernel.i18n import N_

MOST_COLUMNS = 100
DELIMITERS = ",;\t|"
Check = Callable[[], None]  # raises Unreadable when the time is up
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_PICTURES = (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff")


class Why(Enum):
    """Why a file is no table, as message ids."""

    LARGE = N_("It is too large.")
    LOCKED = N_("It is locked with a password; save it without one.")
    OLD = N_("It is an old .xls file; open it and save it as .xlsx.")
    OTHER = N_("It is neither an .xlsx nor a .csv file.")
    HUGE = N_("It is too large once it is unpacked.")
    BROKEN = N_("It is damaged; open it and save it anew.")
    SLOW = N_("Reading it takes too long.")
    ROWS = N_("It has more than {most} rows.")
    COLUMNS = N_("It has more than {most} columns.")
    EMPTY = N_("There is nothing in it.")
    HEADER = N_("No row has the headings {columns}.")
    TWICE = N_("The heading “{column}” stands there twice.")


class Unreadable(Exception):
    """A file that is no workbook of ours: which of the reasons, with its facts."""

    def __init__(self, why: Why, **facts: Any) -> None:
        super().__init__(why.name)
        self.why, self.facts = why, facts


@dataclass(slots=True)
class Table:
    """A sheet from its first row on: raw values, and the places (row, column, from 0) that need a word."""

    rows: list[list[Any]]
    merged: set[tuple[int, int]] = field(default_factory=set)
    broken: set[tuple[int, int]] = field(default_factory=set)  # formulas that gave an error


def text_of(content: bytes) -> str:
    """The text of a .csv: UTF-8, UTF-16 with its mark, or TIS-620 (cp874 holds all of it); Unreadable otherwise."""
    for mark, encoding in _WIDE.items():
        if content.startswith(mark):
            return _decoded(content, encoding)
    if b"\0" in content or content.startswith(_PICTURES):
        raise Unreadable(Why.OTHER)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if is_broken_utf8(content):
            raise Unreadable(Why.BROKEN) from None
        return _decoded(content, "cp874")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(Why.OTHER) from error


def is_broken_utf8(data: bytes) -> bool:
    """Thai in UTF-8 with a damaged byte would pass as cp874 and fill the market with nonsense."""
    thai = data.count(b"\xe0\xb8") + data.count(b"\xe0\xb9")
    return thai > 0 and 3 * thai > sum(byte > 127 for byte in data) // 2


def split(text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:  # a cell beyond 131,072 characters: an unclosed quote, mostly
        raise Unreadable(Why.BROKEN) from error
