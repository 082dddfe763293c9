"""Checkpoints, proofs and the bundle over the web: who may take them, and what the offline scripts make of them."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from starlette.testclient import TestClient

from service.events import checkpoints
from service.events.models import Event, Seal
from service.events.signing import Signer
from service.kernel.actor import SYSTEM
from service.kernel.settings import ROOT
from service.oversight import actions
from service.oversight.models import LogCheck
from service.rounds import runs
from service.rounds.models import Round, Run
from tests.make import PASSWORD, Caller, database_of, making


class Market:
    """A published award of one group, people on every side of it, and a signed log."""

    def __init__(self, client: TestClient) -> None:
        self.client, self.signer = client, Signer(Ed25519PrivateKey.generate())
        with making(client) as make:
            group, kitchen = make.organisation(), make.organisation("hospital")
            award = make.published_award(group, kitchen)
            award.respond_by = None
            run = make.tx.get_one(Run, award.run_id)
            runs.publish_awards(make.tx, make.tx.get_one(Round, award.round_id), run, by=SYSTEM)
            self.award_id = award.id
            far = make.organisation(place="520101")
            sides = {"group": group, "kitchen": kitchen, "stranger": make.organisation(), "far": far}
            self.people = {name: make.person(side) for name, side in sides.items()}
            self.people["auditor"] = make.person(make.organisation("provincial_company"), "auditor")
            self.people["elsewhere"] = make.person(make.organisation("provincial_company", "520101"), "auditor")
            self.people["national"] = make.person(make.organisation("national_company", "100101"), "auditor")
        self.sign()
        self.callers = {name: Caller(client, person) for name, person in self.people.items()}

    def sign(self) -> None:
        with database_of(self.client).writing() as tx:
            checkpoints.sign_end(tx, self.signer)

    def get(self, who: str, path: str) -> Any:
        return self.callers[who].get(path)

    def event_id(self) -> int:
        with database_of(self.client).reading() as tx:
            return tx.scalars(select(Event.id).where(Event.verb == "award.published")).one()


@pytest.fixture
def signed(market: TestClient) -> Market:
    return Market(market)


@pytest.fixture
def on_sqlite(client: TestClient) -> Market:
    return Market(client)


def script(name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script of docs/ as an auditor would: no service, no packages."""
    command = [sys.executable, "-I", "-S", str(ROOT / "docs" / name), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


@pytest.mark.postgres
def test_both_sides_and_auditors_prove_an_award_and_strangers_learn_nothing(signed: Market) -> None:
    for path in (f"/awards/{signed.award_id}/proof", f"/events/{signed.event_id()}/proof"):
        for who in ("group", "kitchen", "auditor", "national"):
            assert signed.get(who, path).status_code == 200, (who, path)
        for who in ("stranger", "far"):
            assert signed.get(who, path).status_code == 404, (who, path)
    assert signed.get("elsewhere", f"/events/{signed.event_id()}/proof").status_code == 404
    assert signed.get("national", "/events/999999/proof").status_code == 404
    signed.client.cookies.clear()
    assert signed.client.get(f"/api/v1/awards/{signed.award_id}/proof").status_code == 401


def test_a_supplier_checks_an_award_offline(on_sqlite: Market, tmp_path: Path) -> None:
    proof = on_sqlite.get("group", f"/awards/{on_sqlite.award_id}/proof").json()
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof))
    found = script("verify_award.py", file, "--key", on_sqlite.signer.public_key)
    assert found.returncode == 0, found.stdout
    assert str(on_sqlite.award_id) in found.stdout
    assert '"price_satang":2000' in found.stdout
    foreign = Signer(Ed25519PrivateKey.generate()).public_key
    assert script("verify_award.py", file, "--key", foreign).returncode == 1
    for spoiled in spoilt(proof):
        file.write_text(json.dumps(spoiled))
        assert script("verify_award.py", file).returncode == 1, spoiled


def spoilt(proof: dict[str, Any]) -> list[dict[str, Any]]:
    """The proof with one thing false in each."""
    point = proof["checkpoint"]
    return [
        proof | {"award": proof["award"].replace('"price_satang":2000', '"price_satang":1000')},
        proof | {"line": proof["line"].replace("award.published", "award.withdrawn")},
        proof | {"sequence": proof["sequence"] + 1},
        proof | {"path": [*proof["path"][:-1], "00" * 32]},
        proof | {"checkpoint": point | {"statement": point["statement"].replace('"size":', '"size":1')}},
        proof | {"checkpoint": point | {"signature": "00" * 64}},
        {"type": "nonsense"},
    ]


def test_the_log_is_shown_to_have_only_grown(on_sqlite: Market, tmp_path: Path) -> None:
    on_sqlite.sign()
    points = on_sqlite.get("stranger", "/events/checkpoints").json()["items"]
    old, new = sorted(point["size"] for point in points)
    proof = on_sqlite.get("stranger", f"/events/consistency?old={old}&new={new}").json()
    file = tmp_path / "growth.json"
    file.write_text(json.dumps(proof))
    assert script("verify_award.py", file).returncode == 0
    file.write_text(json.dumps(proof | {"path": proof["path"][:-1]}))
    assert script("verify_award.py", file).returncode == 1
    assert on_sqlite.get("stranger", f"/events/consistency?old={old}&new={new + 1}").status_code == 404
    assert on_sqlite.get("group", "/events/keys").json()[0]["statement"].count(on_sqlite.signer.public_key) == 1


def test_what_no_checkpoint_covers_yet_is_said(on_sqlite: Market) -> None:
    with database_of(on_sqlite.client).reading() as tx:
        last = tx.scalars(select(Seal.event_id).order_by(Seal.sequence.desc()).limit(1)).one()
    answer = on_sqlite.get("national", f"/events/{last}/proof")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-signed-yet")


@pytest.mark.postgres
def test_the_bundle_verifies_without_the_service(signed: Market, tmp_path: Path) -> None:
    answer = signed.get("national", "/events/bundle")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        file.extractall(tmp_path)
    assert json.loads((tmp_path / "manifest.json").read_text())["withheld"] == 0
    found = script("verify_bundle.py", tmp_path, "--key", signed.signer.public_key)
    assert found.returncode == 0, found.stdout
    snapshot = next(tmp_path.glob("rounds/*/snapshot.json"))
    snapshot.write_bytes(snapshot.read_bytes() + b" ")
    assert "snapshot.json" in script("verify_bundle.py", tmp_path).stdout


def test_a_provincial_bundle_withholds_other_provinces_and_still_verifies(on_sqlite: Market, tmp_path: Path) -> None:
    answer = on_sqlite.get("auditor", "/events/bundle")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        file.extractall(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert 0 < manifest["withheld"] < manifest["events"]
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    assert all(len(line) == 64 or '"province":"45"' in line for line in lines)
    assert script("verify_bundle.py", tmp_path).returncode == 0
    assert on_sqlite.get("group", "/events/bundle").status_code == 403
    assert on_sqlite.client.get("/api/v1/events/bundle").status_code == 401


@pytest.mark.postgres
def test_a_verification_beside_the_web_shows_how_far_it_is_and_what_it_found(
    signed: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.oversight.rules.SHORT", 3)
    assert signed.get("auditor", "/events/verification").json()["type"] == "/problems/log-too-long"
    asked = signed.callers["auditor"].post("/events/checks", {"head": ""})
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    again = signed.callers["national"].post("/events/checks", {"head": ""})
    assert again.json()["id"] == asked.json()["id"]
    database = database_of(signed.client)
    with database.reading() as tx:
        row = tx.scalars(select(LogCheck)).one()
    monkeypatch.setattr("service.events.verification.STEP", 2)
    app: Any = signed.client.app
    actions.perform(database, app.state.settings, row.id)
    done = signed.get("auditor", f"/events/checks/{row.id}").json()
    assert (done["state"], done["verdict"]["faults"]) == ("done", [])
    assert done["done"] == done["total"] == done["verdict"]["sealed"]
    assert signed.get("group", f"/events/checks/{row.id}").status_code == 403
    assert signed.callers["group"].post("/events/checks", {}).status_code == 403
    assert signed.callers["auditor"].post("/events/checks", {"head": "nonsense"}).status_code == 422


def test_the_pages_work_without_scripts(on_sqlite: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    client = on_sqlite.client
    client.cookies.clear()
    client.cookies.set("lang", "en")
    client.post("/sign-in", data={"username": on_sqlite.people["auditor"].username, "password": PASSWORD})
    assert f"/events/{on_sqlite.event_id()}/proof" in client.get("/events").text
    assert on_sqlite.signer.public_key in client.get("/events/checkpoints").text
    monkeypatch.setattr("service.oversight.rules.SHORT", 3)
    assert "takes a while" in client.get("/events/verification").text
    started = client.post("/events/verification", data={"head": ""})
    assert started.status_code == 303
    assert 'http-equiv="refresh"' in client.get(started.headers["location"]).text
    refused = client.post("/events/verification", data={"head": "nonsense"})
    assert (refused.status_code, "number:hash" in refused.text) == (422, True)
    client.cookies.clear()
    client.cookies.set("lang", "en")
    client.post("/sign-in", data={"username": on_sqlite.people["group"].username, "password": PASSWORD})
    assert f'href="/awards/{on_sqlite.award_id}/proof"' in client.get(f"/awards/{on_sqlite.award_id}").text
    proof = client.get(f"/awards/{on_sqlite.award_id}/proof")
    assert "attachment" in proof.headers["content-disposition"]
    assert client.get("/events/checkpoints").status_code == 200
