"""Rosters for tests: made-up numbers that no one has (they begin with 9), a list that is begun, households entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from service.households import actions
from service.households.models import Roster
from service.households.rules import check_digit
from service.households.schemas import MemberIn, RosterIn
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.parties.models import Organisation
from tests.make import Maker

NUMBERS = [first + check_digit(first) for first in (f"9{n:011}" for n in range(1, 30))]


@dataclass(frozen=True)
class Started:
    """A list with its two sides."""

    roster: Roster
    group: Organisation
    agency: Organisation
    leader: Actor
    attester: Actor


def started(make: Maker, *, place: str = "450101", other_days: int = 0) -> Started:
    """A draft list of a group that names an agency."""
    group, agency = make.organisation(place=place), make.organisation("attesting_agency", place=place)
    leader, attester = make.actor(group, "supplier_manager"), make.actor(agency, "attester")
    day = today()
    draft = RosterIn(
        attester_id=agency.id, period_from=day - timedelta(days=300), period_until=day, other_days=other_days
    )
    roster = actions.begin(make.tx, by=leader, organisation_id=group.id, draft=draft)
    make.tx.flush()
    return Started(roster, group, agency, leader, attester)


def member(number: str, days: int = 10, tier: int | None = None) -> MemberIn:
    return MemberIn.model_validate({"citizen_id": number, "labour_days": days, "tier": tier})


def entered(tx: Session, made: Started, numbers: Sequence[str], days: int = 10) -> Roster:
    """The list with these households, entered by the group."""
    members = [member(number, days) for number in numbers]
    return actions.take(tx, by=made.leader, roster_id=made.roster.id, members=members)


def attested(tx: Session, made: Started, tiers: Sequence[tuple[str, int, int]]) -> Roster:
    """The list handed in, with (number, days, tier) as the agency found them, and attested."""
    actions.take(tx, by=made.leader, roster_id=made.roster.id, members=[member(n, days) for n, days, _ in tiers])
    actions.submit(tx, by=made.leader, roster_id=made.roster.id)
    found = [member(number, days, tier) for number, days, tier in tiers]
    actions.take(tx, by=made.attester, roster_id=made.roster.id, members=found)
    return actions.attest(tx, by=made.attester, roster_id=made.roster.id)
