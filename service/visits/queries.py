"""Reads of the visit list: groups with unanswered awards, certificates that end, stale listings; and of entries."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, undefer_group

from service.accounts.models import Pin
from service.accounts.pins import Nameable
from service.catalog.models import Certificate
from service.catalog.rules import plain
from service.kernel.actor import Actor
from service.kernel.clock import now, today
from service.kernel.problems import NotFound
from service.listings.models import Offer, SupplyLot
from service.orders.queries import awards, open_awards
from service.orders.schemas import AwardOut
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.parties.queries import districts_of
from service.parties.rules import km_between
from service.parties.vocabulary import SUPPLIERS
from service.people.models import Membership, Person
from service.rounds.models import Award
from service.visits import known, rules
from service.visits.models import AssistedEntry
from service.visits.rules import Visit
from service.visits.schemas import EntryOut


def visits(tx: Session, *, by: Actor, words: str = "") -> list[tuple[Visit, Organisation]]:
    """The groups of a centre's province that are worth a visit, the most urgent first, then the nearest.

    With words: all groups with them in their name or their district's, whether or not anything is due.
    """
    return with_groups(tx, by, due(tx, by=by, words=words))


def due(tx: Session, *, by: Actor, words: str = "") -> list[Visit]:
    """The same without the groups themselves: of a large province, few are shown at a time."""
    require(by, "visit.see", province=by.province_code)
    sought = plain(words)
    groups = _called(tx, _groups(tx, by), sought)
    centre = None if by.organisation_id is None else tx.get(Organisation, by.organisation_id)
    found = {key: Visit(key, km=_km(centre, group)) for key, group in groups.items()}
    _awards(tx, by, found)
    _certificates(tx, found)
    _stale(tx, found)
    _waiting(tx, found)
    return sorted((visit for visit in found.values() if visit.is_due or sought), key=lambda visit: visit.urgency)


def with_groups(tx: Session, by: Actor, found: Sequence[Visit]) -> list[tuple[Visit, Organisation]]:
    """Visits with their groups, and the phones of those whom the actor may call."""
    query = select(Organisation).where(Organisation.id.in_([visit.organisation_id for visit in found]))
    calls = may(by, "organisation.see_contact", province=by.province_code)
    if calls:
        query = query.options(undefer_group("contact"))
    groups = {row.id: row for row in tx.scalars(query.execution_options(populate_existing=True))}
    for visit in found:
        visit.phone = groups[visit.organisation_id].phone if calls else ""
    return [(visit, groups[visit.organisation_id]) for visit in found]


def _groups(tx: Session, by: Actor) -> dict[UUID, Organisation]:
    query = select(Organisation).where(Organisation.province_code == by.province_code)
    query = query.where(Organisation.kind.in_(SUPPLIERS), Organisation.state == "qualified")
    return {row.id: row for row in tx.scalars(query)}


def _called(tx: Session, groups: dict[UUID, Organisation], sought: str) -> dict[UUID, Organisation]:
    """The groups with these words, however they are spaced and toned."""
    if not sought:
        return groups
    near = {row.code for row in districts_of(tx, groups.values()) if sought in plain(f"{row.name_th} {row.name_en}")}
    return {key: row for key, row in groups.items()
            if row.district_code in near or sought in plain(f"{row.name_th} {row.name_en}")}  # fmt: skip


def _km(centre: Organisation | None, group: Organisation) -> float | None:
    far = None if centre is None else km_between(centre, group)
    return None if far is None else round(far, 1)


def _awards(tx: Session, by: Actor, found: dict[UUID, Visit]) -> None:
    waiting = awards(by, state=None, open_=True, supplier_id=None)
    for supplier_id, respond_by in tx.execute(waiting.with_only_columns(Award.supplier_id, Award.respond_by)):
        visit = found.get(supplier_id)
        if visit is not None and respond_by is not None:
            visit.awards += 1
            visit.respond_by = min(visit.respond_by or respond_by, respond_by)


def _certificates(tx: Session, found: dict[UUID, Visit]) -> None:
    """Certificates that end soon or ended lately, unless a later one of the same kind is there."""
    day, later = today(), timedelta(days=rules.SOON_DAYS)
    last = select(Certificate.organisation_id, func.max(Certificate.expires_on)).where(Certificate.revoked_on.is_(None))
    last = last.where(Certificate.organisation_id.in_(found))
    rows = tx.execute(last.group_by(Certificate.organisation_id, Certificate.kind_code, Certificate.product_code))
    for organisation_id, expires in rows:
        if day - later <= expires <= day + later:
            visit, left = found[organisation_id], (expires - day).days
            visit.certificates += 1
            visit.days_left = left if visit.days_left is None else min(visit.days_left, left)


def _stale(tx: Session, found: dict[UUID, Visit]) -> None:
    """Groups that had offers and have nothing on the market that can still be delivered."""
    theirs = exists().where(Offer.organisation_id == Organisation.id)
    live = theirs.where(Offer.state == "active", Offer.lots.any(SupplyLot.harvest_until >= today()))
    for key in tx.scalars(select(Organisation.id).where(Organisation.id.in_(found), theirs, ~live)):
        found[key].is_stale = True


def _waiting(tx: Session, found: dict[UUID, Visit]) -> None:
    rows = select(AssistedEntry.organisation_id, func.count()).where(AssistedEntry.state == "waiting")
    rows = rows.where(AssistedEntry.valid_until >= now(), AssistedEntry.organisation_id.in_(found))
    for key, many in tx.execute(rows.group_by(AssistedEntry.organisation_id)):
        found[key].waiting = many


def group(tx: Session, *, by: Actor, organisation_id: UUID) -> Organisation:
    """A group that the actor's centre helps, or NotFound."""
    row = tx.get(Organisation, organisation_id)
    if row is None or row.kind not in SUPPLIERS:
        raise NotFound
    require(by, "entry.make", province=row.province_code)
    return row


def awards_of(tx: Session, *, by: Actor, organisation_id: UUID) -> list[AwardOut]:
    """The group's awards that wait for an answer."""
    return open_awards(tx, by=by, supplier_id=organisation_id)


def open_award(tx: Session, *, by: Actor, organisation_id: UUID, award_id: UUID) -> AwardOut:
    """One of them, or NotFound."""
    found = next(
        (award for award in awards_of(tx, by=by, organisation_id=organisation_id) if award.id == award_id), None
    )
    if found is None:
        raise NotFound
    return found


def offered_codes(organisation_id: UUID) -> Select[Any]:
    """The codes of what a group has offered, now or before."""
    return select(Offer.product_code).where(Offer.organisation_id == organisation_id)


def deciders(tx: Session, organisation_id: UUID) -> list[Nameable]:
    """The people of a group who decide for it and have a PIN."""
    rows = select(Person.id, Person.display_name).join(Pin, Pin.person_id == Person.id)
    rows = rows.join(Membership, Membership.person_id == Person.id)
    here = (Membership.organisation_id == organisation_id, Membership.active, Person.active)
    rows = rows.where(*here, Membership.role == "supplier_manager").distinct()
    return [Nameable(*row) for row in tx.execute(rows.order_by(Person.display_name))]


def waiting(tx: Session, *, by: Actor, organisation_id: UUID | None = None) -> list[AssistedEntry]:
    """Entries that wait for their group, the newest first."""
    query = known.entries(by).where(AssistedEntry.state == "waiting", AssistedEntry.valid_until >= now())
    if organisation_id is not None:
        query = query.where(AssistedEntry.organisation_id == organisation_id)
    return list(tx.scalars(query.order_by(AssistedEntry.id.desc())))


def seen(row: AssistedEntry, by: Actor) -> EntryOut:
    """An entry as the actor may see it: its content for the group alone."""
    mine = row.organisation_id == by.organisation_id
    names = set(EntryOut.model_fields) - {"payload"}
    return EntryOut(**{name: getattr(row, name) for name in names}, payload=row.payload if mine else None)
