"""Pages leave compressed: a phone on a slow network reads a fifth of the bytes.

The API is left as it is: its ETags name versions, and its answers hold secrets beside what callers send. Our pages hold
no secret that a foreign page could have reflected: forms are guarded by their origin, not by a token in the page.
"""

import gzip

import brotli  # type: ignore[import-untyped]
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.web.files import coding_of

LEAST = 600  # bytes; below, the header costs more than is saved
KINDS = ("text/html", "application/manifest+json", "text/javascript", "image/svg+xml")


def _brotli(body: bytes) -> bytes:
    packed: bytes = brotli.compress(body, quality=5)
    return packed


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 6, mtime=0)


PACKERS = {"br": _brotli, "gzip": _gzip}


class Compressed:
    """Packs whole answers of the pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or pack on the way out."""
        if scope["type"] != "http" or scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        coding = coding_of(Headers(scope=scope), PACKERS)
        await self.app(scope, receive, _Packer(send, coding).send if coding else send)


class _Packer:
    """Holds an answer's start until its body says whether packing pays."""

    def __init__(self, send: Send, coding: str) -> None:
        self._send, self._coding = send, coding
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            message = self._packed(start, message)
            await self._send(start)
        await self._send(message)

    def _packed(self, start: Message, message: Message) -> Message:
        headers, body = MutableHeaders(scope=start), message.get("body", b"")
        kind = headers.get("content-type", "").split(";")[0]
        if kind not in KINDS or "content-encoding" in headers:
            return message
        headers.add_vary_header("accept-encoding")
        if len(body) < LEAST or message.get("more_body"):
            return message
        packed = PACKERS[self._coding](body)
        headers["content-encoding"], headers["content-length"] = self._coding, str(len(packed))
        return {**message, "body": packed}
