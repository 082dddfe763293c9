"""Photographs of what is offered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified


class OfferPhoto(Identified, Base):
    """One photograph an offer, written anew by us: a plain JPEG that tells neither place nor time."""

    __tablename__ = "offer_photos"
    __table_args__ = (UniqueConstraint("offer_id"),)

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
