"""Cursor paging: lists are ordered by id (which is time-ordered); a cursor is the last id seen."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import Select
from sqlalchemy.orm import Session

from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list; `next` is the cursor of the following page, or null at the end."""

    items: list[T]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of a list is wanted: the rows after an id, at most `limit`."""

    after: UUID | None = None
    limit: int = 50


def _cut(
    cursor: Annotated[str | None, Query(description="`next` of the page before.", max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Cut:
    return Cut(None if cursor is None else _read(cursor), limit)


Paging = Annotated[Cut, Depends(_cut)]


def _read(cursor: str) -> UUID:
    try:
        return UUID(bytes=urlsafe_b64decode(cursor.encode() + b"=="))
    except ValueError as error:
        raise InvalidInput(errors=(FieldError("/cursor", N_("This is not a cursor from an earlier page.")),)) from error


def page_of(
    tx: Session, query: Select[Any], key: Any, cut: Cut, *, newest: bool = False
) -> tuple[list[Any], str | None]:
    """Run a query for one page ordered by `key` (an id column), perhaps the newest first; its rows, the next cursor."""
    if cut.after is not None:
        query = query.where(key < cut.after if newest else key > cut.after)
    rows: Sequence[Any] = tx.scalars(query.order_by(key.desc() if newest else key).limit(cut.limit + 1)).unique().all()
    shown = list(rows[: cut.limit])
    following = getattr(shown[-1], key.key) if len(rows) > cut.limit else None
    return shown, None if following is None else urlsafe_b64encode(following.bytes).decode().rstrip("=")
