"""How refusals leave: problem+json for programs, a page for people; and their OpenAPI entries."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException

from service.kernel.i18n import N_
from service.kernel.mistakes import UNREADABLE, invalid
from service.kernel.problems import (
    Busy,
    FieldError,
    InvalidInput,
    NotFound,
    Problem,
    SecondFactorRequired,
    SignInRequired,
)
from service.web import links

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"
_SECRET_PATH = re.compile(r"^(/a/)[^/]+")  # a link that opens one award


class Words(BaseModel):
    """A refusal in one language."""

    title: str
    detail: str
    todo: str = Field(description="What to do about it.")


class FieldDocument(BaseModel):
    """One wrong field."""

    pointer: str
    detail: str
    th: str
    en: str


class ProblemDocument(BaseModel):
    """RFC 9457 problem details, in the reader's language and in both."""

    type: str
    status: int
    title: str
    detail: str
    todo: str
    instance: str
    th: Words
    en: Words
    errors: list[FieldDocument] = []


class MethodNotAllowed(Problem):
    """The address exists, the method does not."""

    status = 405
    title = N_("This method is not offered here")
    detail = N_("The address exists, but not for this method.")
    todo = N_("Look up the address in the API description.")


class TooLarge(Problem):
    """The request body is larger than the service reads."""

    status = 413
    title = N_("That is too large")
    detail = N_("The request is larger than this service reads.")
    todo = N_("Send less at once, or split the file.")


class ForeignForm(Problem):
    """A form came from another site."""

    status = 403
    title = N_("This form did not come from here")
    detail = N_("Your browser says that another site sent it.")
    todo = N_("Open the page here and send the form again.")


class OverTls(Problem):
    """A call in the clear, where everything else goes over TLS."""

    status = 403
    title = N_("Use https")
    detail = N_("What was sent came unprotected, and others may have read it.")
    todo = N_("Send it to the https address; a key or password that was sent like this should be changed.")


class Unexpected(Problem):
    """A fault of ours."""

    status = 500
    title = N_("Something went wrong on our side")
    detail = N_("Nothing was changed. The fault was recorded under {request_id}.")
    todo = N_("Try again; if it stays, tell the operator that number.")


def problems(*classes: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """OpenAPI `responses` for the refusals that a route can give."""
    entries: dict[int | str, dict[str, Any]] = {}
    for problem in classes:
        entry = entries.setdefault(problem.status, {"description": "", "content": {}})
        entry["description"] = "; ".join(filter(None, [entry["description"], f"{problem.title} ({problem.slug()})"]))
        entry["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    return entries


def _describe(app: FastAPI) -> None:
    """Put the problem document among the schemas: FastAPI knows only those of its own responses."""
    _, found = models_json_schema([(ProblemDocument, "serialization")], ref_template="#/components/schemas/{model}")
    write = app.openapi

    def described() -> dict[str, Any]:
        document = write()
        document.setdefault("components", {}).setdefault("schemas", {}).update(found["$defs"])
        links.add(document)
        return document

    app.openapi = described  # type: ignore[method-assign]


def install(app: FastAPI, page: Callable[[Request, Problem], Response]) -> None:
    """Answer every refusal of the app; `page` renders one for people."""

    def answer(request: Request, problem: Problem) -> Response:
        if not wants_page(request):
            return document(problem, request.url.path)
        return _way_in(request, problem) or page(request, problem)

    async def refused(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, Problem)
        return answer(request, problem)

    async def malformed(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        if any(part == "path" for found in error.errors() for part in found["loc"][:1]):
            return answer(request, NotFound())
        return answer(request, invalid(error.errors()))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 400 and not wants_page(request):  # FastAPI could not read the body
            return answer(request, InvalidInput(errors=(FieldError("", UNREADABLE),)))
        known = {404: NotFound, 405: MethodNotAllowed, 413: TooLarge}.get(error.status_code, MalformedRequest)
        return answer(request, known(headers=dict(error.headers or {})))

    async def stuck(request: Request, error: Exception) -> Response:
        log.warning("busy", path=without_secret(request.url.path), exc_info=error)
        return answer(request, busy())

    _describe(app)
    app.add_exception_handler(Problem, refused)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(PoolExhausted, stuck)
    app.add_exception_handler(OperationalError, stuck)


def _way_in(request: Request, problem: Problem) -> Response | None:
    """Where a person goes who has yet to sign in, or to finish it."""
    doors = {SignInRequired: "/sign-in", SecondFactorRequired: "/second-factor"}
    door = doors.get(type(problem))
    asked = f"{request.url.path}?{request.url.query}".removesuffix("?")
    following = asked if request.method == "GET" else "/"
    return None if door is None else RedirectResponse(via(door, following), status_code=303)


def via(door: str, following: str) -> str:
    """A door behind which one goes on to a path of ours, with whatever that asks for."""
    return f"{door}?next={quote(following)}"


def busy() -> Busy:
    """The database did not answer in time."""
    return Busy(headers={"Retry-After": "5"})


class MalformedRequest(Problem):
    """The request is not HTTP as this service reads it."""

    status = 400
    title = N_("The request could not be read")
    detail = N_("Its body or headers are broken.")
    todo = N_("Check the encoding and the length of what you send.")


def without_secret(path: str) -> str:
    """A path as it may stand in the log: what lets someone in is left out."""
    return _SECRET_PATH.sub(r"\1…", path)


def wants_page(request: Request) -> bool:
    """Whether a person reads the answer (pages) and not a program (API)."""
    return not request.url.path.startswith("/api/")


def document(problem: Problem, instance: str = "") -> Response:
    """The problem as problem+json."""
    return JSONResponse(problem.body(instance), problem.status, headers=problem.headers, media_type=MEDIA_TYPE)
