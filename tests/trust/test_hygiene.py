"""Every page and step against what the web brings: foreign forms, inline code, headers, slow bodies, logs."""

import asyncio
import logging
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import StringIO

import pytest
import structlog
from starlette.testclient import TestClient
from starlette.types import Message

from service.app import create_app
from service.kernel import logs
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.web.deps import MOST_FIELDS
from tests.conftest import client_of
from tests.make import PASSWORD, making
from tests.trust.operations import OPERATIONS
from tests.trust.world import World, as_actor, routes_of

FOREIGN: tuple[dict[str, str], ...] = ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://elsewhere.example"},
           {"origin": "null"}, {"origin": "https://testserver.elsewhere.example"}, {})  # fmt: skip
HEADERS = {
    "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "same-origin",
}  # fmt: skip


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    world = World(sqlite_database, solved=False)
    world.ids |= {"award_id": world.ids["group"], "order_id": world.ids["group"]}
    yield world
    world.wire.close()


def test_no_step_of_any_page_is_taken_for_another_site(world: World) -> None:
    steps = [path for method, path in routes_of(world.app.routes) if method != "GET" and not path.startswith("/api/")]
    assert len(steps) > 35
    for path in steps:
        address = world.address(path) if set(re.findall(r"{(\w+)}", path)) <= set(world.ids) else path
        for foreign in FOREIGN:
            answer = world.wire.form(address, {"lang": "en"}, {"cookie": "session=head", **foreign})
            assert (answer.status, "set-cookie" in answer.headers) == (403, False), (path, foreign)


def test_a_browsers_cookie_takes_no_step_of_the_api_for_another_site(world: World) -> None:
    for method, path in routes_of(world.app.routes):
        if method != "GET" and path.startswith("/api/"):
            for foreign in FOREIGN:
                answer = world.wire.json(method, path, {}, {"cookie": "session=head", **foreign})
                assert answer.json()["type"] == "/problems/foreign-form", (path, foreign)


class Page(HTMLParser):
    """What a page holds that a strict policy forbids, and forms that lead elsewhere or change by GET."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._script = tag == "script"
        self.faults += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.faults.append(f"inline {tag}")
        for name in ("href", "src", "action", "formaction"):
            if re.match(r"\s*(javascript:|data:text|//|https?:)", given.get(name) or "", re.IGNORECASE):
                self.faults.append(f"{tag} {name}={given[name]}")
        if tag == "a" and given.get("target") == "_blank" and "noopener" not in (given.get("rel") or ""):
            self.faults.append("a link that keeps hold of this page")


@pytest.mark.slow
def test_every_page_keeps_the_policy_and_every_answer_carries_its_headers(world: World) -> None:
    pages = 0
    for operation in OPERATIONS:
        for route in operation.routes:
            method, path = route.split()
            if method == "GET" and set(re.findall(r"{(\w+)}", path)) <= set(world.ids):
                who = min(operation.may)
                answer = world.wire.get(world.address(path, **operation.rows), as_actor(who))
                policy = answer.headers["content-security-policy"]
                assert "unsafe" not in policy, path
                assert "default-src 'self'" in policy, path
                assert HEADERS.items() <= answer.headers.items(), path
                assert answer.headers["cache-control"] == "no-store", path
                if answer.headers.get("content-type", "").startswith("text/html"):
                    pages += 1
                    assert Page(answer.text).faults == [], path
    assert pages > 25


def test_a_body_that_trickles_for_ever_is_cut_off(sqlite_database: Database) -> None:
    app = create_app(Settings().model_copy(update={"body_seconds": 0.05}), sqlite_database)
    came: list[Message] = []
    parts: Iterator[Message] = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def receive() -> Message:
        for part in parts:
            return part
        await asyncio.Event().wait()  # the rest never comes
        raise AssertionError

    async def send(message: Message) -> None:
        came.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/api/v1/sessions", "raw_path": b"/api/v1/sessions", "query_string": b"", "root_path": "",
        "headers": [(b"content-type", b"application/json")], "client": None, "server": ("testserver", 80), "state": {},
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert came[0]["status"] in {400, 422}


def test_a_file_is_no_field_and_a_form_has_an_end(world: World) -> None:
    kind = {"content-type": "multipart/form-data; boundary=b", "origin": "http://testserver", **as_actor("manager")}
    part = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="x.html"\r\n\r\n<script>\r\n'
    path = f"/organisations/{world.ids['group']}/edit"
    answer = world.wire.send("POST", path, kind, part % b"phone" + part % b"version" + b"--b--\r\n")
    assert answer.status == 422
    field = b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n'
    many = b"".join(field % number for number in range(MOST_FIELDS + 1))
    assert world.wire.send("POST", path, kind, many + b"--b--\r\n").status == 400


@pytest.mark.parametrize("as_json", [True, False])
def test_an_address_begins_no_line_of_the_log(client: TestClient, written: StringIO, as_json: bool) -> None:
    before = logging.getLogger().handlers
    logs.configure(Settings(log_json=as_json))
    logging.getLogger().handlers[0].setStream(written)  # type: ignore[attr-defined]
    client.get("/nothing%0a2026-11-22 [info] request path=/forged%1b[2J%e2%80%a8end")
    logging.getLogger().handlers = before
    (line,) = [line for line in written.getvalue().splitlines() if line]
    assert "forged" in line
    assert "\x1b[2J" not in line


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What the service writes into its log."""
    root, chosen, paper = logging.getLogger(), structlog.get_config(), StringIO()
    before = root.handlers, root.level
    logs.configure(Settings(log_json=True))
    (handler,) = root.handlers
    handler.setStream(paper)  # type: ignore[attr-defined]
    yield paper
    root.handlers, root.level = before
    structlog.configure(**chosen)


def test_no_password_token_or_key_reaches_the_log_and_every_line_names_its_request(
    sqlite_database: Database, written: StringIO
) -> None:
    with making(sqlite_database) as make:
        group = make.organisation()
        person = make.person(group, "supplier_manager")
    client = client_of(sqlite_database)
    secrets = {
        "password": PASSWORD,
        "wrong password": "not-the-password-at-all",
        "pin": "731946",
        "idempotency": "k" * 40,
    }
    client.post("/sign-in", data={"username": person.username, "password": secrets["wrong password"]})
    client.post("/sign-in", data={"username": person.username, "password": PASSWORD})
    secrets["cookie"] = client.cookies["session"]
    token = client.post("/api/v1/sessions", json={"username": person.username, "password": PASSWORD}).json()["token"]
    secrets["token"] = token
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": secrets["idempotency"]}
    client.post("/api/v1/me/pin", json={"pin": secrets["pin"], "password": PASSWORD}, headers=headers)
    client.get(f"/api/v1/offers?cursor={token}", headers=headers)
    client.post("/api/v1/offers", content=b'{"price_satang": 98765431, "x"', headers=headers)
    text = written.getvalue()
    lines = [line for line in text.splitlines() if line.strip()]
    assert len([line for line in lines if '"request_id"' in line and '"path"' in line]) >= 6
    assert all('"request_id"' in line for line in lines)
    assert {name for name, secret in secrets.items() if secret in text} == set()
    assert "98765431" not in text
