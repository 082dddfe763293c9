"""A photograph of produce: read by its content, written anew as a plain JPEG without the place a camera adds."""

import struct
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.events import actions as events
from service.harvests.models import OfferPhoto
from service.kernel.actor import Actor
from service.kernel.i18n import N_
from service.kernel.problems import NotFound, Problem
from service.listings import queries
from service.listings.models import Offer
from service.parties.permissions import require

FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST_PX = 1280
MOST_PIXELS = 60_000_000  # a phone's largest picture; what is larger is not read
SMALLEST_PX = 40
QUALITY = 80
MARK = 12  # letters of the digest that name a version in an address
BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, TypeError)
Image.MAX_IMAGE_PIXELS = None  # the limit is ours, checked before anything is unpacked


class NotAPhotograph(Problem):
    """A file that is no picture that we read."""

    status = 422
    title = N_("This is not a photograph that can be read")
    detail = N_("It must be a JPEG, PNG or WebP picture of at least 40 and at most 60 million points.")
    todo = N_("Take the photograph again, or save it as JPEG.")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The picture as it is kept."""

    content: bytes
    width: int
    height: int


def cleaned(data: bytes) -> Cleaned:
    """The picture turned upright, made smaller and written anew; nothing of the file itself is kept."""
    try:
        return _written(data)
    except BROKEN as error:
        raise NotAPhotograph from error


def _written(data: bytes) -> Cleaned:
    with Image.open(BytesIO(data), formats=FORMATS) as file:
        width, height = file.size
        if width * height > MOST_PIXELS or min(width, height) < SMALLEST_PX:
            raise NotAPhotograph
        file.draft("RGB", (LONGEST_PX, LONGEST_PX))  # a JPEG is unpacked no larger than is needed
        upright = ImageOps.exif_transpose(file).convert("RGB")
    upright.thumbnail((LONGEST_PX, LONGEST_PX))
    plain = Image.new("RGB", upright.size)  # points alone: neither tags nor profiles travel along
    plain.paste(upright)
    buffer = BytesIO()
    plain.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return Cleaned(buffer.getvalue(), *plain.size)


def put(tx: Session, *, by: Actor, offer_id: UUID, data: bytes) -> Offer:
    """Keep a photograph of what is offered in place of the one before."""
    offer = _own(tx, by, offer_id)
    picture = cleaned(data)
    row = _stored(tx, offer.id)
    if row is None:
        row = OfferPhoto(offer_id=offer.id)
        tx.add(row)
    row.content, row.width, row.height = picture.content, picture.width, picture.height
    row.sha256 = sha256(picture.content).hexdigest()
    offer.photo = row.sha256[:MARK]
    _record(tx, by, offer, "photographed", {"sha256": row.sha256})
    return offer


def drop(tx: Session, *, by: Actor, offer_id: UUID) -> Offer:
    """Take the photograph away."""
    offer = _own(tx, by, offer_id)
    row = _stored(tx, offer.id)
    if row is None:
        raise NotFound
    tx.delete(row)
    offer.photo = ""
    _record(tx, by, offer, "photo_dropped", {})
    return offer


def of_offer(tx: Session, *, by: Actor, offer_id: UUID) -> OfferPhoto:
    """The photograph of an offer that the actor may know, with its content."""
    found = _stored(tx, queries.offer(tx, by=by, offer_id=offer_id).id)
    if found is None:
        raise NotFound
    return found


def _own(tx: Session, by: Actor, offer_id: UUID) -> Offer:
    offer = queries.offer(tx, by=by, offer_id=offer_id)
    require(by, "listing.edit", organisation_id=offer.organisation_id, province=offer.province_code)
    return offer


def _stored(tx: Session, offer_id: UUID) -> OfferPhoto | None:
    return tx.scalar(select(OfferPhoto).where(OfferPhoto.offer_id == offer_id))


def _record(tx: Session, by: Actor, offer: Offer, verb: str, change: dict[str, str]) -> None:
    helps = None if by.organisation_id == offer.organisation_id else offer.organisation_id
    events.record(tx, by=by, verb=f"offer.{verb}", subject=offer, province_code=offer.province_code, change=change,
                  on_behalf_of=helps)  # fmt: skip
