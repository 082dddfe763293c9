"""The API of sign-in: sessions, who one is, and the organisation one acts for."""

from fastapi import Request

from service.accounts import sessions
from service.accounts.rules import SignInFailed, TooManyAttempts
from service.accounts.schemas import ActorOut, SessionOut, SignIn, SwitchTo
from service.kernel.problems import InvalidInput, NotAllowed, SignInRequired
from service.web.deps import By, Tx
from service.web.problems import problems
from service.web.routes import api_router

SIGNED_IN = (SignInRequired, InvalidInput)

router = api_router("", "accounts")


@router.post(
    "/sessions",
    status_code=201,
    response_model=SessionOut,
    responses=problems(SignInFailed, TooManyAttempts, InvalidInput),
)
def sign_in(body: SignIn, tx: Tx, request: Request) -> SessionOut:
    """Begin a session with a name and a password."""
    hours = request.app.state.settings.session_hours
    token, person = sessions.sign_in(tx, username=body.username, password=body.password, hours=hours)
    return SessionOut(token=token, person_id=person.id)


@router.delete("/sessions/current", status_code=204, responses=problems(SignInRequired))
def sign_out(tx: Tx, by: By) -> None:
    """End the session."""
    sessions.sign_out(tx, by=by)


@router.get("/me", response_model=ActorOut, responses=problems(SignInRequired))
def me(by: By) -> ActorOut:
    """Who you are: person, organisation, roles."""
    return ActorOut.model_validate(by, from_attributes=True)


@router.post("/me/organisation", status_code=204, responses=problems(*SIGNED_IN, NotAllowed))
def switch(body: SwitchTo, tx: Tx, by: By) -> None:
    """Act for another of your organisations."""
    sessions.switch(tx, by=by, organisation_id=body.organisation_id)
