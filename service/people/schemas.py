"""What the API and forms of people read and write."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from service.kernel.i18n import N_
from service.kernel.shapes import In, Mistake, Out, Reason, Text
from service.parties.vocabulary import Role
from service.people.passwords import LONGEST, SHORTEST, is_guessable

NewPassword = Annotated[str, StringConstraints(strip_whitespace=False, min_length=SHORTEST, max_length=LONGEST)]
GUESSABLE = N_("Many people use this password, or it is easily guessed. Three or four unrelated words are better.")


class PersonIn(In):
    """A new account for someone of an organisation; without a first password a code lets them choose it themselves."""

    username: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[a-z0-9][a-z0-9._-]{2,79}$")]
    display_name: Annotated[Text, Field(min_length=1, max_length=120)]
    password: NewPassword | None = None
    roles: Annotated[list[Role], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _not_its_own_name(self) -> Self:
        if self.password is None:
            return self
        if self.username in self.password.casefold():
            raise Mistake(N_("A password must not hold the user name."))
        if is_guessable(self.password, self.username, self.display_name):
            raise Mistake(GUESSABLE)
        return self


class RoleIn(In):
    """A role to give."""

    role: Role


class RefusalIn(In):
    """Why a role is not given."""

    reason: Reason


class WaitingOut(Out):
    """A role of review that waits for a second person."""

    id: UUID
    organisation_id: UUID
    person_id: UUID
    display_name: str
    role: Role
    asked_at: datetime
    asked_by_name: str
    is_own: bool


class MemberOut(Out):
    """Someone of an organisation with the roles held there."""

    id: UUID
    username: str
    display_name: str
    roles: list[Role]
    waiting: list[Role] = Field(description="Roles of review that a second person has not approved yet.")
