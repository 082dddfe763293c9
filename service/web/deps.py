"""What a handler may ask for: the transaction, who acts, the version it edits.

`Tx` is a session that has not touched the database: the route opens, commits and closes it around the
handler, in the handler's own thread (web/routes.py). A `yield` dependency would commit in another thread,
which costs two hops and can starve the SQLite write lock.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.db import Database, canonical
from service.kernel.i18n import N_
from service.kernel.problems import EditConflict, FieldError, InvalidInput, Problem, SignInRequired

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class PreconditionRequired(Problem):
    """An edit came without If-Match."""

    status = 428
    title = N_("Say which version you edit")
    detail = N_("Edits need the If-Match header, so that nobody overwrites a change that they have not seen.")
    todo = N_("Read the object, take its ETag, and send it as If-Match.")


@dataclass(frozen=True, slots=True)
class Call:
    """The outline of a request that the route's transaction needs."""

    database: Database
    write: bool
    caller: str
    key: str | None
    fingerprint: str


async def _session(request: Request) -> Session:
    database: Database = request.app.state.database
    write = request.method not in SAFE_METHODS
    tx = database.new_session(write=write)
    key = request.headers.get("idempotency-key") if write else None
    token, digest = session_token(request), ""
    if write:
        sent, form_key = await _sent(request)
        key = key or form_key
        digest = sha256(canonical([request.method, request.url.path, sent]).encode()).hexdigest()
    # Answers to nobody are not remembered: keys would be shared by all, and a sign-in's answer is a secret.
    key = _checked_key(key) if token else None
    tx.info["call"] = Call(database, write, sha256(token.encode()).hexdigest(), key, digest)
    tx.info["request_id"] = getattr(request.state, "request_id", "")
    return tx


async def _sent(request: Request) -> tuple[Any, str | None]:
    """The body as comparable data, and the key that a form carries in its hidden field."""
    if request.headers.get("content-type", "").startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        request.state.form = form = await request.form()  # the guard closes its files
        pairs = [(name, value if isinstance(value, str) else value.filename) for name, value in form.multi_items()]
        key = form.get("_key")
        return pairs, key if isinstance(key, str) and key else None
    return (await request.body()).decode("utf-8", "replace"), None


def _checked_key(key: str | None) -> str | None:
    if key is not None and not 1 <= len(key) <= 200:
        raise InvalidInput(errors=(FieldError("/Idempotency-Key", N_("Use 1 to 200 characters.")),))
    return key


SESSION_COOKIE = "session"


def session_token(request: Request) -> str:
    """The session's secret: from the Authorization header of a program or the cookie of a browser."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return request.cookies.get(SESSION_COOKIE, "")


def _maybe_actor(request: Request) -> Actor | None:
    token = session_token(request)
    if not token:
        return None
    database: Database = request.app.state.database
    with database.reading() as tx:
        actor: Actor | None = request.app.state.resolve_actor(tx, token)
    request.state.actor = actor
    return actor


def _actor(request: Request) -> Actor:
    actor = _maybe_actor(request)
    if actor is None:
        raise SignInRequired(headers={"WWW-Authenticate": "Bearer"})
    return actor


def _if_match(if_match: Annotated[str | None, Header(description="The ETag of the version you edit.")] = None) -> int:
    if if_match is None:
        raise PreconditionRequired
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 9:
        raise EditConflict
    return int(text)


def _if_match_or_new(
    if_match: Annotated[str | None, Header(description="The ETag of the version you edit; none to add.")] = None,
) -> int | None:
    return None if if_match is None else _if_match(if_match)


def _idempotency(
    idempotency_key: Annotated[
        str | None, Header(description="Repeat a creating call safely: the same key gives the same answer.")
    ] = None,
) -> str | None:
    return idempotency_key


Tx = Annotated[Session, Depends(_session)]
By = Annotated[Actor, Depends(_actor)]
MaybeBy = Annotated[Actor | None, Depends(_maybe_actor)]
IfMatch = Annotated[int, Depends(_if_match)]
IfMatchOrNew = Annotated[int | None, Depends(_if_match_or_new)]
Creates = Depends(_idempotency)
Id = UUID
