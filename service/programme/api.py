"""The API of programme profiles; its scope is that of rounds, which run under them."""

from typing import Annotated

from fastapi import Query

from service.kernel.problems import Duplicate, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.programme import actions, queries
from service.programme.models import ProgrammeProfile
from service.programme.schemas import ProfileIn, ProfileOut
from service.web.deps import By, Creates, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

CREATES = (SignInRequired, InvalidInput, NotAllowed, NotFound, Duplicate, KeyReused)
Code = Annotated[str | None, Query(pattern=r"^\d{2}$")]

router = api_router("", "rounds")


@router.get("/profiles", response_model=Page[ProfileOut], responses=problems(InvalidInput))
def profiles(tx: Tx, cut: Paging, province: Code = None) -> Page[ProfileOut]:
    """Programme profiles: public, every version."""
    rows, following = page_of(tx, queries.profiles(province), ProgrammeProfile.id, cut)
    return Page(items=rows, next=following)


@router.post(
    "/profiles", status_code=201, response_model=ProfileOut, responses=problems(*CREATES), dependencies=[Creates]
)
def adopt(body: ProfileIn, tx: Tx, by: By) -> ProgrammeProfile:
    """Enter a profile that the committee adopted by resolution."""
    return actions.adopt(tx, by=by, draft=body)
