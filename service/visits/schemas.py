"""What the API and forms of visits and assisted entries read and write."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from service.kernel.i18n import N_
from service.kernel.shapes import BahtAsSatang, Day, In, Mistake, Out, ProductCode, Quantity
from service.listings.schemas import LotIn, OfferIn
from service.orders.schemas import AnswerIn

Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]
Version = Annotated[int, Field(ge=1, le=10**9)]


class EntryIn(In):
    """What a group asked a service centre to write: a listing, or the answer to one of its awards."""

    organisation_id: UUID
    listing: OfferIn | None = None
    award_id: UUID | None = None
    answer: AnswerIn | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.listing is None) == (self.answer is None) or (self.answer is None) != (self.award_id is None):
            raise Mistake(N_("Write either a listing, or an answer with its award."))
        return self


class PinIn(In):
    """Who of the group confirms at the centre, by their PIN."""

    person_id: UUID
    pin: Pin


class DecideForm(In):
    """Which version of an entry a form shows."""

    version: Version


class ListingForm(In):
    """An offer of one lot, as it is told at a visit."""

    product_code: ProductCode
    price: BahtAsSatang
    harvest_from: Day
    harvest_until: Day
    capacity_day: Quantity
    pack_quantity: Quantity = 1

    def draft(self, organisation_id: UUID) -> EntryIn:
        """The entry that it asks for."""
        days = min(7, max(1, (self.harvest_until - self.harvest_from).days + 1))
        lot = LotIn(harvest_from=self.harvest_from, harvest_until=self.harvest_until, capacity_day=self.capacity_day,
                    capacity_week=self.capacity_day * days)  # fmt: skip
        offer = OfferIn(product_code=self.product_code, price_satang=self.price, pack_quantity=self.pack_quantity,
                        lots=[lot])  # fmt: skip
        return EntryIn(organisation_id=organisation_id, listing=offer)


class EntryOut(Out):
    """An entry. Its content is for the group alone: a centre writes a price and does not read it back."""

    id: UUID
    organisation_id: UUID
    centre_id: UUID | None
    kind: Literal["listing", "answer"]
    award_id: UUID | None
    state: Literal["waiting", "confirmed", "refused"]
    valid_until: datetime
    decided_at: datetime | None
    created_at: datetime
    payload: dict[str, Any] | None
    version: int


class VisitOut(Out):
    """A group to visit or to call, the most urgent first."""

    organisation_id: UUID
    km: float | None
    awards: int
    respond_by: datetime | None
    certificates: int
    days_left: int | None
    is_stale: bool
    waiting: int
    phone: str = Field(description="Empty where you may not see it.")


class VisitsOut(Out):
    """The visit list of a service centre."""

    as_at: date
    items: list[VisitOut]
