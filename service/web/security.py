"""What every request passes: an id, a size limit, the same-site check of forms, and security headers."""

import re
from collections.abc import Awaitable, Callable
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

from service.kernel.problems import Problem
from service.kernel.settings import Settings
from service.web.deps import SAFE_METHODS, SESSION_COOKIE
from service.web.problems import ForeignForm, TooLarge, document, wants_page

Next = Callable[[Request], Awaitable[Response]]
_OUR_SITE = frozenset({"same-origin", "none"})


def install(app: FastAPI, settings: Settings, page: Callable[[Request, Problem], Response]) -> None:
    """Guard the whole app."""
    headers = _headers(settings)

    @app.middleware("http")
    async def guard(request: Request, call_next: Next) -> Response:
        sent = request.headers.get("x-request-id", "")
        request.state.request_id = sent if re.fullmatch(r"[\w-]{8,64}", sent) else uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.state.request_id)
        refusal = _refusal(request, settings)
        if refusal is None:
            response = await call_next(request)
        else:
            response = page(request, refusal) if wants_page(request) else document(refusal, request.url.path)
        response.headers["x-request-id"] = request.state.request_id
        headers.set_headers(response)
        return response


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
    if not length.isdecimal() or int(length) > settings.max_body_bytes:
        return TooLarge()
    if request.method not in SAFE_METHODS and SESSION_COOKIE in request.cookies and not _from_here(request):
        return ForeignForm()
    return None


def _from_here(request: Request) -> bool:
    """Whether a browser says that our own page sent this (cookies ride along on other sites' forms)."""
    if "authorization" in request.headers:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in _OUR_SITE
    origin = request.headers.get("origin")
    return origin is None or origin.split("://")[-1] == request.headers.get("host")
