"""Pages of sign-in and of the organisation one acts for."""

from uuid import UUID

from fastapi import Request, Response

from service.kernel.i18n import LANGUAGES
from service.parties import actions, queries, sessions
from service.parties.schemas import SignIn, SwitchTo
from service.parties.vocabulary import LABELS
from service.web.deps import SESSION_COOKIE, By, MaybeBy, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
A_YEAR_S = 31_536_000


def _local(path: str) -> str:
    """A path on this site, or the first page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


@router.get("/sign-in")
def sign_in_page(request: Request, by: MaybeBy) -> Response:
    """The sign-in form."""
    if by is not None:
        return see("/")
    return render(request, "parties/sign_in.html", next=_local(request.query_params.get("next", "/")))


@router.post("/sign-in")
@shows_again(sign_in_page)
def sign_in(request: Request, tx: Tx, by: MaybeBy, posted: Form) -> Response:
    """Begin a session and go where the person was going."""
    del by
    form = posted.read_some(SignIn)
    settings = request.app.state.settings
    token, _ = sessions.sign_in(tx, username=form.username, password=form.password, hours=settings.session_hours)
    answer = see(_local(posted.get("next", "/")))
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


@router.post("/language")
def choose_language(request: Request, posted: Form) -> Response:
    """Choose the language of the pages."""
    del request
    answer = see(_local(posted.get("next", "/")))
    code = posted.get("lang")
    answer.set_cookie("lang", code if code in LANGUAGES else LANGUAGES[0], max_age=A_YEAR_S, samesite="lax")
    return answer


@router.get("/seats")
def seats(request: Request, tx: Tx, by: By) -> Response:
    """The organisations that the person may act for."""
    assert by.person_id is not None
    found = queries.seats(tx, by.person_id)
    return render(request, "parties/seats.html", seats=found, person=queries.person(tx, by.person_id))


@router.post("/seats")
@shows_again(seats)
def take_seat(tx: Tx, by: By, posted: Form, request: Request) -> Response:
    """Act for another organisation."""
    del request
    sessions.switch(tx, by=by, organisation_id=posted.read(SwitchTo).organisation_id)
    return see("/")


@router.get("/organisations/{organisation_id}")
def organisation(request: Request, organisation_id: UUID, tx: Tx, by: By) -> Response:
    """One organisation: what it is, where, and its social shares where the reader may see them."""
    found = actions.get(tx, organisation_id)
    shares = queries.shares_or_none(tx, by=by, organisation=found)
    return render(request, "parties/organisation.html", organisation=found, shares=shares)
