"""Rules of pools: who of the district, until when, what a kitchen may bring, and where a pool stands."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from service.kernel.clock import at_bangkok
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, Problem, Said
from service.pools.models import Pool, PoolMember

LEAST_MEMBERS = 2
PATIENCE = timedelta(days=1)  # after which any member may close what the lead has left open
USUAL = (timedelta(days=6), time(16))  # joining ends on the Tuesday before the week, two days before the cut-off


class Standing(StrEnum):
    """Where a pool stands at a moment."""

    OPEN = "open"
    DUE = "due"
    LAPSED = "lapsed"
    CLOSED = "closed"
    CALLED_OFF = "called_off"


LABELS = {
    "pool.open": N_("Kitchens may join"),
    "pool.due": N_("To be closed"),
    "pool.lapsed": N_("Lapsed: fewer than two kitchens"),
    "pool.closed": N_("Agreed"),
    "pool.called_off": N_("Called off"),
    "pool.opened": N_("Buying together proposed"),
    "pool.revised": N_("Buying together changed"),
    "pool.joined": N_("Joined buying together"),
    "pool.changed": N_("Quantities of buying together changed"),
    "pool.left": N_("Left buying together"),
    "pool.drafted": N_("Draft made from buying together"),
}


def said(standing: Standing) -> Said:
    """A standing inside a refusal."""
    return Said((LABELS[f"pool.{standing}"],))


class JoiningOver(Problem):
    """Kitchens can no longer join, change their quantities or leave."""

    title = N_("The time to join is over")
    detail = N_("It stands at “{standing}”: who takes part and with how much is settled.")
    todo = N_("Write a demand of your own. A kitchen that joined changes its own draft instead.")


class TermsAgreed(Problem):
    """Others joined on the terms that they read."""

    title = N_("Other kitchens have joined on these terms")
    detail = N_("Products, days and ceilings stay as others read them when they joined. Title and end may change.")
    todo = N_("Call it off with the reason, and ask anew; or change your own quantities.")


class JoiningNotOver(Problem):
    """Others were told that they may still join."""

    title = N_("Others may still join")
    detail = N_("They were told that they may join until {until}.")
    todo = N_("Close it after that time.")


class NotAgreed(Problem):
    """Drafts are made once the pool is closed, and where two kitchens take part."""

    title = N_("It is not agreed yet")
    detail = N_("It stands at “{standing}”. Drafts are made once the time to join is over and it was closed.")
    todo = N_("Wait until it is closed. Where fewer than two kitchens joined, write a demand of your own.")


class AlreadyJoined(Problem):
    """The kitchen takes part already."""

    title = N_("Your kitchen takes part already")
    detail = N_("Each kitchen joins once; a colleague may have done it.")
    todo = N_("Open it and change your quantities there.")


class AlreadyDrafted(Problem):
    """The kitchen has its draft."""

    title = N_("Your kitchen has its draft already")
    detail = N_("Each kitchen makes one demand from it; a colleague may have done it.")
    todo = N_("Open the draft and go on there.")


class WithoutDistrict(Problem):
    """An institution whose place is not known has no neighbours."""

    title = N_("Your institution has no district yet")
    detail = N_("Kitchens of one district buy together, and yours is not entered with its place.")
    todo = N_("Ask the head of your institution to enter its sub-district.")


def standing(pool: Pool, members: int, moment: datetime) -> Standing:
    """Where it stands: what nobody joined, or nobody closed before its week, has lapsed."""
    if pool.state != "open":
        return Standing(pool.state)
    if moment < pool.join_by:
        return Standing.OPEN
    ahead = moment < at_bangkok(pool.delivery_week, time(0))
    return Standing.DUE if members >= LEAST_MEMBERS and ahead else Standing.LAPSED


def must_be_open(pool: Pool, members: int, moment: datetime) -> None:
    """Refuse who joins, changes or leaves too late."""
    found = standing(pool, members, moment)
    if found != Standing.OPEN:
        raise JoiningOver(standing=said(found))


def must_leave_terms(others: int, *, changed: bool) -> None:
    """Refuse other terms behind the back of those who joined."""
    if others and changed:
        raise TermsAgreed


def must_be_due(pool: Pool, members: int, moment: datetime, until: str) -> None:
    """Refuse to close while others may join, what lapsed, and what is closed."""
    found = standing(pool, members, moment)
    if found == Standing.OPEN:
        raise JoiningNotOver(until=until)
    if found != Standing.DUE:
        raise NotAgreed(standing=said(found))


def must_be_closed(pool: Pool, members: int, moment: datetime) -> None:
    """Refuse a draft from what is not agreed."""
    found = standing(pool, members, moment)
    if found != Standing.CLOSED:
        raise NotAgreed(standing=said(found))


def may_close(pool: Pool, *, leads: bool, moment: datetime) -> bool:
    """Whether a member may close it: the lead, or anyone once the lead has had a day."""
    return leads or moment >= pool.join_by + PATIENCE


def must_end_in_time(join_by: datetime, week: date, moment: datetime) -> None:
    """Refuse an end of joining that is past, or that leaves no time before the week."""
    if join_by <= moment:
        raise InvalidInput(errors=(FieldError("/join_by", N_("Choose a time that is still ahead.")),))
    if join_by > at_bangkok(week - timedelta(days=1), time(0)):
        message = N_("Joining ends at least a day before the delivery week; better before Thursday's cut-off.")
        raise InvalidInput(errors=(FieldError("/join_by", message),))


def usual_end(week: date) -> datetime:
    """When joining ends where nobody says otherwise."""
    before, at = USUAL
    return at_bangkok(week - before, at)


def totals(members: Sequence[PoolMember], lines: int) -> list[int]:
    """What all members need of each line."""
    return [sum(member.quantities[place] for member in members) for place in range(lines)]


def takers(members: Sequence[PoolMember], place: int) -> int:
    """How many members need something of a line."""
    return sum(member.quantities[place] > 0 for member in members)
