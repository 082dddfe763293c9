"""What the API and the pages of pools read and write."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from service.catalog.models import CertificateKind, Grade, Product
from service.demand.schemas import MOST_LINES, DemandLineForm, DemandLineIn, Ground
from service.demand.vocabulary import Method
from service.kernel.i18n import N_
from service.kernel.shapes import MAX_QUANTITY, In, Mistake, Name, Out, Reason, ThaiMoment, Week
from service.parties.models import District, Organisation
from service.pools.models import Pool, PoolMember
from service.pools.rules import Standing

MOST_TERMS = 40
Amount = Annotated[int, Field(ge=0, le=MAX_QUANTITY, description="Whole units of the product; 0 for none.")]


class PoolIn(In):
    """What the kitchens of a district are asked to buy on the same days; quantities are the asking kitchen's own."""

    title: Name
    delivery_week: Week
    join_by: AwareDatetime
    lines: Annotated[list[DemandLineIn], Field(min_length=1, max_length=MOST_TERMS)]


class PoolForm(PoolIn):
    """The form: a Thai wall-clock time, ceilings in baht."""

    join_by: ThaiMoment
    lines: Annotated[list[DemandLineForm], Field(min_length=1, max_length=MOST_TERMS)]  # type: ignore[assignment]


class PoolEdit(In):
    """Changes of a pool; absent fields stay. Lines are replaced as a whole, with the lead's own quantities."""

    title: Name | None = None
    delivery_week: Week | None = None
    join_by: AwareDatetime | None = None
    lines: Annotated[list[DemandLineIn], Field(min_length=1, max_length=MOST_TERMS)] | None = None

    @model_validator(mode="after")
    def _days_follow(self) -> Self:
        if self.delivery_week is not None and self.lines is None:
            raise Mistake(N_("In another week the lines have other days: give them too."))
        return self


class PoolEditForm(PoolEdit):
    """The form of it."""

    join_by: ThaiMoment | None = None
    lines: Annotated[list[DemandLineForm], Field(min_length=1, max_length=MOST_TERMS)] | None = None  # type: ignore[assignment]


class NeedIn(In):
    """How much a kitchen needs of one line, by the line's place (0 is the first)."""

    position: Annotated[int, Field(ge=0, lt=MOST_TERMS)]
    quantity: Amount = 0


class JoinIn(In):
    """What a kitchen needs; lines that are not named are not needed."""

    lines: Annotated[list[NeedIn], Field(min_length=1, max_length=MOST_LINES)]
    pool_version: Annotated[int, Field(ge=1, le=10**9)] | None = Field(
        default=None, description="To join: the version of the pool that was read; with another one nobody joins."
    )


class CallOffIn(In):
    """Why it does not take place."""

    reason: Reason


class PoolDraftIn(In):
    """On which own budget line, and on what ground, a kitchen buys its part."""

    budget_line_id: UUID
    method: Method
    legal_ground: Ground


@dataclass(frozen=True, slots=True)
class PoolLine:
    """A line that was agreed on: its terms, what all need of it, and what groups nearby usually ask for at least."""

    position: int
    term: DemandLineIn
    product: Product
    total: int
    kitchens: int
    groups: int
    usual_least: int | None


@dataclass(frozen=True, slots=True)
class Seat:
    """A member as the others see it: what it needs, and whether its head has approved its demand."""

    organisation: Organisation
    quantities: list[int]
    approved: bool

    @property
    def organisation_id(self) -> UUID:
        """The kitchen."""
        return self.organisation.id


@dataclass(frozen=True, slots=True)
class Brief:
    """A pool in a list."""

    pool: Pool
    lead: Organisation
    standing: Standing
    kitchens: int
    mine: PoolMember | None


@dataclass(frozen=True, slots=True)
class Whole(Brief):
    """A pool with its lines, its members, and what its reader may do."""

    lines: list[PoolLine]
    members: list[Seat]
    district: District
    grades: dict[UUID, Grade]
    kinds: dict[str, CertificateKind]
    substitutes: dict[str, Product]
    closed_days: dict[date, str]
    may_take_part: bool
    may_close: bool
    may_edit: bool

    @property
    def has_others(self) -> bool:
        """Whether a kitchen beside the lead has joined: what they read stays as it is."""
        return any(seat.organisation_id != self.lead.id for seat in self.members)

    @property
    def own_lines(self) -> list[DemandLineIn]:
        """The lines with the reader's own quantities."""
        units = self.mine.quantities if self.mine else [1] * len(self.lines)
        return [line.term.model_copy(update={"quantity": units[line.position]}) for line in self.lines]


class PoolOut(Out):
    """Buying together: where it stands and how many kitchens take part."""

    id: UUID
    lead_id: UUID
    district_code: str
    province_code: str
    title: str
    delivery_week: date
    join_by: datetime
    standing: Standing
    state_reason: str
    kitchens: int
    created_at: datetime
    version: int

    @classmethod
    def of(cls, view: Brief) -> Self:
        """What a view says, and beside it its row."""
        told = {name: getattr(view, name, None) for name in cls.model_fields if hasattr(view, name)}
        row = {name: getattr(view.pool, name) for name in cls.model_fields if name not in told}
        return cls.model_validate(row | told)


class TermOut(Out):
    """What is common to all kitchens: product, grade, papers, day, hours and ceiling."""

    product_code: str
    grade_id: UUID | None
    certificate_kinds: list[str]
    substitutes: list[str]
    delivery_date: date
    window_from: time
    window_until: time
    ceiling_satang: int


class PoolLineOut(Out):
    """A line that is agreed on; quantities alone, never a price of an offer."""

    position: int
    term: TermOut
    total: int
    kitchens: int
    groups: int = Field(description="Offers of the product in the province now.")
    usual_least: int | None = Field(description="What half of them ask for at least, of each kitchen by itself.")


class SeatOut(Out):
    """A member: what it needs of each line, and whether its demand is approved."""

    organisation_id: UUID
    quantities: list[int]
    approved: bool


class WholePoolOut(PoolOut):
    """A pool with its lines and members."""

    lines: list[PoolLineOut]
    members: list[SeatOut]


class MembershipOut(Out):
    """The own kitchen's part."""

    pool_id: UUID
    organisation_id: UUID
    quantities: list[int]
    demand_id: UUID | None
    joined_at: datetime
    version: int


class TotalOut(Out):
    """How much of a product all kitchens need on a day, as they agreed."""

    product_code: str
    delivery_date: date
    quantity: int


class TogetherOut(Out):
    """With which others a demand was agreed on."""

    pool_id: UUID
    district_code: str
    kitchens: int
    approved: int = Field(description="How many of them stand approved by now.")
    totals: list[TotalOut]
