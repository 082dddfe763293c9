"""The API of rosters, and the public table of households."""

from uuid import UUID

from service.households import actions, queries
from service.households.models import Roster
from service.households.rules import NoLabour, PseudonymKeyMissing, RosterNotReadable, TierNotYours
from service.households.schemas import FiguresOut, MemberIn, ReturnIn, RosterIn, RosterOut, RosterWhole, SheetIn, TierIn
from service.kernel.problems import Duplicate, InvalidInput, NotAllowed, NotFound, SignInRequired, WrongState
from service.web.deps import By, Creates, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput, NotFound)
STEPS = (*SIGNED_IN, NotAllowed, WrongState, KeyReused)
FILLS = (*STEPS, PseudonymKeyMissing, TierNotYours)

router = api_router("", "households")


@router.get("/households/figures", response_model=FiguresOut)
def figures(tx: Tx) -> queries.Figures:
    """Households with attested labour days by province and tier: no cell under five, none that totals give away."""
    return queries.figures(tx)


@router.get("/rosters", response_model=Page[RosterOut], responses=problems(*SIGNED_IN))
def rosters(tx: Tx, by: By, cut: Paging) -> Page[RosterOut]:
    """The lists of members that you keep for your group, or that groups have named your agency for."""
    rows, following = page_of(tx, queries.mine(by), Roster.id, cut)
    return Page(items=rows, next=following)


@router.post(
    "/organisations/{organisation_id}/rosters",
    status_code=201,
    response_model=RosterOut,
    responses=problems(*STEPS, Duplicate),
    dependencies=[Creates],
)
def begin(organisation_id: UUID, body: RosterIn, tx: Tx, by: By) -> Roster:
    """Begin a list of members for a period."""
    return actions.begin(tx, by=by, organisation_id=organisation_id, draft=body)


@router.get("/rosters/{roster_id}", response_model=RosterWhole, responses=problems(*SIGNED_IN))
def roster(roster_id: UUID, tx: Tx, by: By) -> queries.Whole:
    """A list with its households, for its group and its agency."""
    return queries.whole(tx, by=by, roster_id=roster_id)


@router.post(
    "/rosters/{roster_id}/members",
    response_model=RosterOut,
    responses=problems(*FILLS),
    dependencies=[Creates],
)
def put_member(roster_id: UUID, body: MemberIn, tx: Tx, by: By) -> Roster:
    """Enter a household, or bring the entered one to what is said. The number is marked and forgotten."""
    return actions.take(tx, by=by, roster_id=roster_id, members=[body])


@router.post(
    "/rosters/{roster_id}/sheet",
    response_model=RosterOut,
    responses=problems(*FILLS, RosterNotReadable),
    dependencies=[Creates],
)
def put_sheet(roster_id: UUID, body: SheetIn, tx: Tx, by: By) -> Roster:
    """Enter the households of a CSV: all of them, or none when a line is not right."""
    return actions.take_sheet(tx, by=by, roster_id=roster_id, csv=body.csv)


@router.post(
    "/rosters/{roster_id}/members/{line_id}/tier",
    response_model=RosterOut,
    responses=problems(*STEPS),
    dependencies=[Creates],
)
def rate(roster_id: UUID, line_id: UUID, body: TierIn, tx: Tx, by: By) -> Roster:
    """Give a household its tier, as the agency of the list."""
    return actions.rate(tx, by=by, roster_id=roster_id, findings={line_id: body})


@router.delete("/rosters/{roster_id}/members/{line_id}", response_model=RosterOut, responses=problems(*STEPS))
def drop(roster_id: UUID, line_id: UUID, tx: Tx, by: By) -> Roster:
    """Take a household off the list."""
    return actions.drop(tx, by=by, roster_id=roster_id, line_id=line_id)


@router.post(
    "/rosters/{roster_id}/submit",
    response_model=RosterOut,
    responses=problems(*STEPS, NoLabour),
    dependencies=[Creates],
)
def submit(roster_id: UUID, tx: Tx, by: By) -> Roster:
    """Hand the list to the agency."""
    return actions.submit(tx, by=by, roster_id=roster_id)


@router.post(
    "/rosters/{roster_id}/return", response_model=RosterOut, responses=problems(*STEPS), dependencies=[Creates]
)
def give_back(roster_id: UUID, body: ReturnIn, tx: Tx, by: By) -> Roster:
    """Return the list to its group."""
    return actions.give_back(tx, by=by, roster_id=roster_id, reason=body.reason)


@router.post(
    "/rosters/{roster_id}/attest",
    response_model=RosterOut,
    responses=problems(*STEPS, NoLabour),
    dependencies=[Creates],
)
def attest(roster_id: UUID, tx: Tx, by: By) -> Roster:
    """Attest the list: its labour days by tier become the group's attested shares."""
    return actions.attest(tx, by=by, roster_id=roster_id)
