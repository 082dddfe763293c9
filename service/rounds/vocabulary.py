"""The closed words of rounds: their states and steps, with labels."""

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


LABELS = {
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
