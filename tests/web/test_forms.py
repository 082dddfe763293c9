"""Forms: names that nest, names that clash."""

from contextlib import suppress

import pytest
from pydantic import Field

from service.kernel.problems import InvalidInput
from service.kernel.shapes import In
from service.web.forms import Posted


class Cell(In):
    words: str


class Sheet(In):
    title: str = ""
    tags: list[str] = Field(default_factory=list)
    cells: list[Cell] = Field(default_factory=list)


def test_names_nest_and_blanks_are_absent() -> None:
    pairs = [("title", " A "), ("tags", "x"), ("tags", "y"), ("cells-4-words", "second"), ("cells-1-words", "first"),
             ("cells-7-words", ""), ("_key", "unread")]  # fmt: skip
    sheet = Posted(pairs).read(Sheet)
    assert (sheet.title, sheet.tags, [cell.words for cell in sheet.cells]) == ("A", ["x", "y"], ["first", "second"])


@pytest.mark.parametrize(
    "pairs",
    [
        [("title", "a"), ("title-b", "c")], [("title-b", "c"), ("title", "a")],
        [("cells-0", "a"), ("cells-0-words", "b")], [("cells-0-words", "b"), ("cells", "a")],
        [("tags-0-x", "a"), ("tags", "b")], [("tags", "b"), ("tags-0-x", "a")], [("title-", "a")], [("-", "a")],
    ],
)  # fmt: skip
def test_names_that_clash_are_read_or_refused_and_never_a_fault(pairs: list[tuple[str, str]]) -> None:
    with suppress(InvalidInput):  # anything else is a fault of ours
        Posted(list(pairs)).read(Sheet)
