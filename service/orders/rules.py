"""Rules of answers and orders: what may be answered, how much, until when, and what follows for the award."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.kernel.clock import BUDDHIST_ERA
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, Problem
from service.orders.vocabulary import ANSWERABLE, Answer, AwardState
from service.rounds.models import AwardLine

BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without letters that are read as digits
CODE_LENGTH = 10


class AlreadyAnswered(Problem):
    """A line has its answer, and the buyer counts on it."""

    title = N_("This line has been answered already")
    detail = N_("Its answer was recorded and stands; the buyer counts on it.")
    todo = N_("Reload the page to see the answer. If something changed on your side, call the buyer soon.")


class TooLate(Problem):
    """The time to answer has passed."""

    title = N_("The time to answer has passed")
    detail = N_("This award could be answered until {until}. What was not answered goes to other groups.")
    todo = N_("You need to do nothing. Your offers stay listed and take part in the next round.")


class AwardClosed(Problem):
    """An award that no longer takes, or does not yet take, answers."""

    title = N_("This award takes no answers now")
    detail = N_("It was withdrawn, or its round is not published.")
    todo = N_("Look at your other awards, or ask the provincial Pracharat company.")


class AnotherAnswered(Problem):
    """An answer that a phone kept for someone else than who is signed in now."""

    title = N_("Someone else gave this answer")
    detail = N_("This phone kept it without a network; meanwhile another person signed in or gave their PIN.")
    todo = N_("Open the award and answer it yourself, or let that person do it.")


def must_be_answerable(award_state: str, round_state: str) -> None:
    """Refuse an award that was withdrawn or whose round is not published."""
    if award_state == AwardState.CANCELLED or round_state != "published":
        raise AwardClosed


def must_be_whose_it_was(owner: str, present: str) -> None:
    """Refuse a form that was made for another person than who sends it."""
    if owner and owner != present:
        raise AnotherAnswered


def must_be_in_time(respond_by: datetime | None, at: datetime) -> None:
    """Refuse an answer after the moment that the award names."""
    if respond_by is None:
        raise AwardClosed
    if at > respond_by:
        raise TooLate(until=respond_by)


def must_be_unanswered(line: AwardLine) -> None:
    """Refuse a second answer to a line; what the clock answered was too late for people."""
    if line.answer is not None:
        raise AlreadyAnswered


def may_be_answered(award_state: str, respond_by: datetime | None, lines: Iterable[AwardLine], at: datetime) -> bool:
    """Whether a line still waits for its group."""
    in_time = respond_by is not None and at <= respond_by
    return in_time and award_state in ANSWERABLE and any(line.answer is None for line in lines)


@dataclass(frozen=True, slots=True)
class Part:
    """The quantities that may be accepted in part: from one pack to the last pack before the whole."""

    least: int
    most: int
    step: int

    def holds(self, quantity: int) -> bool:
        """Whether the quantity is one of them."""
        return self.least <= quantity <= self.most and quantity % self.step == 0


def part_of(quantity: int, pack: int) -> Part | None:
    """What may be accepted in part of an awarded quantity; None where one pack is all there is."""
    step = max(1, pack)
    most = (quantity - 1) // step * step
    return Part(step, most, step) if most >= step else None


def taken(quantity: int, pack: int, answer: Answer, asked: int | None) -> int:
    """How much an answer takes of the awarded quantity."""
    if answer == Answer.ACCEPTED:
        return quantity
    part = part_of(quantity, pack)
    fits = answer == Answer.PARTIALLY_ACCEPTED and asked is not None and part is not None and part.holds(asked)
    return asked or 0 if fits else 0


def part_error(pointer: str, quantity: int, pack: int) -> FieldError:
    """Which quantities would have been right."""
    part = part_of(quantity, pack)
    if part is None:
        return FieldError(pointer, N_("This is a single pack: accept it in full or decline it."))
    loose = N_("Write a number from {least} to {most}; to take everything, accept in full.")
    packed = N_("Write a number from {least} to {most}, in whole packs of {step}; to take everything, accept in full.")
    facts = (("least", part.least), ("most", part.most), ("step", part.step))
    return FieldError(pointer, loose if part.step == 1 else packed, facts)


def state_after(lines: Iterable[AwardLine]) -> AwardState:
    """The award's state by its lines' answers."""
    held = list(lines)
    if any(line.accepted_quantity for line in held):
        return AwardState.ACTIVE
    return AwardState.PENDING if any(line.answer is None for line in held) else AwardState.UNSUCCESSFUL


def order_number(province_code: str, year: int, award_id: UUID) -> str:
    """The order's number for people, from the random end of the award's id: no counter that two answers race for."""
    rest, letters = award_id.int, ""
    for _ in range(CODE_LENGTH):
        rest, place = divmod(rest, len(BASE32))
        letters = BASE32[place] + letters
    return f"PO-{province_code}-{year + BUDDHIST_ERA}-{letters}"
