"""What the API and forms of people read and write."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from service.kernel.i18n import N_
from service.kernel.shapes import In, Mistake, Out, Text
from service.parties.vocabulary import Role


class PersonIn(In):
    """A new account for someone of an organisation, with a first password to hand over."""

    username: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[a-z0-9][a-z0-9._-]{2,79}$")]
    display_name: Annotated[Text, Field(min_length=1, max_length=120)]
    password: Annotated[str, StringConstraints(strip_whitespace=False, min_length=12, max_length=200)]
    roles: Annotated[list[Role], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _not_its_own_name(self) -> Self:
        if self.username in self.password.casefold():
            raise Mistake(N_("A password must not hold the user name."))
        return self


class RoleIn(In):
    """A role to give."""

    role: Role


class MemberOut(Out):
    """Someone of an organisation with the roles held there."""

    id: UUID
    username: str
    display_name: str
    roles: list[Role]
