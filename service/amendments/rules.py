"""Rules of amendments: until when, and one at a time."""

from service.demand.vocabulary import LABELS
from service.kernel.i18n import N_
from service.kernel.problems import Problem, WrongState

STATES = {"pending": N_("Waiting for the head"), "applied": N_("Applied"), "refused": N_("Refused")}
AMENDABLE = frozenset({"planned", "active"})


class AmendmentWaits(Problem):
    """Other quantities were proposed already and wait for the head."""

    title = N_("A change waits for the head")
    detail = N_("Higher quantities of this demand were proposed and are not decided yet.")
    todo = N_("Ask the head to approve or refuse them first.")


def may_be_amended(state: str) -> bool:
    """Whether quantities may still change: approved, and the allocation has not begun."""
    return state in AMENDABLE


def must_be_amendable(state: str) -> None:
    """Refuse a demand that is a draft still, or whose allocation has begun."""
    if not may_be_amended(state):
        raise WrongState.of(LABELS, state, AMENDABLE, "demand_state.")
