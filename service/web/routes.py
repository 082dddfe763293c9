"""A route is a use case: its handler runs in one transaction, which commits before the answer leaves.

The same wrapper remembers answers under their Idempotency-Key, sets the ETag, and shows a form again with
its values when a page's step is refused. Handlers neither commit nor catch a Problem.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from inspect import signature
from typing import Any

from fastapi import APIRouter, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from starlette.routing import Match
from starlette.types import Scope

from service.kernel.i18n import N_
from service.kernel.problems import Busy, Duplicate, EditConflict, InvalidInput, NotFound, Problem
from service.tries.throttle import TooManyAttempts
from service.web.deps import Call, OutOfScope
from service.web.models import IdempotentAnswer
from service.web.problems import ForeignForm, TooLarge, busy, problems

JSON = "application/json"
_SQLITE_BUSY = frozenset({"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED", "SQLITE_CANTOPEN"})
_POSTGRES_BUSY = frozenset({None, "40001", "40P01", "55P03", "57014", "57P01", "57P03", "53300"})


class KeyReused(Problem):
    """An Idempotency-Key came back with another request."""

    status = 422
    title = N_("This Idempotency-Key was used for another request")
    detail = N_("A key names one request; this one differs from the first.")
    todo = N_("Send a new key with a new request.")


class UseCaseRoute(APIRoute):
    """Wraps the handler in its transaction."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:
        if path.startswith("/api/"):
            kwargs["responses"] = _always(path, kwargs.get("methods")) | (kwargs.get("responses") or {})
        model: Any = kwargs.get("response_model")
        adapter: TypeAdapter[Any] | None = TypeAdapter(model) if is_model(model) else None
        super().__init__(path, _in_transaction(endpoint, adapter, kwargs.get("status_code") or 200), **kwargs)
        self.stem = path.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the request is for this route; of several hundred routes most are told apart by their beginning."""
        if not scope["path"].startswith(self.stem, len(scope.get("root_path", ""))):
            return Match.NONE, {}
        return super().matches(scope)


def _always(path: str, methods: Any) -> dict[int | str, dict[str, Any]]:
    """The refusals that any such route can give beside its own."""
    reads = {"GET"} >= set(methods or ())
    named = (NotFound,) if "{" in path else ()
    writes = (TooLarge, Duplicate, ForeignForm, TooManyAttempts)
    return problems(InvalidInput, Busy, OutOfScope, *named, *(() if reads else writes))


def is_model(model: Any) -> bool:
    """Whether a route names the shape of its answer (FastAPI passes a sentinel where it does not)."""
    return isinstance(model, type) or hasattr(model, "__origin__")


def api_router(prefix: str, tag: str) -> APIRouter:
    """A router for programs under /api/v1."""
    return APIRouter(prefix=f"/api/v1{prefix}", tags=[tag], route_class=UseCaseRoute)


def page_router(prefix: str = "") -> APIRouter:
    """A router for people; it is not part of the OpenAPI."""
    return APIRouter(prefix=prefix, route_class=UseCaseRoute, include_in_schema=False, default_response_class=Response)


def tells_secret(step: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a use case whose answer holds a secret that is shown once: it is not remembered under a key."""
    step.tells_secret = True  # type: ignore[attr-defined]
    return step


def writes(step: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a GET that changes rows: one to which another service sends people back, carrying a proof of its own."""
    step.writes = True  # type: ignore[attr-defined]
    return step


def shows_again(page: Callable[..., Response]) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Mark a page's step: when it is refused, its page is shown again with what was typed.

    The step takes every parameter that the page takes, and `request`.
    """

    def mark(step: Callable[..., Response]) -> Callable[..., Response]:
        step.shows_again = page  # type: ignore[attr-defined]
        return step

    return mark


def _in_transaction(endpoint: Callable[..., Any], adapter: TypeAdapter[Any] | None, status: int) -> Callable[..., Any]:
    @wraps(endpoint)
    def run(**given: Any) -> Any:
        tx: Session | None = given.get("tx")
        if tx is None:
            return endpoint(**given)
        try:
            return _answer(endpoint, given, tx, adapter, status)
        except Problem as problem:
            page = getattr(endpoint, "shows_again", None)
            if page is None:
                raise
            return _again(page, given, tx, problem)

    return run


def _answer(
    endpoint: Callable[..., Any], given: dict[str, Any], tx: Session, adapter: TypeAdapter[Any] | None, status: int
) -> Any:
    call: Call = tx.info["call"]
    if getattr(endpoint, "tells_secret", False):
        call = replace(call, key=None)
    try:
        with call.database.transact(tx, write=call.write):
            known = _remembered(tx, call)
            if known is not None:
                return known
            answer = _rendered(endpoint(**given), adapter, status, given.get("response"))
            _remember(tx, call, answer)
        return answer
    except IntegrityError as error:
        if call.key is not None and "idempotent_answers" in str(error):
            return _replay(call)
        raise Duplicate from error
    except StaleDataError as error:
        raise EditConflict from error
    except (OperationalError, PoolExhausted) as error:
        if not _is_passing(error):
            raise
        raise busy() from error
    except (DataError, OverflowError, UnicodeEncodeError) as error:  # what a column cannot hold
        raise (InvalidInput if call.write else NotFound) from error


def _is_passing(error: Exception) -> bool:
    """Whether another try may succeed: no lock or connection in time. Anything else is a fault of ours."""
    cause = getattr(error, "orig", None)
    if getattr(cause, "sqlite_errorname", "SQLITE_BUSY") not in _SQLITE_BUSY:
        return False
    return getattr(cause, "sqlstate", None) in _POSTGRES_BUSY


def _rendered(result: Any, adapter: TypeAdapter[Any] | None, status: int, headers: Response | None) -> Any:
    if adapter is None and result is None:
        return Response(status_code=status)
    if isinstance(result, Response) or adapter is None:
        return result
    answer = Response(adapter.dump_json(adapter.validate_python(result, from_attributes=True)), status, media_type=JSON)
    if headers is not None:
        answer.headers.update({name: value for name, value in headers.headers.items() if name != "content-length"})
    version = getattr(result, "version", None)
    if version is not None:
        answer.headers["etag"] = f'"{version}"'
    return answer


def _remembered(tx: Session, call: Call) -> Response | None:
    if call.key is None:
        return None
    row = tx.get(IdempotentAnswer, (call.caller, call.key))
    if row is None:
        tx.add(IdempotentAnswer(caller=call.caller, key=call.key, fingerprint=call.fingerprint))
        tx.flush()  # a second call with this key now waits for the first
        return None
    return _same_again(row, call)


def _same_again(row: IdempotentAnswer, call: Call) -> Response:
    if row.fingerprint != call.fingerprint:
        raise KeyReused
    answer = Response(row.body, row.status)
    answer.headers.update({**row.headers, "idempotency-replayed": "true"})
    return answer


def _remember(tx: Session, call: Call, answer: Any) -> None:
    if call.key is None:
        return
    row = tx.get_one(IdempotentAnswer, (call.caller, call.key))
    if not isinstance(answer, Response):  # FastAPI writes it later; there is nothing to repeat
        tx.delete(row)
        return
    row.status, row.body = answer.status_code, bytes(answer.body)
    row.headers = {
        name: value for name, value in answer.headers.items() if name not in {"content-length", "set-cookie"}
    }


def _replay(call: Call) -> Response:
    with call.database.reading() as tx:
        return _same_again(tx.get_one(IdempotentAnswer, (call.caller, call.key)), call)


def _again(page: Callable[..., Response], given: dict[str, Any], tx: Session, problem: Problem) -> Response:
    """Show the form's page with what was typed and why it was refused (`render` finds both in the request)."""
    call: Call = tx.info["call"]
    given["request"].state.posted, given["request"].state.problem = given.get("posted"), problem
    with call.database.reading() as fresh:
        wanted = signature(page).parameters
        answer = page(**{name: fresh if name == "tx" else given[name] for name in wanted})
    answer.status_code = problem.status
    answer.headers.update(problem.headers)
    return answer
