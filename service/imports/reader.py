"""Reads a file as lines of named cells: encoding and delimiter found, ragged and hostile lines marked, never raised."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

from service.imports.rules import (
    ColumnTwice,
    FileEmpty,
    FileNotReadable,
    FileNotText,
    NotGeoJson,
    must_be_plain,
    refused,
    tidy,
)
from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.sheets.tables import is_broken_utf8

ENCODINGS = ("utf-8-sig", "cp874")  # cp874 holds all of TIS-620
DELIMITERS = ",;\t"
WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16 would pass as cp874 with a NUL between letters


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file: its number, what it holds, or why it cannot be taken."""

    number: int
    content: dict[str, Any]
    fault: Problem | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A readable file: its name, fingerprint, columns, and lines in order."""

    name: str
    digest: str
    columns: tuple[str, ...]
    size: int  # lines or features, for the progress bar
    lines: Iterator[Line]


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileNotReadable(file=path.name) from error


def table(path: Path) -> Source:
    """A CSV file with a header line."""
    data = _bytes_of(path)
    text = _decoded(data, path.name)
    first = next((line for line in text.splitlines() if line.strip()), None)
    if first is None:
        raise FileEmpty(file=path.name)
    rows = csv.reader(StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count))
    columns = _header(rows, path.name)
    return Source(path.name, sha256(data).hexdigest(), columns, text.count("\n"), _lines(rows, columns))


def _decoded(data: bytes, name: str) -> str:
    for encoding in ENCODINGS:
        try:
            if data.startswith(WIDE) or (encoding == "cp874" and is_broken_utf8(data)):
                break
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileNotText(file=name)


def _header(rows: Any, name: str) -> tuple[str, ...]:
    try:
        cells = next(row for row in rows if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise FileNotText(file=name) from error
    columns = tuple(tidy(cell).lower().replace(" ", "_") for cell in cells)
    for column in columns:
        if columns.count(column) > 1:
            raise ColumnTwice(file=name, column=column or "(blank)")
    return columns


def _lines(rows: Any, columns: tuple[str, ...]) -> Iterator[Line]:
    while True:
        number = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:  # the reader's limit of 131,072 characters; it goes on with the next line
            yield Line(number, {}, refused(N_("A cell of this line is longer than any of ours."), at=columns[0]))
            continue
        if any(cell.strip() for cell in cells):
            yield _line(number, cells, columns)


def _line(number: int, cells: list[str], columns: tuple[str, ...]) -> Line:
    if len(cells) != len(columns):
        message = N_("The line has {found} cells, the header {wanted}.")
        return Line(number, {}, refused(message, at=columns[0], found=len(cells), wanted=len(columns)))
    content = {name: tidy(cell) for name, cell in zip(columns, cells, strict=True) if cell.strip()}
    try:
        for name, cell in zip(columns, cells, strict=True):
            must_be_plain(name, cell.strip())
    except Problem as fault:
        return Line(number, content, fault)
    return Line(number, content)


def features(path: Path) -> Source:
    """A GeoJSON file; each feature is a line, numbered from 1, its properties beside its `geometry`."""
    data = _bytes_of(path)
    try:
        found = json.loads(_decoded(data, path.name))["features"]
        lines = [Line(number, _feature(item)) for number, item in enumerate(found, 1)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise NotGeoJson(file=path.name) from error
    names = tuple(sorted({name for line in lines for name in line.content}))
    return Source(path.name, sha256(data).hexdigest(), names, len(lines), iter(lines))


def _feature(item: Any) -> dict[str, Any]:
    known = {str(name).lower(): value for name, value in (item.get("properties") or {}).items()}
    return {**known, "geometry": item["geometry"]}
