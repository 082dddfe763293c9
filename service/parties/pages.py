"""Pages of organisations: found, registered, shown, edited, with their shares and conflicts."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from service.kernel.actor import Actor
from service.kernel.clock import today
from service.parties import actions, queries, rules
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.parties.schemas import (
    AttestIn,
    ConflictIn,
    OrganisationEdit,
    OrganisationIn,
    SocialShareIn,
    StepIn,
    VersionIn,
)
from service.parties.vocabulary import BUYERS, LABELS, SUPPLIERS, Measure, OrganisationKind, OrganisationState
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.paging import Paging, page_of
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
Words = Annotated[str, Query(max_length=100)]
KINDS, STATES = list(OrganisationKind), list(OrganisationState)
SIDES: dict[str, Collection[str]] = {
    "groups": SUPPLIERS,
    "kitchens": BUYERS,
}  # in place of one kind
CLEARABLE = ("name_en", "address", "contact_name", "phone", "email")
OFFERED = ("organisation.edit", "organisation.qualify", "organisation.suspend", "organisation.see_contact",
           "person.manage", "person.help", "webhook.manage", "conflict.declare", "social.declare", "social.attest",
           "social.see", "entry.make")  # fmt: skip


def _one_of(closed: Iterable[str], word: str) -> str | None:
    return word if word in set(closed) else None


def _code(text: str) -> str:
    return text if text.isascii() and text.isdecimal() else ""


def _rights(by: Actor, found: Organisation) -> dict[str, bool]:
    """What the reader may do here, for the template to offer."""
    return {verb: may(by, verb, organisation_id=found.id, province=found.province_code) for verb in OFFERED}


@router.get("/organisations")
def organisations(
    request: Request, tx: Tx, by: By, cut: Paging,
    words: Words = "", kind: str = "", province: str | None = None, state: str = "",
) -> Response:  # fmt: skip
    """Find organisations; at first those of the reader's own province."""
    asked = {
        "words": words,
        "kind": _one_of([*SIDES, *KINDS], kind),
        "state": _one_of(STATES, state),
        "province": by.province_code if province is None else _code(province),
    }
    chosen = asked["kind"]
    wanted = queries.organisations(kind=chosen and SIDES.get(chosen, {chosen}), province=asked["province"],
                                   state=asked["state"], words=words)  # fmt: skip
    rows, following = page_of(tx, wanted, Organisation.id, cut)
    return render(request, "parties/organisations.html", found=rows, following=following, asked=asked,
                  districts={place.code: place for place in queries.districts_of(tx, rows)},
                  provinces=queries.provinces(tx), kinds=KINDS, states=STATES,
                  register=may(by, "organisation.register", province=by.province_code))  # fmt: skip


@router.get("/organisations/new")
def register_page(request: Request, tx: Tx, by: By, province: str = "", district: str = "") -> Response:
    """Register an organisation: first its district, then the rest."""
    district = _code(district)
    chosen = _code(province) or district[:2] or by.province_code or ""
    require(by, "organisation.register", province=chosen)
    open_to = [place for place in queries.provinces(tx) if may(by, "organisation.register", province=place.code)]
    district = district if district.startswith(chosen) else ""
    return render(request, "parties/register.html", provinces=open_to, province=chosen, district=district,
                  districts=queries.districts(tx, chosen), subdistricts=queries.subdistricts(tx, district),
                  kinds=KINDS)  # fmt: skip


@router.post("/organisations/new")
@shows_again(register_page)
def register(request: Request, tx: Tx, by: By, posted: Form, province: str = "", district: str = "") -> Response:
    """Submit the organisation and show it."""
    del request, province, district
    return see(f"/organisations/{actions.register(tx, by=by, draft=posted.read(OrganisationIn)).id}")


@router.get("/organisations/{organisation_id}")
def organisation(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """One organisation: what it is, where, what it may become, and its social shares where the reader may see them."""
    found = actions.get(tx, organisation_id)
    rights = _rights(by, found)
    shares = queries.shares_or_none(tx, by=by, organisation=found)
    steps = [state for state in rules.next_states(found) if rights[rules.VERB_OF_STATE[state]]]
    conflicts = queries.conflicts(tx, by=by, organisation_id=found.id) if rights["conflict.declare"] else []
    return render(request, "parties/organisation.html", organisation=found, rights=rights, steps=steps,
                  bars=None if shares is None else queries.share_bars(shares), conflicts=conflicts,
                  where=queries.whereabouts(tx, found), is_supplier=found.kind in SUPPLIERS)  # fmt: skip


@router.post("/organisations/{organisation_id}/steps")
@shows_again(organisation)
def step(request: Request, organisation_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Move the organisation to another state, with the reason."""
    del request
    move = posted.read(StepIn)
    actions.step(tx, by=by, organisation_id=organisation_id, to=move.to, reason=move.reason)
    return see(f"/organisations/{organisation_id}")


@router.get("/organisations/{organisation_id}/edit")
def edit_page(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """The details that its people may change."""
    found = actions.get(tx, organisation_id)
    require(by, "organisation.edit", organisation_id=found.id, province=found.province_code)
    return render(request, "parties/edit.html", organisation=found, is_supplier=found.kind in SUPPLIERS)


@router.post("/organisations/{organisation_id}/edit")
@shows_again(edit_page)
def edit(request: Request, organisation_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Change the details; a field that was emptied becomes empty."""
    del request
    version = posted.read_some(VersionIn).version
    emptied = {name: "" for name in CLEARABLE if posted.has(name) and not posted.get(name)}
    changes = OrganisationEdit(**{**posted.read_some(OrganisationEdit).model_dump(exclude_none=True), **emptied})
    actions.edit(tx, by=by, organisation_id=organisation_id, version=version, changes=changes)
    return see(f"/organisations/{organisation_id}")


@router.get("/organisations/{organisation_id}/shares")
def shares_page(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """A supplier's social shares: declared, attested, counted."""
    found = actions.get(tx, organisation_id)
    bars = queries.share_bars(queries.social_shares(tx, by=by, organisation_id=found.id))
    day = today()
    return render(request, "parties/shares.html", organisation=found, bars=bars, rights=_rights(by, found),
                  measures=list(Measure), first=day, last=day + timedelta(days=364))  # fmt: skip


@router.post("/organisations/{organisation_id}/shares")
@shows_again(shares_page)
def declare_share(request: Request, organisation_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Declare a share; people write per cent."""
    del request
    draft = posted.replaced("declared_bp", rules.basis_points(posted.get("declared_bp"), at="declared_bp"))
    actions.declare_share(tx, by=by, organisation_id=organisation_id, draft=draft.read(SocialShareIn))
    return see(f"/organisations/{organisation_id}/shares")


@router.post("/organisations/{organisation_id}/shares/{share_id}/attestation")
@shows_again(shares_page)
def attest_share(request: Request, organisation_id: UUID, share_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Attest a share; people write per cent."""
    del request
    finding = posted.replaced("attested_bp", rules.basis_points(posted.get("attested_bp"), at="attested_bp"))
    actions.attest_share(tx, by=by, share_id=share_id, finding=finding.read(AttestIn))
    return see(f"/organisations/{organisation_id}/shares")


@router.get("/organisations/{organisation_id}/conflicts")
def conflicts_page(request: Request, organisation_id: UUID, tx: Tx, by: By, words: Words = "") -> Response:
    """Conflicts of interest: those that stand, and a form that first finds the other side."""
    found = actions.get(tx, organisation_id)
    others = (
        queries.organisations(kind=None, province=None, state=None, words=words).order_by(Organisation.id).limit(20)
    )
    return render(request, "parties/conflicts.html", organisation=found, words=words, day=today(),
                  conflicts=queries.conflicts(tx, by=by, organisation_id=organisation_id),
                  others=list(tx.scalars(others)) if words else [])  # fmt: skip


@router.post("/organisations/{organisation_id}/conflicts")
@shows_again(conflicts_page)
def declare_conflict(
    request: Request, organisation_id: UUID, tx: Tx, by: By, posted: Form, words: Words = ""
) -> Response:
    """Declare a conflict of interest."""
    del request, words
    actions.declare_conflict(tx, by=by, organisation_id=organisation_id, draft=posted.read(ConflictIn))
    return see(f"/organisations/{organisation_id}/conflicts")
