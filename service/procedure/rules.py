"""Rules of the steps of a round: who may not review it, and what a step needs."""

from service.kernel.i18n import N_
from service.kernel.problems import Problem, WrongState
from service.rounds.models import Round
from service.rounds.vocabulary import LABELS


class Recused(Problem):
    """The reviewer's company had a part in the process."""

    title = N_("Your company may not review this round")
    detail = N_("It facilitated the process, and nobody judges their own work. The substitute is {substitute}.")
    todo = N_("Leave the review to an auditor of the substitute.")


class SamePersonTwice(Problem):
    """One person would both propose and approve."""

    title = N_("You have already had a hand in this round")
    detail = N_("Who proposes a round cannot approve it.")
    todo = N_("Ask another auditor of the reviewing company.")


class HasStake(Problem):
    """The reviewer belongs to a kitchen or group of the round."""

    title = N_("You have a stake in this round")
    detail = N_("You belong to an institution or group that takes part in it.")
    todo = N_("Ask another auditor of the reviewing company.")


class RoundExists(Problem):
    """The province has a live round for the week."""

    title = N_("There is already a round for this week")
    detail = N_("A province has one round for a delivery week.")
    todo = N_("Open the existing round, or cancel it first.")


class NoProfile(Problem):
    """The province has no programme profile that is valid by then."""

    title = N_("The province has no programme profile")
    detail = N_("A round needs the weights that the provincial committee has adopted before it opens.")
    todo = N_("Ask the committee to adopt a profile by resolution.")


class BadTimes(Problem):
    """Opening, cut-off and delivery week do not follow each other."""

    title = N_("These times do not fit together")
    detail = N_("A round opens, then closes, then delivers: the cut-off must lie before the delivery week.")
    todo = N_("Choose an opening before the cut-off, and a cut-off before the Monday of the delivery week.")


def must_be_failed(row: Round, newest_run: str) -> None:
    """Refuse to solve again what has not failed: a round, or the re-solve of a published one."""
    if row.state != "failed" and (row.state, newest_run) != ("published", "failed"):
        raise WrongState.of(LABELS, row.state, {"failed"})
