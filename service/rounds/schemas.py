"""What the rounds' API and forms read and write."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from service.kernel.shapes import In, Out, ProvinceCode, Reason, Text, ThaiMoment, Week

Effort = Annotated[str, Field(pattern="^(quick|standard|deep)$")]


class RoundIn(In):
    """A round to schedule."""

    province_code: ProvinceCode
    delivery_week: Week
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    answer_hours: Annotated[int, Field(ge=1, le=168)] = 24
    effort: Effort | None = Field(default=None, description="How hard to search; absent: as this service is set up.")
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1


class RoundForm(RoundIn):
    """A round to schedule as a person writes it."""

    opens_at: ThaiMoment
    closes_at: ThaiMoment


class ReasonIn(In):
    """Why a step is taken."""

    reason: Reason


class NoteIn(In):
    """A remark, if any."""

    note: Text = ""


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


class ScenarioOut(Out):
    """A stored scenario: certificate, facts, where to download its files."""

    name: str
    instance_sha256: str
    status: str
    objective: float | None
    bound: float | None
    gap: float | None
    gap_served: float | None
    violations: int
    facts: dict[str, Any]
    solver_version: str
    runtime_ms: int
    verified_at: datetime | None


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


class SolveAgainIn(In):
    """How hard to search this time; absent: as before."""

    effort: Effort | None = None


class RecomputedOut(Out):
    """A certificate computed anew."""

    violations: list[str]
    same_question: bool
    snapshot_intact: bool


class ReplayOut(Out):
    """A replay of a scenario from its snapshot: queued, done (identical or with differences) or failed."""

    id: UUID
    state: str
    identical: bool | None
    differences: list[dict[str, Any]]
    failure: str
    created_at: datetime
    finished_at: datetime | None


class LineReasonsOut(Out):
    """Every eligible pair of a line with what decided; `short` says what the line missed."""

    pairs: list[dict[str, Any]]
    short: dict[str, Any] | None


class PairReasonOut(Out):
    """Codes for which a pair could not trade, or what decided about it."""

    ineligible: list[str]
    reason: dict[str, Any] | None
