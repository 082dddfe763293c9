"""Reasons as sentences: each code of the solver and of eligibility is one plain message; numbers fill its braces.

The first sentence of a reason tells no price, so that it may be shown to anybody who may know the pair. What would
have changed it leans on prices and is an indication, shown only to those who may know them.
"""

from collections.abc import Mapping
from math import ceil
from typing import Any

from service.kernel.i18n import N_, gettext

WHY = {
    "won": N_("It was chosen for this line."),
    "nothing_needed": N_("The line needs nothing any more: all of it was given already."),
    "no_capacity": N_("The group has nothing left to deliver on that day."),
    "below_minimum": N_("The group's smallest delivery is more than could be taken here."),
    "step": N_("No whole pack fits into what could be taken here."),
    "dearer": N_("Others cost less for this line, with preference counted."),
    "cap_binding": N_("A limit stood in the way: {cap}."),
    "offer_exhausted": N_("The group's produce of that day went to other kitchens or other lines."),
    "split_full": N_("The kitchen shares this line among no more groups than were chosen."),
    "outbid": N_("The group's produce of that day was more useful elsewhere than here."),
    "trip_too_dear": N_("The trip costs too much for so little produce."),
    "whole_not_possible": N_("The kitchen takes all or nothing here, and all of it was not possible."),
    "line_served_cheaper": N_("Others already serve the whole line at a lower cost."),
    "not_taken": N_("Nothing speaks against it; the plan is simply without it, within the gap of the certificate."),
}

CHANGE = {
    "below_minimum": N_("A smallest delivery {lot} {unit} lower would have fitted."),
    "step": N_("A pack {lot} {unit} smaller would have fitted."),
    "dearer": N_("A price about {gap} baht lower a unit might have won."),
    "cap_binding": N_("A price about {gap} baht lower a unit might have won."),
    "offer_exhausted": N_("More produce that day would have been worth about {gap} baht a unit."),
    "outbid": N_("A price about {gap} baht lower a unit might have won."),
    "trip_too_dear": N_("About {volume} {unit} more on the same trip would have paid for it."),
    "line_served_cheaper": N_("It costs about {gap} baht a unit more than the dearest that was chosen."),
}

CERTAIN = N_("A price {gap} baht lower a unit would have won: a plan that was calculated shows it.")
FEW = N_("So few groups could serve this line that no amount is told: it would give away somebody's price.")
MORE_PRODUCE = N_("About {capacity} {unit} more on that day would have been needed.")
ROOM = N_("It could have been about {amount} baht dearer a unit before a known plan without it costs less.")
FACTS = frozenset({"below_minimum", "step"})  # counts of the plan, not of its prices
LEAST_RIVALS = 3  # of fewer others, an amount would be somebody's price

MISSED = {
    "no_arc": N_("No group could be considered: nobody offered this product for that day as the kitchen asks for it."),
    "trip": N_("What is missing is too little for a trip of its own."),
    "minimum": N_("What is missing is less than the smallest delivery of the groups that still have some."),
    "step": N_("What is missing does not make a whole pack."),
    "whole": N_("The kitchen takes all or nothing here, and all of it was not possible."),
    "split": N_("The line has as many groups as the kitchen allows, and they have no more."),
    "cap": N_("A limit is reached: {cap}."),
    "capacity": N_("Every group that could serve it has given all it has for that day."),
    "price": N_("Every group that is left costs more than the shortage counts."),
    "not_taken": N_("Nothing speaks against serving it; the plan does not, within the gap of the certificate."),
}
SUBSTITUTE = N_("substitute {rank}")
SUBSTITUTE_DEARER = N_("substitute {rank}: counts {percent} % dearer")
MORE_WOULD_PAY = N_("About {volume} {unit} more would pay for the trip.")

CAPS = {
    "budget": N_("the budget that the head of the kitchen approved"),
    "household-year": N_("the yearly income that one member household may reach through the programme"),
    "owner-week": N_("the weekly income of groups that belong to one owner"),
    "lot-week": N_("what the group can harvest in the week"),
    "family-share": N_("the largest share that one group may have of a family of products"),
    "reserved": N_("the part that is kept for groups with labour of poor households"),
}

AGAINST = {
    "product": N_("Asked for: {asked}. Offered: {offered}."),
    "grade": N_("Asked for: {asked} or better. Offered: {offered}."),
    "certificate": N_("Asked for: {asked}."),
    "lot": N_("Asked for: {asked}. It delivers: {offered}."),
    "lead_time": N_("Asked for: {asked}. Earliest possible: {offered}."),
    "ceiling": N_("Ceiling: {asked} baht. Price: {offered} baht."),
}

FAR = N_("The kitchen is beyond the group's reach of {reach_km} km.")

LABELS = {
    "part.poor_labour": N_("Labour of poor households"),
    "part.local_resource": N_("Inputs bought nearby"),
    "part.income_sharing": N_("Income shared with members"),
    "part.proximity": N_("Nearness to the kitchen"),
    "part.equity": N_("Groups with little income so far"),
    "part.priority_area": N_("Priority district"),
    "phase.waiting": N_("Waiting for its turn"),
    "phase.bound": N_("Proving how good any plan could be"),
    "phase.construct": N_("Building a first plan"),
    "phase.improve": N_("Improving the plan"),
    "phase.verified": N_("Done and checked independently"),
    "effort.quick": N_("Quick"),
    "effort.standard": N_("Standard"),
    "effort.deep": N_("Deep"),
    "status.optimal": N_("Proven optimal"),
    "status.feasible": N_("A valid plan with a proven gap"),
    "status.infeasible": N_("No plan keeps every rule"),
    "status.no_solution": N_("No plan was found"),
    "line_answer.open": N_("Not answered yet"),
    "line_answer.unseen": N_("Not published yet"),
    "line_answer.accepted": N_("Accepted"),
    "line_answer.partially_accepted": N_("Accepted in part"),
    "line_answer.declined": N_("Declined"),
    "line_answer.expired": N_("No answer in time"),
    "line_answer.plan": N_("In this plan"),
    "difference.instance": N_("The question"),
    "difference.status": N_("The status"),
    "difference.objective": N_("The evaluated total"),
    "difference.bound": N_("The proven bound"),
    "difference.award": N_("A quantity"),
    "round.scheduled": N_("Round scheduled"),
    "round.opened": N_("Round opened"),
    "round.closed": N_("Round closed"),
    "round.proposed": N_("Result proposed"),
    "round.review_begun": N_("Review begun"),
    "round.sent_back": N_("Proposal sent back"),
    "round.approved": N_("Proposal approved"),
    "round.published": N_("Awards published"),
    "round.cancelled": N_("Round cancelled"),
    "replay.queued": N_("Solving again"),
    "replay.done": N_("Done"),
    "replay.failed": N_("Failed"),
}


def say(message: str, **facts: Any) -> str:
    """A message in the reader's language with its facts."""
    return gettext(message).format(**facts)


def cap_text(name: str | None) -> str:
    """A limit in words, from its name in the instance (``budget:...``)."""
    return gettext(CAPS.get((name or "").split(":")[0], ""))


def why(code: str, numbers: Mapping[str, Any]) -> str:
    """One sentence for what decided about a pair; it tells no price."""
    return say(WHY[code], cap=cap_text(numbers.get("cap")))


def change(code: str, numbers: Mapping[str, Any], unit: str, price_satang: int, *, rounded: bool) -> str:
    """The smallest change that might have turned it, or nothing where the numbers name none.

    A gap that is no less than the price is no advice. `rounded`: whole baht only, for a group that reads its own page.
    """
    message = CHANGE.get(code, "")
    gap, volume, lot = (numbers.get(name) for name in ("price_gap", "volume_needed", "lot_excess"))
    if numbers.get("certain") and "{gap}" in message:
        message = CERTAIN
    if "{gap}" in message and (gap is None or not 0.005 <= gap < price_satang / 100):
        return ""
    if ("{volume}" in message and not volume) or ("{lot}" in message and not lot):
        return ""
    amounts = {"gap": _baht(gap or 0.0, rounded=rounded), "volume": f"{volume or 0:,.0f}", "lot": f"{lot or 0:,.0f}"}
    return say(message, unit=unit, **amounts)


def _baht(amount: float, *, rounded: bool) -> str:
    """Baht for people: two decimals, or whole baht, at least one, where the exact number is not theirs to know."""
    return f"{max(1, ceil(amount)):,}" if rounded else f"{amount:,.2f}"


def substitute(rank: int, handicap_ppm: int) -> str:
    """Which of the kitchen's substitutes a product is, and how much dearer it counts for that."""
    if not rank:
        return ""
    return say(SUBSTITUTE_DEARER if handicap_ppm else SUBSTITUTE, rank=rank, percent=f"{handicap_ppm / 10_000:.1f}")


def more_produce(code: str, numbers: Mapping[str, Any], unit: str) -> str:
    """How much more the offer would have needed that day, where the plan's prices name it."""
    capacity = numbers.get("capacity_needed")
    if code != "offer_exhausted" or not capacity:
        return ""
    return say(MORE_PRODUCE, capacity=f"{capacity:,.0f}", unit=unit)


def room(headroom: float | None) -> str:
    """How much dearer an award could have been, where it is known."""
    return "" if headroom is None or headroom < 0.005 else say(ROOM, amount=_baht(headroom, rounded=False))


def missed(short: Mapping[str, Any], cap: str | None, unit: str) -> str:
    """What a short line missed."""
    text = say(MISSED[short["code"]], cap=cap_text(cap))
    volume = short.get("volume_needed")
    return f"{text} {say(MORE_WOULD_PAY, volume=f'{volume:,.0f}', unit=unit)}" if volume else text
