"""What actions and queries of rosters both ask: who may see one, its households, and the shares they make."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.households import rules
from service.households.models import Household, Roster, RosterLine
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.problems import NotFound
from service.parties.permissions import may


def find(tx: Session, *, by: Actor, roster_id: UUID, lock: bool = False) -> Roster:
    """A roster for its group or its agency; for everybody else there is none."""
    query = select(Roster).where(Roster.id == roster_id)
    row = tx.scalar(query.with_for_update() if lock else query)
    if row is None or not may_see(by, row):
        raise NotFound
    return row


def may_see(by: Actor, row: Roster) -> bool:
    """Whether the actor keeps the group's list or attests for the agency that the group named."""
    mine = may(by, "roster.edit", organisation_id=row.organisation_id)
    return mine or may(by, "roster.attest", organisation_id=row.attester_id)


def lines_of(tx: Session, row: Roster) -> list[tuple[RosterLine, Household]]:
    """The households of a roster in the order of their entry."""
    pairs = select(RosterLine, Household).join(Household, Household.id == RosterLine.household_id)
    return [
        (line, household)
        for line, household in tx.execute(pairs.where(RosterLine.roster_id == row.id).order_by(RosterLine.id))
    ]


def shares_of(tx: Session, row: Roster) -> dict[int, int]:
    """What the roster makes of its labour days, by tier in basis points: as attested, or as it stands today."""
    day = today()
    work = (
        (
            line.tier if row.state == "attested" else rules.counted_tier(household.tier, household.valid_until, day),
            line.labour_days,
        )
        for line, household in lines_of(tx, row)
    )
    return rules.shares_bp(work, row.other_days)
