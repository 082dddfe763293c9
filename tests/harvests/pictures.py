"""Pictures for tests: made here, one with the tags that a phone adds."""

from base64 import b64encode
from io import BytesIO

from PIL import Image

from service.harvests import photo
from service.harvests.models import OfferPhoto
from service.listings.models import Offer
from tests.make import Maker

PLACE = "16 deg 3' 0.00"


def picture(form: str = "JPEG", size: tuple[int, int] = (90, 60), *, tagged: bool = True) -> bytes:
    """A green picture; with tags: turned on its side, with a place and a maker."""
    image, buffer = Image.new("RGB", size, (20, 120, 60)), BytesIO()
    tags = Image.Exif()
    if tagged:
        tags[0x0112], tags[0x010F] = 6, "Phone of Somchai"
        tags.get_ifd(0x8825)[2] = (16.0, 3.0, 0.0)
    image.save(buffer, form, exif=tags)
    return buffer.getvalue()


def photographed(make: Maker, offer: Offer) -> str:
    """Give an offer a photograph; what to send for another."""
    kept = photo.cleaned(picture())
    make.add(OfferPhoto(offer_id=offer.id, content=kept.content, sha256="0" * 64, width=kept.width, height=kept.height))
    return b64encode(picture()).decode()
