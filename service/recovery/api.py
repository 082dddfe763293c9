"""The API of the ways back into an account: passwords, codes, and help by officers."""

from uuid import UUID

from fastapi import Request

from service.accounts import sessions
from service.accounts.rules import EverybodysAccount, SignInFailed, Terms, WrongCode, WrongPassword
from service.accounts.schemas import PinIn, SessionOut
from service.kernel.problems import InvalidInput, NotAllowed, NotFound, SignInRequired
from service.recovery import help as helping
from service.recovery import mail, passwords
from service.recovery.rules import BothHands, MailNotSetUp, NotTheirs, must_be_set_up
from service.recovery.schemas import AccessCodeOut, InvitationOut, MailIn, PasswordIn, ReasonIn, RedemptionIn
from service.tries.throttle import TooManyAttempts
from service.web import patience
from service.web.deps import By, Tx, settings_of
from service.web.devices import Device
from service.web.problems import problems
from service.web.routes import api_router, tells_secret

OWN = (SignInRequired, InvalidInput, NotAllowed, NotFound)
HELPS = "/organisations/{organisation_id}/people/{person_id}"

router = api_router("", "accounts")


@router.post("/me/password", response_model=SessionOut, responses=problems(*OWN, WrongPassword, EverybodysAccount))
@tells_secret
def change_password(body: PasswordIn, tx: Tx, by: By, request: Request) -> SessionOut:
    """Choose another password; your other sessions end, this one goes on under a new token."""
    Terms.of(settings_of(request)).must_be_ones_own()
    token = passwords.change(tx, by=by, draft=body)
    return SessionOut(token=token, person_id=sessions.mine(tx, by).person_id)


@router.post(
    "/access-codes/redemption", status_code=201, response_model=SessionOut, responses=problems(WrongCode, SignInFailed)
)
@tells_secret
def redeem(body: RedemptionIn, tx: Tx, request: Request, device: Device) -> sessions.Entered:
    """Choose a password with a code that was handed over or sent, and sign in."""
    patience.entry(request)
    return passwords.redeem(tx, draft=body, terms=Terms.of(settings_of(request)), device=device)


@router.post(
    "/access-codes/requests",
    status_code=204,
    responses=problems(InvalidInput, TooManyAttempts, EverybodysAccount, MailNotSetUp),
)
def ask_by_mail(body: MailIn, tx: Tx, request: Request) -> None:
    """Ask for a code by e-mail; the answer is the same whether or not an account has the address."""
    patience.entry(request)
    Terms.of(settings_of(request)).must_be_ones_own()
    must_be_set_up(settings_of(request))
    mail.ask(tx, email=body.email)


@router.post(
    HELPS + "/access-codes", status_code=201, response_model=AccessCodeOut,
    responses=problems(*OWN, NotTheirs, BothHands),
)  # fmt: skip
@tells_secret
def issue_code(organisation_id: UUID, person_id: UUID, tx: Tx, by: By, request: Request) -> AccessCodeOut:
    """A code with which someone you look after chooses a password."""
    Terms.of(settings_of(request)).must_be_ones_own()
    code, until = helping.issue(tx, by=by, organisation_id=organisation_id, person_id=person_id)
    return AccessCodeOut(code=code, expires_at=until)


@router.post(
    HELPS + "/invitations", status_code=201, response_model=InvitationOut,
    responses=problems(*OWN, NotTheirs, BothHands, MailNotSetUp),
)  # fmt: skip
def invite(
    organisation_id: UUID, person_id: UUID, body: MailIn, tx: Tx, by: By, request: Request
) -> InvitationOut:  # fmt: skip
    """Send someone you look after a code by e-mail; you do not see it."""
    Terms.of(settings_of(request)).must_be_ones_own()
    until = helping.invite(
        tx,
        by=by,
        organisation_id=organisation_id,
        person_id=person_id,
        settings=settings_of(request),
        email=body.email,
    )
    return InvitationOut(expires_at=until)


@router.post(HELPS + "/pin", status_code=204, responses=problems(*OWN, NotTheirs))
def set_pin(organisation_id: UUID, person_id: UUID, body: PinIn, tx: Tx, by: By, request: Request) -> None:
    """The PIN that someone you look after has typed."""
    Terms.of(settings_of(request)).must_be_ones_own()
    helping.set_pin(tx, by=by, organisation_id=organisation_id, person_id=person_id, pin=body.pin)


@router.post(HELPS + "/second-factor-removal", status_code=204, responses=problems(*OWN, NotTheirs, BothHands))
def remove_factor_of(organisation_id: UUID, person_id: UUID, body: ReasonIn, tx: Tx, by: By) -> None:
    """Take the authenticator of someone you look after, who lost it."""
    helping.remove_factor(tx, by=by, organisation_id=organisation_id, person_id=person_id, reason=body.reason)
