"""Quantities by weekday: what a group writes as seven numbers becomes lots, which are what the allocation reads.

A lot gives the same quantity on each of its days, so days of equal quantity that follow each other share one. A week's
limit over several lots does not exist: each lot's week is the sum of its days. Where that is more than the offer
brought at most before, somebody has to say so.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from service.harvests.schemas import DaysIn
from service.harvests.weeks import in_week
from service.kernel.actor import Actor
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, Problem
from service.listings import actions, queries
from service.listings.models import Offer, SupplyLot
from service.listings.rules import WEEK, Window
from service.listings.schemas import LotIn, OfferEdit

DAY = timedelta(days=1)


class WeekGrows(Problem):
    """Days that come to more than the week's limit that was promised before."""

    title = N_("The week would bring more than you said before")
    detail = N_("So far it is at most {limit} in a week. These days together come to {total}.")
    todo = N_("Write less on some days, or tick that you can deliver that much.")


def put(tx: Session, *, by: Actor, offer_id: UUID, version: int, draft: DaysIn) -> Offer:
    """Replace the lots of some weeks by seven quantities each; lots of other weeks stay."""
    row = queries.offer(tx, by=by, offer_id=offer_id)
    before = limit(row.lots, draft.week, draft.weeks)  # told below, to whoever may change the offer
    first, after = draft.week, draft.week + draft.weeks * WEEK
    kept = [part for lot in row.lots for part in outside(lot, first, after)]
    made = [window for number in range(draft.weeks) for window in windows(first + number * WEEK, draft.quantities)]
    lots = sorted([*kept, *made], key=lambda window: window.harvest_from)
    edit = OfferEdit(lots=[_lot(window) for window in lots])
    row = actions.change(tx, by=by, offer_id=offer_id, version=version, changes=edit)
    if before is not None and before < sum(draft.quantities) and not draft.more:
        asked = FieldError("/more", N_("Tick this if it is so."))
        raise WeekGrows(errors=(asked,), limit=before, total=sum(draft.quantities))
    return row


def windows(week: date, quantities: Sequence[int]) -> list[Window]:
    """A week's lots: one for each run of days with the same quantity, none for days without."""
    found = []
    for quantity, run in groupby(enumerate(quantities), key=lambda pair: pair[1]):
        days = [week + place * DAY for place, _ in run]
        if quantity:
            found.append(Window(days[0], days[-1], quantity, quantity * len(days)))
    return found


def outside(lot: SupplyLot, first: date, after: date) -> Iterable[Window]:
    """The parts of a lot before a day and from another day on."""
    for begin, end in ((lot.harvest_from, min(lot.harvest_until, first - DAY)),
                       (max(lot.harvest_from, after), lot.harvest_until)):  # fmt: skip
        if begin <= end:
            most = lot.capacity_day * min(7, (end - begin).days + 1)
            yield Window(begin, end, lot.capacity_day, min(lot.capacity_week, most))


def of_week(lots: Iterable[SupplyLot], week: date) -> list[int]:
    """What the lots give on each day of a week."""
    held = list(lots)
    return [
        sum(lot.capacity_day for lot in held if lot.harvest_from <= day <= lot.harvest_until)
        for day in (week + place * DAY for place in range(7))
    ]


def limit(lots: Iterable[SupplyLot], first: date, weeks: int) -> int | None:
    """The least that the lots bring in one of some weeks, where a week is less than its days; else None."""
    held = list(lots)
    found = []
    for week in (first + number * WEEK for number in range(weeks)):
        most = sum(in_week(lot, week) for lot in held)
        if most < sum(of_week(held, week)):
            found.append(most)
    return min(found, default=None)


def _lot(window: Window) -> LotIn:
    return LotIn(harvest_from=window.harvest_from, harvest_until=window.harvest_until,
                 capacity_day=window.capacity_day, capacity_week=window.capacity_week)  # fmt: skip
