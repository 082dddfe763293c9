"""The closed words of questions: where one stands, why one is not published, their labels."""

from enum import StrEnum

from service.kernel.i18n import N_


class QuestionState(StrEnum):
    """Where a question stands; only an answered one is public."""

    WAITING = "waiting"
    ANSWERED = "answered"
    DECLINED = "declined"


class DeclineCode(StrEnum):
    """Why a question is not published."""

    PRICE = "price"
    PERSONAL = "personal"
    INSULT = "insult"
    OFF_TOPIC = "off_topic"


LABELS = {
    "question_state.waiting": N_("Waits for an answer"),
    "question_state.answered": N_("Answered"),
    "question_state.declined": N_("Not published"),
    "question_decline.price": N_("It tells a price of the group"),
    "question_decline.personal": N_("It names a person or a way to reach one"),
    "question_decline.insult": N_("It insults somebody"),
    "question_decline.off_topic": N_("It is not about this demand"),
    "question.asked": N_("Question asked"),
    "question.answered": N_("Question answered"),
    "question.corrected": N_("Answer corrected"),
    "question.declined": N_("Question not published"),
    "question.time_set": N_("Last day for questions set"),
    "subject.questions": N_("Question about a demand"),
    "subject.question_times": N_("Last day for questions"),
}
