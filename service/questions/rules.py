"""Rules of questions: until when, how many, nothing that leads to a person, one answer and one correction."""

import re
from datetime import date, timedelta

from service.demand.vocabulary import LABELS
from service.kernel.i18n import N_
from service.kernel.numbers import THAI_DIGITS
from service.kernel.problems import FieldError, InvalidInput, Problem, WrongState
from service.questions.models import Question

AHEAD = timedelta(days=6)  # the Tuesday before: a day stays for the answer before the usual cut-off on Thursday noon
MOST_WAITING = 3
ASKABLE = frozenset({"planned", "active"})
ANSWERABLE = ASKABLE | {"evaluation"}
LEADS_SOMEWHERE = N_("Leave out telephone numbers, e-mail and web addresses: everyone reads this.")
_CONTACT = re.compile(r"@|://|\bwww\.|(?<!\d)(?:\+66|0)(?:[\s().-]{0,2}\d){8,9}(?!\d)", re.IGNORECASE)


class QuestionsClosed(Problem):
    """The last day for questions is over."""

    title = N_("The time for questions is over")
    detail = N_("Questions about this demand were taken until {day}.")
    todo = N_("Read the answers that are there already; the kitchen may name a later day.")


class TooManyQuestions(Problem):
    """A group has as many open questions about the demand as it may."""

    title = N_("Your questions wait for their answers")
    detail = N_("A group may have {most} open questions about a demand.")
    todo = N_("Wait until the kitchen has answered one of them.")


class QuestionSettled(Problem):
    """Another step on a question that is answered or declined already."""

    title = N_("This question is settled")
    detail = N_("It was answered or declined meanwhile.")
    todo = N_("Reload the page; an answer can be corrected once.")


class AnswerFinal(Problem):
    """A correction of what is not answered, or was corrected already."""

    title = N_("This answer cannot be corrected any more")
    detail = N_("An answer is corrected once, so that groups can rely on it.")
    todo = N_("If the demand itself has changed, change its quantities or cancel it.")


def last_day(week: date, chosen: date | None) -> date:
    """The last day for questions: as the kitchen chose, else the Tuesday before the delivery week."""
    return chosen or week - AHEAD


def may_be_asked(state: str, last: date, day: date) -> bool:
    """Whether questions are taken on that day."""
    return state in ASKABLE and day <= last


def must_be_askable(state: str, last: date, day: date) -> None:
    """Refuse a question about a demand that takes none (any more)."""
    _must_be_in(state, ASKABLE)
    if day > last:
        raise QuestionsClosed(day=last)


def must_be_answerable(state: str) -> None:
    """Refuse an answer while groups cannot see the demand, or once nothing depends on it any more."""
    _must_be_in(state, ANSWERABLE)


def _must_be_in(state: str, allowed: frozenset[str]) -> None:
    if state not in allowed:
        raise WrongState.of(LABELS, state, allowed, "demand_state.")


def must_be_few(waiting: int) -> None:
    """Refuse one more open question."""
    if waiting >= MOST_WAITING:
        raise TooManyQuestions(most=MOST_WAITING)


def must_wait(row: Question) -> None:
    """Refuse what is settled."""
    if row.state != "waiting":
        raise QuestionSettled


def may_be_corrected(row: Question) -> bool:
    """Whether there is an answer that was not corrected yet."""
    return row.state == "answered" and not row.first_answer


def must_be_correctable(row: Question) -> None:
    """Refuse a second correction."""
    if not may_be_corrected(row):
        raise AnswerFinal


def must_lead_nowhere(pointer: str, text: str) -> None:
    """Refuse what would tell who asks, or lead groups past the public answer."""
    if _CONTACT.search(text.translate(THAI_DIGITS)):
        raise InvalidInput(errors=(FieldError(pointer, LEADS_SOMEWHERE),))


def must_be_a_day_for(day: date, week: date, today: date) -> None:
    """Refuse a last day that is over, or in the delivery week."""
    if not today <= day < week:
        raise InvalidInput(
            errors=(FieldError("/last_day", N_("Choose a day from today on, before the delivery week.")),)
        )
