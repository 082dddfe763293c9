"""The first page, the choice of language, health, and a page for every problem."""

import re

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text

from service.kernel.i18n import LANGUAGES, gettext
from service.kernel.problems import NotFound, Problem
from service.parties.permissions import may
from service.site import home
from service.web.deps import MaybeBy, Tx
from service.web.forms import Form
from service.web.pages import local, render, see
from service.web.routes import page_router

router = page_router()
A_YEAR_S = 31_536_000


@router.get("/")
def first(request: Request, tx: Tx, by: MaybeBy, desk: bool = False) -> Response:  # noqa: FBT001, FBT002 - a query's
    """What this is and who can sign in as whom; a group's day, unless it wants the desk; or one's next useful step."""
    if by is not None and not desk and may(by, "today.see", organisation_id=by.organisation_id):
        return see("/today")
    return render(request, "site/home.html", **home.facts(tx, by=by, demo=request.app.state.settings.demo))


@router.post("/language")
def choose_language(request: Request, posted: Form) -> Response:
    """Choose the language of the pages."""
    del request
    answer = see(local(posted.get("next", "/")))
    code = posted.get("lang")
    answer.set_cookie("lang", code if code in LANGUAGES else LANGUAGES[0], max_age=A_YEAR_S, samesite="lax")
    return answer


@router.get("/health")
def health(tx: Tx) -> Response:
    """Whether the service and its database answer."""
    tx.execute(text("select 1"))
    return JSONResponse({"status": "ok"})


@router.get("/problems")
def problems(request: Request, by: MaybeBy) -> Response:
    """Every refusal, by its status and name."""
    del by  # the page's navigation knows the reader
    kinds = sorted(Problem.registry.values(), key=lambda kind: (kind.status, kind.slug()))
    return render(request, "site/problems.html", kinds=kinds, plainly=_plainly)


@router.get("/problems/{slug}")
def problem(request: Request, slug: str, by: MaybeBy) -> Response:
    """What a problem means and what to do."""
    del by  # the page's navigation knows the reader
    found = Problem.registry.get(slug)
    if found is None:
        raise NotFound
    return render(request, "site/problem_kind.html", kind=found, plainly=_plainly)


def _plainly(message: str) -> str:
    """A refusal's words where no case fills their blanks."""
    return re.sub(r"\{\w+\}", "…", gettext(message))
