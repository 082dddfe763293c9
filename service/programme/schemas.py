"""What the profiles' API and form read and write."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field

from service.kernel.i18n import N_
from service.kernel.shapes import Day, FromBaht, In, Mistake, Out, ProvinceCode

RankBp = Annotated[int, Field(ge=0, le=1_000, description="Of the price, for each place among the substitutes.")]
Bp = Annotated[int, Field(ge=0, le=10_000, description="Basis points: 100 = 1 %.")]
Money = Annotated[int, Field(ge=0, le=10**12, description="Whole satang.")]
DistrictCode = Annotated[str, Field(pattern=r"^[1-9]\d{3}$")]
Tiers = Annotated[list[Bp], Field(min_length=4, max_length=4)]


class WeightsIn(In):
    """The weights of a programme profile; absent ones take the model's defaults."""

    poor_labour_bp: Bp = 800
    local_resource_bp: Bp = 300
    income_sharing_bp: Bp = 200
    proximity_bp: Bp = 300
    equity_bp: Bp = 400
    priority_area_bp: Bp = 200
    total_cap_bp: Annotated[int, Field(ge=0, le=5_000)] = 1500
    tier_bp: Tiers = Field(default=[10_000, 7_000, 3_000, 0])
    priority_districts: Annotated[list[DistrictCode], Field(max_length=200)] = Field(default=[])
    shortage_factor: Annotated[int, Field(ge=2, le=100)] = 5
    shortage_factor_care: Annotated[int, Field(ge=2, le=100)] = 10
    trip_base_satang: Annotated[int, Field(ge=0, le=10_000_000)] = 2_500
    trip_per_km_satang: Annotated[int, Field(ge=0, le=100_000)] = 350
    pickup_satang: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    household_year_ceiling_satang: Money = 20_000_000
    owner_week_ceiling_satang: Money = 20_000_000
    family_share_bp: Bp = 3_000
    family_penalty_bp: Bp = 5_000
    reserved_share_bp: Bp = 0
    reserved_least_labour_bp: Bp = 2_000
    reserved_penalty_bp: Bp = 5_000
    substitute_rank_bp: RankBp = 200
    labour_content_bp: Bp = 4_000


class ProfileIn(In):
    """A programme profile that the provincial committee has adopted."""

    province_code: ProvinceCode
    resolution_number: Annotated[str, Field(min_length=1, max_length=60)]
    resolution_date: Day
    valid_from: Day
    weights: WeightsIn = WeightsIn()


def _basis_points(value: Any) -> Any:
    whole, _, part = str(value).partition(".")
    if not (whole + part).isdecimal() or not whole or len(whole) > 3 or len(part) > 2:
        raise Mistake(N_("Write per cent with at most two decimals, such as 7.5."))
    return int(whole) * 100 + int((part + "00")[:2])


Percent = Annotated[Bp, BeforeValidator(_basis_points)]
BahtAsSatang = Annotated[Money, FromBaht]


class ProfileForm(In):
    """A profile as a person writes it: per cents and baht, a field a weight."""

    province_code: ProvinceCode
    resolution_number: Annotated[str, Field(min_length=1, max_length=60)]
    resolution_date: Day
    valid_from: Day
    poor_labour_bp: Percent
    local_resource_bp: Percent
    income_sharing_bp: Percent
    proximity_bp: Percent
    equity_bp: Percent
    priority_area_bp: Percent
    total_cap_bp: Annotated[int, Field(ge=0, le=5_000), BeforeValidator(_basis_points)]
    tier_1: Percent
    tier_2: Percent
    tier_3: Percent
    tier_4: Percent
    priority_districts: Annotated[list[DistrictCode], Field(max_length=200)] = Field(default=[])
    shortage_factor: Annotated[int, Field(ge=2, le=100)]
    shortage_factor_care: Annotated[int, Field(ge=2, le=100)]
    trip_base_satang: Annotated[int, Field(ge=0, le=10_000_000), FromBaht]
    trip_per_km_satang: Annotated[int, Field(ge=0, le=100_000), FromBaht]
    pickup_satang: Annotated[int, Field(ge=0, le=10_000_000), FromBaht]
    household_year_ceiling_satang: BahtAsSatang
    owner_week_ceiling_satang: BahtAsSatang
    family_share_bp: Percent
    family_penalty_bp: Percent
    reserved_share_bp: Percent
    reserved_least_labour_bp: Percent
    reserved_penalty_bp: Percent
    substitute_rank_bp: Annotated[RankBp, BeforeValidator(_basis_points)]
    labour_content_bp: Percent

    def draft(self) -> ProfileIn:
        """The profile that the use case takes."""
        given = self.model_dump()
        head = {
            name: given.pop(name) for name in ("province_code", "resolution_number", "resolution_date", "valid_from")
        }
        tiers = [given.pop(f"tier_{number}") for number in (1, 2, 3, 4)]
        return ProfileIn(**head, weights=WeightsIn(tier_bp=tiers, **given))


class ProfileOut(Out):
    """A version of a province's profile."""

    id: UUID
    province_code: str
    number: int
    resolution_number: str
    resolution_date: date
    valid_from: date
    weights: dict[str, Any]
