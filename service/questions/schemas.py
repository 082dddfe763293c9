"""What the API and the forms of questions read and write."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from service.kernel.shapes import Day, In, Out, Reason
from service.questions.vocabulary import DeclineCode, QuestionState


class QuestionIn(In):
    """A question about a demand, perhaps about one of its lines."""

    text: Reason = Field(description="It is published without its author: no price, no names, no telephone numbers.")
    line_id: UUID | None = None


class QuestionAnswerIn(In):
    """The answer to a question, or its correction."""

    answer: Reason = Field(description="Published to everyone who may see the demand.")


class QuestionDeclineIn(In):
    """Why a question is not published."""

    code: DeclineCode


class QuestionTimeIn(In):
    """The last day for questions."""

    last_day: Day


class QuestionOut(Out):
    """A question without its author. One that is not answered is seen by who asked, the kitchen and auditors alone."""

    id: UUID
    demand_id: UUID
    product_code: str | None = Field(description="Of the line that it is about.")
    delivery_date: date | None
    text: str = Field(description="Empty where it was deleted because it held personal data.")
    state: QuestionState
    asked_at: datetime
    answer: str
    first_answer: str = Field(description="What the answer said before it was corrected.")
    code: DeclineCode | None = Field(description="Why it is not published.")
    decided_at: datetime | None
    mine: bool = Field(description="Whether your own organisation asked it.")
    version: int


class QuestionTimeOut(Out):
    """Until when questions about a demand are taken; version 0 is the market's own day, which nobody has changed."""

    demand_id: UUID
    last_day: date
    taken: bool = Field(description="Whether questions are taken now.")
    version: int
