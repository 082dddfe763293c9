"""What the form behind a link reads."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from service.kernel.i18n import N_
from service.kernel.shapes import Mistake, Text
from service.orders.schemas import AnswerForm
from service.phone.rules import digits


def _six(text: str) -> str:
    found = digits(text)
    if len(found) != 6:
        raise Mistake(N_("Six digits."))
    return found


class LinkAnswerForm(AnswerForm):
    """The answers, the code beside the link (or a PIN), and on a shared phone who answers."""

    code: Annotated[Text, Field(max_length=40), AfterValidator(_six)]
    person_id: UUID | None = None
