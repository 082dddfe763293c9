"""What a handler may ask for: the transaction, who acts, the version it edits.

`Tx` is a session that has not touched the database: the route opens, commits and closes it around the
handler, in the handler's own thread (web/routes.py). A `yield` dependency would commit in another thread,
which costs two hops and can starve the SQLite write lock.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.db import Database, canonical
from service.kernel.i18n import N_
from service.kernel.problems import (
    EditConflict,
    FieldError,
    InvalidInput,
    Problem,
    SecondFactorRequired,
    SignInRequired,
)
from service.kernel.secrecy import vault
from service.kernel.settings import Settings
from service.web import patience

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_FIELDS = 5_000  # of a form: two hundred lines of a demand with all of theirs


class PreconditionRequired(Problem):
    """An edit came without If-Match."""

    status = 428
    title = N_("Say which version you edit")
    detail = N_("Edits need the If-Match header, so that nobody overwrites a change that they have not seen.")
    todo = N_("Read the object, take its ETag, and send it as If-Match.")


class OutOfScope(Problem):
    """A program's key that does not reach this part of the API."""

    status = 403
    title = N_("This key does not reach that far")
    detail = N_("Its scopes do not include what was asked for.")
    todo = N_("Use a key with the right scope; its owner makes one on the page of keys.")


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
    write = request.method not in SAFE_METHODS or getattr(request.scope.get("endpoint"), "writes", False)
    tx = database.new_session(write=write)
    key = request.headers.get("idempotency-key") if write else None
    token, digest = session_token(request), ""
    if write:
        sent, form_key = await _sent(request)
        key = key or form_key
        # Keyed: the plain hash of a short request could be guessed back to what it held, such as a person's number.
        digest = vault().mark(canonical([request.method, request.url.path, sent]))
    # Answers to nobody are not remembered: keys would be shared by all, and a sign-in's answer is a secret.
    key = _checked_key(key) if token else None
    tx.info["call"] = Call(database, write, sha256(token.encode()).hexdigest(), key, digest)
    tx.info["request_id"] = getattr(request.state, "request_id", "")
    return tx


async def _sent(request: Request) -> tuple[Any, str | None]:
    """The body as comparable data, and the key that a form carries in its hidden field."""
    if request.headers.get("content-type", "").startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        request.state.form = form = await request.form(max_fields=MOST_FIELDS)  # the guard closes its files
        pairs = [(name, value if isinstance(value, str) else value.filename) for name, value in form.multi_items()]
        key = form.get("_key")
        return pairs, key if isinstance(key, str) and key else None
    return (await request.body()).decode("utf-8", "replace"), None


def _checked_key(key: str | None) -> str | None:
    if key is not None and not 1 <= len(key) <= 200:
        raise InvalidInput(errors=(FieldError("/Idempotency-Key", N_("Use 1 to 200 characters.")),))
    return key


SESSION_COOKIE = "session"


def settings_of(request: Request) -> Settings:
    """The settings that the app was made with."""
    found: Settings = request.app.state.settings
    return found


def session_cookie(request: Request) -> str:
    """The cookie's name: over TLS a browser keeps it to this very host (`__Host-`)."""
    return f"__Host-{SESSION_COOKIE}" if settings_of(request).cookie_secure else SESSION_COOKIE


def keep_session(request: Request, answer: Response, token: str) -> Response:
    """The answer that lets the browser hold the session's secret, out of reach of scripts and of other sites."""
    settings = settings_of(request)
    answer.set_cookie(
        session_cookie(request), token, max_age=settings.session_hours * 3600, httponly=True, samesite="lax",
        secure=settings.cookie_secure,
    )  # fmt: skip
    return answer


def session_token(request: Request) -> str:
    """The session's secret: from the Authorization header of a program or the cookie of a browser."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return request.cookies.get(session_cookie(request), "")


def _entrant(request: Request) -> Actor | None:
    token = session_token(request)
    if not token:
        return None
    actor: Actor | None = request.app.state.resolve_actor(request.app.state.database, token)
    if actor is not None and request.method not in SAFE_METHODS:
        patience.account(request, str(actor.account_id or actor.person_id))
    if actor is not None and not actor.owes and actor.key_id is None:
        request.state.actor = actor  # the page's head knows the reader
    return actor


def _maybe_actor(request: Request, entrant: "Entrant") -> Actor | None:
    actor = None if entrant is None or entrant.owes or not _within_scope(request, entrant) else entrant
    request.state.actor = actor
    return actor


def _actor(request: Request, entrant: "Entrant") -> Actor:
    if entrant is None:
        raise SignInRequired(headers={"WWW-Authenticate": "Bearer"})
    if entrant.owes:
        raise SecondFactorRequired(headers={"WWW-Authenticate": "Bearer"})
    if not _within_scope(request, entrant):
        raise OutOfScope(headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'})
    request.state.actor = entrant
    return entrant


def _within_scope(request: Request, actor: Actor) -> bool:
    """Whether a program's key reaches the route: its capability, to read or to write. People's sessions reach all."""
    if actor.key_id is None:
        return True
    tags = getattr(request.scope.get("route"), "tags", None) or ["pages"]
    return f"{tags[0]}:{'read' if request.method in SAFE_METHODS else 'write'}" in actor.scopes


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


def _site(request: Request) -> str:
    """Where people reach the service, without a slash at the end: for links that leave it on paper."""
    return settings_of(request).public_address or str(request.base_url).rstrip("/")


Tx = Annotated[Session, Depends(_session)]
Site = Annotated[str, Depends(_site)]
Entrant = Annotated[Actor | None, Depends(_entrant)]  # whoever brings a session, also one that owes its second factor
By = Annotated[Actor, Depends(_actor)]
MaybeBy = Annotated[Actor | None, Depends(_maybe_actor)]
IfMatch = Annotated[int, Depends(_if_match)]
IfMatchOrNew = Annotated[int | None, Depends(_if_match_or_new)]
Creates = Depends(_idempotency)
Id = UUID
