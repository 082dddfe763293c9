"""What every request passes: sizes, broken bodies, foreign forms, headers, languages, caching, unknown addresses."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from service.kernel.db import Database
from service.parties.models import Organisation
from tests.conftest import client_of
from tests.make import HASH, PASSWORD, making
from tests.web.small import small_client

SOMEBODY = {"Authorization": "Bearer somebody"}
JSON = SOMEBODY | {"Content-Type": "application/json"}
NOTES = "/api/v1/notes"


@pytest.fixture
def small(database: Database) -> TestClient:
    return small_client(database, max_body_bytes=5_000)


def count(database: Database) -> int:
    with database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(Organisation)) or 0


def is_refused(answer: Any, *statuses: int) -> None:
    """A problem with words in both languages."""
    assert answer.status_code in statuses, (answer.status_code, answer.text)
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["status"] == answer.status_code
    for code in ("th", "en"):
        assert all(document[code][part] for part in ("title", "detail", "todo"))


BROKEN = {
    "no body": b"", "cut off": b'{"name": "x', "no JSON": b"name=x", "not UTF-8": b'{"name": "\xff\xfe"}',
    "a list": b"[]", "a number": b"5", "null": b"null", "a text": b'"name"', "deep": b"[" * 2_400 + b"]" * 2_400,
    "a deep name": b'{"name": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
    "NUL": b'{"name": "a\\u0000b"}', "half a pair": b'{"name": "ab\\ud800"}',
    "a foreign field": b'{"name": "good", "other": 1}', "a half pair as a field": b'{"name": "good", "\\ud800": 1}',
    "a long field": b'{"name": "good", "' + b"x" * 3_000 + b'": 1}', "a field with a slash": b'{"name":"good","a/~":1}',
    "a number as name": b'{"name": 5}', "missing": b"{}", "null inside": b'{"name": null}',
    "a huge number": b'{"name": "good", "number": 9223372036854775808}',
    "a number of 4,500 digits": b'{"name": "good", "number": ' + b"9" * 4_500 + b"}",
    "infinity": b'{"name": "good", "number": Infinity}', "not a number": b'{"name": "good", "number": NaN}',
    "a broken number": b'{"name": "good", "number": 1.5}', "negative": b'{"name": "good", "number": -1}',
    "a duplicate opening": b'{"name": "good"}{"name": "good"}', "a BOM": "\ufeff{}".encode("utf-16"),
}  # fmt: skip


@pytest.mark.postgres
def test_a_broken_body_is_refused_and_writes_nothing(small: TestClient, database: Database) -> None:
    for name, body in BROKEN.items():
        answer = small.post(NOTES, content=body, headers=JSON)
        assert answer.status_code == 422, (name, answer.status_code, answer.text)
        is_refused(answer, 422)
    assert count(database) == 0


def test_each_wrong_field_is_pointed_at_in_both_languages(sqlite_database: Database) -> None:
    answer = small_client(sqlite_database).post(NOTES, json={"name": "x", "number": -1, "a/b~c": 1}, headers=SOMEBODY)
    found = {error["pointer"]: error for error in answer.json()["errors"]}
    assert set(found) == {"/name", "/number", "/a~1b~0c"}
    assert found["/name"]["en"] == "It must have at least 2 characters."
    assert all(error["th"] != error["en"] for error in found.values())


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data", "application/octet-stream",
                                  "multipart/form-data; boundary=", "application/x-www-form-urlencoded", "",
                                  "x/y; z"])  # fmt: skip
def test_a_body_of_another_kind_is_refused(sqlite_database: Database, kind: str) -> None:
    client = small_client(sqlite_database)
    is_refused(client.post(NOTES, content=b"a=1&b", headers=SOMEBODY | {"Content-Type": kind}), 422)
    assert count(sqlite_database) == 0


def chunks(size: int) -> Iterator[bytes]:
    yield b'{"name": "'
    for _ in range(size // 100):
        yield b"x" * 100
    yield b'"}'


def test_a_body_is_counted_as_it_arrives(sqlite_database: Database) -> None:
    small = small_client(sqlite_database, max_body_bytes=5_000)
    is_refused(small.post(NOTES, content=b"x" * 5_001, headers=JSON), 413)
    is_refused(small.post(NOTES, content=chunks(6_000), headers=JSON), 413)
    is_refused(small.post(NOTES, content=chunks(6_000), headers=SOMEBODY), 413)
    lying = small.post("/notes", content=chunks(6_000), headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert lying.status_code == 413
    assert small.post(NOTES, content=chunks(100), headers=JSON).status_code == 201


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "٣"])
def test_a_length_that_is_none_is_refused(sqlite_database: Database, length: str) -> None:
    headers = [(b"content-length", length.encode()), (b"content-type", b"application/json")]
    is_refused(small_client(sqlite_database).request("POST", NOTES, headers=headers), 400)


def test_an_endless_length_is_too_large(sqlite_database: Database) -> None:
    headers = [(b"content-length", b"9" * 5_000)]
    is_refused(small_client(sqlite_database).request("POST", NOTES, headers=headers), 413)


GARBAGE = [
    "/%00", "/organisations/%00", "/api/v1/organisations/%00", "/static/%00", "/assets/%00", "/static/../app.py",
    "/static/%2e%2e/app.py", "/%ff%fe", "/api/v1/products/%00", "/products/%00", "/organisations/not-an-id", "/a//b",
    "/problems/%00", "/problems/nothing", "/api/v1/organisations/" + "a" * 3_000, "/" + "ก" * 100,
    "/static/" + "a" * 300,
    "/api/v1/nothing", "/nothing", "/api", "/.env", "/api/v1/provinces/%F0%9F%98%80/districts", "/products?words=%00",
]  # fmt: skip


@pytest.mark.postgres
def test_garbage_in_the_address_is_not_found_and_never_a_fault(market: TestClient) -> None:
    with making(market) as make:
        person = make.person(make.organisation("hospital"))
    market.post("/sign-in", data={"username": person.username, "password": PASSWORD})
    for path in GARBAGE:
        answer = market.get(path)
        assert answer.status_code in {303, 404, 422}, (path, answer.status_code)
        assert "content-security-policy" in answer.headers
        if path.startswith("/api/"):
            is_refused(answer, 404, 422)


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/v1/nothing", "/api/v1/me", "/static/style.css", "/health",
                                  "/sign-in", "/problems/busy", "/demands", "/api/v1/openapi.json"])  # fmt: skip
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert len(answer.headers["x-request-id"]) >= 8
    assert "strict-transport-security" not in answer.headers


def test_behind_tls_browsers_are_told_to_stay_there(sqlite_database: Database) -> None:
    answer = small_client(sqlite_database, cookie_secure=True).get("/notes")
    assert "max-age=31536000" in answer.headers["strict-transport-security"]


def test_where_the_proxy_passes_plain_http_on_pages_lead_to_tls_and_nothing_else_is_done(
    sqlite_database: Database,
) -> None:
    client = client_of(sqlite_database, tls_redirect=True, public_address="https://market.example")
    led = client.get("/sign-in?next=/listings", headers={"Host": "evil.example"})
    assert (led.status_code, led.headers["location"]) == (308, "https://market.example/sign-in?next=/listings")
    assert client.get("/static/style.css").headers["location"] == "https://market.example/static/style.css"
    assert client.post("/sign-in", data={"username": "x", "password": PASSWORD}).status_code == 403
    is_refused(client.get("/api/v1/provinces"), 403)
    assert client.get("/health").status_code == 200
    assert client.get("https://testserver/sign-in").status_code == 200


@pytest.mark.parametrize("sent", ["short", "with space inside", "x" * 65, "ª" * 10, "<script>alert(1)"])
def test_a_strange_request_id_is_replaced(client: TestClient, sent: str) -> None:
    answer = client.get("/health", headers={b"X-Request-Id": sent.encode("latin-1")})
    assert answer.headers["x-request-id"] != sent


def test_unknown_addresses_and_methods_answer_in_the_readers_form(client: TestClient) -> None:
    page, document = client.get("/nothing"), client.get("/api/v1/nothing")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "<h1>" in page.text
    is_refused(document, 404)
    refused = client.delete("/api/v1/provinces")
    is_refused(refused, 405)
    assert refused.headers["allow"] == "GET"
    assert client.put("/health").status_code == 405


def test_head_is_get_without_its_body(client: TestClient) -> None:
    for path in ("/", "/health", "/api/v1/provinces", "/static/style.css", "/nothing"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (get.status_code, b""), path
        assert head.headers["content-type"] == get.headers["content-type"]


def test_a_form_of_another_site_is_refused(client: TestClient) -> None:
    form = {"username": "x", "password": "y"}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"},
                    {"Sec-Fetch-Site": "same-site"}):  # fmt: skip
        answer = client.post("/sign-in", data=form, headers=headers)
        assert answer.status_code == 403, headers
    del client.headers["Origin"]
    assert client.post("/sign-in", data=form).status_code == 403  # who says nothing may be anybody
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}):
        assert client.post("/sign-in", data=form, headers=headers).status_code == 401, headers


def test_programs_with_a_token_are_no_browsers(sqlite_database: Database) -> None:
    headers = SOMEBODY | {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    assert small_client(sqlite_database).post(NOTES, json={"name": "good"}, headers=headers).status_code == 201


def test_a_cookie_rides_on_no_other_sites_call_of_the_api(sqlite_database: Database) -> None:
    client = small_client(sqlite_database)
    client.cookies.set("session", "somebody")
    is_refused(client.post(NOTES, json={"name": "good"}, headers={"Origin": "https://elsewhere.example"}), 403)


def test_the_sessions_cookie_is_the_browsers_alone(client: TestClient) -> None:
    with making(client) as make:
        person = make.person(make.organisation())
    assert person.password_hash == HASH
    answer = client.post("/sign-in", data={"username": person.username, "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "; secure" not in cookie
    assert client.get("/").headers["cache-control"] == "no-store"


def test_what_is_signed_in_is_never_kept_and_versioned_files_for_ever(client: TestClient) -> None:
    for_ever = "public, max-age=31536000, immutable"
    page = client.get("/")
    assert "cache-control" not in page.headers
    versioned = [part.split('"')[0] for part in page.text.split('href="')[1:] if part.startswith("/static/")]
    assert versioned
    for path in versioned:
        assert client.get(path).headers["cache-control"] == for_ever
    assert "cache-control" not in client.get("/static/style.css").headers
    assert client.get("/static/none.css?v=1").headers.get("cache-control") != for_ever
    assert client.get("/api/v1/me", headers=SOMEBODY).headers["cache-control"] == "no-store"


LANGUAGES = [
    ("/", {}, "th"), ("/", {"Accept-Language": "en"}, "th"), ("/", {"Cookie": "lang=en"}, "en"),
    ("/", {"Cookie": "lang=xx"}, "th"), ("/", {"Cookie": 'a,b=1; "; lang=en'}, "en"),
    ("/", {"Cookie": "\xff\xfe=1;;;=; lang"}, "th"), ("/api/v1/me", {}, "en"),
    ("/api/v1/me", {"Accept-Language": "th-TH,th;q=0.9"}, "th"),
    ("/api/v1/me", {"Accept-Language": "th;q=0.1, en;q=0.9"}, "en"),
    ("/api/v1/me", {"Accept-Language": "de, th;q=0.5, en;q=0.4"}, "th"),
    ("/api/v1/me", {"Accept-Language": "th;q=0, *;q=x,;;"}, "en"),
    ("/api/v1/me", {"Accept-Language": "en", "Cookie": "lang=th"}, "th"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "headers", "code"), LANGUAGES)
def test_the_language_is_the_readers_choice(client: TestClient, path: str, headers: dict[str, str], code: str) -> None:
    answer = client.get(path, headers={name.encode(): value.encode("latin-1") for name, value in headers.items()})
    if path == "/":
        assert f'<html lang="{code}">' in answer.text
    else:
        assert answer.json()["title"] == answer.json()[code]["title"]


def test_whoever_must_sign_in_comes_back_to_the_page(client: TestClient) -> None:
    assert client.get("/demands").headers["location"] == "/sign-in?next=/demands"
    assert client.get("/demands?a=b&c=d").headers["location"] == "/sign-in?next=/demands%3Fa%3Db%26c%3Dd"
    assert client.get("/organisations/new%3Fx%26y").status_code in {303, 404}
    assert client.post("/budget", data={}).headers["location"] == "/sign-in?next=/"
