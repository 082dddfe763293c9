"""Pages of rosters for groups and agencies, and the public table of households."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response

from service.households import actions, queries, rules, sheet
from service.households.models import Roster
from service.households.schemas import MemberIn, ReturnIn, RosterIn, TiersIn
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound
from service.parties.models import Organisation
from service.parties.permissions import may
from service.web.deps import By, MaybeBy, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.paging import Paging, page_of
from service.web.routes import page_router, shows_again

router = page_router()
LABELS = {
    **rules.STATES,
    "tier_1": N_("In hardship (tier 1)"),
    "tier_2": N_("Lives with difficulty (tier 2)"),
    "tier_3": N_("Gets by (tier 3)"),
    "tier_4": N_("Lives well (tier 4)"),
    "roster.begun": N_("List of members begun"),
    "roster.filled": N_("List of members filled in"),
    "roster.rated": N_("Tier given on a list of members"),
    "roster.shortened": N_("Household taken off a list of members"),
    "roster.submitted": N_("List of members handed to the agency"),
    "roster.returned": N_("List of members returned"),
    "roster.attested": N_("List of members attested"),
    "pseudonyms.rekeyed": N_("Pseudonyms carried to a new key"),
    "subject.rosters": N_("List of members"),
    "subject.households": N_("Household"),
}
add_words(LABELS)
MOST_BY_FORM = 900  # lines; a form has at most a thousand fields, longer lists get their tiers by CSV


@router.get("/households")
def figures(request: Request, tx: Tx, by: MaybeBy) -> Response:
    """The public table, with what stays hidden and why."""
    del by  # the page's navigation knows the reader
    return render(request, "households/figures.html", figures=queries.figures(tx), tiers=rules.TIERS)


@router.get("/rosters")
def rosters(request: Request, tx: Tx, by: By, cut: Paging) -> Response:
    """The lists of a group, and a form that begins one; or those that wait for an agency."""
    found, following = page_of(tx, queries.mine(by), Roster.id, cut)
    group = (
        tx.get(Organisation, by.organisation_id) if may(by, "roster.edit", organisation_id=by.organisation_id) else None
    )
    day = today()
    return render(
        request,
        "households/rosters.html",
        rosters=found,
        following=following,
        group=group,
        parties=queries.groups(tx, found),
        agencies=queries.agencies(tx, group) if group else [],
        first=day - timedelta(days=364),
        last=day,
    )


@router.post("/rosters")
@shows_again(rosters)
def begin(request: Request, tx: Tx, by: By, cut: Paging, posted: Form) -> Response:
    """Begin a list."""
    del request, cut
    if by.organisation_id is None:
        raise NotFound
    row = actions.begin(tx, by=by, organisation_id=by.organisation_id, draft=posted.read(RosterIn))
    return see(f"/rosters/{row.id}")


@router.get("/rosters/{roster_id}")
def roster(request: Request, roster_id: UUID, tx: Tx, by: By) -> Response:
    """A list with its households, what may be done with it, and the shares that it makes."""
    whole = queries.whole(tx, by=by, roster_id=roster_id)
    row = whole.roster
    return render(
        request,
        "households/roster.html",
        whole=whole,
        roster=row,
        tiers=rules.TIERS,
        parties=queries.groups(tx, [row]),
        columns=", ".join(sheet.COLUMNS),
        by_form=len(whole.lines) <= MOST_BY_FORM,
        **_rights(by, row),
    )


def _rights(by: Actor, row: Roster) -> dict[str, Any]:
    """What the reader may do with the list now."""
    group = may(by, "roster.edit", organisation_id=row.organisation_id)
    agency = may(by, "roster.attest", organisation_id=row.attester_id)
    return {
        "fills": (group and row.state == "draft") or (agency and row.state == "submitted"),
        "submits": group and row.state == "draft",
        "attests": agency and row.state == "submitted",
    }


# The forms below carry no one-time key: what they send is not remembered, and doing it twice changes nothing.
@router.post("/rosters/{roster_id}/members")
@shows_again(roster)
def put_member(request: Request, roster_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Enter a household; its number is never shown again."""
    del request
    actions.take(tx, by=by, roster_id=roster_id, members=[posted.read(MemberIn)])
    return see(f"/rosters/{roster_id}#members")


@router.post("/rosters/{roster_id}/sheet")
@shows_again(roster)
def put_sheet(request: Request, roster_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Enter the households of an uploaded CSV; the file is read in memory and dropped."""
    del request
    data = posted.file("sheet")
    if data is None:
        raise InvalidInput(errors=(FieldError("/sheet", N_("Choose a file.")),))
    actions.take_sheet(tx, by=by, roster_id=roster_id, csv=sheet.decoded(data))
    return see(f"/rosters/{roster_id}#members")


@router.post("/rosters/{roster_id}/tiers")
@shows_again(roster)
def rate(request: Request, roster_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Give households their tiers: one field a line."""
    del request
    actions.rate(tx, by=by, roster_id=roster_id, findings=posted.read(TiersIn).findings())
    return see(f"/rosters/{roster_id}#members")


@router.post("/rosters/{roster_id}/members/{line_id}/drop")
@shows_again(roster)
def drop(request: Request, roster_id: UUID, line_id: UUID, tx: Tx, by: By) -> Response:
    """Take a household off the list."""
    del request
    actions.drop(tx, by=by, roster_id=roster_id, line_id=line_id)
    return see(f"/rosters/{roster_id}#members")


@router.post("/rosters/{roster_id}/steps/{step}")
@shows_again(roster)
def step(
    request: Request, roster_id: UUID, step: Literal["submit", "return", "attest"], tx: Tx, by: By, posted: Form
) -> Response:
    """Hand the list on, back, or attest it."""
    del request
    if step == "return":
        actions.give_back(tx, by=by, roster_id=roster_id, reason=posted.read(ReturnIn).reason)
    else:
        {"submit": actions.submit, "attest": actions.attest}[step](tx, by=by, roster_id=roster_id)
    return see(f"/rosters/{roster_id}")
