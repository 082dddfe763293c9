"""What a person sees of a run: a table with one row at least a phase, a bar that cleans up after itself."""

import io
from typing import Any

from solver import progress

STEPS: list[dict[str, Any]] = [
    {"phase": "bound", "fraction": 0.5, "objective": None, "bound": 80.0},
    {"phase": "bound", "fraction": 1.0, "objective": None, "bound": 90.0},
    {"phase": "construct", "fraction": 1.0, "objective": 120.0, "bound": None},
    {"phase": "improve", "fraction": 1.0, "objective": 100.0, "bound": None},
]


def test_the_table_keeps_the_newest_bound_and_tells_the_gap() -> None:
    out = io.StringIO()
    table = progress.Table(out)
    for step in STEPS:
        table(step)
    rows = [line.split() for line in out.getvalue().splitlines()]
    assert [row[0] for row in rows] == ["phase", "bound", "bound", "construct", "improve"]
    assert rows[1][3:] == ["-", "80.00", "-"]
    assert rows[-1][1] == "100%"
    assert rows[-1][3:] == ["100.00", "90.00", "10.00%"]
    assert len({len(line) for line in out.getvalue().splitlines()}) == 1


def test_the_bar_stays_on_one_line_and_is_gone_at_the_end(monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    out = io.StringIO()
    bar = progress.Bar(out)
    for step in STEPS:
        bar(step)
    bar.done()
    drawn = out.getvalue().split("\r\x1b[2K")
    assert "\n" not in out.getvalue()
    assert drawn[-1] == ""
    assert all(len(line) < 70 for line in drawn)
    assert drawn[-2].startswith("improve   " + "█" * 24)
