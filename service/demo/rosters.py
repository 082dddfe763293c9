"""Lists of members of the groups that the agency has visited: their labour days make exactly the attested shares.

The numbers of people are drawn here, marked and dropped; they begin with 9, as no person's number does.
"""

import secrets
from datetime import UTC, datetime, time
from random import Random

from service.demo.rows import Row
from service.demo.scene import Scene
from service.households import pseudonyms
from service.households.models import Household, Roster, RosterLine
from service.households.rules import TIERS, check_digit
from service.parties.models import SocialShare

MOST_GROUPS, MOST_HOUSEHOLDS = 30, 60
DAYS_A_HOUSEHOLD = 100
WAITING = 2  # lists that the agency has still to attest
Shares = dict[int, int]


def keep_rosters(scene: Scene, suppliers: list[Row]) -> None:
    """Attested lists for visited groups, a few that wait for the agency, and a draft of the persona group."""
    ring = pseudonyms.ring()
    small = [row for row in suppliers if row["member_households"] <= MOST_HOUSEHOLDS]
    own = scene.personas["enterprise"]
    attested = {row["id"]: _attested(scene, row) for row in small}
    visited = [row for row in small if sum(attested[row["id"]].values())]
    for row in [own, *(row for row in visited if row is not own)][:MOST_GROUPS]:
        _roster(scene, ring, row, attested[row["id"]], "attested")
    for row in [row for row in small if row not in visited][:WAITING]:
        _roster(scene, ring, row, dict.fromkeys(TIERS, 2_500), "submitted")
    _roster(scene, ring, scene.personas["farmers"], attested[scene.personas["farmers"]["id"]], "draft")


def _attested(scene: Scene, row: Row) -> Shares:
    found = {share["measure"]: share["attested_bp"] or 0 for share in scene.rows.of(SocialShare)
             if share["organisation_id"] == row["id"]}  # fmt: skip
    return {tier: found.get(f"labour_tier_{tier}", 0) for tier in TIERS}


def _roster(scene: Scene, ring: pseudonyms.Ring, row: Row, shares: Shares, state: str) -> None:
    """A list whose days by tier stand in the proportion of the shares; what nobody attested was worked by others."""
    dice, members = scene.dice(f"roster {row['registration_id']}"), row["member_households"]
    days = {tier: share * members * DAYS_A_HOUSEHOLD // 10_000 for tier, share in shares.items()}
    settled = state == "attested"
    first, last = (425, 61) if settled else (365, 1)
    roster = scene.rows.add(
        Roster,
        organisation_id=row["id"],
        attester_id=scene.personas["agency"]["id"],
        period_from=scene.when.before(first),
        period_until=scene.when.before(last),
        other_days=members * DAYS_A_HOUSEHOLD - sum(days.values()),
        state=state,
        attested_at=datetime.combine(scene.when.before(60), time(3), UTC) if settled else None,
    )
    number = 0
    for tier, worked in days.items():
        for part in _parts(dice, worked, round(members * shares[tier] / 10_000)):
            number += 1
            household = _household(scene, ring, tier if settled else None)
            scene.rows.add(RosterLine, roster_id=roster["id"], household_id=household["id"], member_no=f"{number:03}",
                           labour_days=part, tier=tier if settled else None)  # fmt: skip


def _parts(dice: Random, worked: int, households: int) -> list[int]:
    """Days as uneven parts that make the whole."""
    if worked == 0:
        return []
    weights = [dice.uniform(0.5, 1.5) for _ in range(max(1, households))]
    parts = [int(worked * weight / sum(weights)) for weight in weights]
    parts[0] += worked - sum(parts)
    return parts


def _household(scene: Scene, ring: pseudonyms.Ring, tier: int | None) -> Row:
    first = f"9{secrets.randbelow(10**11):011}"
    return scene.rows.add(
        Household,
        pseudonym=ring.chain(first + check_digit(first))[-1],
        key_id=ring.newest,
        tier=tier,
        attester_id=scene.personas["agency"]["id"] if tier else None,
        attested_on=scene.when.before(60) if tier else None,
        valid_until=scene.when.after(304) if tier else None,
    )
