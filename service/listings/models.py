"""Offers (standing listings) and their supply lots."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Versioned


class Offer(Identified, Versioned, Base):
    """A group's standing offer of one product. Its price is sealed from others until a round closes."""

    __tablename__ = "offers"
    __table_args__ = (
        CheckConstraint("price_satang > 0", name="price"),
        CheckConstraint("minimum_quantity >= 0", name="minimum"),
        CheckConstraint("pack_quantity > 0", name="pack"),
        CheckConstraint("reach_km > 0", name="reach"),
        Index("ix_offers_market", "province_code", "state", "product_code"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"))
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    grade_id: Mapped[UUID | None] = mapped_column(ForeignKey("grades.id"))
    price_satang: Mapped[int] = mapped_column(BigInteger)
    minimum_quantity: Mapped[int] = mapped_column(default=0)
    pack_quantity: Mapped[int] = mapped_column(default=1)
    reach_km: Mapped[int] = mapped_column(default=100)
    state: Mapped[str] = mapped_column(String(20), default="draft")  # draft active suspended withdrawn expired
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    copied_from_id: Mapped[UUID | None] = mapped_column(ForeignKey("offers.id"))
    photo: Mapped[str] = mapped_column(String(12), default="", server_default="")  # mark of the floor above; "": none
    created_at: Mapped[datetime] = mapped_column(default=now)
    lots: Mapped[list["SupplyLot"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="SupplyLot.harvest_from"
    )
    certificates: Mapped[list["OfferCertificate"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class SupplyLot(Identified, Base):
    """Produce that can be delivered on the days of a harvest window: so much a day, so much in the week."""

    __tablename__ = "supply_lots"
    __table_args__ = (
        CheckConstraint("harvest_from <= harvest_until", name="window"),
        CheckConstraint("capacity_day > 0 and capacity_week > 0", name="capacity"),
    )

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"), index=True)
    harvest_from: Mapped[date]
    harvest_until: Mapped[date]
    capacity_day: Mapped[int]
    capacity_week: Mapped[int]


class OfferCertificate(Identified, Base):
    """A certificate that the offer claims."""

    __tablename__ = "offer_certificates"
    __table_args__ = (UniqueConstraint("offer_id", "certificate_id"),)

    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offers.id"))
    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificates.id"))


WHOLE_OFFER = (selectinload(Offer.lots), selectinload(Offer.certificates))
