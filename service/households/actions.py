"""Use cases of rosters: begun and filled by the group, attested by its agency. Events name rosters, never households.

How many households there are, and which tier one has, is no business of the log's readers; and a number of a person is
marked with the key and dropped before anything is written.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from service.events import actions as events
from service.households import known, pseudonyms, rules, sheet
from service.households.models import Household, Roster, RosterLine
from service.households.schemas import MemberIn, RosterIn, TierIn
from service.kernel.actor import Actor
from service.kernel.clock import now, today
from service.kernel.i18n import N_, gettext
from service.kernel.problems import FieldError, InvalidInput, NotFound
from service.parties.models import Organisation, SocialShare
from service.parties.permissions import may, require
from service.parties.vocabulary import SUPPLIERS

EVIDENCE = N_("List of members with their labour days, attested household by household")


def begin(tx: Session, *, by: Actor, organisation_id: UUID, draft: RosterIn) -> Roster:
    """Begin a list of members; the agency that it names will be the only other one to see it."""
    group = tx.get(Organisation, organisation_id)
    if group is None or group.kind not in SUPPLIERS or not may(by, "roster.edit", organisation_id=group.id):
        raise NotFound
    agency = tx.get(Organisation, draft.attester_id)
    if agency is None or agency.kind != "attesting_agency" or agency.province_code != group.province_code:
        raise InvalidInput(errors=(FieldError("/attester_id", N_("Choose an attesting agency of your province.")),))
    row = Roster(organisation_id=group.id, **draft.model_dump())
    tx.add(row)
    events.record(
        tx,
        by=by,
        verb="roster.begun",
        subject=row,
        province_code=group.province_code,
        change={"attester": agency.id, "period_from": row.period_from, "period_until": row.period_until},
    )
    return row


def take(tx: Session, *, by: Actor, roster_id: UUID, members: Sequence[MemberIn]) -> Roster:
    """Enter households: known ones of the list are brought to what is said, others join it."""
    row = _editable(tx, by, roster_id)
    if _is_group(by, row) and any(member.tier is not None for member in members):
        raise rules.TierNotYours
    met = _households(tx, members)
    lines = {line.household_id: line for line in tx.scalars(select(RosterLine).where(RosterLine.roster_id == row.id))}
    for number, (member, household) in enumerate(zip(members, met, strict=True), len(lines) + 1):
        line = lines.get(household.id)
        if line is None:
            line = lines[household.id] = RosterLine(roster_id=row.id, household_id=household.id, member_no=str(number))
            tx.add(line)
        line.labour_days, line.member_no = member.labour_days, member.member_no or line.member_no
        if member.tier is not None:
            _attest(household, by, TierIn(tier=member.tier, valid_until=member.valid_until))
    _tell(tx, by, row, "roster.filled")
    return row


def take_sheet(tx: Session, *, by: Actor, roster_id: UUID, csv: str) -> Roster:
    """Enter the households of a sheet; only who may is told what is wrong with it."""
    _editable(tx, by, roster_id)
    return take(tx, by=by, roster_id=roster_id, members=sheet.members(csv))


def rate(tx: Session, *, by: Actor, roster_id: UUID, findings: Mapping[UUID, TierIn]) -> Roster:
    """The agency gives households of the list, by their lines, their tiers."""
    row = known.find(tx, by=by, roster_id=roster_id, lock=True)
    require(by, "roster.attest", organisation_id=row.attester_id)
    rules.must_be_editable(row.state, by_group=False)
    households = {line.id: household for line, household in known.lines_of(tx, row)}
    if not findings.keys() <= households.keys():
        raise NotFound
    for line_id, finding in findings.items():
        _attest(households[line_id], by, finding)
    _tell(tx, by, row, "roster.rated")
    return row


def drop(tx: Session, *, by: Actor, roster_id: UUID, line_id: UUID) -> Roster:
    """Take a household off the list."""
    row = _editable(tx, by, roster_id)
    line = tx.get(RosterLine, line_id)
    if line is None or line.roster_id != row.id:
        raise NotFound
    tx.delete(line)
    _tell(tx, by, row, "roster.shortened")
    return row


def submit(tx: Session, *, by: Actor, roster_id: UUID) -> Roster:
    """The group hands its list to the agency; what it says of labour days is now declared."""
    row = known.find(tx, by=by, roster_id=roster_id, lock=True)
    require(by, "roster.edit", organisation_id=row.organisation_id)
    known.shares_of(tx, row)  # a list without labour is refused
    return _step(tx, by, row, "submitted")


def give_back(tx: Session, *, by: Actor, roster_id: UUID, reason: str) -> Roster:
    """The agency returns the list to the group with the reason."""
    row = known.find(tx, by=by, roster_id=roster_id, lock=True)
    require(by, "roster.attest", organisation_id=row.attester_id)
    if rules.holds_long_number(reason):
        raise InvalidInput(errors=(FieldError("/reason", N_("Leave numbers of people out of the reason.")),))
    return _step(tx, by, row, "draft", reason)


def attest(tx: Session, *, by: Actor, roster_id: UUID) -> Roster:
    """The agency attests the list: its labour days by tier become the group's attested shares."""
    row = known.find(tx, by=by, roster_id=roster_id, lock=True)
    require(by, "roster.attest", organisation_id=row.attester_id)
    shares = known.shares_of(tx, row)
    _step(tx, by, row, "attested")
    row.attested_at, day = now(), today()
    for line, household in known.lines_of(tx, row):
        line.tier = rules.counted_tier(household.tier, household.valid_until, day)
    for tier, share_bp in shares.items():
        tx.add(
            SocialShare(
                organisation_id=row.organisation_id,
                measure=f"labour_tier_{tier}",
                declared_bp=share_bp,
                attested_bp=share_bp,
                attester_id=row.attester_id,
                attested_on=day,
                valid_from=day,
                valid_until=day + rules.SHARES_LAST,
                evidence=gettext(EVIDENCE),
            )
        )
    return row


def _is_group(by: Actor, row: Roster) -> bool:
    return by.organisation_id == row.organisation_id


def _editable(tx: Session, by: Actor, roster_id: UUID) -> Roster:
    row = known.find(tx, by=by, roster_id=roster_id, lock=True)
    rules.must_be_editable(row.state, by_group=_is_group(by, row))
    return row


def _households(tx: Session, members: Sequence[MemberIn]) -> list[Household]:
    """The household of each member, found under any key of the ring or made under the newest."""
    if tx.get_bind().dialect.name == "postgresql":  # a change of keys waits for us, and we for it
        tx.execute(text("LOCK TABLE households IN ROW EXCLUSIVE MODE"))
    ring = pseudonyms.ring()
    if tx.scalar(select(Household.id).where(Household.key_id.not_in(ring.ids)).limit(1)) is not None:
        raise rules.PseudonymKeyMissing
    chains = [ring.chain(member.citizen_id.get_secret_value()) for member in members]
    wanted = sorted({pseudonym for chain in chains for pseudonym in chain})
    stored: dict[str, Household] = {}
    for start in range(0, len(wanted), 1_000):
        rows = tx.scalars(select(Household).where(Household.pseudonym.in_(wanted[start : start + 1_000])))
        stored |= {row.pseudonym: row for row in rows}
    return [_household(tx, stored, chain, ring.newest) for chain in chains]


def _household(tx: Session, stored: dict[str, Household], chain: list[str], key_id: str) -> Household:
    found = next((stored[mark] for mark in reversed(chain) if mark in stored), None)
    if found is None:
        found = stored[chain[-1]] = Household(pseudonym=chain[-1], key_id=key_id)
        tx.add(found)
        tx.flush()
    return found


def _attest(household: Household, by: Actor, finding: TierIn) -> None:
    day = today()
    last = finding.valid_until or day + rules.SHARES_LAST
    if not day <= last <= day + 2 * rules.LONGEST_PERIOD:
        raise InvalidInput(errors=(FieldError("/valid_until", N_("Choose a day within two years from today.")),))
    household.tier, household.valid_until = finding.tier, last
    household.attester_id, household.attested_on = by.organisation_id, day


def _step(tx: Session, by: Actor, row: Roster, to: str, reason: str = "") -> Roster:
    rules.must_step(row.state, to)
    before, row.state, row.state_reason = row.state, to, reason
    verb = "roster.returned" if to == "draft" else f"roster.{to}"
    _tell(tx, by, row, verb, {"from": before, "to": to}, reason)
    return row


def _tell(
    tx: Session, by: Actor, row: Roster, verb: str, change: dict[str, object] | None = None, reason: str = ""
) -> None:
    province = tx.get_one(Organisation, row.organisation_id).province_code
    events.record(tx, by=by, verb=verb, subject=row, province_code=province, change=change, reason=reason)
