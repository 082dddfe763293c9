"""Products, packs, local units, grades, certificates and reference prices."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Versioned

# Compared letter by letter on both databases, so that names that begin alike lie together in the index.
Letters = String(160).with_variant(String(160, collation="C"), "postgresql")


class Product(Versioned, Base):
    """Something traded: its unit is a UN/CEFACT Rec 20 code, and every quantity is a whole number of it."""

    __tablename__ = "products"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name_th: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(160))
    family: Mapped[str] = mapped_column(String(20))  # agriculture | processed | service
    unit: Mapped[str] = mapped_column(String(3))  # KGM, EA, LTR, DAY ...
    shelf_life_days: Mapped[int] = mapped_column(default=0)
    lead_time_days: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    aliases: Mapped[list["ProductAlias"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ProductAlias.language, ProductAlias.name"
    )
    packs: Mapped[list["ProductPack"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ProductPack.quantity"
    )
    local_units: Mapped[list["LocalUnit"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="LocalUnit.factor_milli, LocalUnit.name_th"
    )
    grades: Mapped[list["Grade"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="Grade.rank, Grade.code"
    )


class ProductAlias(Identified, Base):
    """Another name that people use."""

    __tablename__ = "product_aliases"
    __table_args__ = (UniqueConstraint("product_code", "language", "name"),)

    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    language: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(160), index=True)


class ProductKey(Identified, Base):
    """A name of a product as searches compare it; service/catalog/search.py writes them."""

    __tablename__ = "product_keys"

    product_code: Mapped[str] = mapped_column(ForeignKey("products.code", ondelete="CASCADE"), index=True)
    plain: Mapped[str] = mapped_column(Letters, index=True)
    sound: Mapped[str] = mapped_column(Letters, index=True)


class ProductGram(Base):
    """A pair of letters that the sound of a name holds."""

    __tablename__ = "product_grams"

    gram: Mapped[str] = mapped_column(String(4), primary_key=True)
    key_id: Mapped[UUID] = mapped_column(
        ForeignKey("product_keys.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ProductPack(Identified, Base):
    """A usual pack, in whole units of the product."""

    __tablename__ = "product_packs"
    __table_args__ = (UniqueConstraint("product_code", "quantity"), CheckConstraint("quantity > 0", name="quantity"))

    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    quantity: Mapped[int]
    name_th: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))


class LocalUnit(Identified, Base):
    """A unit that people say, with its factor in thousandths of the product's unit (a 15 kg tin: 15000)."""

    __tablename__ = "local_units"
    __table_args__ = (UniqueConstraint("product_code", "name_th"), CheckConstraint("factor_milli > 0", name="factor"))

    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    name_th: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    factor_milli: Mapped[int]


class Grade(Identified, Base):
    """A grade of a product; rank 1 is the best, and a demand for a rank accepts every better one."""

    __tablename__ = "grades"
    __table_args__ = (UniqueConstraint("product_code", "code"), CheckConstraint("rank between 1 and 99", name="rank"))

    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    code: Mapped[str] = mapped_column(String(20))
    rank: Mapped[int]
    name_th: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))


WHOLE_PRODUCT = (
    selectinload(Product.aliases),
    selectinload(Product.packs),
    selectinload(Product.local_units),
    selectinload(Product.grades),
)


class CertificateKind(Base):
    """A scheme that certifies produce or producers: GAP, organic, PGS, FDA and others."""

    __tablename__ = "certificate_kinds"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name_th: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))


class Certificate(Identified, Base):
    """A supplier's certificate; without a product it covers all that the supplier makes."""

    __tablename__ = "certificates"
    __table_args__ = (UniqueConstraint("kind_code", "number"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    kind_code: Mapped[str] = mapped_column(ForeignKey("certificate_kinds.code"))
    product_code: Mapped[str | None] = mapped_column(ForeignKey("products.code"))
    number: Mapped[str] = mapped_column(String(80))
    issued_on: Mapped[date]
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]


class ReferencePrice(Identified, Base):
    """The price of a product in a province and week: quartiles in satang per unit, with sample and source."""

    __tablename__ = "reference_prices"
    __table_args__ = (
        UniqueConstraint("product_code", "province_code", "week", "source"),
        Index("ix_reference_prices_lookup", "province_code", "product_code", "week"),
        CheckConstraint("lower_satang <= median_satang and median_satang <= upper_satang", name="quartiles"),
        CheckConstraint("lower_satang > 0 and sample_size > 0", name="positive"),
    )

    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"))
    week: Mapped[date]  # its Monday
    lower_satang: Mapped[int] = mapped_column(BigInteger)
    median_satang: Mapped[int] = mapped_column(BigInteger)
    upper_satang: Mapped[int] = mapped_column(BigInteger)
    sample_size: Mapped[int]
    source: Mapped[str] = mapped_column(String(160))
    synthetic: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
