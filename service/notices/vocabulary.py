"""The closed table of kinds: what a notice says, how urgent it is, which channels it takes where nobody chose."""

from dataclasses import dataclass
from enum import StrEnum

from service.kernel.i18n import N_


class Channel(StrEnum):
    """A way to a recipient besides the page of notices."""

    EMAIL = "email"
    LINE = "line"
    SMS = "sms"
    WEBHOOK = "webhook"


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"
    DROPPED = "dropped"


PERSONAL = (Channel.EMAIL, Channel.LINE, Channel.SMS)
FREE = frozenset({Channel.EMAIL, Channel.LINE})
ALL = frozenset(PERSONAL)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice. `urgent` passes quiet hours; `paid` also takes SMS where nobody chose; `secret` is not shown in
    the market, and blanked once it is sent.
    """

    code: str
    title: str
    text: str
    urgent: bool = False
    secret: bool = False
    paid: bool = False

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels it takes where its reader chose nothing: short messages cost money."""
        return ALL if self.urgent or self.paid else FREE


_KINDS = (
    Kind("award.offered", N_("%(buyer)s wants to buy from you: %(total)s baht"),
         N_("Please answer by %(respond_by)s with your code %(code)s. Without an answer it goes to other groups."),
         paid=True),
    Kind("award.expiring", N_("%(buyer)s still waits for your answer"),
         N_("It is about %(total)s baht. Please answer by %(respond_by)s."), paid=True),
    Kind("award.expired", N_("The time to answer %(buyer)s is over"),
         N_("What was not answered goes to other groups. The next round comes soon.")),
    Kind("award.answered", N_("%(supplier)s has answered"),
         N_("It supplies %(total)s baht of your demand “%(demand)s”.")),
    Kind("award.declined", N_("%(supplier)s declines"),
         N_("For “%(demand)s” the market now looks for another group by itself.")),
    Kind("order.made", N_("Order %(number)s is made"),
         N_("%(supplier)s supplies %(total)s baht of your demand “%(demand)s”.")),
    Kind("demand.submitted", N_("A demand waits for your approval"), N_("“%(demand)s”, %(total)s baht.")),
    Kind("demand.approved", N_("Your demand is approved"), N_("“%(demand)s”, %(total)s baht, enters the next round.")),
    Kind("demand.cancelled", N_("A demand was cancelled"), N_("“%(demand)s” by %(buyer)s. Reason: %(reason)s")),
    Kind("demand.amended", N_("A demand was changed"), N_("“%(demand)s” by %(buyer)s. Reason: %(reason)s")),
    Kind("demand.drafted", N_("A draft waits for you"), N_("“%(demand)s” was drafted from what repeats. Check it.")),
    Kind("pool.invited", N_("%(buyer)s invites you to buy together"), N_("“%(pool)s”: join by %(until)s.")),
    Kind("question.asked", N_("A question about “%(demand)s”"), N_("Please answer by %(until)s. Everybody sees it.")),
    Kind("question.answered", N_("Your question is answered"), N_("It was about “%(demand)s” by %(buyer)s.")),
    Kind("committee.named", N_("You are in a committee"), N_("It inspects “%(demand)s”.")),
    Kind("round.opened", N_("A round is open"),
         N_("Offers for the week of %(week)s count until %(closes_at)s.")),
    Kind("round.published", N_("The results are out"), N_("They are for the week of %(week)s.")),
    Kind("round.failed", N_("A round needs you"), N_("The solving for the week of %(week)s did not succeed.")),
    Kind("review.asked", N_("A round waits for your review"),
         N_("%(province)s, week of %(week)s. Nobody of your company had a hand in it.")),
    Kind("review.returned", N_("A round was sent back"), N_("Week of %(week)s. Reason: %(reason)s")),
    Kind("facilitation.asked", N_("%(organisation)s asks for your help"), N_("%(matter)s")),
    Kind("organisation.submitted", N_("A new organisation waits"), N_("%(organisation)s wants to take part.")),
    Kind("organisation.stepped", N_("%(organisation)s: %(state)s"), N_("Reason: %(reason)s")),
    Kind("certificate.expiring", N_("A certificate runs out on %(expires_on)s"),
         N_("Number %(number)s. Enter the new one, or offers that rest on it lose their advantage.")),
    Kind("listing.stale", N_("Is this listing still right?"), N_("%(product)s: please confirm or change it.")),
    Kind("entry.waiting", N_("Please confirm what was entered for you"),
         N_("%(organisation)s entered it in your name. It counts once you confirm.")),
    Kind("account.password_changed", N_("Your password was changed"),
         N_("Was it not you? Tell your administrator now."), urgent=True),
    # What lets someone in: not shown, sent at once, and its text is blanked after delivery.
    Kind("account.recovery_code", N_("Code to choose a new password: %(code)s"),
         N_("It holds until %(until)s. Did you not ask for it? Then do nothing; give it to nobody."),
         urgent=True, secret=True),
    Kind("account.invitation", N_("%(organisation)s invites you to Pracharat Market"),
         N_("Your code is %(code)s. It holds until %(until)s."), urgent=True, secret=True),
    Kind("address.code", N_("Your code: %(code)s"),
         N_("Enter it to receive notices here. It holds until %(until)s; give it to nobody."),
         urgent=True, secret=True),
    Kind("door.code", N_("Your code: %(code)s"),
         N_("It opens the page that you asked for until %(until)s; give it to nobody."), urgent=True, secret=True),
)  # fmt: skip
KINDS: dict[str, Kind] = {kind.code: kind for kind in _KINDS}
PUBLIC = tuple(kind for kind in _KINDS if not kind.secret)  # what people choose channels for, and webhooks are told

# How a fact is written for people, by its name; every other fact is written as it is.
MONEY = frozenset({"total", "price"})  # whole satang
MOMENTS = frozenset({"respond_by", "until", "closes_at"})  # ISO 8601
DAYS = frozenset({"week", "expires_on"})  # ISO 8601
WORDS = frozenset({"state"})  # a message id

LABELS = {
    "email": N_("E-mail"),
    "line": N_("LINE"),
    "sms": N_("SMS"),
    "webhook": N_("Webhook"),
    "waiting": N_("Waiting"),
    "sending": N_("Being sent"),
    "delivered": N_("Delivered"),
    "dead": N_("Given up"),
    "dropped": N_("Not sent"),
}
