"""What the API and forms of the ways back read and write."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from service.accounts.schemas import Code, Password
from service.kernel.shapes import In, Mistake, Out, Reason
from service.people.passwords import is_guessable
from service.people.schemas import GUESSABLE, NewPassword

_PART = r"[^@\s<>,;:\"()]+"
Mail = Annotated[str, StringConstraints(to_lower=True, max_length=200, pattern=rf"^{_PART}@{_PART}\.[a-zA-Z]{{2,}}$")]


class _Chosen(In):
    chosen: NewPassword
    end_keys: bool = Field(default=False, description="Also end every key of your programs.")

    @model_validator(mode="after")
    def _is_hard_to_guess(self) -> Self:
        if is_guessable(self.chosen):
            raise Mistake(GUESSABLE)
        return self


class PasswordIn(_Chosen):
    """The present password and the one to have from now on."""

    present: Password


class RedemptionIn(_Chosen):
    """A code that was handed over or sent, and the password to have from now on."""

    code: Code


class MailIn(In):
    """An e-mail address."""

    email: Mail


class AccessCodeOut(Out):
    """A code to hand over; it is shown once."""

    code: str
    expires_at: datetime


class InvitationOut(Out):
    """Until when a code that was sent holds."""

    expires_at: datetime


class ReasonIn(In):
    """Why."""

    reason: Reason
