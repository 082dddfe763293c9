"""Rules of offers: their states, what a delivery needs at least, lots, the band that others see."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service.kernel.actor import Actor
from service.kernel.i18n import N_
from service.kernel.problems import Problem, WrongState
from service.listings.models import Offer, SupplyLot
from service.parties.permissions import may

STEPS = {
    "published": ("active", frozenset({"draft"})),
    "suspended": ("suspended", frozenset({"active"})),
    "resumed": ("active", frozenset({"suspended"})),
    "withdrawn": ("withdrawn", frozenset({"draft", "active", "suspended"})),
    "expired": ("expired", frozenset({"active", "suspended"})),
}
EDITABLE = frozenset({"draft", "active"})
REPEATABLE = frozenset({"active", "expired"})
LONGEST_LOT_DAYS = 60  # nobody knows a harvest further ahead; a longer promise would be an empty one
WEEK = timedelta(days=7)
BANDS = (50, 200, 500, 1_000, 5_000)  # units a week: tells a kitchen the size, a rival nothing exact
LABELS = {
    "offer-draft": N_("Draft"),
    "offer-active": N_("On the market"),
    "offer-suspended": N_("Paused"),
    "offer-withdrawn": N_("Withdrawn"),
    "offer-expired": N_("Ended"),
}


class NoLotAhead(Problem):
    """An offer that promises nothing from today on."""

    title = N_("There is nothing left to deliver")
    detail = N_("An offer on the market needs at least one lot that ends today or later.")
    todo = N_("Add a lot with a harvest window that lies ahead.")


class MinimumNotWholePacks(Problem):
    """The smallest delivery cannot be packed."""

    title = N_("The smallest delivery is not a whole number of packs")
    detail = N_("{minimum} does not divide into packs of {pack}.")
    todo = N_("Use 0 for no minimum, or one of: {suggestions}.")


class NeverEnough(Problem):
    """No day's capacity reaches the smallest delivery."""

    title = N_("No day brings enough for one delivery")
    detail = N_("The smallest delivery is {least}, but no lot gives more than {most} a day.")
    todo = N_("Lower the smallest delivery or the pack, or raise a day's quantity.")


class GradeOfAnother(Problem):
    """A grade that the product does not have."""

    title = N_("This grade belongs to another product")
    detail = N_("The product has other grades.")
    todo = N_("Choose one of the product's own grades, or none.")


class ProductInactive(Problem):
    """A product that is no longer traded."""

    title = N_("This product is no longer traded")
    detail = N_("{code} was taken off the catalogue's active list.")
    todo = N_("Choose another product.")


class NothingToRepeat(Problem):
    """There are no lots to copy, or they are there already."""

    title = N_("There is nothing to repeat")
    detail = N_("No lot of the week before is left to copy: there was none, or its copy is there already.")
    todo = N_("Look at the offer's lots, or make a new offer.")


def must_step(offer: Offer, verb: str) -> str:
    """The state that a step leads to; refuse one that the table does not hold."""
    to, allowed = STEPS[verb]
    if offer.state not in allowed:
        raise WrongState.of(LABELS, offer.state, allowed, "offer-")
    return to


def must_be_editable(offer: Offer) -> None:
    """Refuse to change an offer that is paused or over."""
    if offer.state not in EDITABLE:
        raise WrongState.of(LABELS, offer.state, EDITABLE, "offer-")


def must_have_lot_ahead(lots: Iterable[SupplyLot], day: date) -> None:
    """Refuse an offer whose lots all ended before the day."""
    if all(lot.harvest_until < day for lot in lots):
        raise NoLotAhead


def must_be_packable(minimum: int, pack: int) -> None:
    """Refuse a minimum that is no whole number of packs."""
    if minimum % pack:
        below = minimum - minimum % pack
        suggestions = ", ".join(str(number) for number in (below, below + pack) if number)
        raise MinimumNotWholePacks(minimum=minimum, pack=pack, suggestions=suggestions)


def must_be_servable(lots: Sequence[SupplyLot], minimum: int, pack: int) -> None:
    """Refuse lots none of which has a day that fills one delivery."""
    least, most = max(minimum, pack), max((lot.capacity_day for lot in lots), default=0)
    if lots and most < least:
        raise NeverEnough(least=least, most=most)


def may_see_price(by: Actor, offer: Offer) -> bool:
    """Prices are sealed: the group alone reads its own."""
    return may(by, "listing.see_price", organisation_id=offer.organisation_id, province=offer.province_code)


def may_see_lots(by: Actor, offer: Offer) -> bool:
    """Exact quantities are for the group and for those who look after its offers or help it."""
    return any(
        may(by, verb, organisation_id=offer.organisation_id, province=offer.province_code)
        for verb in ("listing.see_price", "listing.assist", "listing.suspend")
    )


def may_know(by: Actor, offer: Offer) -> bool:
    """Everyone signed in knows of offers on the market; of others only those who may see their lots."""
    return offer.state == "active" or may_see_lots(by, offer)


@dataclass(frozen=True, slots=True)
class Window:
    """Days and quantities of a lot that is to be made."""

    harvest_from: date
    harvest_until: date
    capacity_day: int
    capacity_week: int


def shifted(lot: SupplyLot, by: timedelta) -> Window:
    """The lot some days later."""
    return Window(lot.harvest_from + by, lot.harvest_until + by, lot.capacity_day, lot.capacity_week)


def lies_in(lot: SupplyLot, week: date) -> bool:
    """Whether the whole lot lies in a week."""
    return week <= lot.harvest_from and lot.harvest_until < week + WEEK


def overlaps(lot: SupplyLot, window: Window) -> bool:
    """Whether a lot and a window share a day."""
    return lot.harvest_from <= window.harvest_until and window.harvest_from <= lot.harvest_until


def band(weekly: int) -> tuple[int, int | None]:
    """The band of a weekly quantity: from, and below (None: no upper end)."""
    lower = max((step for step in BANDS if step <= weekly), default=0)
    return lower, next((step for step in BANDS if step > weekly), None)
