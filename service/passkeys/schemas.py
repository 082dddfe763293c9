"""What the forms of passkeys carry."""

from typing import Annotated

from pydantic import StringConstraints

from service.accounts.schemas import Password
from service.kernel.shapes import In

Sent = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class AnswerIn(In):
    """The sealed question, and what the device made of it, as JSON."""

    question: Sent
    credential: Sent


class AddIn(AnswerIn):
    """The same, with the present password of an account that has one: a way in is added by its owner only."""

    password: Password | None = None
