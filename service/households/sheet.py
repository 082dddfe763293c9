"""Reads a CSV of households: all of it or nothing. What is wrong is said by line and column, never by its content."""

import csv
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO

from pydantic import ValidationError

from service.households.rules import RosterNotReadable
from service.households.schemas import MOST_CHARACTERS, MemberIn
from service.kernel.i18n import N_
from service.kernel.mistakes import invalid
from service.kernel.problems import FieldError, InvalidInput
from service.sheets.tables import DELIMITERS, Unreadable, text_of

COLUMNS = ("citizen_id", "member_no", "labour_days", "tier", "valid_until")
NEEDED = frozenset({"citizen_id", "labour_days"})
MOST_LINES = 2_000
MOST_FAULTS = 50  # told at once; the rest is found at the next try
TOO_LONG = N_("Give at most {max_length}.")


def decoded(data: bytes) -> str:
    """The text of an uploaded file; RosterNotReadable where it is none or far too large."""
    if len(data) <= 4 * MOST_CHARACTERS:
        with suppress(Unreadable):
            return text_of(data)
    raise RosterNotReadable(columns=", ".join(COLUMNS))


def members(text: str) -> list[MemberIn]:
    """The households of a sheet, or InvalidInput with every line that is not right."""
    found, faults = list[MemberIn](), list[FieldError]()
    seen: dict[str, int] = {}
    for number, cells in _lines(text):
        try:
            draft = MemberIn.model_validate(cells)
        except ValidationError as error:
            faults += invalid(error.errors(include_input=False), prefix=f"/lines/{number}").errors
            continue
        first = seen.setdefault(draft.citizen_id.get_secret_value(), number)
        if first != number:
            message = N_("The same person stands in line {line} of this file.")
            faults.append(FieldError(f"/lines/{number}/citizen_id", message, (("line", first),)))
        found.append(draft)
    if len(found) > MOST_LINES:
        faults.append(FieldError("/csv", TOO_LONG, (("max_length", MOST_LINES),)))
    if faults:
        raise InvalidInput(errors=tuple(faults[:MOST_FAULTS]))
    return found


def _lines(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line numbers with the filled cells by column; only known columns are looked at."""
    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count))
    try:
        header = [cell.strip().lower() for cell in next(row for row in rows if any(map(str.strip, row)))]
        if not set(header) >= NEEDED or len(set(header)) != len(header):
            raise RosterNotReadable(columns=", ".join(COLUMNS))
        for row in rows:
            cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if name in COLUMNS}
            if any(cells.values()):
                yield rows.line_num, {name: cell for name, cell in cells.items() if cell}
    except (csv.Error, StopIteration) as error:
        raise RosterNotReadable(columns=", ".join(COLUMNS)) from error
