"""Requests to programs of others: no redirects, one limit on the whole time, and no private addresses unless allowed.

The name is resolved once, every address it has is checked, and the connection goes to an address that was checked: a
name that changes its answer between the check and the connection gains nothing.
"""

import asyncio
import socket
import ssl
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpx

from service.kernel.clock import now
from service.notices.rules import is_public

SECONDS = 10.0  # for everything: name, connection, request, head of the answer


class Failed(Exception):
    """A try that failed: its code (never an address), whether another may succeed, and the wait that was asked for."""

    def __init__(self, code: str, *, final: bool = False, wait: timedelta | None = None) -> None:
        super().__init__(code)
        self.code, self.final, self.wait = code, final, wait


class Forbidden(Failed):
    """An address that nobody outside may make us call."""

    def __init__(self, code: str) -> None:
        super().__init__(code, final=True)


def post(
    url: str, *, body: bytes, headers: dict[str, str], guarded: bool = False, seconds: float = SECONDS
) -> httpx.Response:
    """Send JSON and give the answer's head; `guarded`: only to addresses of the public internet."""
    target, extensions, host = httpx.URL(url), {}, ""
    if guarded:
        address, host = _public(target), target.netloc.decode("ascii")
        extensions = {"sni_hostname": target.host}
        target = target.copy_with(host=address)
    sent = {"content-type": "application/json", "user-agent": "pracharat-market", **headers}
    if host:
        sent["host"] = host
    try:
        return asyncio.run(_post(target, body, sent, extensions, seconds, alone=guarded))
    except TimeoutError as error:
        raise Failed(code="timeout") from error
    except httpx.HTTPError as error:
        raise Failed(code="timeout" if isinstance(error, httpx.TimeoutException) else "connection") from error


async def _post(
    url: httpx.URL, body: bytes, headers: dict[str, str], extensions: dict[str, Any], seconds: float, *, alone: bool
) -> httpx.Response:
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(timeout=seconds, follow_redirects=False, trust_env=not alone, verify=_trusted()) as client,
        client.stream("POST", url, content=body, headers=headers, extensions=extensions) as answer,
    ):
        return answer  # its body is never read


@lru_cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust; reading the list takes longer than a request."""
    return httpx.create_ssl_context()


def _public(url: httpx.URL) -> str:
    """The address to connect to, if all that the name has are public."""
    try:
        found = socket.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Failed(code="name") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise Forbidden(code="private address")
    return addresses[0]


def must_be_done(answer: httpx.Response, *, final: frozenset[int] = frozenset()) -> None:
    """Refuse an answer that is no success; some of its codes say that no other try will do."""
    code = answer.status_code
    if not 200 <= code < 300:
        raise Failed(code=f"HTTP {code}", final=code in final, wait=_asked(answer.headers.get("retry-after", "")))


def _asked(text: str) -> timedelta | None:
    """What a Retry-After asks for: seconds or a date."""
    if text.isascii() and text.isdecimal() and len(text) < 9:
        return timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now(), timedelta(0))
