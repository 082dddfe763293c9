"""The closed words of the allocation: scenarios, and codes for which a pair may not trade."""

from service.kernel.i18n import N_

SCENARIOS = ("least_cost", "policy", "most_social")
APPLIED = "policy"  # the scenario whose awards are proposed; the other two say what preference costs and buys

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
