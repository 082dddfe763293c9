"""What the API and forms of personal data read and write."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from service.kernel.shapes import In, Out, Reason, Text


class PersonData(Out):
    """Everything that is kept about a person; what lets them in is left out."""

    person: dict[str, Any]
    roles: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    kept: dict[str, list[dict[str, Any]]]
    decisions: dict[str, list[UUID]]
    record: list[dict[str, Any]]
    why: list[dict[str, Any]]


class KindOut(Out):
    """A kind of personal data."""

    code: str
    title: str
    what: str
    why: str
    ground: str
    seen_by: str
    kept: str
    days: int | None


class ErasureIn(In):
    """Why a person is erased; the record keeps it, so it names nobody."""

    reason: Reason


class Named(In):
    """The user name of someone who asked."""

    username: Annotated[Text, Field(min_length=1, max_length=80)]
