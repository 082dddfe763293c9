"""Pages of passkeys. The device is asked by a small script; without it the pages say what to do instead."""

from uuid import UUID

from fastapi import Request, Response

from service.accounts import sessions
from service.accounts.rules import Terms
from service.passkeys import actions, ceremony
from service.passkeys.rules import LABELS
from service.passkeys.schemas import AddIn, AnswerIn
from service.people import queries as people
from service.web import patience
from service.web.deps import By, Entrant, Site, Tx, keep_session, settings_of
from service.web.devices import Device
from service.web.forms import Form
from service.web.pages import add_words, local, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)


@router.get("/sign-in/passkey")
def enter_page(request: Request, site: Site, entrant: Entrant) -> Response:
    """Where a passkey brings somebody in, also instead of a code that a session still owes."""
    if entrant is not None and not entrant.owes:
        return see("/")
    return render(request, "passkeys/enter.html", asked=ceremony.to_enter(site),
                  next=local(request.query_params.get("next", "/")))  # fmt: skip


@router.post("/sign-in/passkey")
@shows_again(enter_page)
def enter(request: Request, tx: Tx, entrant: Entrant, posted: Form, site: Site, device: Device) -> Response:
    """Begin a session, instead of one that there may be."""
    patience.entry(request)
    given = posted.read_some(AnswerIn)
    begun = actions.enter(tx, given=given, site=site, terms=Terms.of(settings_of(request)), device=device)
    sessions.leave(tx, by=entrant)
    return keep_session(request, see(local(posted.get("next", "/"))), begun.token)


@router.get("/account/passkeys")
def passkeys(request: Request, tx: Tx, by: By, site: Site) -> Response:
    """One's passkeys, and a new one."""
    own = people.person(tx, sessions.mine(tx, by).person_id)
    return render(request, "passkeys/passkeys.html", found=actions.mine(tx, by=by),
                  has_password=bool(own.password_hash), asked=actions.offer(tx, by=by, site=site))  # fmt: skip


@router.post("/account/passkeys")
@shows_again(passkeys)
def add(request: Request, tx: Tx, by: By, posted: Form, site: Site, device: Device) -> Response:
    """Keep a passkey."""
    given = posted.read_some(AddIn)
    token = actions.add(tx, by=by, given=given, site=site, terms=Terms.of(settings_of(request)), device=device)
    return keep_session(request, see("/account/passkeys"), token)


@router.post("/account/passkeys/{passkey_id}/end")
@shows_again(passkeys)
def remove(request: Request, passkey_id: UUID, tx: Tx, by: By, site: Site) -> Response:
    """Forget a passkey."""
    del request, site
    actions.remove(tx, by=by, passkey_id=passkey_id)
    return see("/account/passkeys")
