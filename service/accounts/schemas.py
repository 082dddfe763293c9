"""What the API and forms of sign-in read and write."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from service.kernel.shapes import In, Out, Text
from service.parties.vocabulary import Role


class SignIn(In):
    """A name and its password."""

    username: Annotated[Text, Field(min_length=1, max_length=80)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SessionOut(Out):
    """A begun session: send `token` as `Authorization: Bearer`."""

    token: str
    person_id: UUID


class SwitchTo(In):
    """The organisation to act for."""

    organisation_id: UUID


class ActorOut(Out):
    """Who you are here."""

    person_id: UUID
    organisation_id: UUID
    organisation_kind: str
    province_code: str | None
    roles: list[Role]
