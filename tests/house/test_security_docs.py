"""What the pages on security and threats name exists, and what they promise of whole kinds of code is kept."""

import re
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT, sources

PAGES = ("docs/security.md", "docs/threats.md")
NAMED = re.compile(r"`((?:service|solver|tests|docs|openapi|migrations)/[\w/.-]+?)(?:::(\w+))?`")
STATES = {"met", "not applicable", "open"}
SPREADSHEETS = re.compile(r"csv\.(writer|DictWriter)|openpyxl|xlsxwriter|text/csv")


def named(page: str) -> Iterator[tuple[str, str]]:
    yield from NAMED.findall((ROOT / page).read_text(encoding="utf-8"))


def rows() -> list[list[str]]:
    """The rows of the standard's tables."""
    lines = (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in cells if re.fullmatch(r"\d+\.\d+\.\d+", row[0])]


@pytest.mark.parametrize("page", PAGES)
def test_every_path_and_test_that_is_named_exists(page: str) -> None:
    found = list(named(page))
    assert len(found) > 25
    lost = [path for path, _ in found if not (ROOT / path).exists()]
    assert lost == []
    gone = [
        f"{path}::{name}" for path, name in found if name and f"def {name}(" not in (ROOT / path).read_text("utf-8")
    ]
    assert gone == []


def test_every_row_of_the_standard_has_a_state_and_its_reason() -> None:
    found = rows()
    assert len(found) == len({row[0] for row in found}) == 253  # levels 1 and 2 of version 5.0.0
    assert [row for row in found if row[3] not in STATES or not row[4]] == []
    assert [row[0] for row in found if row[3] == "met" and not re.search(r"`[\w./-]+(::\w+)?`", row[4])] == []
    counted = {state: sum(row[3] == state for row in found) for state in STATES}
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    said = re.search(r"(\d+) met, (\d+) not applicable, (\d+) open", text)
    assert said is not None
    assert [int(number) for number in said.groups()] == [counted["met"], counted["not applicable"], counted["open"]]


def test_every_threat_has_its_test() -> None:
    lines = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8").splitlines()
    threats = [line for line in lines if line.startswith("|") and "---" not in line][1:]
    assert len(threats) > 20
    assert [line for line in threats if "`tests/" not in line] == []


def test_no_spreadsheet_is_written_without_neutralising_formulas() -> None:
    """Nothing writes one today; whoever adds it says `neutral(` beside it (=, +, -, @, tab begin a formula)."""
    writers = [
        str(source)
        for source in sources("service")
        if SPREADSHEETS.search(source.text) and "neutral(" not in source.text
    ]
    assert writers == []
