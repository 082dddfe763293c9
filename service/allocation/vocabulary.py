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
    "ruled_out": N_("A person has ruled this pair out by hand; the round's page says who and why."),
    "answered": N_("The group has already declined this line, or could not serve it in full."),
    "out_of_produce": N_("The group has said that it has no more produce for that day."),
}

BROKEN = {
    "line": N_("The kitchen needs less than this on the line."),
    "offer": N_("The group does not have so much on that day."),
    "split": N_("The kitchen shares this line among fewer groups."),
    "whole": N_("The kitchen takes all or nothing on this line: decide all of it, or none."),
    "minimum": N_("It is below the group's smallest delivery."),
    "step": N_("It is not a number of whole packs."),
    "budget": N_("It costs more than the head of the kitchen approved."),
    "household-year": N_("The group would pass the yearly income of a member household in the programme."),
    "owner-week": N_("The groups of one owner would pass their weekly income."),
    "lot-week": N_("The group cannot harvest so much in the week."),
}  # rules that a person's decision may break, by the checker's names and the kinds of hard limits
