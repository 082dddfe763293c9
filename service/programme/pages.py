"""Pages of programme profiles: a province's versions, public, and the form of the next one."""

from typing import Annotated

from fastapi import Query, Request, Response

from service.parties.permissions import may, require
from service.programme import actions, queries
from service.programme.schemas import ProfileForm
from service.web.deps import By, MaybeBy, Tx
from service.web.forms import Form
from service.web.pages import render, see
from service.web.routes import page_router, shows_again

router = page_router()
Code = Annotated[str, Query(max_length=40)]


@router.get("/profiles")
def profiles(request: Request, tx: Tx, by: MaybeBy, province: Code = "") -> Response:
    """The programme profile of a province with all its versions; public."""
    chosen = province or (by.province_code if by else None) or ""
    context = queries.shelf(tx, chosen)
    return render(request, "programme/profiles.html", **context,
                  adopts=may(by, "profile.adopt", province=context["chosen"]))  # fmt: skip


@router.get("/profiles/new")
def profile_form(request: Request, tx: Tx, by: By) -> Response:
    """The form of a new version, filled with the one in force."""
    require(by, "profile.adopt", province=by.province_code)
    return render(request, "programme/profile_form.html", **queries.shelf(tx, by.province_code or ""))


@router.post("/profiles/new")
@shows_again(profile_form)
def adopt(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Enter the version that the committee adopted."""
    del request
    row = actions.adopt(tx, by=by, draft=posted.read(ProfileForm).draft())
    return see(f"/profiles?province={row.province_code}")
