"""Rows gathered in memory and written in few statements: loading a province takes seconds, not minutes."""

import secrets
from collections import defaultdict
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from service.kernel.db import Base, Identified
from service.kernel.ids import new_id

Row = dict[str, Any]
MOST_STEP = 2**30  # ids climb by random steps: they sort as they were made, and 2**32 of them fit below the next field


class Rows:
    """Rows by table. Ids are UUIDv7 that climb, so that lists ordered by id keep the order of making."""

    def __init__(self) -> None:
        self._tables: dict[type[Base], list[Row]] = defaultdict(list)
        self._last = new_id()

    def add(self, model: type[Base], **values: Any) -> Row:
        """Keep a row for later; an identified one gets its id now."""
        row: Row = {"id": self._next_id(), **values} if issubclass(model, Identified) else values
        self._tables[model].append(row)
        return row

    def of(self, model: type[Base]) -> list[Row]:
        """The rows of a table so far."""
        return self._tables[model]

    def insert(self, tx: Session) -> None:
        """Write everything, parents first."""
        by_name = {model.__tablename__: rows for model, rows in self._tables.items()}
        for table in Base.metadata.sorted_tables:
            for alike in _alike(by_name.get(table.name, [])):
                tx.execute(insert(table), alike)

    def _next_id(self) -> Any:
        self._last = type(self._last)(int=self._last.int + 1 + secrets.randbelow(MOST_STEP))
        return self._last


def _alike(rows: list[Row]) -> list[list[Row]]:
    """Rows with the same columns together: one statement writes rows of one shape."""
    shapes: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        shapes[tuple(sorted(row))].append(row)
    return list(shapes.values())
