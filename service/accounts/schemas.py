"""What the API and forms of sign-in read and write."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from service.kernel.i18n import N_
from service.kernel.shapes import In, Mistake, Out, Text
from service.parties.vocabulary import Role

Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z -]{6,60}$")]
PinText = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
EASY_PINS = frozenset({"123456", "654321", "112233", "121212", "123123", "012345", "246810", "147258"})


class SignIn(In):
    """A name and its password."""

    username: Annotated[Text, Field(min_length=1, max_length=80)]
    password: Password


class SessionOut(Out):
    """A session: send `token` as `Authorization: Bearer`. While it `owes` something it may do nothing else."""

    token: str
    person_id: UUID
    owes: Literal["", "code", "enrolment"] = ""


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


class SessionRow(Out):
    """A session of one's own: the device that holds it, and its last use."""

    id: UUID
    device: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime


class CodeIn(In):
    """A code of an authenticator, or one from paper."""

    code: Code


class EnrolmentOut(Out):
    """What an authenticator app needs: the secret, or the address that holds it."""

    secret: str
    uri: str


class RecoveryCodesOut(Out):
    """Codes for the day the phone is lost; they are shown once, and each works once."""

    recovery_codes: list[str]
    token: str = ""


class _PinIn(In):
    pin: PinText

    @model_validator(mode="after")
    def _is_no_pattern(self) -> Self:
        if self.pin in EASY_PINS or len(set(self.pin)) == 1:
            raise Mistake(N_("Choose digits that nobody guesses at once."))
        return self


class OwnPinIn(_PinIn):
    """A PIN for the group's shared phone, with one's password."""

    password: Password


class PinIn(_PinIn):
    """A PIN that someone of the group typed."""


class ChangedPinIn(_PinIn):
    """Another PIN for someone who brings the present one, on the shared phone."""

    person_id: UUID
    present: PinText


class NamingIn(In):
    """Who holds the shared phone now."""

    person_id: UUID
    pin: PinText


class NameableOut(Out):
    """Someone who may name themselves on the shared phone."""

    id: UUID
    display_name: str
