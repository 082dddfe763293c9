"""Recipes, cooking factors and public holidays from files: what every kitchen may use; see docs/imports.md."""

from collections.abc import Hashable
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy.orm import Session

from service.calendars import actions as calendars
from service.calendars.schemas import HolidayIn
from service.imports.reader import Source
from service.imports.rows import Done
from service.imports.rules import iso_day, latin
from service.kernel.actor import SYSTEM
from service.kernel.problems import Problem
from service.kernel.shapes import In
from service.recipes import tables
from service.recipes.schemas import FactorRow, RecipeRow

NUMBERS = frozenset({"serve_value", "yield_value", "factor"})
M = TypeVar("M", bound=In)


def _plain(name: str, cell: str) -> str:
    return latin(cell) if name in NUMBERS else iso_day(cell) if name == "day" else cell


class Rows(Generic[M]):
    """A file whose columns are the fields of a schema; others are not used."""

    kind: ClassVar[str]
    model: type[M]
    keys: ClassVar[tuple[str, ...]]
    source = ""

    def missing(self, columns: tuple[str, ...]) -> list[str]:
        """The fields without which nothing can be read."""
        needed = (name for name, field in self.model.model_fields.items() if field.is_required())
        return [name for name in needed if name not in columns]

    def used(self, columns: tuple[str, ...]) -> set[str]:
        """The schema's fields."""
        del columns
        return set(self.model.model_fields)

    def prepare(self, tx: Session, source: Source) -> None:
        """Remember the file's name: it is told as the source."""
        del tx
        self.source = source.name[:160]

    def read(self, content: dict[str, Any]) -> M:
        """The row as the schema reads it."""
        return self.model.model_validate({name: _plain(name, content[name]) for name in self.used(()) & set(content)})

    def key(self, draft: M) -> Hashable:
        """The natural key of a row."""
        return tuple(getattr(draft, name) for name in self.keys)


class Recipes(Rows[RecipeRow]):
    """Importer of recipes: one ingredient of one dish a line."""

    kind = "recipes"
    model = RecipeRow
    keys = ("menu_id", "ingredient_th")

    def write(self, tx: Session, drafts: list[RecipeRow]) -> list[Done | Problem]:
        """Bring each ingredient to what the file says."""
        return [tables.put_line(tx, None, draft, self.source) for draft in drafts]


class Factors(Rows[FactorRow]):
    """Importer of cooking factors."""

    kind = "factors"
    model = FactorRow
    keys = ("ingredient_th", "cooking_method_th")

    def write(self, tx: Session, drafts: list[FactorRow]) -> list[Done | Problem]:
        """Bring each factor to what the file says."""
        return [tables.put_factor(tx, None, draft, self.source) for draft in drafts]


class Holidays(Rows[HolidayIn]):
    """Importer of public holidays."""

    kind = "holidays"
    model = HolidayIn
    keys = ("day",)

    def write(self, tx: Session, drafts: list[HolidayIn]) -> list[Done | Problem]:
        """Add each holiday or bring it to what the file says."""
        return [calendars.put_holiday(tx, by=SYSTEM, draft=draft) for draft in drafts]
