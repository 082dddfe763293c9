"""What the rounds' API and forms read and write."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from service.kernel.shapes import In, Out, Reason


class ReasonIn(In):
    """Why a step is taken."""

    reason: Reason


class RoundOut(Out):
    """A round."""

    id: UUID
    province_code: str
    delivery_week: date
    state: str
    state_reason: str
    opens_at: datetime
    closes_at: datetime
    answer_hours: int
    profile_id: UUID
    effort: str
    seed: int
    facilitator_company_id: UUID | None
    reviewer_company_id: UUID | None
    approved_at: datetime | None
    published_at: datetime | None
    version: int


class RunOut(Out):
    """A solving of a round and its progress."""

    id: UUID
    number: int
    kind: str
    state: str
    failure: str
    progress: dict[str, Any]
    snapshot_sha256: str
    created_at: datetime
    finished_at: datetime | None


class AwardLineOut(Out):
    """One awarded quantity."""

    id: UUID
    demand_line_id: UUID
    offer_id: UUID
    product_code: str
    delivery_date: date
    quantity: int
    price_satang: int
    margin_bp: int
    answer: str | None
    accepted_quantity: int
    decline_reason: str


class AwardOut(Out):
    """What a round gives one supplier of one demand."""

    id: UUID
    round_id: UUID
    demand_id: UUID
    buyer_id: UUID
    supplier_id: UUID
    state: str
    respond_by: datetime | None
    lines: list[AwardLineOut]
    version: int
