"""Forms are read through the API's schemas: names nest with dashes, blanks are absent, nonsense is a refusal."""

from contextlib import suppress
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from service.kernel.problems import InvalidInput
from service.kernel.shapes import In, Name
from service.web.forms import Posted


class Line(In):
    """A line of a form."""

    product: str
    quantity: int
    days: Annotated[list[str], Field(default_factory=list)]


class Sheet(In):
    """A form with lines."""

    title: str
    marks: Annotated[list[str], Field(default_factory=list)]
    lines: Annotated[list[Line], Field(default_factory=list)]


def pairs(text: str) -> list[tuple[str, Any]]:
    return [(name, value) for name, _, value in (part.partition("=") for part in text.split("&"))]


def test_names_nest_and_rows_keep_their_order_whatever_their_numbers() -> None:
    form = Posted(
        pairs("title= a &lines-10-product=b&lines-10-quantity=2&lines-2-product=c&lines-2-quantity=1&marks=x&marks=y")
    )
    read = form.read(Sheet)
    assert (read.title, read.marks) == ("a", ["x", "y"])
    assert [line.product for line in read.lines] == ["c", "b"]


def test_blank_rows_and_the_forms_own_fields_are_absent() -> None:
    read = Posted(pairs("title=a&_key=k&lines-0-product=&lines-0-quantity=&lines-1-product=b&lines-1-quantity=3")).read(
        Sheet
    )
    assert [line.quantity for line in read.lines] == [3]


def test_a_wrong_field_is_named_where_it_stands() -> None:
    with pytest.raises(InvalidInput) as refused:
        Posted(pairs("title=a&lines-0-product=b&lines-0-quantity=many")).read(Sheet)
    assert [error.pointer for error in refused.value.errors] == ["/lines/0/quantity"]
    with pytest.raises(InvalidInput) as refused:
        Posted(pairs("title=a&lines-0-product=&lines-2-product=b&lines-2-quantity=1&lines-5-product=c")).read(Sheet)
    assert [error.pointer for error in refused.value.errors] == ["/lines/5/quantity"]


class Named(In):
    """A form with a name that checks of our own follow."""

    name: Name


def test_a_text_that_is_too_short_lacks_characters_and_no_entries() -> None:
    with pytest.raises(InvalidInput) as refused:
        Posted(pairs("name=x")).read(Named)
    assert [error.message for error in refused.value.errors] == ["It must have at least {min_length} characters."]


def test_a_field_that_no_form_has_is_refused_unless_only_some_are_read() -> None:
    with pytest.raises(InvalidInput):
        Posted(pairs("title=a&other=1")).read(Sheet)
    assert Posted(pairs("title=a&other=1")).read_some(Sheet).title == "a"


NONSENSE = ["lines=1&lines-0-product=b", "lines-0=1&lines-0-product=b", "lines-x=1", "-=1", "---=2", "lines--=1", "=1",
            "title-a-b=1&title=b", "marks-0=1&marks=2", "lines-" + "9" * 5000 + "-product=a", "a-" * 500 + "b=1",
            "lines-0-days=1&lines-0-days=2", "lines-²-product=x", "lines-๑-product=x"]  # fmt: skip


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_a_refusal_and_never_a_fault(text: str) -> None:
    with suppress(InvalidInput):
        Posted(pairs(text)).read(Sheet)


@given(st.lists(st.tuples(st.text("abtitlelinesmarks-0123456789_๑²", max_size=30), st.text(max_size=5)), max_size=12))
def test_any_form_is_read_or_refused(sent: list[tuple[str, str]]) -> None:
    model: type[BaseModel] = Sheet
    with suppress(InvalidInput):
        Posted(list(sent)).read(model)


@pytest.mark.parametrize(("text", "number"), [("\u0e51\u0e52", 12), ("1,200", 1200), (" 7 ", 7)])
def test_numbers_are_read_as_people_write_them(text: str, number: int) -> None:
    form = Posted([("title", "a"), ("lines-4-product", "b"), ("lines-4-quantity", text)])
    assert form.read(Sheet).lines[0].quantity == number


@pytest.mark.parametrize("text", ["1,20", "12 34", "1.5", "many", "\u0e51,\u0e52"])
def test_what_is_no_number_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Posted([("title", "a"), ("lines-0-product", "b"), ("lines-0-quantity", text)]).read(Sheet)
    assert [error.pointer for error in refused.value.errors] == ["/lines/0/quantity"]
    with pytest.raises(InvalidInput) as refused:
        Posted(pairs("title=a&lines-0-product=&lines-2-product=b&lines-2-quantity=1&lines-5-product=c")).read(Sheet)
    assert [error.pointer for error in refused.value.errors] == ["/lines/5/quantity"]
