"""The closed words of rounds: states, scenarios, reason codes, with their labels."""

from service.kernel.i18n import N_

SCENARIOS = ("least_cost", "policy", "most_social")
APPLIED = "policy"  # the scenario whose awards are proposed; the other two say what preference costs and buys

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

INELIGIBLE = {
    "product": N_("It offers another product, and the buyer does not take this one as a substitute."),
    "grade": N_("Its grade is below the grade that the buyer needs."),
    "certificate": N_("It lacks a certificate that the buyer needs, valid on the delivery day."),
    "lot": N_("It has no lot that can be delivered on that day."),
    "lead_time": N_("The delivery day is too soon after the cut-off for this product."),
    "reach": N_("The buyer is {km} km away by road, beyond the group's reach of {reach_km} km."),
    "ceiling": N_("Its price is above the buyer's ceiling."),
    "not_qualified": N_("The supplier was not qualified when the round closed."),
    "conflict": N_("A conflict of interest between the two was declared."),
    "answered": N_("The group has already declined this line, or could not serve it in full."),
    "out_of_produce": N_("The group has said that it has no more produce for that day."),
}
