"""The closed words of answers and orders, with their labels.

States are published as OCDS words without translation. `AwardState` is OCDS `awardStatus`: pending until the group has
answered, active once anything is accepted, unsuccessful when every line was declined or ran out of time, cancelled when
the round was given up. `OrderState` is OCDS `contractStatus`: active from the first acceptance (both sides are then
bound, so no order waits as pending), terminated when it has run its course, cancelled when it ends before delivery.
Answers are the market's own words: OCDS sees them as the accepted quantities of the award's items.
"""

from enum import StrEnum

from service.kernel.i18n import N_


class AwardState(StrEnum):
    """Where an award stands (OCDS awardStatus)."""

    PENDING = "pending"
    ACTIVE = "active"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"


class OrderState(StrEnum):
    """Where an order stands (OCDS contractStatus)."""

    PENDING = "pending"
    ACTIVE = "active"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What a group says to a line of an award."""

    ACCEPTED = "accepted"
    PARTIALLY_ACCEPTED = "partially_accepted"
    DECLINED = "declined"


EXPIRED = "expired"  # what the clock says in place of a group that stayed silent
ANSWERABLE = frozenset({AwardState.PENDING, AwardState.ACTIVE})


class DeclineReason(StrEnum):
    """Why a group takes less than it was awarded; the first four empty the offer's day for the next run."""

    NO_PRODUCE = "no_produce"
    QUALITY = "quality"
    WEATHER = "weather"
    LABOUR = "labour"
    TOO_FAR = "too_far"
    PRICE = "price"
    BUYER_PAYMENT = "buyer_payment"
    OTHER = "other"


LABELS = {
    "award_state.pending": N_("Waiting for the group's answer"),
    "award_state.active": N_("In force"),
    "award_state.unsuccessful": N_("Not taken"),
    "award_state.cancelled": N_("Cancelled"),
    "order_state.pending": N_("Not yet in force"),
    "order_state.active": N_("In force"),
    "order_state.terminated": N_("Completed"),
    "order_state.cancelled": N_("Cancelled"),
    "answer.accepted": N_("Accepted in full"),
    "answer.partially_accepted": N_("Accepted in part"),
    "answer.declined": N_("Declined"),
    "answer.expired": N_("No answer in time"),
    "decline.no_produce": N_("We do not have enough produce"),
    "decline.quality": N_("The quality will not be good enough"),
    "decline.weather": N_("The weather"),
    "decline.labour": N_("Not enough hands to harvest or pack"),
    "decline.too_far": N_("The place is too far"),
    "decline.price": N_("The price no longer pays"),
    "decline.buyer_payment": N_("This buyer pays late"),
    "decline.other": N_("Another reason"),
    "award.answered": N_("Award answered"),
    "award.expired": N_("Award ran out of time"),
    "order.made": N_("Order made"),
    "order.grown": N_("Order extended by an answer"),
}
