"""Pages of sign-in, of one's own account, of a shared phone, and of help with the accounts of others."""

from typing import Any
from uuid import UUID

import segno
from fastapi import Request, Response

from service.accounts import factors, pins, sessions
from service.accounts.door import whoever
from service.accounts.rules import Terms
from service.accounts.schemas import (
    ChangedPinIn,
    CodeIn,
    NamingIn,
    OwnPinIn,
    SignIn,
    SwitchTo,
)
from service.accounts.vocabulary import LABELS
from service.parties.permissions import may
from service.people import queries as people
from service.web import patience
from service.web.deps import By, Entrant, Tx, keep_session, session_cookie, settings_of
from service.web.devices import Device
from service.web.forms import Form
from service.web.pages import add_words, local, render, see
from service.web.problems import via
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
HELP = "/organisations/{organisation_id}/accounts/{person_id}"


def _providers(request: Request) -> dict[str, Any]:
    """The other services that vouch for people, where the operator has set some up."""
    found: dict[str, Any] = request.app.state.providers(settings_of(request))
    return found


@router.get("/sign-in")
def sign_in_page(request: Request, entrant: Entrant) -> Response:
    """The sign-in form."""
    if entrant is not None:
        return see("/second-factor" if entrant.owes else "/")
    return render(request, "accounts/sign_in.html", next=local(request.query_params.get("next", "/")),
                  providers=_providers(request))  # fmt: skip


@router.post("/sign-in")
@shows_again(sign_in_page)
def sign_in(request: Request, tx: Tx, entrant: Entrant, posted: Form, device: Device) -> Response:
    """Begin a session, instead of one that there may be, and go where the person was going."""
    patience.entry(request)
    form = posted.read_some(SignIn)
    begun = sessions.sign_in(
        tx, username=form.username, password=form.password, terms=Terms.of(settings_of(request)), device=device
    )
    sessions.leave(tx, by=entrant)
    following = local(posted.get("next", "/"))
    return keep_session(request, see(via("/second-factor", following) if begun.owes else following), begun.token)


@router.post("/sign-out")
def sign_out(request: Request, tx: Tx, entrant: Entrant) -> Response:
    """End the session."""
    sessions.leave(tx, by=entrant)
    answer = see("/")
    answer.delete_cookie(session_cookie(request))
    return answer


@router.get("/second-factor")
def factor_page(request: Request, tx: Tx, entrant: Entrant) -> Response:
    """The second step: a code, or first the app that makes codes."""
    by = whoever(entrant)
    pending = factors.pending(tx, by=by)
    picture = None if pending is None else segno.make(pending.uri, micro=False).svg_inline(omitsize=True, border=2)
    return render(request, "accounts/second_factor.html", owes=by.owes, pending=pending, picture=picture,
                  ready=factors.has(tx, _owner(by)), next=local(request.query_params.get("next", "/")))  # fmt: skip


def _owner(by: By) -> UUID:
    owner = by.account_id or by.person_id
    assert owner is not None
    return owner


@router.post("/second-factor")
@shows_again(factor_page)
def give_code(request: Request, tx: Tx, entrant: Entrant, posted: Form) -> Response:
    """Complete the session."""
    token = factors.give(tx, by=whoever(entrant), code=posted.read_some(CodeIn).code)
    return keep_session(request, see(local(posted.get("next", "/"))), token)


@router.post("/second-factor/start")
@shows_again(factor_page)
def start(request: Request, tx: Tx, entrant: Entrant, posted: Form) -> Response:
    """Make the secret that an app is to hold."""
    Terms.of(settings_of(request)).must_be_ones_own()
    factors.begin(tx, by=whoever(entrant))
    return see(via("/second-factor", local(posted.get("next", "/"))))


@router.post("/second-factor/confirm")
@shows_again(factor_page)
def confirm(request: Request, tx: Tx, entrant: Entrant, posted: Form) -> Response:
    """The first code; then the codes on paper, once."""
    codes, token = factors.confirm(tx, by=whoever(entrant), code=posted.read_some(CodeIn).code)
    following = local(posted.get("next", "/"))
    return keep_session(request, render(request, "accounts/recovery_codes.html", codes=codes, next=following), token)


@router.get("/account")
def account(request: Request, tx: Tx, by: By) -> Response:
    """One's own account: password, second factor, PIN, sessions."""
    return render(request, "accounts/account.html", **_about(request, tx, by))


def _about(request: Request, tx: Tx, by: By) -> dict[str, Any]:
    owner = _owner(by)
    return {
        "person": people.person(tx, owner), "sessions": sessions.live(tx, by=by, terms=Terms.of(settings_of(request))),
        "has_factor": factors.has(tx, owner), "codes_left": factors.codes_left(tx, owner),
        "has_pin": pins.has(tx, owner), "shared": pins.is_shared(tx, by), "present": by.session_id,
        "providers": _providers(request),
    }  # fmt: skip


@router.post("/account/pin")
@shows_again(account)
def choose_pin(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Choose one's PIN."""
    form = posted.read(OwnPinIn)
    Terms.of(settings_of(request)).must_be_ones_own()
    pins.choose(tx, by=by, password=form.password, pin=form.pin)
    return see("/account")


@router.post("/account/second-factor/remove")
@shows_again(account)
def remove_factor(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Take one's authenticator away."""
    factors.remove(tx, by=by, code=posted.read(CodeIn).code, terms=Terms.of(settings_of(request)))
    return see("/account")


@router.post("/account/second-factor/codes")
@shows_again(account)
def renew_codes(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """New codes on paper, shown once."""
    codes = factors.renew_codes(tx, by=by, code=posted.read(CodeIn).code)
    return render(request, "accounts/recovery_codes.html", codes=codes, next="/account")


@router.post("/account/sessions/{session_id}/end")
def end_session(session_id: UUID, tx: Tx, by: By) -> Response:
    """End one of one's sessions."""
    sessions.end(tx, by=by, session_id=session_id)
    return see("/account")


@router.post("/account/sessions/end-others")
def end_others(tx: Tx, by: By) -> Response:
    """End every session but this one."""
    sessions.end_others(tx, by=by, person_id=sessions.mine(tx, by).person_id)
    return see("/account")


@router.get("/phone")
def phone_page(request: Request, tx: Tx, by: By) -> Response:
    """Who holds the shared phone?"""
    named = None if by.account_id is None or by.person_id is None else pins.found(tx, by.person_id)
    return render(request, "accounts/phone.html", people=pins.people_with_pin(tx, by=by), named=named,
                  next=local(request.query_params.get("next", "/")))  # fmt: skip


@router.post("/phone")
@shows_again(phone_page)
def name_person(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Someone names themselves with a PIN and goes on."""
    form = posted.read_some(NamingIn)
    token = pins.name(tx, by=by, person_id=form.person_id, pin=form.pin)
    return keep_session(request, see(local(posted.get("next", "/"))), token)


@router.get("/phone/pin")
def pin_page(request: Request, tx: Tx, by: By) -> Response:
    """Change one's PIN on the phone that several people use."""
    helps = may(by, "person.help", organisation_id=by.organisation_id, province=by.province_code)
    return render(request, "accounts/pin.html", people=pins.people_with_pin(tx, by=by), helps=helps)


@router.post("/phone/pin")
@shows_again(pin_page)
def change_pin(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """The present PIN, and another one from now on."""
    form = posted.read(ChangedPinIn)
    Terms.of(settings_of(request)).must_be_ones_own()
    pins.change(tx, by=by, person_id=form.person_id, present=form.present, pin=form.pin)
    return see("/phone")


@router.post("/phone/back")
def step_back(request: Request, tx: Tx, by: By) -> Response:
    """Hand the phone on."""
    return keep_session(request, see("/"), pins.step_back(tx, by=by))


@router.get("/seats")
def seats(request: Request, tx: Tx, by: By) -> Response:
    """The organisations that the person may act for."""
    found = people.seats(tx, _owner(by))
    return render(request, "accounts/seats.html", seats=found, person=people.person(tx, _owner(by)))


@router.post("/seats")
@shows_again(seats)
def take_seat(tx: Tx, by: By, posted: Form, request: Request) -> Response:
    """Act for another organisation."""
    token = sessions.switch(tx, by=by, organisation_id=posted.read(SwitchTo).organisation_id)
    return keep_session(request, see("/"), token)
