"""Writes spreadsheets that people fetch: nothing in them becomes a formula or a link."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from service.sheets.cells import FORMULA_SIGNS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"


def as_xlsx(pages: Sequence[tuple[str, Sequence[Sequence[Any]]]]) -> bytes:
    """Sheets by title, the first row of each as headings."""
    out = io.BytesIO()
    quiet = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, quiet) as book:
        bold = book.add_format({"bold": True, "bg_color": "#e3f0e8", "text_wrap": True, "valign": "top"})
        for title, rows in pages:
            page = book.add_worksheet(title[:31])
            page.freeze_panes(1, 0)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row, bold if number == 0 else None)
            for place in range(len(rows[0]) if rows else 0):
                widest = max(len(str(row[place])) for row in rows if place < len(row))
                page.set_column(place, place, min(max(widest + 2, 10), 48))
    return out.getvalue()


def as_csv(rows: Sequence[Sequence[Any]]) -> str:
    """Lines for spreadsheets: marked as UTF-8, and no text that a program would run as a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    csv.writer(out, lineterminator="\r\n").writerows([neutral(cell) for cell in row] for row in rows)
    return out.getvalue()


def neutral(cell: Any) -> Any:
    """A text that no program runs as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell
