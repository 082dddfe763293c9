"""Reads of offers: what a reader may see of them, and lists."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.listings import rules
from service.listings.models import WHOLE_OFFER, Offer
from service.listings.schemas import BandOut, LotOut, OfferOut
from service.parties.models import Organisation, Subdistrict
from service.parties.permissions import may

LOOK_AFTER = ("listing.edit", "listing.assist", "listing.suspend")


def offer(tx: Session, *, by: Actor, offer_id: UUID) -> Offer:
    """An offer that the actor may know, or NotFound."""
    row = tx.get(Offer, offer_id, options=WHOLE_OFFER, populate_existing=True)
    if row is None or not rules.may_know(by, row):
        raise NotFound
    return row


def seen(row: Offer, by: Actor) -> OfferOut:
    """The offer as the actor may see it: its price sealed for others, exact lots for those who look after it."""
    own, exact = rules.may_see_price(by, row), rules.may_see_lots(by, row)
    lower, upper = rules.band(max((lot.capacity_week for lot in row.lots), default=0))
    return OfferOut(
        **{name: getattr(row, name) for name in _OPEN},
        price_satang=row.price_satang if own else None,
        certificate_ids=[claim.certificate_id for claim in row.certificates],
        available_from=min((lot.harvest_from for lot in row.lots), default=None),
        available_until=max((lot.harvest_until for lot in row.lots), default=None),
        weekly=BandOut(at_least=lower, below=upper),
        lots=[LotOut.model_validate(lot) for lot in row.lots] if exact else None,
    )


_OPEN = ("id", "organisation_id", "province_code", "product_code", "grade_id", "minimum_quantity", "pack_quantity",
         "reach_km", "state", "copied_from_id", "photo", "version")  # fmt: skip


def offers(
    *, by: Actor, product: str | None = None, province: str | None = None, state: str | None = None, mine: bool = False
) -> Select[Any]:
    """The offers that the actor may know, filtered; never ordered or filtered by price."""
    query = select(Offer).options(*WHOLE_OFFER).where(or_(*_known(by)))
    if mine:
        query = query.where(Offer.organisation_id == by.organisation_id)
    given = ((Offer.product_code, product), (Offer.province_code, province), (Offer.state, state))
    return query.where(*(column == value for column, value in given if value is not None))


def on_market(province: str | None) -> Select[Any]:
    """The codes of the products that are offered in a province now."""
    return select(Offer.product_code).where(Offer.province_code == province, Offer.state == "active")


def likely(tx: Session, owner: Organisation, most: int) -> tuple[list[str], list[str]]:
    """Codes of what a group has offered, the latest first; and of what else most others of its province offer now,
    of those who offer the same.
    """
    own = select(Offer.product_code).where(Offer.organisation_id == owner.id).order_by(Offer.id.desc())
    mine = list(dict.fromkeys(tx.scalars(own)))
    alike = select(Offer.organisation_id).where(Offer.province_code == owner.province_code, Offer.state == "active")
    groups = func.count(Offer.organisation_id.distinct())
    others = on_market(owner.province_code).where(Offer.product_code.not_in(mine)).group_by(Offer.product_code)
    if mine:
        others = others.where(Offer.organisation_id.in_(alike.where(Offer.product_code.in_(mine))))
    return mine[:most], list(tx.scalars(others.order_by(groups.desc(), Offer.product_code).limit(most)))


def _known(by: Actor) -> list[Any]:
    known = [Offer.state == "active", Offer.organisation_id == by.organisation_id]
    if any(may(by, verb) for verb in LOOK_AFTER):
        return [Offer.state.is_not(None)]
    if any(may(by, verb, province=by.province_code) for verb in LOOK_AFTER):
        known.append(Offer.province_code == by.province_code)
    return known


def of_group(tx: Session, organisation_id: UUID) -> list[Offer]:
    """A group's offers, newest first."""
    query = select(Offer).where(Offer.organisation_id == organisation_id).options(*WHOLE_OFFER)
    return list(tx.scalars(query.order_by(Offer.id.desc()).execution_options(populate_existing=True)))


def groups_of(tx: Session, rows: list[Offer]) -> dict[UUID, tuple[Organisation, Subdistrict | None]]:
    """The groups of offers with the places where they are."""
    query = select(Organisation, Subdistrict).outerjoin(Subdistrict, Subdistrict.code == Organisation.subdistrict_code)
    found = tx.execute(query.where(Organisation.id.in_({row.organisation_id for row in rows})))
    return {group.id: (group, place) for group, place in found}
