"""Use cases of offers: post, change, publish, pause, withdraw, repeat, expire."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from service.catalog.models import Certificate, Grade, Product
from service.catalog.rules import CertificateNotValid, must_count, must_supply
from service.events import actions as events
from service.events.models import Event
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import today
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound, must_match
from service.listings import rules
from service.listings.models import WHOLE_OFFER, Offer, OfferCertificate, SupplyLot
from service.listings.schemas import LotIn, OfferEdit, OfferIn
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.parties.rules import must_be_qualified


def group_of(tx: Session, *, by: Actor, organisation_id: UUID | None, lock: bool = False) -> Organisation:
    """The group that the actor lists for: its own, and no other."""
    wanted = organisation_id or by.organisation_id
    group = None if wanted is None else tx.get(Organisation, wanted, with_for_update=lock)
    if group is None:
        raise NotFound
    require(by, "listing.edit", organisation_id=group.id, province=group.province_code)
    must_supply(group)
    return group


def post(tx: Session, *, by: Actor, draft: OfferIn) -> Offer:
    """Write a new offer; it stays a draft until it is published."""
    group = group_of(tx, by=by, organisation_id=draft.organisation_id)
    product = tx.get(Product, draft.product_code)
    if product is None:
        raise InvalidInput(errors=(FieldError("/product_code", N_("This does not name anything.")),))
    if not product.active:
        raise rules.ProductInactive(code=product.code)
    given = draft.model_dump(exclude={"organisation_id", "certificate_ids", "lots"})
    row = Offer(**given, organisation_id=group.id, province_code=group.province_code, lots=_lots(draft.lots))
    row.certificates = [OfferCertificate(certificate_id=found) for found in dict.fromkeys(draft.certificate_ids)]
    _must_hold(tx, row)
    tx.add(row)
    _record(tx, by, row, "posted", {"product": row.product_code, "lots": len(row.lots)})
    return row


def _lots(drafts: list[LotIn]) -> list[SupplyLot]:
    return [SupplyLot(**draft.model_dump()) for draft in drafts]


def _must_hold(tx: Session, offer: Offer) -> None:
    """Every rule about an offer's contents, whoever changed which part."""
    rules.must_be_packable(offer.minimum_quantity, offer.pack_quantity)
    rules.must_be_servable(offer.lots, offer.minimum_quantity, offer.pack_quantity)
    grade = None if offer.grade_id is None else tx.get(Grade, offer.grade_id)
    if offer.grade_id is not None and (grade is None or grade.product_code != offer.product_code):
        raise rules.GradeOfAnother
    for claim in offer.certificates:
        certificate = tx.get(Certificate, claim.certificate_id)
        if certificate is None or certificate.organisation_id != offer.organisation_id:
            raise CertificateNotValid(number="–")  # anothers' numbers are not told
        must_count(certificate, offer.organisation_id, offer.product_code, today())


def _record(tx: Session, by: Actor, row: Offer, verb: str, change: dict[str, Any], reason: str = "") -> None:
    # A sealed price never enters the log: it says that the price changed, not to what.
    events.record(tx, by=by, verb=f"offer.{verb}", subject=row, province_code=row.province_code, change=change,
                  reason=reason)  # fmt: skip


def _whose(row: Offer) -> dict[str, Any]:
    return {"organisation_id": row.organisation_id, "province": row.province_code}


def _taken(tx: Session, by: Actor, offer_id: UUID, version: int) -> Offer:
    """The offer, locked, at the version that was read; NotFound where the actor may not even know it."""
    query = select(Offer).where(Offer.id == offer_id).options(*WHOLE_OFFER).with_for_update()
    row = tx.scalar(query.execution_options(populate_existing=True))
    if row is None or not rules.may_know(by, row):
        raise NotFound
    must_match(row.version, version)
    return row


def _own(tx: Session, by: Actor, offer_id: UUID, version: int) -> Offer:
    row = _taken(tx, by, offer_id, version)
    require(by, "listing.edit", **_whose(row))
    return row


def change(tx: Session, *, by: Actor, offer_id: UUID, version: int, changes: OfferEdit) -> Offer:
    """Change a draft or active offer; lots and certificates are replaced as whole lists."""
    row = _own(tx, by, offer_id, version)
    rules.must_be_editable(row)
    given = changes.model_dump(exclude_unset=True, exclude={"lots", "certificate_ids"})
    for name, value in given.items():
        if value is not None or name == "grade_id":
            setattr(row, name, value)
    if changes.lots is not None:
        row.lots = _lots(changes.lots)
    if changes.certificate_ids is not None:
        _claim(row, set(changes.certificate_ids))
    _must_hold(tx, row)
    if row.state == "active":
        rules.must_have_lot_ahead(row.lots, today())
    flag_modified(row, "reach_km")  # a change in its lots alone is a new version too
    _record(tx, by, row, "changed", {"fields": sorted(changes.model_fields_set)})
    return row


def _claim(row: Offer, wanted: set[UUID]) -> None:
    kept = [claim for claim in row.certificates if claim.certificate_id in wanted]
    new = wanted - {claim.certificate_id for claim in kept}
    row.certificates = [*kept, *(OfferCertificate(certificate_id=found) for found in sorted(new))]


def publish(tx: Session, *, by: Actor, offer_id: UUID, version: int) -> Offer:
    """Put a draft on the market."""
    return _to_market(tx, by, _own(tx, by, offer_id, version), "published")


def resume(tx: Session, *, by: Actor, offer_id: UUID, version: int) -> Offer:
    """Put a paused offer back on the market; what a company has paused, only a company resumes."""
    row = _taken(tx, by, offer_id, version)
    require(by, "listing.suspend" if _paused_by_company(tx, row) else "listing.edit", **_whose(row))
    return _to_market(tx, by, row, "resumed")


def _paused_by_company(tx: Session, row: Offer) -> bool:
    pauses = select(Event).where(Event.subject_type == "offers", Event.subject_id == str(row.id))
    last = tx.scalar(pauses.where(Event.verb == "offer.suspended").order_by(Event.id.desc()).limit(1))
    return last is not None and row.organisation_id not in {last.organisation_id, last.on_behalf_of}


def _to_market(tx: Session, by: Actor, row: Offer, verb: str) -> Offer:
    to = rules.must_step(row, verb)
    must_be_qualified(tx.get_one(Organisation, row.organisation_id))
    rules.must_have_lot_ahead(row.lots, today())
    _must_hold(tx, row)
    return _moved(tx, by, row, verb, to, "")


def _moved(tx: Session, by: Actor, row: Offer, verb: str, to: str, reason: str) -> Offer:
    before, row.state, row.state_reason = row.state, to, reason
    _record(tx, by, row, verb, {"from": before, "to": to}, reason)
    return row


def suspend(tx: Session, *, by: Actor, offer_id: UUID, version: int, reason: str = "") -> Offer:
    """Pause an active offer: its group as it likes, a company with a reason."""
    row = _taken(tx, by, offer_id, version)
    if not may(by, "listing.edit", **_whose(row)):
        require(by, "listing.suspend", **_whose(row))
        if len(reason) < 3:
            raise InvalidInput(errors=(FieldError("/reason", N_("Say why; the group reads it.")),))
    return _moved(tx, by, row, "suspended", rules.must_step(row, "suspended"), reason)


def withdraw(tx: Session, *, by: Actor, offer_id: UUID, version: int, reason: str = "") -> Offer:
    """Take an offer off for good."""
    row = _own(tx, by, offer_id, version)
    return _moved(tx, by, row, "withdrawn", rules.must_step(row, "withdrawn"), reason)


def expire(tx: Session) -> int:
    """End every offer whose lots have all ended; a timer calls this once a day. Returns how many ended."""
    ahead = select(SupplyLot.id).where(SupplyLot.offer_id == Offer.id, SupplyLot.harvest_until >= today())
    over = select(Offer).where(Offer.state.in_(rules.STEPS["expired"][1]), ~ahead.exists())
    rows = list(tx.scalars(over.order_by(Offer.id).with_for_update()))
    for row in rows:
        _moved(tx, SYSTEM, row, "expired", rules.must_step(row, "expired"), "")
    return len(rows)
