"""Spreadsheets are read as people mean them, refused with the cell that is wrong, and written so that nothing runs."""

import resource
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from python_calamine import CalamineWorkbook

from service.kernel.i18n import speaking
from service.kernel.problems import Problem
from service.sheets import cells, reading, writing
from service.sheets.reading import Column, SheetNotReadable
from tests.sheets.hostile import HEAD, book, csv_of, files, sheet_xml

COLUMNS = (
    Column("product", ("Product", "สินค้า"), needed=True),
    Column("quantity", ("Quantity", "จำนวน"), "whole", needed=True),
    Column("day", ("Day", "วันส่ง")),
    Column("ceiling", ("Ceiling", "ราคาเพดาน"), "baht"),
)


@pytest.mark.parametrize(("raw", "kind", "value"), [
    ("๑,๒๐๐", "whole", 1200), (12.0, "whole", 12), ("32.5", "baht", 3250), (32.300000000000004, "baht", 3230),
    ("1/12/2569", "day", date(2026, 12, 1)), ("๑/๑๒/๒๕๖๙", "day", date(2026, 12, 1)),
    ("2026-12-01", "day", date(2026, 12, 1)),
    ("1 ธ.ค. 2569", "day", date(2026, 12, 1)), ("1 December 2026", "day", date(2026, 12, 1)),
    (datetime(2569, 12, 1), "day", date(2026, 12, 1)), (date(2026, 12, 1), "day", date(2026, 12, 1)),  # noqa: DTZ001
    ("06.30 น.", "time", time(6, 30)), ("6:30", "time", time(6, 30)), (time(6, 30), "time", time(6, 30)),
    ("6", "time", time(6)), (6.0, "time", time(6)), ("0600", "time", time(6)), ("630", "time", time(6, 30)),
    ("๖.๓๐", "time", time(6, 30)),
    (1001.0, "text", "1001"), ("  ผัก\u200bบุ้ง \n ไทย", "text", "ผักบุ้ง ไทย"), ("'=x", "text", "=x"), ("  ", "whole", None),
])  # fmt: skip
def test_a_cell_is_read_as_people_write_it(raw: Any, kind: cells.Kind, value: Any) -> None:
    assert cells.value_of(raw, kind) == value


@pytest.mark.parametrize(("raw", "kind"), [
    ("1.5", "whole"), ("12,34", "whole"), (True, "whole"), ("1e9", "whole"), (float("nan"), "whole"), (1e300, "baht"),
    ("-3", "baht"), ("32.505", "baht"), ("1/12/69", "day"), ("31/2/2569", "day"), ("12/31/2026", "day"),
    (46357.0, "day"),
    ("25:00", "time"), ("6.5", "time"), (0.25, "time"), ("99", "time"), ("six", "time"), (True, "time"),
    ("=1+1", "text"), ("=1+1", "whole"), ("x" * 501, "text"), ("a\ud800", "text"), ("\x07", "text"),
])  # fmt: skip
def test_what_could_mean_two_things_is_refused(raw: Any, kind: cells.Kind) -> None:
    with pytest.raises(cells.Wrong):
        cells.value_of(raw, kind)


def test_faults_point_at_the_cell_in_the_readers_language() -> None:
    rows: list[list[Any]] = [
        ["Week 49"],
        [],
        HEAD,
        ["MORNING-GLORY", 5, 1, 20],
        ["KALE", "many", 1, "x"],
        ["", 7, 1, 20],
    ]
    found = reading.read("a.xlsx", book([sheet_xml(rows)]), COLUMNS)
    assert [(row.number, row.values["quantity"], row.at["quantity"]) for row in found.rows] == [(4, 5, "B4")]
    assert [fault.pointer for fault in found.faults] == ["/sheet/B5", "/sheet/D5", "/sheet/A6"]
    with speaking("en"):
        assert found.faults[0].text() == "B5: write a whole number."
    with speaking("th"):
        assert found.faults[0].text() == "B5: กรอกเป็นจำนวนเต็ม"


def test_the_rows_of_a_file_are_counted_even_after_a_mark_for_the_delimiter() -> None:
    found = reading.read("a.csv", ("sep=;\r\n" + csv_of([HEAD, ["KALE", "x", 1, 2]], ";")).encode(), COLUMNS)
    assert [fault.pointer for fault in found.faults] == ["/sheet/B3"]


def test_a_refusal_names_its_reason_in_both_languages() -> None:
    with pytest.raises(SheetNotReadable) as refused:
        reading.read("a.xls", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), COLUMNS)
    body = refused.value.body()
    assert "password" in body["en"]["detail"]
    assert "รหัสผ่าน" in body["th"]["detail"]


def test_hostile_files_are_read_or_refused_in_bounded_memory() -> None:
    refused = Problem()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for sent in files(230, seed=7):
        try:
            found = reading.read(sent.name, sent.content, COLUMNS)
        except Problem as problem:
            refused = problem
            found = None
        if found is None:
            assert sent.quantities is None, (sent.kind, refused.words())
        elif sent.quantities is not None:
            assert (tuple(row.values["quantity"] for row in found.rows), found.faults) == (sent.quantities, []), (
                sent.kind
            )
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kilobytes


def test_what_is_written_is_read_back_and_nothing_in_it_runs() -> None:
    rows: list[list[Any]] = [["Product", "Quantity"], ["=1+1", 5], ["@evil", 6], ["ผักบุ้ง", 7]]
    back = CalamineWorkbook.from_filelike(BytesIO(writing.as_xlsx([("Lines", rows)]))).get_sheet_by_index(0)
    assert back.to_python() == [["Product", "Quantity"], ["=1+1", 5.0], ["@evil", 6.0], ["ผักบุ้ง", 7.0]]
    text = writing.as_csv(rows)
    assert [line.split(",")[0] for line in text.splitlines()] == ["\ufeffProduct", "'=1+1", "'@evil", "ผักบุ้ง"]
    found = reading.read("a.csv", text.encode(), COLUMNS)
    assert [row.values["product"] for row in found.rows] == ["=1+1", "@evil", "ผักบุ้ง"]


def test_a_workbook_of_a_usual_program_is_read_with_dates_and_shared_texts() -> None:
    out = BytesIO()
    with xlsxwriter.Workbook(out) as made:
        page = made.add_worksheet()
        page.write_row(0, 0, ["Product", "Quantity", "Day"])
        page.write_row(1, 0, ["MORNING-GLORY", 40])
        page.write_datetime(1, 2, datetime(2026, 12, 1), made.add_format({"num_format": "d mmm bbbb"}))  # noqa: DTZ001
        page.write_formula(2, 1, "=B2*2", value=80)
        page.write(2, 0, "KALE")
    columns = (*COLUMNS[:2], Column("day", ("Day",), "day"))
    found = reading.read("a.xlsx", out.getvalue(), columns)
    assert [row.values for row in found.rows] == [
        {"product": "MORNING-GLORY", "quantity": 40, "day": date(2026, 12, 1)}, {"product": "KALE", "quantity": 80},
    ]  # fmt: skip
