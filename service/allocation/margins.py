"""The programme's weights, and the margin of preference that they give a pair (allocation-model, section 5)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

PPM = 1_000_000
BP = 10_000


@dataclass(frozen=True, slots=True)
class Weights:
    """A programme profile: preferences in basis points of the price, money in satang. Adopted, never assumed.

    Defaults are the model's. `labour_content_bp` (the part of a price that is labour) is an assumption of the
    programme, used only to report baht of labour income; no award depends on it. A profile that was adopted before
    substitutes had a handicap has none.
    """

    poor_labour_bp: int = 800
    local_resource_bp: int = 300
    income_sharing_bp: int = 200
    proximity_bp: int = 300
    equity_bp: int = 400
    priority_area_bp: int = 200
    total_cap_bp: int = 1500
    tier_bp: tuple[int, ...] = (10_000, 7_000, 3_000, 0)
    priority_districts: tuple[str, ...] = ()
    shortage_factor: int = 5
    shortage_factor_care: int = 10  # hospitals and prisons
    trip_base_satang: int = 2_500
    trip_per_km_satang: int = 350
    pickup_satang: int = 0
    household_year_ceiling_satang: int = 20_000_000
    owner_week_ceiling_satang: int = 20_000_000
    family_share_bp: int = 3_000
    family_penalty_bp: int = 5_000  # satang a satang over, in basis points
    reserved_share_bp: int = 0  # of the demanded value, for groups with poor-household labour
    reserved_least_labour_bp: int = 2_000
    reserved_penalty_bp: int = 5_000
    labour_content_bp: int = 4_000
    substitute_rank_bp: int = 0  # of the price, for each place in the kitchen's list of substitutes

    def as_json(self) -> dict[str, Any]:
        """Plain lists and numbers."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Weights":
        """Read what `as_json` wrote."""
        given: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in stored.items()}
        return cls(**given)


CARE = frozenset({"hospital", "prison"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What the programme knows of a supplier at the cut-off: counted shares in basis points, income in satang."""

    shares: Mapping[str, int]
    income_per_household: int
    place: Mapping[str, str] = field(default_factory=dict)  # subdistrict, district, province


def poor_labour_bp(weights: Weights, shares: Mapping[str, int]) -> int:
    """Share of labour days by poor households, each tier by its weight."""
    tiers = (shares.get(f"labour_tier_{tier}", 0) for tier in (1, 2, 3, 4))
    weighted = sum(share * weight for share, weight in zip(tiers, weights.tier_bp, strict=True))
    return min(BP, weighted // BP)


def local_resource_bp(shares: Mapping[str, int]) -> int:
    """Share of inputs bought nearby: the same district counts 1, elsewhere in the province 0.7."""
    return min(BP, shares.get("inputs_district", 0) + shares.get("inputs_province", 0) * 7 // 10)


def proximity_bp(supplier: Mapping[str, str], buyer: Mapping[str, str]) -> int:
    """1 in the same sub-district, 2/3 in the same district, 1/3 in the same province, 0 beyond."""
    for part, nearness in (("subdistrict", 10_000), ("district", 6_667), ("province", 3_333)):
        if supplier.get(part) and supplier.get(part) == buyer.get(part):
            return nearness
    return 0


def equity_bp(income_per_household: int, median: int) -> int:
    """How far the group's income per member over 12 months lies below the province's median."""
    if median <= 0:
        return BP if income_per_household <= 0 else 0
    return max(0, BP - income_per_household * BP // median)


def margin_parts(weights: Weights, standing: Standing, buyer: Mapping[str, str], median: int) -> dict[str, int]:
    """The margin of preference by its parts, in millionths of the price, before the cap."""
    in_priority_area = standing.place.get("district") in weights.priority_districts
    return {
        "poor_labour": weights.poor_labour_bp * poor_labour_bp(weights, standing.shares) // 100,
        "local_resource": weights.local_resource_bp * local_resource_bp(standing.shares) // 100,
        "income_sharing": weights.income_sharing_bp * min(BP, standing.shares.get("income_sharing", 0)) // 100,
        "proximity": weights.proximity_bp * proximity_bp(standing.place, buyer) // 100,
        "equity": weights.equity_bp * equity_bp(standing.income_per_household, median) // 100,
        "priority_area": weights.priority_area_bp * 100 if in_priority_area else 0,
    }


def margin_ppm(weights: Weights, parts: Mapping[str, int]) -> int:
    """The margin in millionths of the price: the parts' sum, at most the total cap."""
    return min(weights.total_cap_bp * 100, sum(parts.values()))


def handicap_ppm(weights: Weights, rank: int) -> int:
    """How much dearer a substitute counts than its price, in millionths, by its place in the kitchen's list."""
    return weights.substitute_rank_bp * 100 * rank


FACTOR = {"least_cost": 0, "policy": 1, "most_social": 2}  # how often the margin counts
