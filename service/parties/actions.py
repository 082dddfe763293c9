"""Use cases of organisations, their conflicts and social shares: one transaction, one event each."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound, must_match
from service.parties import rules
from service.parties.models import Conflict, Organisation, SocialShare, Subdistrict
from service.parties.permissions import require
from service.parties.schemas import AttestIn, ConflictIn, OrganisationEdit, OrganisationIn, SocialShareIn
from service.parties.vocabulary import SUPPLIERS


def register(tx: Session, *, by: Actor, draft: OrganisationIn) -> Organisation:
    """Submit a new organisation; its place gives the point where it brings none."""
    place = tx.get(Subdistrict, draft.subdistrict_code)
    if place is None:
        raise InvalidInput(errors=(FieldError("/subdistrict_code", N_("There is no such sub-district.")),))
    require(by, "organisation.register", province=place.province_code)
    row = Organisation(**draft.model_dump(exclude={"lat", "lng"}), **located(place, draft.lat, draft.lng))
    tx.add(row)
    events.record(tx, by=by, verb="organisation.submitted", subject=row, province_code=row.province_code,
                  change={"kind": row.kind, "scheme": row.scheme, "registration_id": row.registration_id})  # fmt: skip
    return row


def located(place: Subdistrict, lat: float | None, lng: float | None) -> dict[str, object]:
    """Codes and point of an organisation in a sub-district: its own point, else the place's, marked approximate."""
    own = lat is not None and lng is not None
    return {
        "district_code": place.district_code,
        "province_code": place.province_code,
        "lat": lat if own else place.lat,
        "lng": lng if own else place.lng,
        "approximate": not own,
    }


def get(tx: Session, organisation_id: UUID) -> Organisation:
    """The organisation, or NotFound."""
    row = tx.get(Organisation, organisation_id)
    if row is None:
        raise NotFound
    return row


def edit(tx: Session, *, by: Actor, organisation_id: UUID, version: int, changes: OrganisationEdit) -> Organisation:
    """Change an organisation's own details."""
    row = get(tx, organisation_id)
    require(by, "organisation.edit", organisation_id=row.id, province=row.province_code)
    must_match(row.version, version)
    given = changes.model_dump(exclude_none=True)
    for name, value in given.items():
        setattr(row, name, value)
    # Contact details are personal data: the log says which fields changed, never their values.
    events.record(tx, by=by, verb="organisation.edited", subject=row, province_code=row.province_code,
                  change={"fields": sorted(given)})  # fmt: skip
    return row


def step(tx: Session, *, by: Actor, organisation_id: UUID, to: str, reason: str) -> Organisation:
    """Move an organisation along its states: pending, qualified, refused, suspended."""
    row = get(tx, organisation_id)
    require(by, rules.VERB_OF_STATE[to], organisation_id=row.id, province=row.province_code)
    rules.must_step(row, to)
    before, row.state, row.state_reason = row.state, to, reason
    events.record(tx, by=by, verb=f"organisation.{to}", subject=row, province_code=row.province_code,
                  change={"from": before, "to": to}, reason=reason)  # fmt: skip
    return row


def declare_share(tx: Session, *, by: Actor, organisation_id: UUID, draft: SocialShareIn) -> SocialShare:
    """A supplier declares a share; it counts half until an attester confirms it."""
    supplier = get(tx, organisation_id)
    require(by, "social.declare", organisation_id=supplier.id, province=supplier.province_code)
    if supplier.kind not in SUPPLIERS:
        raise NotFound
    if not draft.valid_from <= draft.valid_until <= draft.valid_from + timedelta(days=731):
        raise InvalidInput(errors=(FieldError("/valid_until", N_("Choose a day within two years of the first.")),))
    row = SocialShare(organisation_id=supplier.id, **draft.model_dump())
    tx.add(row)
    events.record(tx, by=by, verb="social_share.declared", subject=row, province_code=supplier.province_code,
                  change={"measure": row.measure, "declared_bp": row.declared_bp})  # fmt: skip
    return row


def attest_share(tx: Session, *, by: Actor, share_id: UUID, finding: AttestIn) -> SocialShare:
    """An accredited attester confirms (part of) a declared share."""
    row = tx.scalar(select(SocialShare).where(SocialShare.id == share_id).with_for_update())
    if row is None:
        raise NotFound
    supplier = get(tx, row.organisation_id)
    require(by, "social.attest", organisation_id=supplier.id, province=supplier.province_code)
    row.attested_bp, row.evidence = finding.attested_bp, finding.evidence
    row.attester_id, row.attested_on = by.organisation_id, today()
    events.record(tx, by=by, verb="social_share.attested", subject=row, province_code=supplier.province_code,
                  change={"measure": row.measure, "attested_bp": row.attested_bp})  # fmt: skip
    return row


def declare_conflict(tx: Session, *, by: Actor, organisation_id: UUID, draft: ConflictIn) -> Conflict:
    """Declare a conflict of interest; the two do not trade while it stands. Its reason stays out of the log."""
    organisation = get(tx, organisation_id)
    require(by, "conflict.declare", organisation_id=organisation.id, province=organisation.province_code)
    other = tx.get(Organisation, draft.other_id)
    if other is None:
        raise InvalidInput(errors=(FieldError("/other_id", N_("This does not name anything.")),))
    rules.must_be_two(organisation, other)
    row = Conflict(organisation_id=organisation.id, **draft.model_dump())
    tx.add(row)
    events.record(tx, by=by, verb="conflict.declared", subject=row, province_code=organisation.province_code,
                  change={"organisation": organisation.id, "other": other.id, "from": draft.valid_from,
                          "until": draft.valid_until})  # fmt: skip
    return row
