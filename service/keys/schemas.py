"""What the API and the page of keys read and write."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from service.kernel.i18n import N_
from service.kernel.shapes import In, Mistake, Out, Text
from service.keys.rules import SCOPES


def _known(scope: str) -> str:
    if scope not in SCOPES:
        raise Mistake(N_("There is no such scope."))
    return scope


Scope = Annotated[str, Field(max_length=40), AfterValidator(_known)]


class KeyIn(In):
    """A key to make: what for, how far it reaches, for how many days."""

    name: Annotated[Text, Field(min_length=2, max_length=80)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)]
    days: Annotated[int, Field(ge=1, le=366)] = 90


class KeyOut(Out):
    """A key without its secret."""

    id: UUID
    name: str
    hint: str
    organisation_id: UUID
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    ended_at: datetime | None


class FreshKeyOut(KeyOut):
    """A key with its secret, which is shown this once: send it as `Authorization: Bearer`."""

    secret: str
