"""The closed table of kinds: what a notice says, how urgent it is, which channels it takes where nobody chose."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from service.kernel.i18n import N_
from service.parties.vocabulary import BUYERS, COMPANIES, SUPPLIERS


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


SETTLED = "settled"  # why something was not sent: what it asked for was done meanwhile
PERSONAL = (Channel.EMAIL, Channel.LINE, Channel.SMS)
FREE = frozenset({Channel.EMAIL, Channel.LINE})
ALL = frozenset(PERSONAL)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice. `urgent` passes quiet hours; `paid` also takes SMS where nobody chose; `secret` is not shown in
    the market, and blanked once it is sent. `several` is its title where it tells of that many awards at once.
    """

    code: str
    title: str
    text: str
    urgent: bool = False
    secret: bool = False
    paid: bool = False
    several: str = ""

    def title_for(self, facts: Mapping[str, object]) -> str:
        """Its title for one matter or for several."""
        return self.several if "awards" in facts else self.title

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels it takes where its reader chose nothing: short messages cost money."""
        return ALL if self.urgent or self.paid else FREE


_KINDS = (
    Kind("award.offered", N_("%(buyer)s wants to buy from you: %(total)s baht"),
         N_("Please answer by %(respond_by)s with your code %(code)s. What is not answered goes to other groups."),
         paid=True, several=N_("%(awards)s awards wait for your answer: %(total)s baht together")),
    Kind("award.expiring", N_("%(buyer)s still waits for your answer"),
         N_("It is about %(total)s baht. Please answer by %(respond_by)s."), paid=True,
         several=N_("%(awards)s awards still wait for your answer")),
    Kind("award.expired", N_("The time to answer %(buyer)s is over"),
         N_("What was not answered goes to other groups. The next round comes soon."),
         several=N_("The time to answer %(awards)s awards is over")),
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
    Kind("pool.invited", N_("%(buyer)s asks kitchens of your district to buy together"),
         N_("“%(pool)s”, week of %(week)s. You may join until %(until)s, with your own quantities and budget.")),
    Kind("pool.closed", N_("Buying together is agreed: make your own draft"),
         N_("“%(pool)s”: %(kitchens)s kitchens take part.")),
    Kind("pool.revised", N_("Buying together was changed"),
         N_("“%(pool)s”. Products, days and ceilings are as before; joining ends %(until)s.")),
    Kind("pool.called_off", N_("Buying together was called off"), N_("“%(pool)s”. Reason: %(reason)s")),
    Kind("committee.named", N_("You are in a committee"), N_("It inspects “%(demand)s”.")),
    Kind("question.asked", N_("A group asks about your demand"),
         N_("It is about “%(demand)s”. Your answer is shown to every group.")),
    Kind("question.answered", N_("Your question is answered"), N_("It was about “%(demand)s”.")),
    Kind("question.declined", N_("Your question is not published"), N_("It was about “%(demand)s”. See why.")),
    Kind("round.published", N_("The results are out"), N_("They are for the week of %(week)s.")),
    Kind("round.failed", N_("A round needs you"), N_("The solving for the week of %(week)s did not succeed.")),
    Kind("review.asked", N_("A round waits for your review"),
         N_("%(province)s, week of %(week)s. Nobody of your company had a hand in it.")),
    Kind("review.returned", N_("A round was sent back"), N_("Week of %(week)s. Reason: %(reason)s")),
    Kind("certificate.expiring", N_("A certificate runs out on %(expires_on)s"),
         N_("Number %(number)s. Enter the new one, or offers that rest on it lose their advantage.")),
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
_READERS = {
    "award.offered": "group", "award.expiring": "group", "award.expired": "group", "certificate.expiring": "group",
    "entry.waiting": "group", "award.answered": "kitchen",
    "award.declined": "kitchen", "order.made": "kitchen", "demand.submitted": "kitchen", "demand.approved": "kitchen",
    "demand.drafted": "kitchen", "committee.named": "kitchen", "question.asked": "kitchen",
    "question.answered": "group", "question.declined": "group",
    "pool.invited": "kitchen", "pool.closed": "kitchen", "pool.called_off": "kitchen",
    "pool.revised": "kitchen",
    "demand.amended": "kitchen group", "demand.cancelled": "kitchen group", "round.published": "kitchen group",
    "round.failed": "company", "review.asked": "company", "review.returned": "company",
}  # fmt: skip


def for_organisation(kind: str) -> list[Kind]:
    """The kinds that people of an organisation of that kind may be told; the others' would only be in the way."""
    side = "kitchen" if kind in BUYERS else "group" if kind in SUPPLIERS else "company" if kind in COMPANIES else ""
    return [one for one in PUBLIC if one.code not in _READERS or side in _READERS[one.code].split()]


# How a fact is written for people, by its name; every other fact is written as it is.
MONEY = frozenset({"total", "price"})  # whole satang
MOMENTS = frozenset({"respond_by", "until", "closes_at"})  # ISO 8601
DAYS = frozenset({"week", "expires_on"})  # ISO 8601
WORDS = frozenset({"state"})  # a message id

# Made-up facts of a preview; the texts are message ids.
SAMPLES: dict[str, str | int] = {
    "buyer": N_("Nong Sung hospital"),
    "supplier": N_("Ban Dong vegetable group"),
    "organisation": N_("Ban Dong vegetable group"),
    "demand": N_("Vegetables, second week"),
    "pool": N_("Rice of three schools"),
    "product": N_("Morning glory"),
    "province": N_("Roi Et"),
    "reason": N_("the number of pupils changed"),
    "matter": N_("Two certificates run out this month."),
    "state": N_("Qualified"),
    "number": "69-45-0001",
    "kitchens": 3,
    "awards": 13,
    "code": "123456",
    "total": 1_250_000,
    "price": 2_500,
    "week": "2026-11-30",
    "expires_on": "2026-12-31",
    "respond_by": "2026-11-27T05:00:00+00:00",
    "until": "2026-11-27T05:00:00+00:00",
    "closes_at": "2026-11-26T05:00:00+00:00",
}

LABELS = {
    "notice_choices.changed": N_("Choices of notices changed"),
    "notice_address.named": N_("Address for notices named"),
    "notice_address.confirmed": N_("Address for notices confirmed"),
    "notice_address.removed": N_("Address for notices removed"),
    "notice.sent_again": N_("Notice sent again"),
    "webhook.added": N_("Webhook added"),
    "webhook.ended": N_("Webhook ended"),
    "subject.notice_addresses": N_("Address for notices"),
    "subject.notice_deliveries": N_("Delivery of a notice"),
    "subject.webhooks": N_("Webhook"),
    "channel.email": N_("E-mail"),
    "channel.line": N_("LINE"),
    "channel.sms": N_("SMS"),
    "channel.webhook": N_("Webhook"),
    "delivery.waiting": N_("Waiting"),
    "delivery.sending": N_("Being sent"),
    "delivery.delivered": N_("Delivered"),
    "delivery.dead": N_("Given up"),
    "delivery.dropped": N_("Not sent"),
    "fault.timeout": N_("no answer in time"),
    "fault.connection": N_("the connection broke"),
    "fault.name": N_("the name is not known"),
    "fault.private address": N_("leads inside a private network"),
    "fault.channel not set up": N_("this channel is not set up"),
    "fault.no address": N_("no confirmed address"),
    "fault.too late": N_("it was too late for it"),
    "fault.settled": N_("no longer needed: it was done meanwhile"),
    "fault.text gone": N_("its text is gone"),
    "fault.ended": N_("the webhook has ended"),
    "fault.unreadable": N_("it could not be read"),
    "kind.award.offered": N_("A kitchen wants to buy from you"),
    "kind.award.expiring": N_("A kitchen still waits for your answer"),
    "kind.award.expired": N_("The time to answer is over"),
    "kind.award.answered": N_("A group has answered"),
    "kind.award.declined": N_("A group declines"),
    "kind.order.made": N_("An order is made"),
    "kind.demand.submitted": N_("A demand waits for your approval"),
    "kind.demand.approved": N_("Your demand is approved"),
    "kind.demand.cancelled": N_("A demand was cancelled"),
    "kind.demand.amended": N_("A demand was changed"),
    "kind.demand.drafted": N_("A draft waits for you"),
    "kind.pool.invited": N_("A kitchen asks to buy together"),
    "kind.pool.closed": N_("Buying together is agreed"),
    "kind.pool.revised": N_("Buying together was changed"),
    "kind.pool.called_off": N_("Buying together was called off"),
    "kind.committee.named": N_("You are in a committee"),
    "kind.question.asked": N_("A group asks about your demand"),
    "kind.question.answered": N_("Your question is answered"),
    "kind.question.declined": N_("Your question is not published"),
    "kind.round.published": N_("The results are out"),
    "kind.round.failed": N_("A round needs you"),
    "kind.review.asked": N_("A round waits for your review"),
    "kind.review.returned": N_("A round was sent back"),
    "kind.certificate.expiring": N_("A certificate runs out"),
    "kind.entry.waiting": N_("Please confirm what was entered for you"),
    "kind.account.password_changed": N_("Your password was changed"),
    "kind.account.recovery_code": N_("Code to choose a new password"),
    "kind.account.invitation": N_("Invitation"),
    "kind.address.code": N_("Code for an address"),
    "kind.door.code": N_("Code for a link"),
}
