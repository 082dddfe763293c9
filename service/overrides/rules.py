"""Rules of overrides: when a round may be overridden, and that its own rules stand above a person's word."""

from service.kernel.i18n import N_
from service.kernel.problems import Problem, WrongState
from service.rounds.models import Round
from service.rounds.vocabulary import LABELS


class OverrideRefused(Problem):
    """A decision by hand that the round's own rules forbid."""

    status = 422
    title = N_("This cannot be decided so")
    detail = N_("A person may decide against the solver, but not against the rules of the round.")
    todo = N_("Choose another quantity or another group; the reasons are named.")


def may_be_overridden(row: Round, newest_run: str) -> bool:
    """Whether its result waits for its proposal, or has failed or was sent back."""
    return row.state == "failed" or (row.state, newest_run) == ("solving", "solved")


def must_be_undecided(row: Round, newest_run: str) -> None:
    """Refuse to override what is being solved, or was proposed."""
    if not may_be_overridden(row, newest_run):
        raise WrongState.of(LABELS, row.state, {"solved", "failed"})
