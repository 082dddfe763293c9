"""Rows under their natural key: missing ones are inserted at once, others are brought to what the file says."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, undefer

Done = Literal["added", "changed", "same"]
Values = dict[str, Any]


def as_given(row: Any, values: Values) -> Values:
    """Bring a known row to all that the file says."""
    del row
    return values


def put(
    tx: Session,
    model: type[Any],
    key: tuple[str, ...],
    rows: Sequence[Values],
    *,
    at_first: Values | None = None,
    keep: Callable[[Any, Values], Values] = as_given,
) -> list[Done]:
    """Insert or update each row; `at_first` goes into new rows only, `keep` may leave parts of known rows alone."""
    known = _known(tx, model, key, rows)
    missing = [row for row in rows if _key_of(row, key) not in known]
    if missing:
        tx.execute(insert(model), [{**(at_first or {}), **row} for row in missing])
    return [_done(known.get(_key_of(row, key)), row, keep) for row in rows]


def _key_of(row: Values, key: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(row[name] for name in key)


def _known(tx: Session, model: type[Any], key: tuple[str, ...], rows: Sequence[Values]) -> dict[tuple[Any, ...], Any]:
    query = select(model).options(undefer("*"))  # also contact data, which is read only when asked for
    for name in key:
        query = query.where(getattr(model, name).in_({row[name] for row in rows}))
    return {tuple(getattr(row, name) for name in key): row for row in tx.scalars(query)}


def _done(row: Any, values: Values, keep: Callable[[Any, Values], Values]) -> Done:
    if row is None:
        return "added"
    changed = {name: value for name, value in keep(row, values).items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return "changed" if changed else "same"
