"""Plain words for a group: what decided, what would have won, what to do, and which of the five processes helps.

The first sentence tells no price. What would have won is about the group's own offer alone: its own price less, or more
of its own produce.
"""

from dataclasses import dataclass
from typing import Any, Literal

from service.kernel.i18n import N_, gettext

Process = Literal["inputs", "knowledge", "marketing", "communication", "management"]


@dataclass(frozen=True, slots=True)
class Plain:
    """What is said of a code; `process` names the help page."""

    decided: str
    todo: str
    process: Process
    would: str = ""


CHEAPER = N_("Compare your costs with your price. Buying seed, feed and packing together with neighbours lowers them.")
AT_PRICE = N_("At {price} baht a unit it might have won.")
AT_PRICE_CERTAIN = N_("At {price} baht a unit it would have won.")
ATTESTED = N_("At the same price a larger attested share of one of these would have done as much: {shares}.")
SHARES = {
    "poor_labour": N_("Labour of poor households"),
    "local_resource": N_("Inputs bought nearby"),
    "income_sharing": N_("Income shared with members"),
}
TOO_FEW = N_("Too few groups took part here to name a price without giving somebody's away.")
NARROW = N_("It was close: a little dearer, and another plan would have cost less.")
SUBSTITUTE = N_("Yours is the kitchen's substitute no. {rank}; for comparing it counts {percent} % dearer.")
PLACE = N_("Of {many} groups in question yours came to place {rank}, with price, preference and trip counted.")

WHY = {
    "won": Plain(N_("You were chosen for this delivery."), N_("Answer the award in time, and deliver as promised."),
                 "management"),
    "nothing_needed": Plain(N_("The kitchen had all it needed already."), N_("Nothing to change. Look at what other "
                            "kitchens ask for."), "marketing"),
    "no_capacity": Plain(N_("Your lot had nothing left for that day."), N_("If you can harvest more on that day, raise "
                         "the daily quantity of the lot."), "inputs"),
    "below_minimum": Plain(N_("Your smallest delivery was larger than what was needed here."),
                           N_("Lower the smallest delivery if the trip still pays."), "management",
                           N_("A smallest delivery {lot} {unit} lower would have fitted.")),
    "step": Plain(N_("No whole pack of yours fitted into what was needed."), N_("Offer a smaller pack as well."),
                  "management", N_("A pack {lot} {unit} smaller would have fitted.")),
    "dearer": Plain(N_("Other offers cost the kitchen less, with preference counted."), CHEAPER, "inputs", AT_PRICE),
    "cap_binding": Plain(N_("A limit of the programme or of the kitchen's money was reached."),
                         N_("The limit lets other groups have a share. Look at other weeks and other kitchens."),
                         "management"),
    "offer_exhausted": Plain(N_("Your produce of that day went to other kitchens, where it was needed more."),
                             N_("More produce on that day would find a buyer. Plan the next planting for it."),
                             "inputs", N_("About {capacity} {unit} more on that day would have been needed.")),
    "split_full": Plain(N_("The kitchen takes this product from only a few groups, and those were found."),
                        N_("Offer a larger quantity, alone or together with a neighbouring group."), "communication"),
    "outbid": Plain(N_("Your produce of that day was of more use elsewhere."), CHEAPER, "marketing", AT_PRICE),
    "trip_too_dear": Plain(N_("The trip would have cost too much for so little produce."),
                           N_("Share the trip with a neighbouring group, or offer more products for the same day."),
                           "communication", N_("About {volume} {unit} more on the same trip would have paid for it.")),
    "whole_not_possible": Plain(N_("The kitchen wanted all of it or nothing, and nobody could bring all."),
                                N_("Talk with neighbouring groups about offering together."), "communication"),
    "line_served_cheaper": Plain(N_("Others brought all that was needed for less."), CHEAPER, "inputs", AT_PRICE),
    "not_taken": Plain(N_("Nothing spoke against you. There was no room for everybody in this plan."),
                       N_("Nothing to change. Keep the offer on the market."), "marketing"),
}  # fmt: skip

BARRED = {
    "product": Plain(N_("They asked for another product."), N_("See what kitchens nearby ask for."), "marketing"),
    "grade": Plain(N_("They asked for a better grade."), N_("Sort by grade, or learn how to reach the next one."),
                   "knowledge"),
    "certificate": Plain(N_("They asked for a certificate that your offer does not carry."),
                         N_("Add the certificate if you have it; the service centre helps to get one."), "knowledge",
                         N_("With {kinds} you could have taken part.")),
    "lot": Plain(N_("You had no harvest on the day that they asked for."),
                 N_("Add lots for those days if you can harvest then."), "inputs"),
    "lead_time": Plain(N_("The day was too soon after the cut-off for this product."),
                       N_("List the produce earlier in the week before."), "management"),
    "reach": Plain(N_("The kitchen lies beyond the distance that you deliver."),
                   N_("Raise the distance if the trip pays, or share it with a neighbour."), "communication"),
    "ceiling": Plain(N_("Your price was above the highest price that the kitchen may pay."), CHEAPER, "inputs",
                     N_("At {price} baht a unit you could have taken part.")),
    "not_qualified": Plain(N_("Your group was not qualified when the round closed."),
                           N_("Ask the provincial Pracharat company what is missing."), "management"),
    "conflict": Plain(N_("A conflict of interest with the kitchen is declared."),
                      N_("Look at the declared conflicts; an old one can end."), "management"),
    "ruled_out": Plain(N_("A person decided against this pair by hand and gave a reason."),
                       N_("Ask the provincial Pracharat company for the reason."), "communication"),
    "answered": Plain(N_("You had declined this delivery, or could not bring all of it."),
                      N_("Nothing to change."), "management"),
    "out_of_produce": Plain(N_("You had said that there is no more produce for that day."),
                            N_("Nothing to change."), "management"),
}  # fmt: skip

HELP: dict[Process, tuple[str, str, tuple[str, ...]]] = {
    "inputs": (N_("Inputs"), N_("Seed, feed, packing, tools and working capital"), (
        N_("Buy seed, feed and packing together: the service centre knows who buys when."),
        N_("Write down what one kilogram costs you: seed, labour, water, packing, trip. It shows the lowest price."),
        N_("Confirmed orders help with working capital: show the village fund your statement of orders."),
    )),
    "knowledge": (N_("Knowledge"), N_("Quality, grades and certificates"), (
        N_("The service centre helps with the papers for GAP and other certificates."),
        N_("Groups can vouch for each other's organic growing (PGS)."),
        N_("Sort and wash as the kitchen asks; a refused delivery costs more than sorting does."),
    )),
    "marketing": (N_("Marketing"), N_("What is asked for, when and at what price"), (
        N_("List the produce as soon as you know the harvest week; kitchens plan ahead of it."),
        N_("Kitchens close for holidays and school terms: offer to hospitals in those weeks."),
        N_("The page of a product shows a year of prices in your province."),
    )),
    "communication": (N_("Communication"), N_("Kitchens, neighbours and shared trips"), (
        N_("A shared trip with a neighbouring group makes small deliveries pay."),
        N_("Ask the kitchen what it liked and what not; the order names its contact."),
        N_("Tell early when a harvest fails: declining in time costs nothing."),
    )),
    "management": (N_("Management"), N_("Packs, days, answers and records"), (
        N_("Set the smallest delivery and the packs so that each trip pays and small needs still fit."),
        N_("Agree who answers awards, and give that person a PIN."),
        N_("Keep certificates, lots and the daily quantities up to date; last week is repeated with three taps."),
    )),
}  # fmt: skip
LABELS = {f"process.{key}": words[0] for key, words in HELP.items()}


def say(message: str, **facts: Any) -> str:
    """A message in the reader's language with its facts."""
    return gettext(message).format(**facts)
