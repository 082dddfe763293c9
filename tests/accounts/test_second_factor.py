"""The second factor: who needs one, enrolment, codes that count once, codes on paper, lost phones, keys of storage."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr
from sqlalchemy import select
from starlette.testclient import TestClient

from service.accounts import factors
from service.accounts.models import RecoveryCode, SecondFactor
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.secrecy import Vault, keys_of, new_key
from service.kernel.settings import Settings
from service.people.models import Person
from tests.conftest import client_of
from tests.make import PASSWORD, Caller, database_of, making


@pytest.fixture
def strict(sqlite_database: Database) -> TestClient:
    """An app that wants a second factor from those who decide."""
    return client_of(sqlite_database, require_second_factor=True)


def person_of(client: TestClient, kind: str, *roles: str) -> Person:
    with making(client) as make:
        return make.person(make.organisation(kind), *roles)


class Halfway(Caller):
    """A program that goes on with the token it was given last."""

    def took(self, answer: Any) -> Any:
        assert answer.status_code in {200, 201}, answer.text
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        return answer.json()

    def enrolled(self) -> tuple[pyotp.TOTP, list[str]]:
        """Set up an authenticator."""
        totp = pyotp.TOTP(self.post("/me/second-factor").json()["secret"])
        return totp, self.took(self.post("/me/second-factor/confirmation", {"code": totp.now()}))["recovery_codes"]


@pytest.mark.parametrize(
    ("kind", "role", "needed"),
    [("provincial_company", "auditor", True), ("hospital", "buyer_head", True), ("operator", "administrator", True),
     ("provincial_company", "facilitator", False), ("hospital", "buyer_officer", False),
     ("farmer_group", "supplier_manager", False)],
)  # fmt: skip
def test_auditors_heads_and_administrators_can_do_nothing_before_they_have_one(
    kind: str, role: str, *, needed: bool, strict: TestClient
) -> None:
    caller = Halfway(strict, person_of(strict, kind, role))
    for path in ("/me", "/organisations", "/sessions"):
        answer = caller.get(path)
        assert answer.status_code == (401 if needed else 200)
        assert answer.json()["type"] == "/problems/second-factor-required" if needed else True
    if needed:
        assert caller.post("/me/password", {"present": PASSWORD, "chosen": "x"}).status_code == 401
        caller.enrolled()
        assert caller.get("/me").json()["roles"] == [role]


def test_the_demonstration_signs_in_with_one_press(sqlite_database: Database) -> None:
    client = client_of(sqlite_database, require_second_factor=True, demo=True)
    caller = Caller(client, person_of(client, "operator"))
    assert caller.get("/me").status_code == 200
    for path, body in (("/me/password", {"present": PASSWORD, "chosen": "copper lantern under rain"}),
                       ("/me/second-factor", None)):  # fmt: skip
        assert caller.post(path, body).json()["type"] == "/problems/everybodys-account"  # the next visitor comes in too


def test_with_an_authenticator_the_password_alone_opens_nothing_and_a_code_counts_once(strict: TestClient) -> None:
    person = person_of(strict, "provincial_company", "auditor")
    totp, _ = Halfway(strict, person).enrolled()
    caller, other = Halfway(strict, person), Halfway(strict, person)
    assert caller.get("/me").status_code == 401
    assert caller.post("/sessions/current/second-factor", {"code": "000000"}).status_code == 401
    assert caller.post("/me/second-factor").json()["type"] == "/problems/already-protected"
    with time_machine.travel(now() + timedelta(seconds=60), tick=False):
        code, halfway = totp.at(now()), caller.headers
        caller.took(caller.post("/sessions/current/second-factor", {"code": code}))
        assert caller.get("/me").status_code == 200
        assert strict.get("/api/v1/me", headers=halfway).status_code == 401  # the secret rotated with the privilege
        replayed = other.post("/sessions/current/second-factor", {"code": code})
        assert (replayed.status_code, replayed.json()["type"]) == (401, "/problems/wrong-code")


def test_codes_are_throttled(strict: TestClient) -> None:
    person = person_of(strict, "hospital", "buyer_head")
    Halfway(strict, person).enrolled()
    caller = Halfway(strict, person)
    codes = [
        caller.post("/sessions/current/second-factor", {"code": f"{number:06}"}).status_code for number in range(12)
    ]
    assert set(codes[:9]) == {401}
    assert codes[-1] == 429


def test_a_code_on_paper_works_once_is_stored_as_a_mark_and_can_be_renewed(strict: TestClient) -> None:
    person = person_of(strict, "operator")
    totp, codes = Halfway(strict, person).enrolled()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([2-9A-Z]{4}-){5}[2-9A-Z]{4}", code) for code in codes)
    first, second = Halfway(strict, person), Halfway(strict, person)
    first.took(first.post("/sessions/current/second-factor", {"code": codes[0].lower().replace("-", " ")}))
    assert second.post("/sessions/current/second-factor", {"code": codes[0]}).status_code == 401
    second.took(second.post("/sessions/current/second-factor", {"code": codes[1]}))
    with database_of(strict).reading() as tx:
        stored = tx.scalars(select(RecoveryCode.code_hash)).all()
        secret = tx.scalars(select(SecondFactor.secret)).one()
    assert not set(stored) & {code.replace("-", "") for code in codes}
    assert totp.secret not in secret
    fresh = first.post("/me/second-factor/recovery-codes", {"code": codes[2]}).json()["recovery_codes"]
    third = Halfway(strict, person)
    assert third.post("/sessions/current/second-factor", {"code": codes[3]}).status_code == 401
    third.took(third.post("/sessions/current/second-factor", {"code": fresh[0]}))


def test_it_is_removed_with_a_code_and_not_where_a_role_needs_it(strict: TestClient) -> None:
    auditor, leader = person_of(strict, "provincial_company", "auditor"), person_of(strict, "farmer_group")
    for person, answer in ((auditor, "/problems/still-needed"), (leader, None)):
        caller = Halfway(strict, person)
        _, codes = caller.enrolled()
        removed = caller.post("/me/second-factor/removal", {"code": codes[0]})
        assert (removed.status_code == 204) if answer is None else (removed.json()["type"] == answer)
    assert Caller(strict, leader).get("/me").status_code == 200


def test_the_pages_lead_from_the_password_to_the_app_to_the_codes_and_on(strict: TestClient) -> None:
    person = person_of(strict, "hospital", "buyer_head")
    strict.cookies.set("lang", "en")
    entered = strict.post("/sign-in", data={"username": person.username, "password": PASSWORD, "next": "/demands"})
    assert entered.headers["location"] == "/second-factor?next=/demands"
    assert strict.get("/demands").headers["location"] == "/second-factor?next=/demands"
    assert strict.get("/sign-in").headers["location"] == "/second-factor"
    assert strict.post("/second-factor/start", data={"next": "/demands"}).status_code == 303
    page = strict.get("/second-factor").text
    assert "<svg" in page
    assert "style=" not in page
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret is not None
    assert strict.post("/second-factor/confirm", data={"code": "123 456"}).status_code == 401
    done = strict.post("/second-factor/confirm", data={"code": pyotp.TOTP(secret[1]).now(), "next": "/demands"})
    codes = re.findall(r"<code>([2-9A-Z-]{29})</code>", done.text)
    assert len(codes) == 10
    assert strict.get("/demands").status_code == 200
    strict.post("/sign-out")
    again = strict.post("/sign-in", data={"username": person.username, "password": PASSWORD})
    assert again.headers["location"] == "/second-factor?next=/"
    assert strict.post("/second-factor", data={"code": codes[0]}).headers["location"] == "/"
    assert "9 recovery codes are left" in strict.get("/account").text


def test_secrets_stay_readable_under_older_keys_and_are_renewed(tmp_path: Any) -> None:
    old, new = new_key(), new_key()
    sealed = Vault([old]).seal("a secret")
    both = Vault([new, old])
    assert both.open(sealed) == "a secret"
    assert Vault([new]).open(both.renewed(sealed)) == "a secret"
    with pytest.raises(InvalidToken):
        Vault([new]).open(sealed)
    assert Vault([old]).mark("x") in both.marks("x")
    assert both.mark("x") == Vault([new]).mark("x")
    settings = Settings(secret_keys=SecretStr(""), secret_key_file=tmp_path / "secret.key")
    (key,) = keys_of(settings)
    assert keys_of(settings) == [key]
    Fernet(key)
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_letters_that_look_alike_are_in_no_code() -> None:
    assert not set("01IO") & set(factors.written(1000))
