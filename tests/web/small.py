"""A small app over the toolkit: one notebook of places, to try what every route relies on."""

from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Request, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.kernel.actor import Actor
from service.kernel.db import Database
from service.kernel.problems import Duplicate, must_match
from service.kernel.settings import Settings
from service.kernel.shapes import In, Name, Out
from service.parties.models import Organisation
from service.web import language, pages, problems, security
from service.web.deps import Creates, IfMatch, MaybeBy, Tx
from service.web.forms import Form
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems as documented
from service.web.routes import api_router, page_router, shows_again
from tests.conftest import FROM_HERE

api, people = api_router("/notes", "notes"), page_router("/notes")


class NoteIn(In):
    """A note."""

    name: Name
    number: Annotated[int, Field(ge=0)] = 0


class NoteOut(Out):
    """A note as it is kept."""

    id: UUID
    name_th: str
    version: int


def note(tx: Session, name: str, number: int = 0) -> Organisation:
    row = Organisation(kind="charity", scheme="NOTES", registration_id=name, name_th=name, heads=number)
    tx.add(row)
    tx.flush()
    return row


@api.post("", status_code=201, response_model=NoteOut, dependencies=[Creates], responses=documented(Duplicate))
def write(body: NoteIn, tx: Tx) -> Organisation:
    return note(tx, body.name, body.number)


@api.get("", response_model=Page[NoteOut])
def notes(tx: Tx, cut: Paging) -> Page[NoteOut]:
    rows, following = page_of(tx, select(Organisation), Organisation.id, cut)
    return Page(items=rows, next=following)


@api.patch("/{note_id}", response_model=NoteOut)
def change(note_id: UUID, body: NoteIn, version: IfMatch, tx: Tx) -> Organisation:
    row = tx.get_one(Organisation, note_id)
    must_match(row.version, version)
    row.name_th = body.name
    tx.flush()
    return row


@api.delete("", status_code=204)
def clear(tx: Tx) -> None:
    note(tx, "cleared")


@api.post("/fault")
def fault(tx: Tx) -> None:
    note(tx, "half")
    raise ZeroDivisionError


@api.post("/stuck")
def stuck(tx: Tx) -> None:
    raise OperationalError("select", {}, LockNotAvailableError())


class LockNotAvailableError(Exception):
    """What the driver says when a row stayed locked."""

    sqlstate = "55P03"


@people.get("")
def form(request: Request, tx: Tx, by: MaybeBy) -> Response:
    del tx, by
    return pages.render(request, "accounts/sign_in.html", next="/")


@people.post("")
@shows_again(form)
def fill(request: Request, tx: Tx, by: MaybeBy, posted: Form) -> Response:
    del request, by
    note(tx, posted.read_some(NoteIn).name)
    return pages.see("/notes")


ACTOR = Actor(None, None, "charity", None, frozenset())


def small_app(database: Database, **settings: object) -> FastAPI:
    """The toolkit's app, as `create_app` puts it together; any token is somebody."""
    chosen = Settings(database_url=database.url).model_copy(update=settings)
    app = FastAPI(openapi_url="/api/v1/openapi.json")
    app.state.settings, app.state.database = chosen, database
    app.state.resolve_actor = lambda _database, token: ACTOR if token else None
    app.state.menu = lambda _actor: []
    app.include_router(api)
    app.include_router(people)
    problems.install(app, pages.problem_page)
    security.install(app, chosen, pages.problem_page)
    app.add_middleware(language.LanguageOfRequest)
    return app


def small_client(database: Database, **settings: object) -> TestClient:
    """A client of the small app; faults answer, they do not raise.

    FastAPI builds its routes at the first request, inside `warnings.catch_warnings`, which is not safe between threads:
    one request is made here, before a test calls from several at once.
    """
    app = small_app(database, **settings)
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False, headers=FROM_HERE)
    client.get("/nothing-here")
    return client
