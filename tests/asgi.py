"""A client that calls the app directly, handlers and all in one thread: several times cheaper than the usual one.

For tests that send thousands of requests. `tests/conftest.py` has the client that behaves like a real one.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock
from urllib.parse import quote, urlencode

from starlette.types import ASGIApp, Message

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """Sends requests to an app; headers are sent as given, nothing is remembered between two requests."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        self._loop.close()

    def get(self, path: str, headers: Headers | None = None) -> Answer:
        return self.send("GET", path, headers)

    def json(self, method: str, path: str, body: Any, headers: Headers | None = None) -> Answer:
        kind = {"content-type": "application/json"}
        return self.send(method, path, {**kind, **(headers or {})}, json.dumps(body).encode())

    def form(self, path: str, fields: dict[str, str], headers: Headers | None = None) -> Answer:
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, {**kind, **(headers or {})}, urlencode(fields).encode())

    def send(self, method: str, path: str, headers: Headers | None = None, body: bytes = b"") -> Answer:
        with mock.patch("anyio.to_thread.run_sync", _here):
            return self._loop.run_until_complete(self._send(method, path, headers or {}, body))

    async def _send(self, method: str, path: str, headers: Headers, body: bytes) -> Answer:
        came: list[Message] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            came.append(message)

        await self.app(_scope(method, path, headers, len(body)), receive, send)
        found = {name.decode(): value.decode("latin-1") for name, value in came[0]["headers"]}
        return Answer(came[0]["status"], found, b"".join(message.get("body", b"") for message in came[1:]))


async def _here(call: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """Instead of another thread: nothing else waits for this one."""
    del options
    return call(*given)


def _scope(method: str, path: str, headers: Headers, length: int) -> dict[str, Any]:
    address, _, query = path.partition("?")
    sent = {"host": "testserver", "content-length": str(length)} | {k.lower(): v for k, v in headers.items()}
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": address, "raw_path": quote(address).encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("testclient", 50000), "server": ("testserver", 80), "state": {},
    }  # fmt: skip
