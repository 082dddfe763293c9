"""Reads of places, organisations and people."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.models import Membership, Organisation, Person, SocialShare
from service.parties.permissions import may, require


def organisations(*, kind: str | None, province: str | None, state: str | None, words: str | None) -> Select[Any]:
    """Organisations by kind, province, state and a part of the name."""
    query = select(Organisation)
    if kind:
        query = query.where(Organisation.kind == kind)
    if province:
        query = query.where(Organisation.province_code == province)
    if state:
        query = query.where(Organisation.state == state)
    if words:
        like = f"%{words.replace('%', '')}%"
        query = query.where(or_(Organisation.name_th.ilike(like), Organisation.name_en.ilike(like)))
    return query


def social_shares(tx: Session, *, by: Actor, organisation_id: UUID) -> list[SocialShare]:
    """A supplier's shares, newest first."""
    supplier = tx.get(Organisation, organisation_id)
    if supplier is None:
        raise NotFound
    require(by, "social.see", organisation_id=supplier.id, province=supplier.province_code)
    rows = select(SocialShare).where(SocialShare.organisation_id == organisation_id)
    return list(tx.scalars(rows.order_by(SocialShare.created_at.desc(), SocialShare.id.desc())))


def shares_or_none(tx: Session, *, by: Actor, organisation: Organisation) -> list[SocialShare] | None:
    """A supplier's shares where the reader may see them."""
    if not may(by, "social.see", organisation_id=organisation.id, province=organisation.province_code):
        return None
    return social_shares(tx, by=by, organisation_id=organisation.id)


@dataclass(frozen=True, slots=True)
class Seat:
    """An organisation that a person may act for, with the roles held there."""

    organisation: Organisation
    roles: tuple[str, ...]


def seats(tx: Session, person_id: UUID) -> list[Seat]:
    """Every organisation that the person belongs to."""
    found: dict[UUID, tuple[Organisation, list[str]]] = {}
    rows = select(Membership, Organisation).join(Organisation, Organisation.id == Membership.organisation_id)
    for membership, organisation in tx.execute(
        rows.where(Membership.person_id == person_id, Membership.active).order_by(Membership.id)
    ):
        found.setdefault(organisation.id, (organisation, []))[1].append(membership.role)
    return [Seat(organisation, tuple(roles)) for organisation, roles in found.values()]


def person(tx: Session, person_id: UUID) -> Person:
    """The person."""
    return tx.get_one(Person, person_id)
