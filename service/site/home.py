"""What the first page shows: the market in numbers and the demonstration's accounts, or a person's next steps."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from service.events.models import Event
from service.kernel.actor import Actor
from service.parties.models import Organisation, Province
from service.parties.vocabulary import BUYERS, SUPPLIERS
from service.people.models import Membership, Person
from service.rounds.models import Award, Round
from service.site.steps import MOST_LINKS, steps

Account = Row[tuple[Person, Organisation, str, Province]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """The market at a glance."""

    buyers: int
    groups: int
    households: int
    open_rounds: int
    awards: int


def facts(tx: Session, *, by: Actor | None, demo: bool) -> dict[str, Any]:
    """The first page's context."""
    if by is not None:
        organisation = tx.get(Organisation, by.organisation_id)
        return {"organisation": organisation, "steps": steps(tx, by=by), "events": newest_events(tx, by)}
    accounts = _accounts(tx) if demo else []
    return {"organisation": None, "numbers": numbers(tx), "accounts": accounts, "places": by_place(accounts)}


def newest_events(tx: Session, by: Actor) -> list[Event]:
    """What the actor's organisation did last: of each kind of step the newest."""
    mine = (Event.organisation_id == by.organisation_id, Event.verb.not_like("session.%"))
    newest = select(func.max(Event.id)).where(*mine).group_by(Event.verb)
    return list(tx.scalars(select(Event).where(Event.id.in_(newest)).order_by(Event.id.desc()).limit(MOST_LINKS)))


def numbers(tx: Session) -> Numbers:
    """Counts of what is public."""
    of_kinds = select(func.count(), func.sum(Organisation.member_households)).where(Organisation.state == "qualified")
    buyers, _ = tx.execute(of_kinds.where(Organisation.kind.in_(BUYERS))).one()
    groups, households = tx.execute(of_kinds.where(Organisation.kind.in_(SUPPLIERS))).one()
    rounds = tx.scalar(select(func.count()).select_from(Round).where(Round.state == "open"))
    awards = tx.scalar(select(func.count()).select_from(Award).where(Award.respond_by.is_not(None)))
    return Numbers(buyers, groups, households or 0, rounds or 0, awards or 0)


def by_place(accounts: list[Any]) -> list[tuple[Province | None, list[Any]]]:
    """The accounts of each province, and those of the nation last."""
    ordered = sorted(accounts, key=lambda row: row[3].code if row[3] else "~")
    return [(place, list(rows)) for place, rows in groupby(ordered, key=lambda row: row[3])]


def _accounts(tx: Session) -> list[Account]:
    """The demonstration's accounts: people of synthetic organisations whose names begin with `demo-`."""
    rows = (
        select(Person, Organisation, Membership.role, Province)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .outerjoin(Province, Province.code == Organisation.province_code)
        .where(Person.username.startswith("demo-", autoescape=True), Organisation.synthetic, Person.active)
        .order_by(Person.id)
    )
    return list(tx.execute(rows))
