"""Signing in elsewhere, against a provider that really runs: the whole way, and what must not get through."""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import SecretStr, ValidationError
from sqlalchemy import delete, select
from starlette.testclient import TestClient

from service.accounts import codes
from service.accounts.models import SignInSession
from service.events.models import Event
from service.federation import protocol, providers
from service.federation.actions import marked
from service.federation.models import Identity
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.secrecy import vault
from service.kernel.settings import Settings
from service.notices.models import Address
from service.passkeys.models import Passkey
from service.people.models import Membership, Person
from service.people.passwords import hash_password
from tests.conftest import FROM_HERE, app_of, client_of
from tests.federation import provider as idp
from tests.make import PASSWORD, database_of, making


@pytest.fixture(scope="module")
def running() -> Iterator[idp.Local]:
    with idp.running() as local:
        yield local


@pytest.fixture
def local(running: idp.Local) -> idp.Local:
    """An honest provider that nobody has asked yet."""
    running.lie, running.signed, running.about = None, None, {}
    protocol._known.clear()
    return running


@pytest.fixture
def client(local: idp.Local, sqlite_database: Database) -> TestClient:
    more: dict[str, Any] = {"shared": {"algorithms": ["HS256"]}, "strong": {"second_factor_amr": ["otp"]}}
    return client_with(sqlite_database, oidc_providers=local.settings(**more))


def client_with(database: Database, **settings: Any) -> TestClient:
    app = app_of(database, **settings)
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False,
                      headers=FROM_HERE, cookies={"lang": "en"})  # fmt: skip


def person_of(client: TestClient, kind: str = "farmer_group", role: str = "supplier_manager") -> Person:
    with making(client) as make:
        return make.person(make.organisation(kind), role)


def sign_in(client: TestClient, person: Person) -> None:
    assert client.post("/sign-in", data={"username": person.username, "password": PASSWORD}).status_code == 303


def came_back(client: TestClient, local: idp.Local, subject: str, name: str = "local", **other: str) -> Any:
    """Leave for the provider, sign in there and come back, perhaps with something else than one got."""
    leaving = client.get(f"/sign-in/with/{name}?next=/listings")
    assert leaving.status_code == 303, leaving.text
    given = local.code_for(leaving.headers["location"], subject)
    return client.get(f"/sign-in/with/{name}/back", params={**given, **other})


def connected(client: TestClient, local: idp.Local, person: Person, subject: str, name: str = "local") -> Any:
    sign_in(client, person)
    page = client.post(f"/account/connections/{name}", data={"password": PASSWORD})
    assert page.status_code == 200, page.text
    given = local.code_for(re.findall(r'href="(http://localhost[^"]+)"', page.text)[0].replace("&amp;", "&"), subject)
    return client.get(f"/sign-in/with/{name}/back", params=given)


def out(client: TestClient) -> None:
    client.post("/sign-out")
    client.cookies.clear()
    client.cookies.set("lang", "en")


def rows(client: TestClient, model: Any) -> list[Any]:
    with database_of(client).reading() as tx:
        return list(tx.scalars(select(model).order_by(model.id)))


def slug(answer: Any) -> str:
    """Which refusal a page or document shows."""
    title = re.search(r"<h1>(.*?)</h1>", answer.text)
    return title[1] if title else answer.text[:200]


@contextmanager
def site_of(app: Any) -> Iterator[str]:
    """The service itself on a port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_the_whole_way_as_a_browser_goes_it(local: idp.Local, sqlite_database: Database) -> None:
    app = app_of(sqlite_database, oidc_providers=local.settings())
    with making(sqlite_database) as make:
        person = make.person(make.organisation(), "supplier_manager")
    with site_of(app) as site, httpx.Client(base_url=site, follow_redirects=True, cookies={"lang": "en"}) as browser:
        ours = {"Origin": site}
        assert "Sign in with Local" in browser.get("/sign-in").text
        there = browser.get("/sign-in/with/local?next=/seats")
        refused = browser.post(str(there.url), data={"sub": "somsri"})
        assert (refused.status_code, slug(refused)) == (401, "No account here is connected with it")

        browser.post("/sign-in", data={"username": person.username, "password": PASSWORD}, headers=ours)
        leaving = browser.post("/account/connections/local", data={"password": PASSWORD}, headers=ours)
        onward = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', leaving.text)[0].replace("&amp;", "&")
        assert "code_challenge_method=S256" in onward
        before = browser.cookies["session"]
        page = browser.post(onward, data={"sub": "somsri"})
        assert (page.url.path, "connected" in page.text) == ("/account/connections", True)
        assert browser.cookies["session"] != before
        browser.post("/sign-out", headers=ours)

        there = browser.get("/sign-in/with/local?next=/seats")
        home = browser.post(str(there.url), data={"sub": "somsri"})
        assert (home.status_code, home.url.path) == (200, "/seats")
        assert person.display_name in home.text
    with sqlite_database.reading() as tx:
        row = tx.scalars(select(Identity)).one()
        told = tx.scalars(select(Event).order_by(Event.id)).all()
    assert row.person_id == person.id
    assert "somsri" not in row.subject_hash
    assert [event.verb for event in told][-3:] == ["identity.connected", "session.ended", "session.started"]
    assert "somsri" not in "".join(str(event.change) for event in told)


def test_without_a_provider_there_is_no_button_and_no_way(sqlite_database: Database) -> None:
    client = client_with(sqlite_database)
    assert "/sign-in/with/" not in client.get("/sign-in").text
    assert client.get("/sign-in/with/local").status_code == 404


def test_a_code_brings_somebody_in_without_a_password_once(client: TestClient, local: idp.Local) -> None:
    person = person_of(client)
    with database_of(client).writing() as tx:
        tx.get_one(Person, person.id).password_hash = ""
        code = codes.make(tx, person.id, holds=timedelta(hours=1), issued_by=None).code
    assert client.post("/access/with/local", data={"code": "AAAA-BBBB"}).status_code == 401
    page = client.post("/access/with/local", data={"code": code})
    address = re.findall(r'href="(http://localhost[^"]+)"', page.text)[0].replace("&amp;", "&")
    back = client.get("/sign-in/with/local/back", params=local.code_for(address, "new one"))
    assert (back.status_code, back.headers["location"]) == (303, "/")
    assert client.post("/access/with/local", data={"code": code}).status_code == 401
    assert [row.role for row in rows(client, Membership)] == ["supplier_manager"]
    [own] = client.get("/api/v1/me/connections").json()
    refused = client.post(f"/account/connections/{own['id']}/end")
    assert (refused.status_code, "This is your only way in" in refused.text) == (409, True)
    with database_of(client).writing() as tx:
        tx.add(Passkey(person_id=person.id, credential="own", public_key="x"))
    assert client.post(f"/account/connections/{own['id']}/end").status_code == 303


def test_whoever_regains_an_account_with_a_code_finds_no_way_in_of_a_stranger(
    client: TestClient, local: idp.Local
) -> None:
    person = person_of(client)

    def taken_over() -> str:
        """A stranger has the password, a connection, a passkey and a mailbox; the owner is given a code."""
        assert connected(client, local, person, "stranger").status_code == 303
        out(client)
        with database_of(client).writing() as tx:
            tx.add(Passkey(person_id=person.id, credential="stranger", public_key="x"))
            tx.add(Address(person_id=person.id, channel="email", address="stranger@example.org",
                           address_hash=vault().mark("email stranger@example.org"), confirmed_at=now()))  # fmt: skip
            return codes.make(tx, person.id, holds=timedelta(hours=1), issued_by=None).code

    def nothing_of_the_stranger() -> None:
        out(client)
        assert came_back(client, local, "stranger").status_code == 401
        assert (rows(client, Passkey), rows(client, Address)) == ([], [])

    page = client.post("/access/with/local", data={"code": taken_over()})
    address = re.findall(r'href="(http://localhost[^"]+)"', page.text)[0].replace("&amp;", "&")
    back = client.get("/sign-in/with/local/back", params=local.code_for(address, "owner"))
    assert (back.status_code, slug(back)) == (303, "")
    refused = client.post("/sign-in", data={"username": person.username, "password": PASSWORD})
    assert refused.status_code == 401
    nothing_of_the_stranger()

    with database_of(client).writing() as tx:
        row = tx.get_one(Person, person.id)
        row.password_hash = hash_password(PASSWORD)
        tx.execute(delete(Identity))
    given = {"code": taken_over(), "chosen": "copper lantern under rain"}
    assert client.post("/access", data=given).status_code == 303
    nothing_of_the_stranger()


def _set(**claims: Any) -> idp.Lie:
    return lambda token: token.update(claims)


LIES: list[idp.Lie] = [
    _set(nonce="another"), lambda token: token.pop("nonce"), _set(aud="another client"),
    _set(aud=["market", "another client"]), _set(aud=["market"], azp="another client"),
    _set(exp=int(time.time()) - 3600), lambda token: token.pop("exp"), _set(iss="https://elsewhere.example"),
    _set(iat=int(time.time()) + 3600), _set(sub=""), _set(sub=7), _set(at_hash="bent"),
]  # fmt: skip
FORGED = [idp.by_another_key, idp.by_no_key, idp.by_its_public_key_as_a_secret, idp.by_the_clients_secret]


def test_a_token_that_lies_or_is_signed_by_another_hand_brings_nobody_in(client: TestClient, local: idp.Local) -> None:
    assert connected(client, local, person_of(client), "somsri").status_code == 303
    out(client)
    for number, lie in enumerate(LIES):
        local.lie = lie
        answer = came_back(client, local, "somsri")
        assert (answer.status_code, slug(answer)) == (401, "Signing in with Local failed"), number
    local.lie = None
    for forged in FORGED:
        local.signed = forged
        assert came_back(client, local, "somsri").status_code == 401, forged
    assert len(rows(client, SignInSession)) == 1
    local.signed = None
    assert came_back(client, local, "somsri").status_code == 303


def test_where_a_shared_secret_is_agreed_only_that_signs(client: TestClient, local: idp.Local) -> None:
    local.signed = idp.by_the_clients_secret
    assert connected(client, local, person_of(client), "somsri", "shared").status_code == 303
    out(client)
    assert came_back(client, local, "somsri", "shared").headers["location"] == "/listings"
    local.signed = idp.by_its_public_key_as_a_secret
    assert came_back(client, local, "somsri", "shared").status_code == 401
    local.signed = None  # its own key, RS256
    assert came_back(client, local, "somsri", "shared").status_code == 401


def test_an_answer_counts_in_the_browser_that_asked_once(client: TestClient, local: idp.Local) -> None:
    assert connected(client, local, person_of(client), "somsri").status_code == 303
    out(client)
    over = (409, "This attempt to sign in is over")
    wrong = came_back(client, local, "somsri", state="another")
    assert (wrong.status_code, slug(wrong)) == over
    leaving = client.get("/sign-in/with/local")
    given, cookie = local.code_for(leaving.headers["location"], "somsri"), client.cookies["elsewhere"]
    with TestClient(client.app, follow_redirects=False, cookies={"lang": "en"}) as stranger:
        stolen = stranger.get("/sign-in/with/local/back", params=given)
    assert (stolen.status_code, slug(stolen)) == over
    assert client.get("/sign-in/with/strong/back", params=given).status_code == 409  # of another provider
    assert client.get("/sign-in/with/local/back", params={**given, "iss": "https://x.example"}).status_code == 401
    assert client.get("/sign-in/with/local/back", params=given).status_code == 303
    assert "elsewhere" not in client.cookies
    client.cookies.set("elsewhere", cookie)
    assert client.get("/sign-in/with/local/back", params=given).status_code == 401  # the code was used
    turned = client.get("/sign-in/with/local/back", params={"error": "access_denied", "state": given["state"]})
    assert (turned.status_code, slug(turned)) == (409, "Local did not let you in")


def test_the_way_on_never_leads_to_another_site(client: TestClient, local: idp.Local) -> None:
    assert connected(client, local, person_of(client), "somsri").status_code == 303
    out(client)
    leaving = client.get("/sign-in/with/local", params={"next": "//evil.example"})
    back = client.get("/sign-in/with/local/back", params=local.code_for(leaving.headers["location"], "somsri"))
    assert back.headers["location"] == "/"


def test_a_provider_that_is_down_or_lies_about_itself_is_a_clear_refusal(
    client: TestClient, local: idp.Local, sqlite_database: Database
) -> None:
    nowhere = client_with(sqlite_database, oidc_providers=SecretStr(
        local.settings().get_secret_value().replace(local.issuer, "http://localhost:9")))  # fmt: skip
    down = nowhere.get("/sign-in/with/local")
    assert (down.status_code, slug(down)) == (503, "Local does not answer")
    assert int(down.headers["retry-after"]) > 0
    for about in ({"issuer": "https://elsewhere.example"}, {"jwks_uri": "http://elsewhere.example/jwks"},
                  {"token_endpoint": 7}, {"jwks_uri": f"{local.issuer}/nothing"}, {"padding": "x" * 300_000},
                  {"authorization_endpoint": "javascript:alert(1)"}):  # fmt: skip
        local.about = about
        protocol._known.clear()
        assert client.get("/sign-in/with/local").status_code == 503, about
    local.about = {}
    leaving = client.get("/sign-in/with/local")
    given = local.code_for(leaving.headers["location"], "somsri")
    known = protocol._known[local.issuer]
    lost = known.description.model_copy(update={"token_endpoint": "http://localhost:9/token"})
    protocol._known[local.issuer] = replace(known, description=lost)
    assert client.get("/sign-in/with/local/back", params=given).status_code == 503


def test_a_closed_account_stays_closed(client: TestClient, local: idp.Local) -> None:
    person = person_of(client)
    connected(client, local, person, "somsri")
    out(client)
    with database_of(client).writing() as tx:
        tx.get_one(Person, person.id).active = False
    assert slug(came_back(client, local, "somsri")) == "No account here is connected with it"
    with database_of(client).writing() as tx:
        tx.get_one(Person, person.id).active = True
        tx.scalars(select(Membership)).one().active = False
    assert slug(came_back(client, local, "somsri")) == "Sign-in failed"


def test_a_subject_stands_for_one_account_and_only_its_owner_connects_it(client: TestClient, local: idp.Local) -> None:
    first, second = person_of(client), person_of(client)
    assert connected(client, local, first, "somsri").status_code == 303
    refused = client.post("/account/connections/strong", data={"password": "not it"})
    assert refused.status_code == 409
    assert "That is not your present password" in refused.text
    out(client)
    assert slug(connected(client, local, second, "somsri")) == "It is connected already"
    page = client.post("/account/connections/local", data={"password": PASSWORD})
    address = re.findall(r'href="(http://localhost[^"]+)"', page.text)[0].replace("&amp;", "&")
    given = local.code_for(address, "somchai")
    sign_in(client, first)  # somebody else sits down meanwhile
    assert client.get("/sign-in/with/local/back", params=given).status_code == 409
    assert {row.person_id for row in rows(client, Identity)} == {first.id}
    sign_in(client, second)
    [own] = [row.id for row in rows(client, Identity)]
    assert client.delete(f"/api/v1/me/connections/{own}").status_code == 404
    sign_in(client, first)
    assert client.delete(f"/api/v1/me/connections/{own}").status_code == 204
    out(client)
    assert came_back(client, local, "somsri").status_code == 401


def test_line_vouches_for_the_address_of_its_messages_with_one_button(
    local: idp.Local, sqlite_database: Database
) -> None:
    client = client_with(
        sqlite_database, oidc_providers=local.settings(line={"algorithms": ["RS256"]}), line_token=SecretStr("a-token")
    )
    first, second = person_of(client), person_of(client)
    user = "U" + "0123456789abcdef" * 2

    def told(subject: str, *, then: Person | None = None) -> Any:
        page = client.post("/account/connections/line/notices")
        address = re.findall(r'href="(http://localhost[^"]+)"', page.text)[0].replace("&amp;", "&")
        assert "bot_prompt=normal" in address
        given = local.code_for(address, subject)
        if then is not None:
            sign_in(client, then)
        return client.get("/sign-in/with/line/back", params=given)

    sign_in(client, first)
    assert "/account/connections/line/notices" in client.get("/notices/choices").text
    assert client.post("/account/connections/local/notices").status_code == 404
    assert slug(told("somsri")) == "Messages cannot go there"
    assert told(user, then=second).status_code == 409  # somebody else sits down meanwhile
    assert rows(client, Address) == []
    sign_in(client, first)
    assert told(user).headers["location"] == "/notices/choices"
    [kept] = rows(client, Address)
    assert (kept.person_id, kept.channel, kept.address) == (first.id, "line", user)
    assert kept.confirmed_at is not None
    assert rows(client, Identity) == []  # a way for messages is no way in
    page = client.get("/notices/choices").text
    assert ("confirmed" in page, user in page) == (True, False)
    [event] = [row for row in rows(client, Event) if row.verb == "notice_address.confirmed"]
    assert user not in str(event.change)


def test_the_second_factor_is_owed_unless_the_operator_takes_the_providers_word(
    local: idp.Local, sqlite_database: Database
) -> None:
    more = {"strong": {"second_factor_amr": ["otp"]}}
    client = client_of(sqlite_database, oidc_providers=local.settings(**more), require_second_factor=True)
    auditor = person_of(client, "provincial_company", "auditor")
    with database_of(client).writing() as tx:
        for name in ("local", "strong"):
            known = providers.configured(Settings(oidc_providers=local.settings(**more)))[name]
            claims = protocol.Claims("somsri", strong=False)
            tx.add(
                Identity(
                    person_id=auditor.id,
                    provider=name,
                    subject_hash=vault().mark(marked(protocol.Vouched(name, known, claims))),
                )
            )
    local.lie = _set(amr=["pwd", "otp"])
    assert came_back(client, local, "somsri").headers["location"].startswith("/second-factor")
    assert client.get("/account").status_code == 303
    out(client)
    assert came_back(client, local, "somsri", "strong").headers["location"] == "/listings"
    assert client.get("/account").status_code == 200
    out(client)
    local.lie = _set(amr=["pwd"])
    assert came_back(client, local, "somsri", "strong").headers["location"].startswith("/second-factor")
    assert [row.second_factor_at is not None for row in rows(client, SignInSession)] == [False, True, False]
    assert all(row.created_at <= now() for row in rows(client, SignInSession))


WRONG: list[dict[str, Any]] = [
    {"issuer": "http://elsewhere.example"}, {"scopes": "profile"}, {"algorithms": ["none"]}, {"unknown": 1},
    {"algorithms": ["HS256"], "client_secret": "short-secret"},
]  # fmt: skip


def test_a_wrong_setting_stops_the_start_and_tells_no_secret() -> None:
    own = {"issuer": "https://id.example", "name_th": "a", "name_en": "a", "client_id": "c",
           "client_secret": "never-to-be-told"}  # fmt: skip
    for entry in WRONG:
        with pytest.raises(ValidationError) as refusal:
            providers.configured(Settings(oidc_providers=SecretStr(json.dumps({"own": own | entry}))))
        assert "never-to-be-told" not in str(refusal.value)
        assert "short-secret" not in str(refusal.value)
    with pytest.raises(ValueError, match="JSON object"):
        providers.configured(Settings(oidc_providers=SecretStr("never {")))
    line = providers.configured(Settings(oidc_providers=SecretStr(
        '{"line": {"client_id": "1", "client_secret": "' + "s" * 32 + '"}, "thaid": {"client_id": "2"}}')))  # fmt: skip
    assert (line["line"].issuer, line["thaid"].algorithms) == ("https://access.line.me", ("RS256", "ES256"))
