"""Forms of pages: what was posted, read through the same schemas as the API's JSON.

Names nest with dashes (`lines-0-quantity`); rows and fields left blank count as absent.
"""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from service.kernel.mistakes import invalid
from service.kernel.numbers import plain_number
from service.kernel.problems import EditConflict
from service.web.deps import MOST_FIELDS

M = TypeVar("M", bound=BaseModel)
LONGEST_NAME = 100
DEEPEST = 6  # levels of a form's names; ours have three


class Posted:
    """The values of a submitted form."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = [(name, value.strip() if isinstance(value, str) else value) for name, value in pairs]

    def get(self, name: str, default: str = "") -> str:
        """The first value under a name, as text."""
        return next((value for key, value in self.pairs if key == name and isinstance(value, str)), default)

    def all(self, name: str) -> list[str]:
        """Every value under a name."""
        return [value for key, value in self.pairs if key == name and isinstance(value, str)]

    def has(self, name: str) -> bool:
        """Whether the form sent the name."""
        return any(key == name for key, _ in self.pairs)

    def version(self) -> int:
        """The version that the form's page showed; a form without one is refused as out of date."""
        text = self.get("_version")
        if not text.isdecimal() or len(text) > 9:
            raise EditConflict
        return int(text)

    def file(self, name: str) -> bytes | None:
        """The content of an uploaded file; None where none was chosen."""
        sent = next((value for key, value in self.pairs if key == name and isinstance(value, UploadFile)), None)
        if sent is None or not sent.filename:
            return None
        with sent.file as file:
            return file.read()

    def replaced(self, name: str, value: object) -> "Posted":
        """The same form with another value under a name: what a person wrote, as the schema wants it."""
        return Posted([*((key, item) for key, item in self.pairs if key != name), (name, str(value))])

    def read(self, model: type[M]) -> M:
        """Read the values through a schema; InvalidInput names each field that is wrong."""
        return self._through(model, self.pairs)

    def read_some(self, model: type[M]) -> M:
        """Read only the schema's own fields; the form holds others beside them."""
        mine = [(name, value) for name, value in self.pairs if name.split("-")[0] in model.model_fields]
        return self._through(model, mine)

    def _through(self, model: type[M], pairs: list[tuple[str, Any]]) -> M:
        named = _nested(pairs, _list_fields(model))
        tree = {name: _rows(value) for name, value in named.items()}
        while True:
            try:
                return model.model_validate(tree)
            except ValidationError as error:
                mended = [_as_number(tree, one) for one in error.errors()]
                if not any(mended):
                    placed = [{**one, "loc": _as_named(named, one["loc"])} for one in error.errors()]
                    raise invalid(placed) from error


def _as_number(tree: Any, error: Any) -> bool:
    """Bring a number that people write (Thai digits, 1,200) to what programs read; whether that changed it."""
    text, where = error["input"], error["loc"]
    if error["type"] not in {"int_parsing", "decimal_parsing"} or not isinstance(text, str):
        return False
    for part in where[:-1]:
        tree = tree[part]
    tree[where[-1]] = plain_number(text)
    return bool(tree[where[-1]] != text)


def _list_fields(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if "list[" in str(field.annotation))


def _nested(pairs: list[tuple[str, Any]], lists: frozenset[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in pairs:
        if not name.startswith("_") and value != "" and not isinstance(value, UploadFile) and _is_name(name):
            _place(tree, name.split("-"), value, lists)
    return tree


def _is_name(name: str) -> bool:
    """Whether one of our forms could hold the name."""
    return len(name) <= LONGEST_NAME and name.count("-") <= DEEPEST


def _place(tree: dict[str, Any], path: list[str], value: Any, lists: frozenset[str]) -> None:
    """Put a value where its name says; of two names that exclude each other (`a`, `a-b`) the later counts."""
    *above, last = path
    here = tree
    for part in above:
        inner = here.get(part)
        here[part] = here = inner if isinstance(inner, dict) else {}
    if last in lists:
        known = here.get(last)
        here[last] = [*known, value] if isinstance(known, list) else [value]
    else:
        here[last] = value


def _rows(value: Any) -> Any:
    """Turn {"0": .., "2": ..} into a list in order; leave other values."""
    if not isinstance(value, dict):
        return value
    inner = {name: _rows(child) for name, child in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _as_named(tree: Any, where: Sequence[str | int]) -> list[str]:
    """Where a mistake is, with rows under the numbers that the form gave them: blank ones before it count."""
    found = []
    for part in where:
        rows = tree if isinstance(tree, dict) else {}
        found.append(sorted(rows, key=int)[part] if rows and isinstance(part, int) else str(part))
        tree = rows.get(found[-1])
    return found


async def _posted(request: Request) -> Posted:
    form = await request.form(max_fields=MOST_FIELDS)
    return Posted(list(form.multi_items()))


Form = Annotated[Posted, Depends(_posted)]
