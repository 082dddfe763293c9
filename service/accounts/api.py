"""The API of sign-in: sessions, passwords, second factors, who holds a shared phone, help with accounts."""

from uuid import UUID

from fastapi import Request

from service.accounts import factors, pins, sessions
from service.accounts.door import whoever
from service.accounts.models import SignInSession
from service.accounts.rules import (
    AlreadyProtected,
    EverybodysAccount,
    SignInFailed,
    StillNeeded,
    Terms,
    WrongCode,
    WrongPassword,
    WrongPin,
)
from service.accounts.schemas import (
    ActorOut,
    CodeIn,
    EnrolmentOut,
    NameableOut,
    NamingIn,
    OwnPinIn,
    RecoveryCodesOut,
    SessionOut,
    SessionRow,
    SignIn,
    SwitchTo,
)
from service.kernel.problems import InvalidInput, NotAllowed, NotFound, SignInRequired
from service.tries.throttle import TooManyAttempts
from service.web import patience
from service.web.deps import By, Entrant, Tx, settings_of
from service.web.devices import Device
from service.web.problems import problems
from service.web.routes import api_router, tells_secret

SIGNED_IN = (SignInRequired, InvalidInput)
OWN = (*SIGNED_IN, NotAllowed, NotFound)
HELPS = "/organisations/{organisation_id}/people/{person_id}"

router = api_router("", "accounts")


@router.post(
    "/sessions",
    status_code=201,
    response_model=SessionOut,
    responses=problems(SignInFailed, TooManyAttempts, InvalidInput),
)
@tells_secret
def sign_in(body: SignIn, tx: Tx, request: Request, device: Device) -> sessions.Entered:
    """Begin a session with a name and a password."""
    patience.entry(request)
    return sessions.sign_in(
        tx, username=body.username, password=body.password, terms=Terms.of(settings_of(request)), device=device
    )


@router.get("/sessions", response_model=list[SessionRow], responses=problems(*OWN))
def own_sessions(tx: Tx, by: By, request: Request) -> list[SignInSession]:
    """Your sessions that still hold."""
    return sessions.live(tx, by=by, terms=Terms.of(settings_of(request)))


@router.delete("/sessions", status_code=204, responses=problems(*OWN))
def end_other_sessions(tx: Tx, by: By) -> None:
    """End every session of yours but this one."""
    sessions.end_others(tx, by=by, person_id=sessions.mine(tx, by).person_id)


@router.delete("/sessions/current", status_code=204, responses=problems(SignInRequired))
def sign_out(tx: Tx, entrant: Entrant) -> None:
    """End the session."""
    sessions.sign_out(tx, by=whoever(entrant))


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(*OWN))
def end_session(session_id: UUID, tx: Tx, by: By) -> None:
    """End one of your sessions."""
    sessions.end(tx, by=by, session_id=session_id)


@router.post("/sessions/current/second-factor", response_model=SessionOut, responses=problems(*OWN, WrongCode))
@tells_secret
def give_code(body: CodeIn, tx: Tx, entrant: Entrant) -> SessionOut:
    """Complete a session with a code; it goes on under a new token."""
    by = whoever(entrant)
    return SessionOut(token=factors.give(tx, by=by, code=body.code), person_id=sessions.mine(tx, by).person_id)


@router.get("/sessions/current/people", response_model=list[NameableOut], responses=problems(*OWN))
def nameable(tx: Tx, by: By) -> list[pins.Nameable]:
    """Who may name themselves on your organisation's shared phone."""
    return pins.people_with_pin(tx, by=by)


@router.post("/sessions/current/person", response_model=SessionOut, responses=problems(*OWN, WrongPin))
@tells_secret
def name_person(body: NamingIn, tx: Tx, by: By) -> SessionOut:
    """Say with a PIN who holds the shared phone; for a quarter of an hour that person acts, under a new token."""
    token = pins.name(tx, by=by, person_id=body.person_id, pin=body.pin)
    return SessionOut(token=token, person_id=body.person_id)


@router.delete("/sessions/current/person", response_model=SessionOut, responses=problems(*OWN))
@tells_secret
def step_back(tx: Tx, by: By) -> SessionOut:
    """Nobody in particular holds the phone any more; the session goes on under a new token."""
    return SessionOut(token=pins.step_back(tx, by=by), person_id=sessions.mine(tx, by).person_id)


@router.get("/me", response_model=ActorOut, responses=problems(SignInRequired))
def me(by: By) -> ActorOut:
    """Who you are: person, organisation, roles."""
    return ActorOut.model_validate(by, from_attributes=True)


@router.post("/me/organisation", response_model=SessionOut, responses=problems(*OWN))
@tells_secret
def switch(body: SwitchTo, tx: Tx, by: By) -> SessionOut:
    """Act for another of your organisations; the session goes on under a new token."""
    token = sessions.switch(tx, by=by, organisation_id=body.organisation_id)
    return SessionOut(token=token, person_id=sessions.mine(tx, by).person_id)


@router.post("/me/pin", status_code=204, responses=problems(*OWN, WrongPassword, EverybodysAccount))
def choose_pin(body: OwnPinIn, tx: Tx, by: By, request: Request) -> None:
    """Choose your PIN for the group's shared phone."""
    Terms.of(settings_of(request)).must_be_ones_own()
    pins.choose(tx, by=by, password=body.password, pin=body.pin)


@router.post(
    "/me/second-factor", status_code=201, response_model=EnrolmentOut, responses=problems(*OWN, AlreadyProtected)
)
@tells_secret
def enrol(tx: Tx, entrant: Entrant, request: Request) -> factors.Enrolment:
    """Begin to set up an authenticator; it counts from its first code on."""
    Terms.of(settings_of(request)).must_be_ones_own()
    return factors.begin(tx, by=whoever(entrant))


@router.post(
    "/me/second-factor/confirmation", response_model=RecoveryCodesOut,
    responses=problems(*OWN, WrongCode, AlreadyProtected),
)  # fmt: skip
@tells_secret
def confirm(body: CodeIn, tx: Tx, entrant: Entrant) -> RecoveryCodesOut:
    """The first code turns the authenticator on; the session goes on under a new token."""
    codes, token = factors.confirm(tx, by=whoever(entrant), code=body.code)
    return RecoveryCodesOut(recovery_codes=codes, token=token)


@router.post("/me/second-factor/recovery-codes", response_model=RecoveryCodesOut, responses=problems(*OWN, WrongCode))
@tells_secret
def renew_codes(body: CodeIn, tx: Tx, by: By) -> RecoveryCodesOut:
    """New recovery codes; the old ones hold no more."""
    return RecoveryCodesOut(recovery_codes=factors.renew_codes(tx, by=by, code=body.code))


@router.post("/me/second-factor/removal", status_code=204, responses=problems(*OWN, WrongCode, StillNeeded))
def remove_factor(body: CodeIn, tx: Tx, by: By, request: Request) -> None:
    """Take your authenticator away, where no role of yours needs it."""
    factors.remove(tx, by=by, code=body.code, terms=Terms.of(settings_of(request)))
