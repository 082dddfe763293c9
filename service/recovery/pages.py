"""Pages of the ways back into an account, and of help by officers."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from service.accounts import factors, pins, sessions
from service.accounts.pages import account
from service.accounts.rules import Terms
from service.accounts.schemas import PinIn
from service.people import queries as people
from service.recovery import help as helping
from service.recovery import mail, passwords, queries
from service.recovery.rules import LABELS, must_be_set_up
from service.recovery.schemas import MailIn, PasswordIn, ReasonIn, RedemptionIn
from service.web import patience
from service.web.deps import By, Entrant, MaybeBy, Site, Tx, keep_session, settings_of
from service.web.devices import Device
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
HELP = "/organisations/{organisation_id}/accounts/{person_id}"


@router.post("/account/password")
@shows_again(account)
def change_password(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Choose another password; the other sessions end."""
    form = posted.read(PasswordIn)
    Terms.of(settings_of(request)).must_be_ones_own()
    return keep_session(request, see("/account"), passwords.change(tx, by=by, draft=form))


@router.get("/recovery")
def recovery_page(request: Request, by: MaybeBy) -> Response:
    """A forgotten password: what one can do."""
    del by
    return render(request, "recovery/recovery.html", mail=mail.is_set_up(settings_of(request)), sent=False)


@router.post("/recovery")
@shows_again(recovery_page)
def ask_by_mail(request: Request, tx: Tx, by: MaybeBy, posted: Form) -> Response:
    """Ask for a code by e-mail; the page says the same whether or not an account has the address."""
    del by
    patience.entry(request)
    form = posted.read(MailIn)
    Terms.of(settings_of(request)).must_be_ones_own()
    must_be_set_up(settings_of(request))
    mail.ask(tx, email=form.email)
    return render(request, "recovery/recovery.html", mail=True, sent=True)


@router.get("/access")
def access_page(request: Request, by: MaybeBy) -> Response:
    """Where a code that was handed over or sent becomes a password."""
    del by
    providers: dict[str, Any] = request.app.state.providers(settings_of(request))
    return render(request, "recovery/access.html", providers=providers)


@router.post("/access")
@shows_again(access_page)
def access(request: Request, tx: Tx, by: MaybeBy, entrant: Entrant, posted: Form, device: Device) -> Response:
    """Choose a password with the code and come in, instead of a session that there may be."""
    del by
    patience.entry(request)
    begun = passwords.redeem(tx, draft=posted.read(RedemptionIn), terms=Terms.of(settings_of(request)), device=device)
    sessions.leave(tx, by=entrant)
    return keep_session(request, see("/second-factor" if begun.owes else "/"), begun.token)


@router.get("/organisations/{organisation_id}/accounts")
def helped(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """The people of an organisation whose accounts the reader helps with."""
    organisation, members = queries.helped(tx, by=by, organisation_id=organisation_id)
    return render(request, "recovery/helped.html", organisation=organisation, members=members)


@router.get(HELP)
def help_page(request: Request, organisation_id: UUID, person_id: UUID, tx: Tx, by: By) -> Response:
    """Help with one account: a code, a PIN, a lost authenticator."""
    person = helping.must_help(tx, by=by, organisation_id=organisation_id, person_id=person_id)
    organisation, _ = queries.helped(tx, by=by, organisation_id=organisation_id)
    return render(request, "recovery/help.html", organisation=organisation, person=person,
                  has_factor=factors.has(tx, person_id), has_pin=pins.has(tx, person_id),
                  mail=mail.is_set_up(settings_of(request)))  # fmt: skip


@router.post(HELP + "/code")
@shows_again(help_page)
def issue_code(
    request: Request, organisation_id: UUID, person_id: UUID, tx: Tx, by: By, posted: Form, site: Site
) -> Response:
    """Make a code and show it this once, fit for paper."""
    del posted
    Terms.of(settings_of(request)).must_be_ones_own()
    code, until = helping.issue(tx, by=by, organisation_id=organisation_id, person_id=person_id)
    return render(request, "recovery/code.html", code=code, until=until, person=people.person(tx, person_id),
                  organisation_id=organisation_id, page=f"{site}/access")  # fmt: skip


@router.post(HELP + "/invitation")
@shows_again(help_page)
def invite(request: Request, organisation_id: UUID, person_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Send the code by e-mail instead; nobody here sees it."""
    form = posted.read(MailIn)
    Terms.of(settings_of(request)).must_be_ones_own()
    until = helping.invite(
        tx,
        by=by,
        organisation_id=organisation_id,
        person_id=person_id,
        settings=settings_of(request),
        email=form.email,
    )
    return render(request, "recovery/invited.html", until=until, person=people.person(tx, person_id),
                  email=form.email, organisation_id=organisation_id)  # fmt: skip


@router.post(HELP + "/pin")
@shows_again(help_page)
def set_pin(request: Request, organisation_id: UUID, person_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """The PIN that the person has typed."""
    Terms.of(settings_of(request)).must_be_ones_own()
    helping.set_pin(tx, by=by, organisation_id=organisation_id, person_id=person_id, pin=posted.read(PinIn).pin)
    return see(f"/organisations/{organisation_id}/accounts")


@router.post(HELP + "/second-factor/remove")
@shows_again(help_page)
def drop_factor(request: Request, organisation_id: UUID, person_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Take a lost authenticator away."""
    del request
    reason = posted.read(ReasonIn).reason
    helping.remove_factor(tx, by=by, organisation_id=organisation_id, person_id=person_id, reason=reason)
    return see(f"/organisations/{organisation_id}/accounts")
