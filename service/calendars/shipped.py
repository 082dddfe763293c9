"""The shipped list of public holidays; an imported day goes before it (calendars/holidays.csv says its sources)."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from service.kernel.i18n import N_

SOURCES = (
    N_("Cabinet resolutions on the public holidays of B.E. 2569"),
    N_("Standing list of public holidays; B.E. 2570 as expected, lunar days computed"),
)
FILE = Path(__file__).resolve().parent / "holidays.csv"


@dataclass(frozen=True, slots=True)
class Day:
    """A public holiday as the list has it."""

    day: date
    name_th: str
    name_en: str
    source: str
    observed: bool = True


@lru_cache
def holidays() -> dict[date, Day]:
    """Every shipped holiday by its day."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [Day(date.fromisoformat(row["day"]), row["name_th"], row["name_en"], row["source"])
                for row in csv.DictReader(file)]  # fmt: skip
    return {row.day: row for row in rows}
