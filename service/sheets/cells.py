"""What a cell of a spreadsheet means: numbers, amounts, days and times as people in Thailand write them.

Thai digits, thousands separators and Buddhist years are read; what could mean two things is refused, never guessed.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Literal
from unicodedata import category, normalize

from babel.dates import get_month_names

from service.kernel.clock import BUDDHIST_ERA
from service.kernel.i18n import LANGUAGES, N_
from service.kernel.money import MAX_SATANG, SATANG
from service.kernel.numbers import THAI_DIGITS, plain_number

Kind = Literal["text", "whole", "baht", "day", "time"]
BUDDHIST_FROM = 2400  # no delivery lies that far in the Gregorian future
LONGEST = 500
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})")
_NAMED = re.compile(r"(\d{1,2})\s*([^\d\s][^\d]*?)\s*(\d{2}|\d{4})")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.]?(\d{2})(?::\d{2})?)?(?:\s*\u0e19\.?)?")  # the last letter abbreviates "o'clock"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class Wrong(ValueError):
    """A cell that cannot be taken: a message id with the facts that fill it."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message, self.facts = message, facts


NOT_WHOLE = N_("{cell}: write a whole number.")
NOT_BAHT = N_("{cell}: write an amount in baht, as 32 or 32.50.")
NOT_A_DAY = N_("{cell}: write a day as 31/12/2569 or 2026-12-31.")
TWO_DIGITS = N_("{cell}: write the year with four digits.")
NOT_A_TIME = N_("{cell}: write a time as 06:30.")
TOO_LONG = N_("{cell}: this text is too long.")
UNPRINTABLE = N_("{cell}: it holds characters that cannot be printed.")
A_FORMULA = N_("{cell}: a formula stands here; write what it comes to.")
TOO_LARGE = N_("{cell}: this number is too large.")


def value_of(raw: Any, kind: Kind) -> Any:
    """The cell's value, or None where it is blank; Wrong says what is the matter."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    return _READERS[kind](raw)


def tidy(raw: Any) -> str:
    """A cell as one line of text in composed letters; a whole number loses the point that spreadsheets give it."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 10**15:
        raw = int(raw)
    return " ".join(normalize("NFC", str(raw)).replace("\u200b", "").replace("\ufeff", "").split())


def _text(raw: Any) -> str:
    text = tidy(raw)
    if len(text) > LONGEST:
        raise Wrong(TOO_LONG)
    if text.startswith("="):
        raise Wrong(A_FORMULA)
    if any(category(sign) in {"Cc", "Cs", "Co", "Cn"} for sign in text):
        raise Wrong(UNPRINTABLE)
    unquoted = text[1:] if text.startswith("'") and text[1:2] in FORMULA_SIGNS else text
    return unquoted.strip()


def _number(raw: Any, otherwise: str) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise Wrong(otherwise)
    plain = plain_number(tidy(raw)) if isinstance(raw, str) else repr(raw)
    if plain.startswith("="):
        raise Wrong(A_FORMULA)
    if isinstance(raw, str) and not _NUMBER.fullmatch(plain):
        raise Wrong(otherwise)
    try:
        number = Decimal(plain)
    except InvalidOperation as error:
        raise Wrong(otherwise) from error
    if not number.is_finite() or abs(number) > MAX_SATANG:
        raise Wrong(TOO_LARGE if number.is_finite() else otherwise)
    return number.quantize(Decimal("1e-6"))  # a spreadsheet's 32.300000000000004 is 32.3


def _whole(raw: Any) -> int:
    number = _number(raw, NOT_WHOLE)
    if number != number.to_integral_value():
        raise Wrong(NOT_WHOLE)
    return int(number)


def _baht(raw: Any) -> int:
    satang = _number(raw, NOT_BAHT) * SATANG
    if satang != satang.to_integral_value() or satang < 0:
        raise Wrong(NOT_BAHT)
    return int(satang)


def _day(raw: Any) -> date:
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        return _in_our_era(raw.year, raw.month, raw.day)
    if not isinstance(raw, str):
        raise Wrong(NOT_A_DAY)
    return _written_day(tidy(raw).translate(THAI_DIGITS))


def _written_day(text: str) -> date:
    if found := _ISO.fullmatch(text):
        year, month, day = found[1], int(found[2]), found[3]
    elif found := _DAY_FIRST.fullmatch(text):
        year, month, day = found[3], int(found[2]), found[1]
    elif (found := _NAMED.fullmatch(text)) and found[2].strip().casefold() in _months():
        year, month, day = found[3], _months()[found[2].strip().casefold()], found[1]
    else:
        raise Wrong(NOT_A_DAY)
    if len(year) == 2:
        raise Wrong(TWO_DIGITS)
    return _in_our_era(int(year), month, int(day))


def _in_our_era(year: int, month: int, day: int) -> date:
    """The day in the Gregorian calendar; a Buddhist year is told by its size."""
    try:
        return date(year - BUDDHIST_ERA if year >= BUDDHIST_FROM else year, month, day)
    except ValueError as error:
        raise Wrong(NOT_A_DAY) from error


@lru_cache
def _months() -> dict[str, int]:
    """The months by every name that Thai and English calendars give them."""
    return {
        name.casefold(): number
        for code in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=code).items()
    }


def _time(raw: Any) -> time:
    if isinstance(raw, datetime):
        return raw.time()
    if isinstance(raw, time):
        return raw
    if isinstance(raw, timedelta) and timedelta() <= raw < timedelta(days=1):
        minutes = int(raw.total_seconds()) // 60
        return time(minutes // 60, minutes % 60)
    if isinstance(raw, bool) or (isinstance(raw, float) and not raw.is_integer()):  # 0.25: six o'clock, or 00:25
        raise Wrong(NOT_A_TIME)
    found = _CLOCK.fullmatch(tidy(raw).translate(THAI_DIGITS))
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise Wrong(NOT_A_TIME)
    return time(int(found[1]), int(found[2] or 0))


_READERS: dict[Kind, Callable[[Any], Any]] = {
    "text": _text,
    "whole": _whole,
    "baht": _baht,
    "day": _day,
    "time": _time,
}
