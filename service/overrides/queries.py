"""Reads of overrides: which stand, which bind nobody, what they change, and who may decide."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.allocation.vocabulary import APPLIED
from service.kernel.actor import Actor
from service.overrides import known, rules
from service.parties.permissions import may
from service.rounds import runs
from service.rounds.models import Round, Run, Scenario

COMPARED = ("paid_satang", "trip_fees_satang", "poor_labour_satang", "served_value_satang", "groups")


def may_decide(tx: Session, by: Actor, row: Round) -> bool:
    """Whether the reader may override the round's result as it stands."""
    run = runs.latest(tx, row.id, "first")
    ready = run is not None and rules.may_be_overridden(row, run.state)
    return ready and may(by, "round.override", province=row.province_code)


def void(tx: Session, row: Round) -> set[UUID]:
    """The overrides that stand and bind nobody: when the round was last solved, the two could trade no more."""
    run = runs.latest(tx, row.id, "first")
    bound = set() if run is None else {(word.line, word.offer) for word in runs.market_of(run).overrides}
    found = known.of_round(tx, row.id)
    return {word.id for word in found if (str(word.demand_line_id), str(word.offer_id)) not in bound}


def difference(tx: Session, row: Round) -> dict[str, int]:
    """What the overrides of the newest result change against the last one without any: satang, and groups."""
    found = select(Run).where(Run.round_id == row.id, Run.kind == "first", Run.state.in_(("solved", "applied")))
    solved = list(tx.scalars(found.order_by(Run.number.desc())))
    free = next((run for run in solved if not run.overrides), None)
    if free is None or free is solved[0]:
        return {}
    ours, theirs = (_facts(tx, run) for run in (solved[0], free))
    return {key: ours[key] - theirs[key] for key in COMPARED}


def _facts(tx: Session, run: Run) -> dict[str, int]:
    rows = select(Scenario.facts).where(Scenario.run_id == run.id, Scenario.name == APPLIED)
    return dict(tx.scalars(rows).one())
