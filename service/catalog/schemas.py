"""What the catalogue's API, forms and importers read and write."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from service.catalog.rules import Family, Unit
from service.kernel.i18n import N_
from service.kernel.shapes import (
    Day,
    In,
    Mistake,
    Name,
    Out,
    ProductCode,
    ProvinceCode,
    Quantity,
    Reason,
    Satang,
    Text,
    Week,
)

ProductName = Annotated[Name, StringConstraints(max_length=160)]
ShortName = Annotated[Text, StringConstraints(min_length=1, max_length=80)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,20}$")]
Source = Annotated[Name, StringConstraints(max_length=160)]
Days = Annotated[int, Field(ge=0, le=3650)]
MOST = 50  # entries of one list of a product


class AliasIn(In):
    """Another name of a product."""

    language: Literal["th", "en"]
    name: Annotated[Text, StringConstraints(min_length=1, max_length=160)]


class PackIn(In):
    """A usual pack in whole units."""

    quantity: Quantity
    name_th: ShortName
    name_en: ShortName


class LocalUnitIn(In):
    """A unit that people say; its factor is in thousandths of the product's unit (a 15 kg tin: 15000)."""

    name_th: ShortName
    name_en: ShortName
    factor_milli: Annotated[int, Field(gt=0, le=10_000_000)]


class GradeIn(In):
    """A grade; rank 1 is the best."""

    code: Code
    rank: Annotated[int, Field(ge=1, le=99)]
    name_th: ShortName
    name_en: ShortName


class ProductDetails(In):
    """A product without its code. Lists replace what was there; grades are added and changed, never removed."""

    name_th: ProductName
    name_en: ProductName
    family: Family
    unit: Unit
    shelf_life_days: Days = 0
    lead_time_days: Days = 0
    active: bool = True
    aliases: Annotated[list[AliasIn], Field(max_length=MOST)] = Field(default_factory=list)
    packs: Annotated[list[PackIn], Field(max_length=MOST)] = Field(default_factory=list)
    local_units: Annotated[list[LocalUnitIn], Field(max_length=MOST)] = Field(default_factory=list)
    grades: Annotated[list[GradeIn], Field(max_length=MOST)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _no_twins(self) -> Self:
        lists = (
            [(alias.language, alias.name) for alias in self.aliases],
            [pack.quantity for pack in self.packs],
            [unit.name_th for unit in self.local_units],
            [grade.code for grade in self.grades],
        )
        if any(len(set(keys)) < len(keys) for keys in lists):
            raise Mistake(N_("An alias, pack, local unit or grade is written twice."))
        return self


class ProductIn(ProductDetails):
    """A whole product, as importers bring it."""

    code: ProductCode


class AliasOut(Out):
    """Another name."""

    language: str
    name: str


class PackOut(Out):
    """A usual pack."""

    quantity: int
    name_th: str
    name_en: str


class LocalUnitOut(Out):
    """A unit that people say."""

    name_th: str
    name_en: str
    factor_milli: int


class GradeOut(Out):
    """A grade."""

    id: UUID
    code: str
    rank: int
    name_th: str
    name_en: str


class ProductOut(Out):
    """A product with everything about it."""

    code: str
    name_th: str
    name_en: str
    family: Family
    unit: Unit
    shelf_life_days: int
    lead_time_days: int
    active: bool
    aliases: list[AliasOut]
    packs: list[PackOut]
    local_units: list[LocalUnitOut]
    grades: list[GradeOut]
    version: int


class CertificateKindOut(Out):
    """A scheme that certifies."""

    code: str
    name_th: str
    name_en: str


class CertificateIn(In):
    """A supplier's certificate; without a product it covers all. A service centre names the supplier."""

    organisation_id: UUID | None = None
    kind_code: Code
    product_code: ProductCode | None = None
    number: ShortName
    issued_on: Day
    expires_on: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.issued_on < self.expires_on:
            raise Mistake(N_("A certificate expires after the day it was issued."))
        return self


class RevokeIn(In):
    """Why a certificate no longer counts."""

    reason: Reason


class CertificateOut(Out):
    """A certificate."""

    id: UUID
    organisation_id: UUID
    kind_code: str
    product_code: str | None
    number: str
    issued_on: date
    expires_on: date
    revoked_on: date | None


class ReferencePriceIn(In):
    """A product's price in a province and week: quartiles in satang per unit, with sample and source."""

    product_code: ProductCode
    province_code: ProvinceCode
    week: Week
    lower_satang: Satang
    median_satang: Satang
    upper_satang: Satang
    sample_size: Quantity
    source: Source
    synthetic: bool = False

    @model_validator(mode="after")
    def _quartiles_in_order(self) -> Self:
        if not self.lower_satang <= self.median_satang <= self.upper_satang:
            raise Mistake(N_("The quartiles must be in order: lower, median, upper."))
        return self


class ReferencePriceOut(Out):
    """A reference price."""

    id: UUID
    product_code: str
    province_code: str
    week: date
    lower_satang: int
    median_satang: int
    upper_satang: int
    sample_size: int
    source: str
    synthetic: bool


class CeilingLimitOut(Out):
    """The highest ceiling a line may have; null without a reference price, and then nothing limits it."""

    product_code: str
    province_code: str
    week: date
    limit_satang: int | None
    price: ReferencePriceOut | None
