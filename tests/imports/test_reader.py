"""Files as they come: encodings, delimiters, ragged and hostile lines become lines or refusals, never a traceback."""

from pathlib import Path

import pytest

from service.imports import reader, rules
from service.kernel.problems import Problem

HEADER = "code,name_th,name_en\n"
NAME = "เขตพระนคร"


def written(folder: Path, data: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(data)
    return path


def lines(folder: Path, text: str, encoding: str = "utf-8") -> list[reader.Line]:
    return list(reader.table(written(folder, text.encode(encoding))).lines)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp874", "tis-620"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_encoding_and_delimiter_reads_the_same(encoding: str, delimiter: str, tmp_path: Path) -> None:
    text = f"{HEADER}1001,{NAME},Phra Nakhon\n".replace(",", delimiter)
    (line,) = lines(tmp_path, text, encoding)
    assert line.content == {"code": "1001", "name_th": NAME, "name_en": "Phra Nakhon"}
    assert (line.number, line.fault) == (2, None)


def test_quoted_line_ends_and_doubled_spaces_become_one_space(tmp_path: Path) -> None:
    found = lines(tmp_path, 'code,name_th,name_en\n10,"two\nlines","a  b"\n11,x,y\n')
    assert found[0].content == {"code": "10", "name_th": "two lines", "name_en": "a b"}
    assert [line.number for line in found] == [2, 4]


def test_blank_lines_are_passed_over_and_blank_cells_are_absent(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, HEADER + "\n,,\n10, ,Bangkok\n")
    assert line.content == {"code": "10", "name_en": "Bangkok"}


@pytest.mark.parametrize(
    "row", ["10,x", "10,x,y,z", "10,\x00,y", "10,=1+1,y", "10,@SUM(A1),y", "10,-cmd,y", "10,\x07bell,y"]
)
def test_a_bad_line_is_refused_and_the_next_is_read(row: str, tmp_path: Path) -> None:
    bad, good = lines(tmp_path, f"{HEADER}{row}\n11,x,y\n")
    assert bad.fault is not None
    assert bad.fault.errors[0].text()
    assert good.content["code"] == "11"
    assert good.fault is None


def test_a_cell_of_a_million_characters_is_refused_alone(tmp_path: Path) -> None:
    bad, good = lines(tmp_path, f"{HEADER}10,{'x' * 1_000_000},y\n11,x,y\n")
    assert bad.fault is not None
    assert good.content["code"] == "11"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", rules.FileEmpty),
        (b"\xef\xbb\xbf\n\n", rules.FileEmpty),
        ("code,name\n1,ก".encode("utf-16"), rules.FileNotText),
        (b"\x89PNG\r\n\x1a\n\x00\x81\x82\xff\xfe", rules.FileNotText),
        (f"{HEADER}10,{NAME},x\n".encode()[:-6] + b"\xff", rules.FileNotText),  # damaged UTF-8 is not TIS-620
        (b"code,code\n1,2\n", rules.ColumnTwice),
    ],
)
def test_a_file_that_is_no_table_is_refused_as_a_whole(data: bytes, problem: type[Problem], tmp_path: Path) -> None:
    with pytest.raises(problem):
        list(reader.table(written(tmp_path, data)).lines)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(rules.FileNotReadable):
            reader.table(path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"features": 3}', '{"features": [1]}', '{"features": [{}]}', "[" * 100_000]
)
def test_what_is_no_geojson_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(rules.NotGeoJson):
        reader.features(written(tmp_path, text.encode()))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2569-11-02", "2026-11-02"), ("2026-11-02", "2026-11-02"), ("๒๕๖๙-๑๑-๐๒", "2026-11-02"),
        ("2/11/2569", "2026-11-02"),
        ("2569-11", "2026-11"), ("2567-2-29", "2024-02-29"), ("soon", "soon"), ("11-02-2026", "11-02-2026"),
    ],
)  # fmt: skip
def test_days_of_both_eras_are_read(text: str, iso: str) -> None:
    assert rules.iso_day(text) == iso


def test_thai_digits_and_thousands_separators_are_read() -> None:
    assert [rules.latin(text) for text in ("๔๕๐๑๐๑", "1,234", "12,34", "๑,๒๓๔.๕")] == [
        "450101",
        "1234",
        "12,34",
        "1234.5",
    ]
