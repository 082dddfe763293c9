"""Pages of sign-in and of the organisation one acts for."""

from fastapi import Request, Response

from service.accounts import sessions
from service.accounts.schemas import SignIn, SwitchTo
from service.people import queries as people
from service.web.deps import SESSION_COOKIE, By, MaybeBy, Tx
from service.web.forms import Form
from service.web.pages import local, render, see
from service.web.routes import page_router, shows_again

router = page_router()


@router.get("/sign-in")
def sign_in_page(request: Request, by: MaybeBy) -> Response:
    """The sign-in form."""
    if by is not None:
        return see("/")
    return render(request, "accounts/sign_in.html", next=local(request.query_params.get("next", "/")))


@router.post("/sign-in")
@shows_again(sign_in_page)
def sign_in(request: Request, tx: Tx, by: MaybeBy, posted: Form) -> Response:
    """Begin a session and go where the person was going."""
    del by
    form = posted.read_some(SignIn)
    settings = request.app.state.settings
    token, _ = sessions.sign_in(tx, username=form.username, password=form.password, hours=settings.session_hours)
    answer = see(local(posted.get("next", "/")))
    answer.set_cookie(
        SESSION_COOKIE, token, max_age=settings.session_hours * 3600, httponly=True, samesite="lax",
        secure=settings.cookie_secure,
    )  # fmt: skip
    return answer


@router.post("/sign-out")
def sign_out(tx: Tx, by: MaybeBy) -> Response:
    """End the session."""
    if by is not None:
        sessions.sign_out(tx, by=by)
    answer = see("/")
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@router.get("/seats")
def seats(request: Request, tx: Tx, by: By) -> Response:
    """The organisations that the person may act for."""
    assert by.person_id is not None
    found = people.seats(tx, by.person_id)
    return render(request, "accounts/seats.html", seats=found, person=people.person(tx, by.person_id))


@router.post("/seats")
@shows_again(seats)
def take_seat(tx: Tx, by: By, posted: Form, request: Request) -> Response:
    """Act for another organisation."""
    del request
    sessions.switch(tx, by=by, organisation_id=posted.read(SwitchTo).organisation_id)
    return see("/")
