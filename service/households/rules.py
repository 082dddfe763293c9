"""Rules of rosters: what a number is, how a roster moves, and how labour days become shares."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from service.kernel.i18n import N_
from service.kernel.numbers import THAI_DIGITS
from service.kernel.problems import Problem, WrongState
from service.kernel.shapes import Mistake

TIERS = (1, 2, 3, 4)
LONGEST_PERIOD = timedelta(days=366)
SHARES_LAST = timedelta(days=364)  # an attested share counts for a year
MOST_DAYS = 3_660  # ten people of one household, every day of a year
WHOLE_BP = 10_000
_DIGITS = 13
_LONG_NUMBER = re.compile(r"\d{13}")
STATES = {
    "roster_state.draft": N_("Draft"),
    "roster_state.submitted": N_("With the agency"),
    "roster_state.attested": N_("Attested"),
}
STEPS = {"submitted": "draft", "attested": "submitted", "draft": "submitted"}  # to a state, from the one before
NOT_A_NUMBER = N_("This is not the 13-digit number of a person: its last digit does not fit the others.")


class PseudonymKeyMissing(Problem):
    """The key file of the pseudonyms is not there, or lacks the key that stored pseudonyms stand under."""

    status = 503
    title = N_("The key of the pseudonyms is missing")
    detail = N_("Without it households cannot be recognised, so nothing was read or written.")
    todo = N_("Tell the operator: the key file must be put back from its backup (docs/operations.md).")


class RosterNotReadable(Problem):
    """A file that is no table of households."""

    status = 422
    title = N_("This file is not a list of members")
    detail = N_("It needs a first line that names its columns: {columns}.")
    todo = N_("Save it as CSV with these columns and send it again. Nothing of it was kept.")


class TierNotYours(Problem):
    """A group that gives its own households a tier."""

    status = 403
    title = N_("Only the agency gives a tier")
    detail = N_("The list has tiers; a group states who worked how many days, the agency who is poor.")
    todo = N_("Leave the tiers out and send it again.")


class NoLabour(Problem):
    """A roster of nobody's work."""

    title = N_("This list has no labour days")
    detail = N_("Shares are made of labour days, and none are entered.")
    todo = N_("Enter the labour days of each household first.")


def citizen_id(text: str) -> str:
    """The thirteen digits as they are marked; a Mistake that does not repeat them where the check digit is wrong."""
    digits = re.sub(r"[\s-]", "", text.translate(THAI_DIGITS))
    if not re.fullmatch(r"[0-9]{13}", digits) or check_digit(digits[:-1]) != digits[-1]:
        raise Mistake(NOT_A_NUMBER)
    return digits


def check_digit(first: str) -> str:
    """The thirteenth digit of a number by its twelve first ones."""
    weighted = sum(int(digit) * (_DIGITS - place) for place, digit in enumerate(first))
    return str((11 - weighted % 11) % 10)


def holds_long_number(text: str) -> bool:
    """Whether a text could carry someone's number."""
    return _LONG_NUMBER.search(re.sub(r"[\s.-]", "", text.translate(THAI_DIGITS))) is not None


def must_step(state: str, to: str) -> None:
    """Refuse a step that the table does not hold."""
    if state != STEPS[to]:
        raise WrongState.of(STATES, state, {STEPS[to]}, "roster_state.")


def must_be_editable(state: str, *, by_group: bool) -> None:
    """A group edits its draft; the agency corrects what was submitted to it."""
    needed = "draft" if by_group else "submitted"
    if state != needed:
        raise WrongState.of(STATES, state, {needed}, "roster_state.")


def counted_tier(tier: int | None, valid_until: date | None, day: date) -> int | None:
    """The tier that counts on a day: none where it was never attested or has run out."""
    return tier if valid_until is not None and valid_until >= day else None


def shares_bp(work: Iterable[tuple[int | None, int]], other_days: int) -> dict[int, int]:
    """The share of all labour days by tier, in basis points, rounded down so that they never exceed the whole.

    A household without a tier worked too: its days are part of the whole and of no tier.
    """
    days = dict.fromkeys(TIERS, 0)
    total = other_days
    for tier, labour_days in work:
        total += labour_days
        if tier is not None:
            days[tier] += labour_days
    if total == 0:
        raise NoLabour
    return {tier: WHOLE_BP * worked // total for tier, worked in days.items()}
