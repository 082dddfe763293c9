"""The closed words of rounds: their states and steps, with labels."""

from enum import StrEnum

from service.kernel.i18n import N_

STEPS: dict[str, frozenset[str]] = {
    "open": frozenset({"scheduled"}),
    "closed": frozenset({"open"}),
    "solving": frozenset({"closed", "failed"}),
    "proposed": frozenset({"solving"}),
    "under_review": frozenset({"proposed"}),
    "approved": frozenset({"proposed", "under_review"}),
    "published": frozenset({"approved"}),
    "failed": frozenset({"closed", "solving", "proposed", "under_review"}),
    "cancelled": frozenset({"scheduled", "open", "closed", "failed", "proposed", "under_review"}),
}
# a failed round can be solved again, so it keeps its week
LIVE = frozenset(
    {"scheduled", "open", "closed", "solving", "proposed", "under_review", "approved", "published", "failed"}
)
SEALED = frozenset({"scheduled", "open"})  # nobody but the group itself may know a price


class OverrideReason(StrEnum):
    """Why a person decides against the solver."""

    CANNOT_DELIVER = "cannot_deliver"
    QUALITY = "quality"
    FOOD_SAFETY = "food_safety"
    RECORD_WRONG = "record_wrong"
    EMERGENCY = "emergency"
    CONTINUITY = "continuity"
    OTHER = "other"


LABELS = {
    "override.cannot_deliver": N_("The group cannot deliver after all"),
    "override.quality": N_("Doubts about the quality"),
    "override.food_safety": N_("Food safety"),
    "override.record_wrong": N_("The offer or the demand was recorded wrongly"),
    "override.emergency": N_("Emergency or disaster"),
    "override.continuity": N_("A running supply must not break off"),
    "override.other": N_("Another reason"),
    "scheduled": N_("Scheduled"),
    "open": N_("Open"),
    "closed": N_("Closed"),
    "solving": N_("Being solved"),
    "proposed": N_("Proposed"),
    "under_review": N_("Under review"),
    "approved": N_("Approved"),
    "published": N_("Published"),
    "failed": N_("Failed"),
    "cancelled": N_("Cancelled"),
    "queued": N_("Waiting to be solved"),
    "solved": N_("Solved and verified"),
    "applied": N_("Applied"),
    "least_cost": N_("Least cost"),
    "policy": N_("Policy"),
    "most_social": N_("Most social"),
    "first": N_("First allocation"),
    "again": N_("Re-solve after answers"),
}
