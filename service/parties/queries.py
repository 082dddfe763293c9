"""Reads of places and organisations."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import Session, defer

from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound
from service.parties import rules
from service.parties.models import (
    Conflict,
    District,
    Organisation,
    Province,
    SocialShare,
    Subdistrict,
)
from service.parties.permissions import may, require


def organisations(
    *, kind: Iterable[str] | None, province: str | None, state: str | None, words: str | None
) -> Select[Any]:
    """Organisations by their kinds, province, state and a part of the name."""
    query = select(Organisation)
    if kind:
        query = query.where(Organisation.kind.in_(kind))
    if province:
        query = query.where(Organisation.province_code == province)
    if state:
        query = query.where(Organisation.state == state)
    wanted = "".join(sign for sign in words or "" if sign.isprintable()).strip()
    if wanted:
        like = "%" + re.sub(r"([%_/])", r"/\1", wanted) + "%"
        query = query.where(
            or_(
                Organisation.name_th.ilike(like, escape="/"),
                Organisation.name_en.ilike(like, escape="/"),
                Organisation.registration_id == wanted,
            )
        )
    return query


def by_ids(tx: Session, ids: Iterable[UUID]) -> list[Organisation]:
    """Organisations in the order of their ids, a thousand at a time: databases limit the parameters of a statement."""
    wanted, found = sorted(ids), list[Organisation]()
    for start in range(0, len(wanted), 1_000):
        part = wanted[start : start + 1_000]
        found += tx.scalars(select(Organisation).where(Organisation.id.in_(part)).order_by(Organisation.id))
    return found


def provinces(tx: Session) -> list[Province]:
    """All provinces by code."""
    return list(tx.scalars(select(Province).order_by(Province.code)))


def must_know_province(tx: Session, code: str, *, lock: bool = False) -> None:
    """Refuse a code that no province has; its row may be held, for those who come one after the other."""
    found = select(Province.code).where(Province.code == code)
    if tx.scalar(found.with_for_update(key_share=True) if lock else found) is None:
        raise InvalidInput(errors=(FieldError("/province_code", N_("There is no such province.")),))


def districts(tx: Session, province: str) -> list[District]:
    """The districts of a province, without their outlines."""
    query = select(District).where(District.province_code == province).options(defer(District.outline))
    return list(tx.scalars(query.order_by(District.code)))


def districts_of(tx: Session, organisations: Iterable[Organisation]) -> list[District]:
    """The districts of some organisations, without their outlines."""
    codes = {row.district_code for row in organisations if row.district_code}
    return list(tx.scalars(select(District).where(District.code.in_(codes)).options(defer(District.outline))))


def subdistricts(tx: Session, district: str) -> list[Subdistrict]:
    """The sub-districts of a district."""
    return list(tx.scalars(select(Subdistrict).where(Subdistrict.district_code == district).order_by(Subdistrict.code)))


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
class Standoff:
    """A conflict of interest with both names."""

    conflict: Conflict
    other: Organisation
    stands: bool


def conflicts(tx: Session, *, by: Actor, organisation_id: UUID) -> list[Standoff]:
    """The conflicts of an organisation, declared by either side, for those who may declare one for it."""
    organisation = tx.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    require(by, "conflict.declare", organisation_id=organisation.id, province=organisation.province_code)
    other = case((Conflict.organisation_id == organisation_id, Conflict.other_id), else_=Conflict.organisation_id)
    rows = select(Conflict, Organisation).join(Organisation, Organisation.id == other)
    rows = rows.where(or_(Conflict.organisation_id == organisation_id, Conflict.other_id == organisation_id))
    day = today()
    return [Standoff(row, side, rules.stands_on(row, day)) for row, side in tx.execute(rows.order_by(Conflict.id))]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The places that hold an organisation, and the outlines around it."""

    subdistrict: Subdistrict | None
    district: District | None
    province: Province | None
    around: list[District]


def whereabouts(tx: Session, organisation: Organisation) -> Whereabouts:
    """Where an organisation is: its places, and the districts of its province for a map."""
    around = select(District).where(District.province_code == organisation.province_code).order_by(District.code)
    return Whereabouts(
        tx.get(Subdistrict, organisation.subdistrict_code) if organisation.subdistrict_code else None,
        tx.get(District, organisation.district_code) if organisation.district_code else None,
        tx.get(Province, organisation.province_code) if organisation.province_code else None,
        list(tx.scalars(around)),
    )


@dataclass(frozen=True, slots=True)
class ShareBar:
    """A declared share, what is attested of it, and what counts today."""

    share: SocialShare
    counted_bp: int
    counts: bool


def share_bars(shares: list[SocialShare]) -> list[ShareBar]:
    """The shares as bars, newest first; only the newest valid one of each measure counts."""
    day = today()
    counting = rules.counting_on(shares, day)
    return [
        ShareBar(row, rules.counted_bp(row.declared_bp, row.attested_bp), counting.get(row.measure) is row)
        for row in shares
    ]
