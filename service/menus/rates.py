"""What a head may cost a day: the dated rates of kinds as shipped (rates.csv), unless an institution has its own."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from service.kernel.i18n import N_

SOURCES = (
    N_("School lunch by number of pupils, cabinet resolution of 8 November B.E. 2565"),
    N_("Food rate of the prisons, a head and day, as reported"),
)
FILE = Path(__file__).resolve().parent / "rates.csv"


@dataclass(frozen=True, slots=True)
class Rate:
    """Satang a head and day for kitchens of a kind and size, from a day on."""

    kind: str
    heads_from: int
    heads_until: int | None
    valid_from: date
    satang: int
    source: str


@lru_cache
def shipped() -> tuple[Rate, ...]:
    """Every rate of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Rate(row["kind"], int(row["heads_from"]), int(row["heads_until"]) if row["heads_until"] else None,
                 date.fromisoformat(row["valid_from"]), int(row["satang"]), row["source"])
            for row in csv.DictReader(file)
        )  # fmt: skip


def of_kind(kind: str, heads: int, day: date, rates: Iterable[Rate] | None = None) -> Rate | None:
    """The newest rate that holds for a kitchen of the kind with so many heads on a day."""
    fits = [rate for rate in (shipped() if rates is None else rates) if _holds(rate, kind, heads, day)]
    return max(fits, key=lambda rate: rate.valid_from, default=None)


def _holds(rate: Rate, kind: str, heads: int, day: date) -> bool:
    within = rate.heads_from <= heads and (rate.heads_until is None or heads <= rate.heads_until)
    return rate.kind == kind and within and rate.valid_from <= day
