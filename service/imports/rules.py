"""What is wrong with a file as a whole, and how a cell is cleaned before its schema sees it."""

import re

from service.kernel.clock import BUDDHIST_ERA
from service.kernel.i18n import N_
from service.kernel.numbers import THAI_DIGITS
from service.kernel.problems import FieldError, InvalidInput, Problem

ERA_YEARS = range(2400, 2700)  # no Gregorian date of ours lies there, so such a year is of the Buddhist era
_THOUSANDS = re.compile(r"^\d{1,3}(,\d{3})+(\.\d+)?$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?$")
_DAY_FIRST = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_FORMULA = re.compile(r"^(=|@|[+-][^\d\s])")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class FileNotReadable(Problem):
    """No file, a folder, or no permission."""

    status = 422
    title = N_("This file cannot be read")
    detail = N_("{file} is not there, is no file, or may not be read.")
    todo = N_("Check the path and the permissions.")


class FileNotText(Problem):
    """Neither UTF-8 nor TIS-620."""

    status = 422
    title = N_("This file is not text that can be read")
    detail = N_("{file} is neither UTF-8 nor TIS-620 (Windows 874) text.")
    todo = N_("Save it as CSV in UTF-8 and try again.")


class FileEmpty(Problem):
    """Not even a header."""

    status = 422
    title = N_("This file is empty")
    detail = N_("{file} has no header line.")
    todo = N_("The first line names the columns; docs/imports.md lists them.")


class ColumnMissing(Problem):
    """A column that this kind of file must have."""

    status = 422
    title = N_("A column is missing")
    detail = N_("{file} lacks: {columns}. It has: {found}.")
    todo = N_("Name the columns as docs/imports.md lists them.")


class ColumnTwice(Problem):
    """A header that names a column twice."""

    status = 422
    title = N_("A column stands twice in the header")
    detail = N_("{file} names the column {column} more than once.")
    todo = N_("Remove or rename one of them.")


class NotGeoJson(Problem):
    """Outlines come as a GeoJSON FeatureCollection."""

    status = 422
    title = N_("This is not a GeoJSON file of outlines")
    detail = N_("{file} is no JSON FeatureCollection.")
    todo = N_("Export the districts as GeoJSON in longitude and latitude (WGS 84).")


def refused(message: str, *, at: str, **facts: object) -> InvalidInput:
    """A row's refusal for one field."""
    return InvalidInput(errors=(FieldError(f"/{at}", message, tuple(facts.items())),))


def must_be_plain(field: str, text: str) -> None:
    """Refuse characters that cannot be printed, and text that a spreadsheet would calculate."""
    if _UNPRINTABLE.search(text):
        raise refused(N_("It holds characters that cannot be printed."), at=field)
    if _FORMULA.match(text):
        raise refused(N_("It begins like a formula of a spreadsheet; write the value itself."), at=field)


def tidy(text: str) -> str:
    """One line with single spaces."""
    return " ".join(text.split())


def latin(text: str) -> str:
    """Numbers and codes with Thai digits and thousands separators as programs write them."""
    plain = text.translate(THAI_DIGITS)
    return plain.replace(",", "") if _THOUSANDS.match(plain) else plain


def iso_day(text: str) -> str:
    """A day or month in ISO form from year-month-day or day/month/year, of either era; other text as it is."""
    plain = text.translate(THAI_DIGITS)
    if match := _DAY_FIRST.match(plain):
        day, month, year = match.groups()
    elif match := _ISO.match(plain):
        year, month, day = match.groups()
    else:
        return plain
    gregorian = int(year) - BUDDHIST_ERA if int(year) in ERA_YEARS else int(year)
    return f"{gregorian:04d}-{int(month):02d}" + (f"-{int(day):02d}" if day else "")
