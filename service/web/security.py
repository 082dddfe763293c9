"""What every request passes: an id, a size limit, the same-site check of forms, security headers, one log line.

Plain ASGI, so that it also stands around answers to faults and around bodies that come without a length.
"""

import asyncio
import re
from collections.abc import Callable
from time import perf_counter
from uuid import uuid4

import structlog
from fastapi import FastAPI, Request, Response
from secure import (
    ContentSecurityPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound, Problem
from service.kernel.settings import Settings
from service.tries.throttle import Throttle, TooManyAttempts
from service.web import patience
from service.web.deps import SAFE_METHODS, session_cookie, session_token
from service.web.problems import (
    ForeignForm,
    MalformedRequest,
    OverTls,
    TooLarge,
    Unexpected,
    document,
    wants_page,
    without_secret,
)

Page = Callable[[Request, Problem], Response]
log = structlog.get_logger()
_OUR_SITE = frozenset({"same-origin", "none"})
HEALTH = "/health"  # asked for inside the machine
_FILES = ("/static/", "/assets/")
FOR_EVER = "public, max-age=31536000, immutable"


def install(app: FastAPI, settings: Settings, page: Page) -> None:
    """Guard the whole app."""
    app.state.throttle = Throttle()
    app.add_middleware(Guard, settings=settings, page=page)


class Guard:
    """Stands around the app."""

    def __init__(self, app: ASGIApp, settings: Settings, page: Page) -> None:
        self.app = app
        self.settings = settings
        self.page = page
        self.headers = dict(_headers(settings).headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.request_id = _request_id(request)
        answer = _Answer(request, send, self.headers)
        # What serves GET serves HEAD: the same answer without its body.
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        try:
            await self._through(request, inner, answer)
        finally:
            answer.write_log()
            form = getattr(request.state, "form", None)
            if form is not None:
                await form.close()

    async def _through(self, request: Request, scope: Scope, answer: "_Answer") -> None:
        refusal = _refusal(request, self.settings) or _impatient(request, self.settings)
        if self.settings.tls_redirect and request.url.scheme != "https" and request.url.path != HEALTH:
            if request.method in SAFE_METHODS and wants_page(request):
                where = f"{self.settings.public_address}{request.url.path}?{request.url.query}".removesuffix("?")
                await RedirectResponse(where, 308)(request.scope, request.receive, answer.send)
                return
            refusal = OverTls()
        try:
            if refusal is None:
                limited = _limited(request.receive, self.settings.max_body_bytes, self.settings.body_seconds)
                await self.app(scope, limited, answer.send)
                return
        except Exception as error:
            refusal = Unexpected(request_id=request.state.request_id)
            log.exception("unexpected", path=without_secret(request.url.path))
            if answer.status:  # half an answer has left; the server cuts the connection
                raise error from None
        said = self.page(request, refusal) if wants_page(request) else document(refusal, request.url.path)
        await said(request.scope, request.receive, answer.send)


class _Answer:
    """The way out: adds headers, keeps the status for the log, drops the body of a HEAD."""

    def __init__(self, request: Request, send: Send, headers: dict[str, str]) -> None:
        self._request, self._send, self._headers = request, send, headers
        self._begun = perf_counter()
        self.status = 0
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.state.request_id)

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._complete(MutableHeaders(scope=message))
        elif self._request.method == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    def _complete(self, headers: MutableHeaders) -> None:
        headers.update({**self._headers, "x-request-id": self._request.state.request_id})
        path, query = self._request.url.path, self._request.query_params
        if path.startswith(_FILES):
            if "v" in query and self.status == 200:
                headers["cache-control"] = FOR_EVER
        elif session_token(self._request):
            headers["cache-control"] = "no-store"

    def write_log(self) -> None:
        """One line a request; queries and bodies may hold what is nobody's business."""
        took = round((perf_counter() - self._begun) * 1000, 1)
        method, path = self._request.method, without_secret(self._request.url.path)
        actor = getattr(self._request.state, "actor", None)
        who = {} if actor is None else {"person": str(actor.person_id), "organisation": str(actor.organisation_id)}
        log.info("request", method=method, path=path, status=self.status, ms=took, **who)


def _limited(receive: Receive, most: int, within_s: float) -> Receive:
    """Count what really arrives: a body may come without a length, be longer than it says, or trickle for ever."""
    seen, whole, deadline = 0, False, asyncio.get_running_loop().time() + within_s

    async def counted() -> Message:
        nonlocal seen, whole
        try:
            async with asyncio.timeout_at(None if whole else deadline):
                message = await receive()
        except TimeoutError:
            raise HTTPException(400, headers={"Connection": "close"}) from None
        seen += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if seen > most:
            raise HTTPException(413)
        return message

    return counted


def _request_id(request: Request) -> str:
    sent = request.headers.get("x-request-id", "")
    return sent if re.fullmatch(r"[A-Za-z0-9_-]{8,64}", sent) else uuid4().hex


def _headers(settings: Settings) -> Secure:
    policy = (
        ContentSecurityPolicy()
        .default_src("'self'")
        .script_src("'self'")
        .style_src("'self'")
        .img_src("'self'", "data:")
        .font_src("'self'")
        .object_src("'none'")
        .base_uri("'none'")
        .form_action("'self'")
        .frame_ancestors("'none'")
    )
    hsts = StrictTransportSecurity().max_age(31_536_000).include_subdomains() if settings.cookie_secure else None
    return Secure(
        csp=policy, hsts=hsts, xcto=XContentTypeOptions().nosniff(), xfo=XFrameOptions().deny(),
        referrer=ReferrerPolicy().same_origin(),
    )  # fmt: skip


def _refusal(request: Request, settings: Settings) -> Problem | None:
    length = request.headers.get("content-length", "0")
    if not re.fullmatch(r"[0-9]+", length):
        return MalformedRequest()
    if len(length) > 15 or int(length) > settings.max_body_bytes:
        return TooLarge()
    if "\x00" in request.url.path or "\x00" in request.scope["path"]:
        return NotFound()
    if any("\x00" in name + value for name, value in request.query_params.multi_items()):
        return InvalidInput(errors=(FieldError("", N_("It holds characters that cannot be printed.")),))
    browser = session_cookie(request) in request.cookies or wants_page(request)
    if request.method not in SAFE_METHODS and browser and not _from_here(request):
        return ForeignForm()
    return None


def _impatient(request: Request, settings: Settings) -> Problem | None:
    if request.method in SAFE_METHODS:
        return None
    try:
        patience.address(request.app.state.throttle, settings, request)
    except TooManyAttempts as problem:
        return problem
    return None


def _from_here(request: Request) -> bool:
    """Whether a browser says that our own page sent this (cookies ride along on other sites' forms).

    Who says nothing is refused: every browser of the last years names the origin of a form.
    """
    if "authorization" in request.headers:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in _OUR_SITE
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] == request.headers.get("host")
