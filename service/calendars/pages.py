"""The page of days: public holidays for everyone, own closed days, terms and weekdays for kitchens."""

from typing import Literal
from uuid import UUID

from fastapi import Request, Response

from service.calendars import actions, queries
from service.calendars.schemas import ClosureIn, TermIn, WeekIn
from service.kernel.clock import today
from service.kernel.i18n import N_
from service.parties.permissions import may
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
LABELS = {
    "calendar.closed": N_("Own closed days entered"),
    "calendar.term_added": N_("Term entered"),
    "calendar.dropped": N_("Closed days or a term taken away"),
    "calendar.week_set": N_("Weekdays of cooking set"),
    "holiday.added": N_("Public holiday added"),
    "holiday.changed": N_("Public holiday changed"),
    "subject.closed_periods": N_("Own closed days"),
    "subject.terms": N_("Term"),
    "subject.kitchen_weeks": N_("Weekdays of cooking"),
    "subject.holidays": N_("Public holiday"),
    "weekday.0": N_("Monday"),
    "weekday.1": N_("Tuesday"),
    "weekday.2": N_("Wednesday"),
    "weekday.3": N_("Thursday"),
    "weekday.4": N_("Friday"),
    "weekday.5": N_("Saturday"),
    "weekday.6": N_("Sunday"),
}
add_words(LABELS)


@router.get("/calendar")
def calendar(request: Request, tx: Tx, by: By) -> Response:
    """Holidays to come, and the kitchen's own days."""
    found = queries.year(tx, by=by, first=today())
    writes = may(by, "calendar.edit", organisation_id=by.organisation_id)
    return render(request, "calendars/calendar.html", year=found, writes=writes, today=today())


@router.post("/calendar/closed")
@shows_again(calendar)
def close(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Enter own closed days."""
    del request
    actions.close(tx, by=by, draft=posted.read(ClosureIn))
    return see("/calendar")


@router.post("/calendar/terms")
@shows_again(calendar)
def add_term(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Enter a term."""
    del request
    actions.add_term(tx, by=by, draft=posted.read(TermIn))
    return see("/calendar")


@router.post("/calendar/week")
@shows_again(calendar)
def set_week(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Set the usual week."""
    del request
    actions.set_week(tx, by=by, draft=posted.read(WeekIn))
    return see("/calendar")


@router.post("/calendar/{what}/{period_id}/drop")
@shows_again(calendar)
def drop(request: Request, what: Literal["closed", "term"], period_id: UUID, tx: Tx, by: By) -> Response:
    """Take own days or a term away."""
    del request
    actions.drop(tx, by=by, what=what, period_id=period_id)
    return see("/calendar")
