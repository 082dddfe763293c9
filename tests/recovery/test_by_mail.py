"""Ways back by e-mail, through a mail server that really runs: what arrives, for whom nothing happens, what stays."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pyotp
import pytest
import time_machine
from sqlalchemy import event, select
from starlette.testclient import TestClient

from service.accounts.models import OneTimeCode, SecondFactor, SignInSession
from service.events.models import Event
from service.kernel import jobs
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.secrecy import vault
from service.kernel.settings import Settings
from service.keys.models import ApiKey
from service.notices import sending
from service.notices.choosing import marked
from service.notices.models import Address, Notice
from service.people.models import Person
from service.recovery import mail
from service.recovery.rules import EMAIL
from tests.conftest import FROM_HERE, app_of
from tests.make import PASSWORD, Caller, database_of, making
from tests.notices.providers import Mailbox, mail_server

NEW = "copper lantern under rain"
ASKED = "If an account has this address"


@dataclass
class Post:
    """A mail server, a client of a service that sends through it, and the work that waits for a worker."""

    box: Mailbox
    client: TestClient
    settings: Settings
    waiting: list[str]

    def ask(self, email: str) -> Any:
        return self.client.post("/recovery", data={"email": email})

    def work(self) -> None:
        """Do as a worker does."""
        database = database_of(self.client)
        for sealed in self.waiting:
            with database.writing() as tx:
                mail.answer(tx, vault().open(sealed))
        self.waiting.clear()
        while sending.send_next(database, self.settings):
            pass

    def letters(self) -> list[tuple[str, str]]:
        """To whom, and what it says."""
        found = []
        for one in self.box.taken:
            body = message_from_bytes(one.original_content or b"", policy=policy.default).get_body(("plain",))
            assert body is not None
            found.append((one.rcpt_tos[0], body.get_content()))
        return found

    def code(self) -> str:
        """The code of the newest letter."""
        [*_, code] = re.findall(r"(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}", self.letters()[-1][1] + self._subject())
        return str(code)

    def _subject(self) -> str:
        return str(message_from_bytes(self.box.taken[-1].original_content or b"", policy=policy.default)["subject"])


@pytest.fixture
def post(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    waiting: list[str] = []

    def start(queue: str, name: str, workflow_id: str, *args: Any) -> None:
        del queue, workflow_id
        waiting.extend(args if name == mail.WORKFLOW else ())

    monkeypatch.setattr(jobs, "start", start)
    with mail_server() as box:
        chosen = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none",
                  "mail_from": "market@example.org", "public_address": "https://market.example"}  # fmt: skip
        app = app_of(sqlite_database, **chosen)
        client = TestClient(app, follow_redirects=False, raise_server_exceptions=False, headers=FROM_HERE,
                            cookies={"lang": "en"})  # fmt: skip
        yield Post(box, client, app.state.settings, waiting)


def person_with(client: TestClient, email: str, *, kind: str = "farmer_group", role: str = "supplier_manager",
                age: timedelta | None = timedelta(days=2)) -> Person:  # fmt: skip
    with making(client) as make:
        person = make.person(make.organisation(kind, name_en="Kale of Ban Dong"), role)
        mark = vault().mark(marked(EMAIL, email))
        make.add(Address(person_id=person.id, channel="email", address=email, address_hash=mark,
                         confirmed_at=now() - age if age else None))  # fmt: skip
    return person


def test_a_code_by_mail_replaces_the_password_and_not_the_authenticator(post: Post) -> None:
    person = person_with(post.client, "malee@example.org", kind="provincial_company", role="auditor")
    totp, before = pyotp.TOTP(pyotp.random_base32()), Caller(post.client, person)
    key = before.post("/me/keys", {"name": "stock", "scopes": ["parties:read"]}).json()
    with making(post.client) as make:
        make.add(SecondFactor(person_id=person.id, secret=vault().seal(totp.secret), confirmed_at=now()))
    assert ASKED in post.ask("Malee@Example.org").text
    assert "malee" not in "".join(post.waiting)
    post.work()
    [(address, text)] = post.letters()
    assert address == "malee@example.org"
    assert "https://market.example/access" in text
    form = {"code": post.code(), "chosen": NEW, "end_keys": "true"}
    arrived = post.client.post("/access", data=form)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/second-factor")
    assert post.client.get("/account").status_code == 303  # nothing without the authenticator
    assert post.client.post("/second-factor", data={"code": totp.now()}).status_code == 303
    assert post.client.get("/account").status_code == 200
    assert post.client.get("/api/v1/me", headers=before.headers).status_code == 401
    dead = post.client.get("/api/v1/organisations", headers={"Authorization": f"Bearer {key['secret']}"})
    assert dead.status_code == 401
    post.client.post("/sign-out")
    assert post.client.post("/access", data={**form, "chosen": NEW + "er"}).status_code == 401
    with database_of(post.client).reading() as tx:
        told = tx.scalars(select(Notice.kind).order_by(Notice.id)).all()
        verbs = set(tx.scalars(select(Event.verb)))
        events = "".join(str(row.change) for row in tx.scalars(select(Event)))
    assert told == ["account.recovery_code", "account.password_changed"]
    assert {"access_code.mailed", "password.chosen", "api_key.ended"} <= verbs
    assert "malee@example" not in events


def test_who_asks_hears_the_same_whether_or_not_there_is_an_account(post: Post) -> None:
    person_with(post.client, "known@example.org")
    person_with(post.client, "unconfirmed@example.org", age=None)
    person_with(post.client, "fresh@example.org", age=timedelta(hours=23))
    for _ in range(2):
        person_with(post.client, "shared@example.org")
    closed = person_with(post.client, "closed@example.org")
    person_with(post.client, "bare@example.org", kind="provincial_company", role="auditor")
    with database_of(post.client).writing() as tx:
        tx.get_one(Person, closed.id).active = False
    statements: list[str] = []
    engine = database_of(post.client).engine
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    heard = []
    for name in ("unknown", "known", "unconfirmed", "fresh", "shared", "closed", "bare"):
        statements.clear()
        answer = post.ask(f"{name}@example.org")
        heard.append((answer.status_code, answer.text, tuple(statements), {k for k in answer.headers if k != "x"}))
    assert len({str(one[:3]) for one in heard}) == 1  # words, code, and the work done meanwhile
    assert len(post.waiting) == 7
    post.work()
    assert [address for address, _ in post.letters()] == ["known@example.org"]
    program = post.client.post("/api/v1/access-codes/requests", json={"email": "nobody@example.org"})
    assert program.status_code == 204


def test_codes_by_mail_run_out_soon_and_are_not_sent_without_end(post: Post) -> None:
    person = person_with(post.client, "often@example.org")
    answers = [post.ask(email).status_code for email in ["often@example.org"] * 4 + ["who@example.org"] * 4]
    assert answers == [200, 200, 200, 429] * 2
    post.work()
    with time_machine.travel(now() + timedelta(minutes=31), tick=True):
        late = post.client.post("/access", data={"code": post.code(), "chosen": NEW})
    assert late.status_code == 401
    with database_of(post.client).reading() as tx:
        rows = tx.scalars(select(OneTimeCode).where(OneTimeCode.person_id == person.id)).all()
    assert [row.used_at is None for row in rows] == [False, False, True]  # the newest alone held
    for wrong in ("", "malee", "a@b", "a b@c.th", "a@c.th\r\nBcc: d@e.th", "x" * 300 + "@e.th"):
        assert post.ask(wrong).status_code == 422


def test_without_a_mail_server_the_page_says_whom_to_ask(client: TestClient) -> None:
    client.cookies.set("lang", "en")
    assert 'type="email"' not in client.get("/recovery").text
    answer = client.post("/recovery", data={"email": "a@b.th"})
    assert (answer.status_code, "No e-mail is sent from here" in answer.text) == (409, True)


def test_an_invitation_is_seen_by_its_reader_alone_and_confirms_the_address(post: Post) -> None:
    with making(post.client) as make:
        group = make.organisation(name_en="Kale of Ban Dong")
        leader, new = make.person(group, "supplier_manager"), make.person(group, "supplier_member")
    post.client.post("/sign-in", data={"username": leader.username, "password": PASSWORD})
    here = f"/organisations/{group.id}/accounts/{new.id}"
    sent = post.client.post(f"{here}/invitation", data={"email": "new@example.org"})
    post.work()
    assert sent.status_code == 200
    assert post.code() not in sent.text
    post.client.post("/sign-out")
    with time_machine.travel(now() + timedelta(days=6), tick=True):
        assert post.client.post("/access", data={"code": post.code(), "chosen": NEW}).status_code == 303
        post.client.post("/sign-out")
    with time_machine.travel(now() + timedelta(days=8), tick=True):
        post.ask("new@example.org")
        post.work()
    assert [address for address, _ in post.letters()].count("new@example.org") == 2  # invited, asked for
    with database_of(post.client).reading() as tx:
        row = tx.scalars(select(Address)).one()
        sessions = tx.scalars(select(SignInSession).where(SignInSession.person_id == new.id)).all()
    assert (row.person_id, row.confirmed_at is not None, len(sessions)) == (new.id, True, 1)


def test_one_pair_of_hands_does_not_take_over_a_reviewers_account(post: Post) -> None:
    with making(post.client) as make:
        operator = make.organisation("operator")
        first, second = (make.person(operator, "administrator") for _ in range(2))
        company = make.organisation("provincial_company")
        people = [make.person(company, "auditor") for _ in range(2)]
        for person in people:
            secret = vault().seal(pyotp.random_base32())
            make.add(SecondFactor(person_id=person.id, secret=secret, confirmed_at=now()))
    a, b = Caller(post.client, first), Caller(post.client, second)
    steps = [f"/organisations/{company.id}/people/{person.id}" for person in people]
    why = {"reason": "the phone is lost"}
    assert a.post(f"{steps[0]}/access-codes").status_code == 201
    refused = a.post(f"{steps[0]}/second-factor-removal", why)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/both-hands")
    assert b.post(f"{steps[0]}/second-factor-removal", why).status_code == 204
    assert a.post(f"{steps[1]}/second-factor-removal", why).status_code == 204
    assert a.post(f"{steps[1]}/access-codes").json()["type"] == "/problems/both-hands"
    assert a.post(f"{steps[1]}/invitations", {"email": "mine@example.org"}).json()["type"] == "/problems/both-hands"
    assert b.post(f"{steps[1]}/access-codes").status_code == 201


def test_a_new_password_ends_the_keys_of_programs_only_where_one_says_so(client: TestClient) -> None:
    with making(client) as make:
        person = make.person(make.organisation(), "supplier_manager")
    caller = Caller(client, person)
    caller.post("/me/keys", {"name": "stock", "scopes": ["parties:read"]})
    for end_keys, left in ((False, 1), (True, 0)):
        chosen = NEW + str(left)
        present = PASSWORD if left else NEW + "1"
        answer = caller.post("/me/password", {"present": present, "chosen": chosen, "end_keys": end_keys})
        caller.headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        with database_of(client).reading() as tx:
            assert len(tx.scalars(select(ApiKey).where(ApiKey.ended_at.is_(None))).all()) == left
