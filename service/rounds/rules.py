"""Rules of rounds: their states, and from when on results may be seen."""

from typing import Any

from service.kernel.i18n import N_
from service.kernel.problems import Problem, WrongState
from service.rounds.models import Round
from service.rounds.vocabulary import LABELS, SEALED, STEPS


class RoundStillSealed(Problem):
    """Results are asked for before the round has closed."""

    title = N_("Prices are sealed until the round closes")
    detail = N_("Nobody can see offers or results before the cut-off.")
    todo = N_("Come back after {closes_at}.")


class RoundUnpublished(Problem):
    """A group or kitchen asks for its part of a result that is not published."""

    title = N_("The result is not published yet")
    detail = N_("It is being solved or reviewed; nobody outside the review sees it.")
    todo = N_("Come back when the round is published.")


class NothingSolved(Problem):
    """A step needs a solved and verified run."""

    title = N_("There is no verified result yet")
    detail = N_("The round has not been solved, or its result did not pass the independent check.")
    todo = N_("Wait until solving has ended, or start it again.")


def whose(row: Round) -> dict[str, Any]:
    """What a permission on a round depends on: its province, and the company that is named to review it."""
    return {"province": row.province_code, "reviewer_id": row.reviewer_company_id}


def must_step(row: Round, to: str) -> None:
    """Refuse a change of state that the table does not hold."""
    if row.state not in STEPS[to]:
        raise WrongState.of(LABELS, row.state, STEPS[to])


def must_be_unsealed(row: Round) -> None:
    """Refuse to show results before the cut-off."""
    if row.state in SEALED:
        raise RoundStillSealed(closes_at=row.closes_at)


def must_be_published(row: Round) -> None:
    """Refuse to show groups and kitchens their part before the publication."""
    must_be_unsealed(row)
    if row.state != "published":
        raise RoundUnpublished
