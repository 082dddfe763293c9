"""What the listings' API and forms read and write."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from service.kernel.i18n import N_
from service.kernel.shapes import MAX_QUANTITY, BahtAsSatang, Day, In, Mistake, Note, Out, ProductCode, Quantity, Satang
from service.listings.rules import LONGEST_LOT_DAYS

OfferState = Literal["draft", "active", "suspended", "withdrawn", "expired"]
Minimum = Annotated[
    int, Field(ge=0, le=MAX_QUANTITY, description="Smallest delivery, a multiple of the pack; 0: none.")
]
Reach = Annotated[int, Field(ge=1, le=1000, description="Road kilometres that the group delivers.")]
Ids = Annotated[list[UUID], Field(max_length=20)]
REACH_KM = 60  # an hour and a half in a pick-up: out and back in a morning


class LotIn(In):
    """A harvest window, and what can be delivered on one of its days and in one week."""

    harvest_from: Day
    harvest_until: Day
    capacity_day: Quantity
    capacity_week: Quantity

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        days = (self.harvest_until - self.harvest_from).days + 1
        if days < 1:
            raise Mistake(N_("The window ends before it begins."))
        if days > LONGEST_LOT_DAYS:
            raise Mistake(N_("A lot lasts at most {days} days; split a longer one."), days=LONGEST_LOT_DAYS)
        if not self.capacity_day <= self.capacity_week <= 7 * self.capacity_day:
            raise Mistake(N_("A week brings at least one day's quantity and at most seven times it."))
        return self


Lots = Annotated[list[LotIn], Field(max_length=40)]


class OfferIn(In):
    """A new offer; it stays a draft until it is published. Where a group is named, it is your own."""

    organisation_id: UUID | None = None
    product_code: ProductCode
    grade_id: UUID | None = None
    price_satang: Satang
    minimum_quantity: Minimum = 0
    pack_quantity: Quantity = 1
    reach_km: Reach = REACH_KM
    certificate_ids: Ids = Field(default_factory=list)
    lots: Lots = Field(default_factory=list)


class OfferEdit(In):
    """The fields to change; absent ones stay. Lots and certificates replace the whole list."""

    grade_id: UUID | None = None
    price_satang: Satang | None = None
    minimum_quantity: Minimum | None = None
    pack_quantity: Quantity | None = None
    reach_km: Reach | None = None
    certificate_ids: Ids | None = None
    lots: Lots | None = None


class StepIn(In):
    """Why an offer is paused or withdrawn; a company has to say it."""

    reason: Note = ""


class RepeatIn(In):
    """Whose last week is repeated: your own group's."""

    organisation_id: UUID | None = None


class LotOut(Out):
    """A lot."""

    harvest_from: date
    harvest_until: date
    capacity_day: int
    capacity_week: int


class BandOut(Out):
    """Units a week, from and below (null: no upper end)."""

    at_least: int
    below: int | None


class OfferOut(Out):
    """An offer as the reader may see it: the price only for its group, exact lots for those who look after it."""

    id: UUID
    organisation_id: UUID
    province_code: str
    product_code: str
    grade_id: UUID | None
    price_satang: int | None = Field(description="Sealed (null) for everyone but the group.")
    minimum_quantity: int
    pack_quantity: int
    reach_km: int
    state: OfferState
    certificate_ids: list[UUID]
    available_from: date | None
    available_until: date | None
    weekly: BandOut = Field(description="The size of the largest lot, as a band.")
    lots: list[LotOut] | None = Field(description="Null for those who may not see exact quantities.")
    copied_from_id: UUID | None
    photo: str = Field(description="The photograph's mark, which changes with it; empty where there is none.")
    version: int


Version = Annotated[int, Field(ge=1, le=10**9)]


class VersionForm(In):
    """Which version a page's form was made from."""

    version: Version


class LotForm(In):
    """A lot as a person writes it; a week left out is every day of it."""

    harvest_from: Day
    harvest_until: Day
    capacity_day: Quantity
    capacity_week: Quantity | None = None


class OfferForm(In):
    """The form of an offer: price in baht (left out: stays), lots in a unit that people say."""

    grade_id: UUID | None = None
    price: BahtAsSatang | None = None
    unit: Annotated[str, StringConstraints(max_length=80)] = ""
    minimum_quantity: Minimum = 0
    pack_quantity: Quantity = 1
    reach_km: Reach = REACH_KM
    certificate_ids: Ids = Field(default_factory=list)
    lots: Annotated[list[LotForm], Field(max_length=40)] = Field(default_factory=list)
