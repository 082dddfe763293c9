"""The calendars' API: which days are closed for the institution that is acted for, and its own days."""

from service.calendars import actions, queries
from service.calendars.models import ClosedPeriod, Term
from service.calendars.rules import TermsOverlap
from service.calendars.schemas import ClosedOut, ClosureIn, PeriodOut, TermIn
from service.kernel.problems import Duplicate, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.kernel.shapes import Day
from service.web.deps import By, Creates, Tx
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput, NotAllowed, NotFound)

router = api_router("/calendar", "calendars")


@router.get("/closed-days", response_model=list[ClosedOut], responses=problems(*SIGNED_IN))
def closed_days(first: Day, last: Day, tx: Tx, by: By) -> list[ClosedOut]:
    """Days of a stretch (of two years at most) on which your institution neither cooks nor receives, and why."""
    found = queries.closed_for(tx, by=by, first=first, last=last)
    return [ClosedOut(day=day, reason=reason) for day, reason in found.items()]


@router.post(
    "/closed-days",
    status_code=201,
    response_model=PeriodOut,
    responses=problems(*SIGNED_IN, KeyReused),
    dependencies=[Creates],
)
def close(body: ClosureIn, tx: Tx, by: By) -> ClosedPeriod:
    """Enter own closed days."""
    return actions.close(tx, by=by, draft=body)


@router.post(
    "/terms",
    status_code=201,
    response_model=PeriodOut,
    responses=problems(*SIGNED_IN, KeyReused, Duplicate, TermsOverlap),
    dependencies=[Creates],
)
def add_term(body: TermIn, tx: Tx, by: By) -> Term:
    """Enter a term."""
    return actions.add_term(tx, by=by, draft=body)
