"""Opens an .xlsx that may mean harm: everything is measured before the reader of spreadsheets sees a byte of it.

The reader keeps a sheet as a full rectangle, so one cell at XFD1048576 would take hundreds of gigabytes and end the
process; and it unpacks what the archive holds, whatever the directory says. So the parts that hold values are unpacked
here under a limit, walked with expat (a document type is refused, extents are bounded), and handed on in a new
archive that is not packed.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from service.sheets.tables import MOST_COLUMNS, Check, Table, Unreadable, Why

MOST_UNPACKED = 40_000_000  # bytes of all parts together; ten thousand lines of ours are one million
MOST_PARTS = 500
_WANTED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml"
    r"|xl/sharedStrings\.xml|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
Done = TypeVar("Done")
_STEP = 5_000  # elements between two looks at the clock


def opened(content: bytes, most_rows: int, check: Check) -> Table:
    """The first visible sheet that holds something."""
    parts = _unpacked(content)
    walks = {name: _walked(data, most_rows, check) for name, data in parts.items() if "/worksheets/" in name.lower()}
    for name in sorted(set(parts) - set(walks)):
        _Walk(most_rows, check).run(parts[name])
    book = _book(parts)
    for place, sheet in enumerate(book.sheets_metadata):
        if sheet.typ != SheetTypeEnum.WorkSheet or sheet.visible != SheetVisibleEnum.Visible:
            continue
        found, rows = _guarded(partial(_sheet, book, place))
        if any(cell not in {"", None} for row in rows for cell in row):
            # With one sheet the walk's broken cells are its own; with several they cannot be told apart by name.
            broken = next(iter(walks.values())).broken if len(walks) == 1 else set()
            return Table(rows, _covered(found.merged_cell_ranges or []), broken)
    return Table([])


def _sheet(book: CalamineWorkbook, place: int) -> tuple[CalamineSheet, list[list[Any]]]:
    found = book.get_sheet_by_index(place)
    return found, found.to_python(skip_empty_area=False)


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The parts that hold values, measured by the directory first and again while they are unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise Unreadable(Why.HUGE)
            names = [entry.filename for entry in entries if _WANTED.fullmatch(entry.filename)]
            if len({name.lower() for name in names}) < len(names) or "xl/workbook.xml" not in names:
                raise Unreadable(Why.OTHER)
            return {name: _part(archive, name) for name in names}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(Why.BROKEN) from error


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as packed:
        data = packed.read(MOST_UNPACKED + 1)
    if len(data) > MOST_UNPACKED:
        raise Unreadable(Why.HUGE)
    return data


class _Walk:
    """One pass over a part: is it XML without a document type, and how far do its cells reach?"""

    def __init__(self, most_rows: int, check: Check) -> None:
        self.most_rows, self.check = most_rows, check
        self.row = self.column = self.seen = 0
        self.broken: set[tuple[int, int]] = set()

    def run(self, data: bytes) -> "_Walk":
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(data, True)  # noqa: FBT003 - expat takes it by place
        except expat.ExpatError as error:
            raise Unreadable(Why.BROKEN) from error
        return self

    def _doctype(self, *_given: Any) -> None:
        raise Unreadable(Why.BROKEN)

    def _start(self, name: str, given: dict[str, str]) -> None:
        self.seen += 1
        if self.seen % _STEP == 0:
            self.check()
        tag = name.rpartition(":")[2]
        if tag == "row":
            self.row, self.column = _row_number(given.get("r"), self.row), 0
        elif tag == "c":
            self._move(given)
        elif tag in {"v", "is", "t", "f"} and self.row:
            self._bound()

    def _move(self, given: dict[str, str]) -> None:
        if "r" not in given:
            self.column += 1
        elif found := _CELL.fullmatch(given["r"]):
            self.column, self.row = _column_number(found[1]), int(found[2])
        else:
            raise Unreadable(Why.BROKEN)
        if given.get("t") == "e":
            self.broken.add((self.row - 1, self.column - 1))

    def _bound(self) -> None:
        """Only cells that hold something count: people colour whole columns down to the last row."""
        if self.row > self.most_rows:
            raise Unreadable(Why.ROWS, most=self.most_rows)
        if self.column > MOST_COLUMNS:
            raise Unreadable(Why.COLUMNS, most=MOST_COLUMNS)


def _walked(data: bytes, most_rows: int, check: Check) -> _Walk:
    return _Walk(most_rows, check).run(data)


def _row_number(text: str | None, before: int) -> int:
    if text is None:
        return before + 1
    if not (text.isascii() and text.isdecimal() and len(text) <= 7):
        raise Unreadable(Why.BROKEN)
    return int(text)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number


def _book(parts: dict[str, bytes]) -> CalamineWorkbook:
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    plain.seek(0)
    return _guarded(partial(CalamineWorkbook.from_filelike, plain))


def _guarded(step: Callable[[], Done]) -> Done:
    """Take a step of the reader; whatever it stumbles over is the file's fault, a panic of its Rust code too."""
    try:
        return step()
    except (CalamineError, ValueError, OverflowError, IndexError, KeyError, OSError) as error:
        raise Unreadable(Why.BROKEN) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # PyO3 derives it from BaseException and exports no name
            raise
        raise Unreadable(Why.BROKEN) from error


def _covered(ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> set[tuple[int, int]]:
    """The places under merged cells; a range is cut where no value may lie."""
    return {
        (row, column)
        for (first, left), (last, right) in ranges[:1_000]
        for row in range(first, min(last, first + 200) + 1)
        for column in range(left, min(right, MOST_COLUMNS) + 1)
    }
