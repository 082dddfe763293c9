"""A programme profile in plain words: what every weight means, in which unit people write it, and how it is grouped."""

from dataclasses import dataclass
from typing import Any, Literal

from service.kernel.i18n import N_
from service.kernel.money import baht_text

Unit = Literal["percent", "baht", "times"]
UNITS = {"percent": N_("per cent"), "baht": N_("baht"), "times": N_("times")}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One weight: its field, its unit for people, its name, what it does."""

    field: str
    unit: Unit
    name: str
    text: str


PREFERENCE = (
    Meaning("poor_labour_bp", "percent", N_("Labour of poor households"),
            N_("The largest advantage of a group whose work is all done by poor households.")),
    Meaning("local_resource_bp", "percent", N_("Inputs bought nearby"),
            N_("The largest advantage of a group that buys all it needs in its own district.")),
    Meaning("income_sharing_bp", "percent", N_("Income shared with members"),
            N_("The largest advantage of a group that pays all its surplus out to its members.")),
    Meaning("proximity_bp", "percent", N_("Nearness to the kitchen"),
            N_("The advantage in the same sub-district; two thirds in the district, one third in the province.")),
    Meaning("equity_bp", "percent", N_("Groups with little income so far"),
            N_("The advantage of a group without income in twelve months; it ends at the province's median.")),
    Meaning("priority_area_bp", "percent", N_("Priority district"),
            N_("The advantage of a group in one of the priority districts.")),
)  # fmt: skip
TOTAL = Meaning("total_cap_bp", "percent", N_("All advantages together, at most"),
                N_("However good a group is, it counts as no more than this much cheaper."))  # fmt: skip
A_DAY = N_("How much a day of labour by such a household counts.")
TIERS = (
    Meaning("tier_1", "percent", N_("Hardship (tier 1)"), A_DAY),
    Meaning("tier_2", "percent", N_("Difficulty (tier 2)"), A_DAY),
    Meaning("tier_3", "percent", N_("Getting by (tier 3)"), A_DAY),
    Meaning("tier_4", "percent", N_("Living well (tier 4)"), A_DAY),
)  # fmt: skip
LIMITS = (
    Meaning("household_year_ceiling_satang", "baht", N_("Income of a member household in a year, at most"),
            N_("A group reaches its limit at this much times its member households; then others are served.")),
    Meaning("owner_week_ceiling_satang", "baht", N_("Income in a week of groups with one owner, at most"),
            N_("Several groups of one beneficial owner count together.")),
    Meaning("family_share_bp", "percent", N_("Share of one group in a family of products"),
            N_("Beyond this part of what the round asks for, a group's offers count as dearer.")),
    Meaning("family_penalty_bp", "percent", N_("How much dearer beyond that share"),
            N_("Added to each baht above the share.")),
    Meaning("reserved_share_bp", "percent", N_("Part kept for groups with poor households' labour"),
            N_("Of the value that the round asks for; 0 keeps nothing apart.")),
    Meaning("reserved_least_labour_bp", "percent", N_("Labour that such a group has at least"),
            N_("Weighted by tier.")),
    Meaning("reserved_penalty_bp", "percent", N_("What a missing baht of that part costs"),
            N_("Added to the plan for each baht that is missing.")),
)  # fmt: skip
COSTS = (
    Meaning("shortage_factor", "times", N_("An unserved baht counts"),
            N_("So many times its ceiling: a plan leaves nothing unserved to save a little.")),
    Meaning("shortage_factor_care", "times", N_("An unserved baht of a hospital or prison counts"),
            N_("Their kitchens cannot wait.")),
    Meaning("trip_base_satang", "baht", N_("A trip costs"), N_("Of one group to one kitchen on one day.")),
    Meaning("trip_per_km_satang", "baht", N_("and for each kilometre"), N_("By road, one way.")),
    Meaning("pickup_satang", "baht", N_("Collecting at a group costs"), N_("0 where groups deliver themselves.")),
    Meaning("substitute_rank_bp", "percent", N_("A substitute counts dearer by"),
            N_("For each place in the kitchen's own list: the first this much, the second twice. What it pays stays.")),
    Meaning("labour_content_bp", "percent", N_("Part of a price that is labour"),
            N_("An assumption for reports of labour income alone; no award depends on it.")),
)  # fmt: skip
GROUPS = ((N_("Limits"), LIMITS), (N_("Costs, shortage, reports"), COSTS))


def written(meaning: Meaning, weights: dict[str, Any]) -> str:
    """A weight's value as people write it in a form."""
    if meaning.field.startswith("tier_"):
        value = weights["tier_bp"][int(meaning.field[-1]) - 1]
    else:
        value = weights[meaning.field]
    if meaning.unit == "baht":
        return baht_text(value).replace(",", "")
    return f"{value / 100:g}" if meaning.unit == "percent" else str(value)
