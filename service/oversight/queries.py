"""Reads of the event log: a provincial auditor's province, the national company's everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.events import proofs
from service.events.models import Checkpoint, Event, Seal
from service.events.rules import facts
from service.kernel.actor import Actor
from service.kernel.clock import at_bangkok
from service.kernel.problems import NotFound
from service.orders import known
from service.orders.models import Order
from service.oversight.bundle import Part
from service.oversight.models import LogCheck
from service.oversight.words import CLOSED_TO_AUDITORS, PAGES
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.people.models import Membership
from service.rounds import evidence
from service.rounds.models import Award

Sealed = tuple[Event, Seal]
A_PAGE = 30
MOST_ID = 2**53


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the log is wanted."""

    verb: str | None = None
    subject_type: str | None = None
    subject_id: str | None = None
    organisation_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An event as a person reads it."""

    event: Event
    who: Organisation | None
    roles: tuple[str, ...]
    on_behalf_of: Organisation | None
    seal: Seal
    path: str | None
    changes: list[tuple[str, Any]]


def events(by: Actor, asked: Asked) -> Select[Event, Seal]:
    """The events that the actor may see, with their places, by verb, subject, organisation and time."""
    query = select(Event, Seal).join(Seal, Seal.event_id == Event.id)
    if not may(by, "events.see"):
        require(by, "events.see", province=by.province_code)
        query = query.where(Event.province_code == by.province_code)
    given = ((Event.verb, asked.verb), (Event.subject_type, asked.subject_type), (Event.subject_id, asked.subject_id))
    query = query.where(*(column == value for column, value in given if value))
    if asked.organisation_id is not None:
        query = query.where(Event.id.in_(_about(asked.organisation_id)))
    if asked.since is not None:
        query = query.where(Event.at >= asked.since)
    return query if asked.until is None else query.where(Event.at < asked.until)


def _about(organisation_id: UUID) -> CompoundSelect[int]:
    """Events of an organisation, on its behalf, and about it: three indexes, where one condition would use none."""
    subject = (Event.subject_type == "organisations", Event.subject_id == str(organisation_id))
    return union_all(
        select(Event.id).where(Event.organisation_id == organisation_id),
        select(Event.id).where(Event.on_behalf_of == organisation_id),
        select(Event.id).where(*subject),
    )


def after(tx: Session, query: Select[Event, Seal], last: int, limit: int) -> tuple[list[Sealed], int | None]:
    """Events after a place, in the order of the chain, and the place that the next page follows.

    Places follow commits without gaps: whoever has read up to one has missed nothing before it.
    """
    found = _sealed(tx, query.where(Seal.sequence > last), Seal.sequence, limit + 1)
    return found[:limit], found[limit - 1][1].sequence if len(found) > limit else None


def _sealed(
    tx: Session, query: Select[Event, Seal], order: ColumnElement[int] | InstrumentedAttribute[int], limit: int
) -> list[Sealed]:
    """The first of them in an order: their places alone are sorted, and what is shown is read whole."""
    places = query.with_only_columns(Seal.sequence, maintain_column_froms=True).order_by(order).limit(limit)
    shown = select(Event, Seal).join(Seal, Seal.event_id == Event.id).where(Seal.sequence.in_(tx.scalars(places).all()))
    return [(one[0], one[1]) for one in tx.execute(shown.order_by(order))]


def newest(tx: Session, *, by: Actor, asked: Asked, before: int | None) -> tuple[list[Line], int | None]:
    """A page of the log for people, the newest first, and where the next page begins."""
    query = events(by, asked)
    if before is not None:
        query = query.where(Seal.sequence < before)
    found = _sealed(tx, query, Seal.sequence.desc(), A_PAGE + 1)
    shown = found[:A_PAGE]
    return lines(tx, shown), shown[-1][1].sequence if len(found) > A_PAGE else None


def lines(tx: Session, found: Sequence[Sealed]) -> list[Line]:
    """Events with the organisations and roles beside them."""
    rows = [row for row, _ in found]
    sides = {side for row in rows for side in (row.organisation_id, row.on_behalf_of) if side is not None}
    names = {one.id: one for one in tx.scalars(select(Organisation).where(Organisation.id.in_(sides)))}
    held = _roles(tx, rows)
    return [
        Line(
            row,
            names.get(row.organisation_id) if row.organisation_id else None,
            held.get((row.person_id, row.organisation_id), ()),
            names.get(row.on_behalf_of) if row.on_behalf_of else None,
            seal,
            _path(row),
            facts(row.change),
        )
        for row, seal in found
    ]


def _roles(tx: Session, rows: Sequence[Event]) -> dict[tuple[UUID | None, UUID | None], tuple[str, ...]]:
    """The roles that people hold in the organisation they acted for; no names: the log names none."""
    people = {row.person_id for row in rows if row.person_id is not None}
    found: dict[tuple[UUID | None, UUID | None], tuple[str, ...]] = {}
    held = select(Membership).where(Membership.person_id.in_(people)).order_by(Membership.id)
    for row in tx.scalars(held):
        key = (row.person_id, row.organisation_id)
        found[key] = (*found.get(key, ()), row.role)
    return found


def _path(row: Event) -> str | None:
    known = row.subject_type in PAGES and row.subject_type not in CLOSED_TO_AUDITORS
    return f"{PAGES[row.subject_type]}{row.subject_id}" if known else None


def verbs(tx: Session) -> list[str]:
    """The verbs that the log holds, from one to the next along their index: a long log is not read through."""
    found = select(func.min(Event.verb).label("verb")).cte("verbs", recursive=True)
    later = select(func.min(Event.verb)).where(Event.verb > found.c.verb).scalar_subquery()
    found = found.union_all(select(later).select_from(found).where(found.c.verb.is_not(None)))
    return list(tx.scalars(select(found.c.verb).where(found.c.verb.is_not(None))))


def proof(tx: Session, *, by: Actor, event_id: int) -> dict[str, Any]:
    """The proof of an event, for those who may see it: auditors, and both sides of the award or order it is about."""
    found = tx.execute(select(Event, Seal).join(Seal).where(Event.id == event_id)).first()
    if found is None or not _may_see(tx, by, found[0]):
        raise NotFound
    return proofs.inclusion(tx, found[0], found[1])


def _may_see(tx: Session, by: Actor, row: Event) -> bool:
    if may(by, "events.see", province=row.province_code):
        return True
    about = {
        "awards": known.awards(by).where(Award.id == _id(row)),
        "orders": known.orders(by).where(Order.id == _id(row)),
    }
    return row.subject_type in about and tx.scalar(about[row.subject_type].limit(1)) is not None


def _id(row: Event) -> UUID | None:
    return UUID(row.subject_id) if row.subject_type in {"awards", "orders"} else None


def proof_of_award(tx: Session, *, by: Actor, award_id: UUID) -> dict[str, Any]:
    """The proof that an award was published, with its text as it read then, for those who may know the award."""
    award = known.award(tx, by=by, award_id=award_id)
    about = (Event.verb == "award.published", Event.subject_type == "awards", Event.subject_id == str(award.id))
    found = tx.execute(select(Event, Seal).join(Seal).where(*about).order_by(Seal.sequence)).first()
    if found is None:
        raise NotFound
    text = {"award": evidence.text(award)} if evidence.digest(award) in str(found[0].change) else {}
    return proofs.inclusion(tx, found[0], found[1]) | text


def checkpoints(tx: Session, before: int | None, limit: int) -> tuple[list[Checkpoint], int | None]:
    """Checkpoints, the newest first, and the size that the next page comes before."""
    query = select(Checkpoint).order_by(Checkpoint.size.desc())
    if before is not None:
        query = query.where(Checkpoint.size < before)
    rows = list(tx.scalars(query.limit(limit + 1)))
    return rows[:limit], rows[limit - 1].size if len(rows) > limit else None


def check(tx: Session, *, by: Actor, check_id: UUID) -> LogCheck:
    """A verification, or NotFound."""
    require(by, "events.see", province=by.province_code)
    row = tx.get(LogCheck, check_id)
    if row is None:
        raise NotFound
    return row


def newest_check(tx: Session) -> LogCheck | None:
    """The newest verification that ran beside the web."""
    return tx.scalar(select(LogCheck).order_by(LogCheck.id.desc()).limit(1))


def length(tx: Session) -> int:
    """How many places the chain has."""
    return tx.scalar(select(func.max(Seal.sequence))) or 0


def part(by: Actor) -> Part:
    """What of the log goes into the actor's bundle in full."""
    if may(by, "events.see"):
        return Part()
    require(by, "events.see", province=by.province_code)
    return Part(by.province_code)


def day_begins(day: date | None, *, later: int = 0) -> datetime | None:
    """The moment at which a Thai calendar day begins, or one some days later."""
    return None if day is None else at_bangkok(day + timedelta(days=later), time(0))
