"""Spreadsheets that mean harm or were saved by old programs: seeded, small to make, each with what must come of it.

`good` files hold the rows that must be read; of the others a clear problem is asked, and of noise either.
"""

import io
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = ["Product", "Quantity", "Day", "Ceiling (baht)"]
THAI_HEAD = ["สินค้า", "จำนวน", "วันส่ง", "ราคาเพดาน (บาท)"]
Rows = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A file, what kind of trouble it is, and the quantities that must be read (None: a problem, or either)."""

    kind: str
    name: str
    content: bytes
    quantities: tuple[int, ...] | None = None
    must_fail: bool = False


def cell_xml(ref: str, value: Any, extra: str = "") -> str:
    if isinstance(value, int | float):
        return f'<c r="{ref}"{extra}><v>{value}</v></c>'
    text = str(value).replace("&", "&amp;").replace("<", "&lt;")
    return f'<c r="{ref}" t="inlineStr"{extra}><is><t>{text}</t></is></c>'


def sheet_xml(rows: Sequence[Sequence[Any]], *, tail: str = "", head: str = "", inner: str = "") -> str:
    body = "".join(
        f'<row r="{number}">'
        + "".join(cell_xml(f"{chr(65 + place)}{number}", value) for place, value in enumerate(row) if value is not None)
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    rows_xml = f"<sheetData>{body}{inner}</sheetData>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<worksheet {MAIN}>{rows_xml}{tail}</worksheet>'


def book(sheets: list[str], *, packed: int = zipfile.ZIP_DEFLATED, more: dict[str, bytes] | None = None,
         states: list[str] | None = None) -> bytes:  # fmt: skip
    """An .xlsx of finished sheets."""
    numbers = range(1, len(sheets) + 1)
    types = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-'
                    'officedocument.spreadsheetml.worksheet+xml"/>' for n in numbers)  # fmt: skip
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"{(states or [""] * n)[n - 1]}/>' for n in numbers)
    links = "".join(f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                    for n in numbers)  # fmt: skip
    parts: dict[str, str] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType='
        f'"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELS}">{links}</Relationships>',
        **{f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in zip(numbers, sheets, strict=True)},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def csv_of(rows: Sequence[Sequence[Any]], sign: str = ",", end: str = "\r\n") -> str:
    def quoted(value: Any) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in (sign, '"', "\n")) else text

    return end.join(sign.join(quoted(value) for value in row) for row in rows)


def needs(dice: random.Random) -> tuple[Rows, tuple[int, ...]]:
    """Rows of a week's need: what the files hold when nothing is wrong with them."""
    amounts = tuple(dice.randint(1, 9_999) for _ in range(dice.randint(1, 6)))
    names = ("MORNING-GLORY", "Morning-glory", "morning glory")
    return [
        [dice.choice(names), amount, dice.randint(1, 7), dice.choice([20, "18.50", "20"])] for amount in amounts
    ], amounts


def thai(number: int) -> str:
    return "".join(chr(0x0E50 + int(sign)) for sign in str(number))


Maker = Callable[[random.Random, Rows, tuple[int, ...]], Sent]


def _good_xlsx(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    title: Rows = [["Needs of the week"], []] if dice.random() < 0.5 else []
    head = dice.choice([HEAD, THAI_HEAD, [word.upper() for word in HEAD]])
    return Sent("xlsx", "a.xlsx", book([sheet_xml([*title, head, *rows])]), amounts)


def _encodings(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    text = csv_of([dice.choice([HEAD, THAI_HEAD]), *rows], dice.choice(",;\t|"), dice.choice(["\n", "\r\n"]))
    if dice.random() < 0.2:
        text = csv_of([THAI_HEAD, *rows], ";")
        text = "sep=;\n" + text
    return Sent("encoding", "a.csv", text.encode(dice.choice(["utf-8", "utf-8-sig", "cp874", "utf-16"])), amounts)


def _thai_numbers(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    written = [[row[0], dice.choice([thai(amount), f"{amount:,}", f"{amount}.0", f" {amount} "]), *row[2:]]
               for row, amount in zip(rows, amounts, strict=True)]  # fmt: skip
    made = book([sheet_xml([THAI_HEAD, *written])]) if dice.random() < 0.5 else csv_of([HEAD, *written]).encode()
    return Sent("thai digits", "a.xlsx", made, amounts)


def _formulas(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    inner = "".join(
        f'<row r="{n}">{cell_xml(f"A{n}", "MORNING-GLORY")}<c r="B{n}"><f>{dice.choice(["SUM(A1:A9)", "1+1"])}</f>'
        f"<v>{amount}</v></c>{cell_xml(f'C{n}', 1)}{cell_xml(f'D{n}', 20)}</row>"
        for n, amount in enumerate(amounts, 2)
    )
    return Sent("formulas", "a.xlsx", book([sheet_xml([HEAD], inner=inner)]), amounts)


def _formula_text(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    evil = dice.choice(["=cmd|' /C calc'!A0", "@SUM(1+9)*cmd", "+1+1", "-2+3", '=HYPERLINK("x")', "=1+1"])
    rows[0][dice.randrange(2)] = evil
    made = csv_of([HEAD, *rows]).encode() if dice.random() < 0.5 else book([sheet_xml([HEAD, *rows])])
    return Sent("formula text", "a.csv", made, must_fail=True)


def _broken_formula(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    word = dice.choice(["#REF!", "#DIV/0!", "#N/A"])
    inner = f'<row r="2">{cell_xml("A2", "MORNING-GLORY")}<c r="B2" t="e"><f>1/0</f><v>{word}</v></c></row>'
    return Sent("formula error", "a.xlsx", book([sheet_xml([HEAD], inner=inner)]), must_fail=True)


def _merged(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    above = dice.random() < 0.4  # a merged title harms nobody
    tail = f'<mergeCells count="1"><mergeCell ref="{"A1:D1" if above else "B3:B4"}"/></mergeCells>'
    made = book([sheet_xml([["Title"], HEAD, *rows, *rows], tail=tail)])
    return Sent("merged", "a.xlsx", made, (amounts + amounts) if above else None, must_fail=not above)


def _bomb(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    if dice.random() < 0.5:
        packed = _with_size(
            book([sheet_xml([HEAD, *rows], tail=" " * 60_000)]), dice.choice([10, 60_000_000, 2**32 - 2])
        )
        return Sent("lying size", "a.xlsx", packed, must_fail=True)
    return Sent("zip bomb", "a.xlsx", _BOMB, must_fail=True)


def _with_size(content: bytes, size: int) -> bytes:
    """The archive with another unpacked size in the directory and before the largest part."""
    name = b"xl/worksheets/sheet1.xml"
    data, field = bytearray(content), size.to_bytes(4, "little")
    local, central = content.find(name), content.rfind(name)
    data[local - 8 : local - 4] = field
    data[central - 22 : central - 18] = field
    return bytes(data)


def _far(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    far = dice.choice(["XFD1048576", "A1048576", "XFD2", "ZZZ9999999", "A99999999", "", "A0", "1A", "A-1", "$A$900000"])
    inner = f'<row r="3">{cell_xml(far, 1)}</row>'
    return Sent("far cell", "a.xlsx", book([sheet_xml([HEAD, *rows[:1]], inner=inner)]))


def _many_rows(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    return Sent("many rows", "a.xlsx", _LONG if dice.random() < 0.5 else _LONG_CSV, must_fail=True)


def _coloured(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    inner = "".join(f'<row r="{n}"><c r="A{n}" s="0"/></row>' for n in (5_000, 1_048_576))
    return Sent("coloured to the end", "a.xlsx", book([sheet_xml([HEAD, *rows], inner=inner)]), amounts)


def _xml_attack(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    laughs = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    )
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    rows[0][0] = dice.choice(["&c;", "&a;"])
    text = sheet_xml([HEAD, *rows], head=dice.choice([laughs, outside])).replace("&amp;", "&")
    return Sent("entities", "a.xlsx", book([text]), must_fail=True)


def _wrong_kind(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + dice.randbytes(600)
    made = dice.choice([
        ole, ole + "EncryptedPackage".encode("utf-16-le"), b"\x89PNG\r\n\x1a\n" + dice.randbytes(300),
        b"\xff\xd8\xff\xe0" + dice.randbytes(300), b"%PDF-1.7\n" + dice.randbytes(200), b"", b"\0" * 400, b"   \n\n",
        b"\xef\xbb\xbf", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"<html><table><tr><td>1</td></tr></table></html>",
        _other_zip(), book([sheet_xml([])]), book([]), b'{"lines": [1]}', b"\xff\xfe\0",
    ])  # fmt: skip
    return Sent("other kind", dice.choice(["a.xlsx", "a.csv", "a.xls", "../a", ""]), made, must_fail=True)


def _other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<office/>")
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return out.getvalue()


def _sheets(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    hidden = ' state="hidden"' if dice.random() < 0.5 else ' state="veryHidden"'
    made = book([sheet_xml([HEAD, ["MORNING-GLORY", 77_777, 1, 20]]), sheet_xml([]), sheet_xml([HEAD, *rows])],
                states=[hidden, "", ""])  # fmt: skip
    return Sent("hidden and empty sheets", "a.xlsx", made, amounts)


def _wrong_cells(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    bad = dice.choice(
        ["many", -5, 0, 1.505, "1e9", 1e300, "12,34,5", "๑๒๓ก", "1 000 000 000 000 000 000", "NaN", "inf", "1.234,50"]
    )
    rows[0][dice.choice([1, 3])] = bad
    return Sent("wrong cell", "a.xlsx", book([sheet_xml([HEAD, *rows])]), must_fail=True)


def _headings(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    choices: Rows = [["Product", "Product", "Quantity", "Quantity"], ["a", "b", "c", "d"], [1, 2, 3, 4], ["Product"]]
    head = dice.choice(choices)
    return Sent("headings", "a.csv", csv_of([head, *rows]).encode(), must_fail=True)


def _wide(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    return Sent("wide", "a.csv", csv_of([HEAD, ["x"] * dice.choice([101, 20_000]), *rows]).encode(), must_fail=True)


def _quotes(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    text = csv_of([HEAD, *rows]) + '\n"' + "x" * dice.choice([10, 140_000])
    return Sent("open quote", "a.csv", text.encode())


def _noise(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    """A good file with some of its bytes changed, cut or doubled."""
    packed = dice.random() < 0.6
    whole = book([sheet_xml([HEAD, *rows])], packed=dice.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    data = bytearray(whole if packed else csv_of([THAI_HEAD, *rows]).encode(dice.choice(["utf-8", "cp874"])))
    for _ in range(dice.randint(1, 12)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    if dice.random() < 0.3:
        del data[dice.randrange(len(data)) :]
    return Sent("noise", "a.xlsx", bytes(data))


def _xml_noise(dice: random.Random, rows: Rows, amounts: tuple[int, ...]) -> Sent:
    """A sheet whose XML is torn, in an archive that is whole."""
    text = list(sheet_xml([HEAD, *rows]))
    for _ in range(dice.randint(1, 5)):
        text[dice.randrange(60, len(text))] = dice.choice(
            ["<", ">", '"', "&", "\x01", "r", "9", "๙", " ", "/>", "<v>", "]]>"]
        )
    return Sent("torn xml", "a.xlsx", book(["".join(text)]))


MAKERS: tuple[Maker, ...] = (
    _good_xlsx, _encodings, _thai_numbers, _formulas, _formula_text, _broken_formula, _merged, _bomb, _far, _many_rows,
    _coloured, _xml_attack, _wrong_kind, _sheets, _wrong_cells, _headings, _wide, _quotes, _noise, _noise, _noise,
    _xml_noise, _xml_noise,
)  # fmt: skip
_BOMB = book([sheet_xml([HEAD])], more={"xl/sharedStrings.xml": b"<sst>" + b" " * 45_000_000 + b"</sst>"})
_LONG = book([sheet_xml([HEAD, *[["MORNING-GLORY", 5, 1, 20]] * 6_000])])
_LONG_CSV = csv_of([HEAD, *[["MORNING-GLORY", 5, 1, 20]] * 30_000]).encode()


def files(number: int, seed: int) -> Iterator[Sent]:
    """So many files, the same ones for the same seed; every kind comes about as often."""
    dice = random.Random(seed)
    for place in range(number):
        rows, amounts = needs(dice)
        yield MAKERS[place % len(MAKERS)](dice, rows, amounts)
