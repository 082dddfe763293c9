"""Places, organisations, social shares and income records."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json, Versioned
from service.kernel.sealed import Sealed


class Province(Base):
    """A province by its two-digit DOPA code."""

    __tablename__ = "provinces"

    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    name_th: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    lat: Mapped[float]
    lng: Mapped[float]
    approximate: Mapped[bool] = mapped_column(default=True)


class District(Base):
    """A district by its four-digit DOPA code; the outline is GeoJSON coordinates where a file gave them."""

    __tablename__ = "districts"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"), index=True)
    name_th: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    lat: Mapped[float]
    lng: Mapped[float]
    approximate: Mapped[bool] = mapped_column(default=True)
    outline: Mapped[list[Any] | None] = mapped_column(Json)


class Subdistrict(Base):
    """A sub-district by its six-digit DOPA code; `approximate` says that the point is its district's."""

    __tablename__ = "subdistricts"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    district_code: Mapped[str] = mapped_column(ForeignKey("districts.code"), index=True)
    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"), index=True)
    name_th: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    postal_code: Mapped[str] = mapped_column(String(5), default="")
    lat: Mapped[float]
    lng: Mapped[float]
    approximate: Mapped[bool] = mapped_column(default=True)


class Organisation(Identified, Versioned, Base):
    """A party of the market. `scheme` + `registration_id` is its natural key."""

    __tablename__ = "organisations"
    __table_args__ = (
        UniqueConstraint("scheme", "registration_id"),
        Index("ix_organisations_province_kind", "province_code", "kind"),
    )

    kind: Mapped[str] = mapped_column(String(30))
    legal_form: Mapped[str] = mapped_column(String(60), default="")
    scheme: Mapped[str] = mapped_column(String(40))
    registration_id: Mapped[str] = mapped_column(String(120))
    name_th: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    subdistrict_code: Mapped[str | None] = mapped_column(ForeignKey("subdistricts.code"))
    district_code: Mapped[str | None] = mapped_column(ForeignKey("districts.code"), index=True)
    province_code: Mapped[str | None] = mapped_column(ForeignKey("provinces.code"))
    address: Mapped[str] = mapped_column(String(300), default="")
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    approximate: Mapped[bool] = mapped_column(default=True)
    # Personal: encrypted, and read only by a query that asks for it.
    contact_name: Mapped[str] = mapped_column(Sealed, default="", deferred=True, deferred_group="contact")
    phone: Mapped[str] = mapped_column(Sealed, default="", deferred=True, deferred_group="contact")
    email: Mapped[str] = mapped_column(Sealed, default="", deferred=True, deferred_group="contact")
    state: Mapped[str] = mapped_column(String(20), default="submitted")
    state_reason: Mapped[str] = mapped_column(String(500), default="")
    shared_phone: Mapped[bool] = mapped_column(default=False, server_default=false())  # people name themselves by PIN
    member_households: Mapped[int] = mapped_column(default=0)
    heads: Mapped[int] = mapped_column(default=0)  # pupils, beds, inmates or soldiers fed each day
    synthetic: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class BeneficialOwner(Identified, Base):
    """A person behind an organisation, as a keyed pseudonym: several groups of one owner share a ceiling."""

    __tablename__ = "beneficial_owners"
    __table_args__ = (UniqueConstraint("organisation_id", "pseudonym"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    pseudonym: Mapped[str] = mapped_column(String(64), index=True)


class Conflict(Identified, Base):
    """A declared conflict of interest between two organisations; neither side may trade while it stands."""

    __tablename__ = "conflicts"
    __table_args__ = (UniqueConstraint("organisation_id", "other_id", "valid_from"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    other_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]


class SocialShare(Identified, Base):
    """A declared and perhaps attested share of a supplier, in basis points; the newest valid row counts."""

    __tablename__ = "social_shares"
    __table_args__ = (
        CheckConstraint("declared_bp between 0 and 10000", name="declared"),
        CheckConstraint("attested_bp is null or attested_bp between 0 and 10000", name="attested"),
        Index("ix_social_shares_organisation", "organisation_id", "measure"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    measure: Mapped[str] = mapped_column(String(30))
    declared_bp: Mapped[int]
    attested_bp: Mapped[int | None]
    attester_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    attested_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(String(500), default="")
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(default=now)


class SupplierIncome(Identified, Base):
    """Income of a supplier, written by the later stage that earns it; `source` names the row it came from."""

    __tablename__ = "supplier_income"
    __table_args__ = (
        UniqueConstraint("source"),
        Index("ix_supplier_income_organisation", "organisation_id", "earned_on"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    earned_on: Mapped[date]
    satang: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(80))
