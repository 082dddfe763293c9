"""Local servers that behave as badly as a test tells them to, by a script of answers."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = int | str | tuple[int, dict[str, str]]  # a code, with headers, or "slow", "cut", "drip"


@dataclass
class Provider:
    """A server: what it will answer next (200 when the script is over), and what it has taken."""

    script: list[Answer] = field(default_factory=list)
    taken: list[tuple[dict[str, str], Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        raw = self.rfile.read(length)
        body, found = json.loads(raw), self.provider
        found.raw.append(raw)
        found.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
        answer = found.script.pop(0) if found.script else 200
        if answer == "slow":
            found.released.wait(20)
            self._say(200, {})
        elif answer == "drip":
            self._drip()
        elif answer == "cut":
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            code, headers = answer if isinstance(answer, tuple) else (answer, {})
            self._say(int(code), headers)

    def _say(self, code: int, headers: dict[str, str]) -> None:
        try:
            self._write(code, headers)
        except OSError:  # whoever asked waits no longer
            return

    def _write(self, code: int, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def _drip(self) -> None:
        try:
            while not self.provider.released.is_set():
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        del format, args


@contextmanager
def http_provider(*script: Answer) -> Iterator[Provider]:
    """A running HTTP server."""
    provider = Provider(list(script))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": provider}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        provider.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """A mail server: the codes of its next answers, and the messages that it took."""

    script: list[str] = field(default_factory=list)
    taken: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        answer = self.script.pop(0) if self.script else "250 taken"
        if answer.startswith("250"):
            self.taken.append(envelope)
        return answer


@contextmanager
def mail_server(*script: str) -> Iterator[Mailbox]:
    """A running mail server."""
    box = Mailbox(list(script))
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
