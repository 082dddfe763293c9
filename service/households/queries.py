"""Reads of rosters by those who may see them, and the one table that everybody may see."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from service.households import known, rules
from service.households.models import Household, Roster, RosterLine
from service.kernel.actor import Actor
from service.kernel.clock import at_bangkok, today
from service.kernel.problems import NotFound
from service.kernel.suppression import TOTAL, Cell, Table, suppressed
from service.parties.models import Organisation, Province
from service.parties.permissions import may

A_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Line:
    """A household of a list: the group learns its tier with the attestation, the agency gives it before."""

    id: UUID
    member_no: str
    labour_days: int
    tier: int | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A list with its households and the shares that they make."""

    roster: Roster
    lines: list[Line]
    shares_bp: dict[int, int] | None

    def __getattr__(self, name: str) -> object:
        return getattr(self.roster, name)


def whole(tx: Session, *, by: Actor, roster_id: UUID) -> Whole:
    """A roster with its lines. A group cannot ask whose household is poor by entering a number: it sees no tier yet."""
    row = known.find(tx, by=by, roster_id=roster_id)
    settled = row.state == "attested"
    for_agency = may(by, "roster.attest", organisation_id=row.attester_id)
    lines = [
        _line(line, household, settled=settled, for_agency=for_agency) for line, household in known.lines_of(tx, row)
    ]
    told = (settled or for_agency) and (row.other_days or any(line.labour_days for line in lines))
    return Whole(row, lines, known.shares_of(tx, row) if told else None)


def _line(line: RosterLine, household: Household, *, settled: bool, for_agency: bool) -> Line:
    if settled:
        return Line(line.id, line.member_no, line.labour_days, line.tier, None)
    tier = rules.counted_tier(household.tier, household.valid_until, today()) if for_agency else None
    return Line(line.id, line.member_no, line.labour_days, tier, household.valid_until if tier else None)


def mine(by: Actor, *, organisation_id: UUID | None = None) -> Select[Any]:
    """The rosters that the actor keeps or attests, those of one group where it is named."""
    sides = []
    if may(by, "roster.edit", organisation_id=by.organisation_id):
        sides.append(Roster.organisation_id == by.organisation_id)
    if may(by, "roster.attest", organisation_id=by.organisation_id):
        sides.append(Roster.attester_id == by.organisation_id)
    if not sides:
        raise NotFound
    query = select(Roster).where(or_(*sides))
    return query.where(Roster.organisation_id == organisation_id) if organisation_id else query


def agencies(tx: Session, group: Organisation) -> list[Organisation]:
    """The agencies that may attest a group."""
    rows = select(Organisation).where(Organisation.kind == "attesting_agency", Organisation.state == "qualified")
    return list(tx.scalars(rows.where(Organisation.province_code == group.province_code).order_by(Organisation.id)))


def groups(tx: Session, rosters: list[Roster]) -> dict[UUID, Organisation]:
    """The organisations that rosters name, by id."""
    ids = {row.organisation_id for row in rosters} | {row.attester_id for row in rosters}
    return {row.id: row for row in tx.scalars(select(Organisation).where(Organisation.id.in_(ids)))}


@dataclass(frozen=True, slots=True)
class Figures:
    """Households with attested labour days in the year before a day, by province and tier, suppressed."""

    until: date
    provinces: list[Province]
    table: Table

    @property
    def rows(self) -> list[dict[str, str | int | None]]:
        """The table as rows, the whole country last."""
        codes = [*(place.code for place in self.provinces), TOTAL]
        return [
            {
                "province_code": None if code == TOTAL else code,
                "total": self.table.at(code, TOTAL),
                **{f"tier_{tier}": self.table.at(code, tier) for tier in rules.TIERS},
            }
            for code in codes
        ]


def figures(tx: Session) -> Figures:
    """The public table, as at the end of last month: a table that moved daily would tell who joined yesterday.

    There is one table and no finer one, so that no two can be laid over each other.
    """
    until = today().replace(day=1) - timedelta(days=1)
    rows = select(RosterLine.household_id, RosterLine.tier, Organisation.province_code)
    rows = rows.join(Roster, Roster.id == RosterLine.roster_id)
    rows = rows.join(Organisation, Organisation.id == Roster.organisation_id)
    rows = rows.where(
        Roster.attested_at < at_bangkok(until + timedelta(days=1), time(0)),
        Roster.period_until >= until - A_YEAR,
        RosterLine.tier.is_not(None),
        RosterLine.labour_days > 0,
    )
    once = {household: (province, tier) for household, tier, province in tx.execute(rows.order_by(RosterLine.id))}
    counts: dict[Cell, int] = Counter(once.values())
    codes = sorted({str(province) for province, _ in counts})
    places = list(tx.scalars(select(Province).where(Province.code.in_(codes)).order_by(Province.code)))
    return Figures(until, places, suppressed(counts, codes, rules.TIERS))
