"""From imported places and schools to an accepted order and a verified log, over HTTP, with the real worker.

A school posts a demand, three groups list produce, the round is solved, one award is accepted in full, one in
part, one declined; a fourth group gets what was left. The log is signed by the worker's clock while this goes on. Then
it is taken away and checked without the service, verified here, and one byte of it is changed.
"""

import json
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.kernel.clock import now, today, week_of
from service.kernel.settings import ROOT
from tests.server import Person, Server, serving, until, verb, verbs

DATA = ROOT.parent / "shared" / "data" / "thailand"
PASSWORD = "a-long-word-of-tests"
WEEK = week_of(today()) + timedelta(days=14)
GROUPS = {"g-one": 1900, "g-two": 2000, "g-three": 2100, "g-four": 2190}
SUPPLIERS = "kind,scheme,registration_id,name_th,name_en,subdistrict_code,member_households\n" + "".join(
    f"farmer_group,TEST,{name},กลุ่ม {name},Group {name},450101,20\n" for name in GROUPS
)
OTHERS = (
    "kind,scheme,registration_id,name_th,subdistrict_code\n"
    "provincial_company,TEST,company,บริษัทจังหวัด,450101\nnational_company,TEST,national,บริษัทกลาง,100101\n"
    "provincial_committee,TEST,committee,คณะกรรมการ,450101\n"
)
PRODUCTS = "code,name_th,name_en,family,unit\nMORNING-GLORY,ผักบุ้ง,Morning glory,agriculture,KGM\n"

EVERY_FIVE_SECONDS = "*/5 * * * * *"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the country's places and schools, four groups, two companies and a committee."""
    if not DATA.is_dir():
        pytest.skip("needs the data folder ../shared/data with Thailand's places and schools")
    folder = tmp_path_factory.mktemp("journey")
    for name, text in {"suppliers": SUPPLIERS, "others": OTHERS, "products": PRODUCTS}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    imports = [
        ("places", DATA / "admin" / "provinces.csv"),
        ("places", DATA / "admin" / "districts.csv"),
        ("places", DATA / "admin" / "subdistricts.csv"),
        ("institutions", DATA / "institutions" / "schools_wikipedia.csv", "--kind", "school", "--state", "qualified"),
        ("institutions", folder / "others.csv", "--state", "qualified"),
        ("suppliers", folder / "suppliers.csv", "--state", "qualified"),
        ("products", folder / "products.csv"),
    ]
    done = verbs(folder, *(("import", *map(str, words)) for words in imports))
    assert done.returncode in {0, 1}, done.stderr  # 1: lines without a place were refused, with their reasons
    return folder


def school_of(folder: Path) -> str:
    """The natural key of a school in the groups' sub-district."""
    with sqlite3.connect(folder / "market.sqlite3") as raw:
        (key,) = raw.execute(
            "select scheme || ':' || registration_id from organisations where kind = 'school' "
            "and subdistrict_code = '450101' order by name_th limit 1"
        ).fetchone()
    return str(key)


def enrol(folder: Path) -> None:
    """Accounts for everyone in the story."""
    school = school_of(folder)
    accounts = [
        ("officer", school, "buyer_officer"), ("head", school, "buyer_head"),
        ("facilitator", "TEST:company", "facilitator"), ("auditor", "TEST:national", "auditor"),
        ("committee", "TEST:committee", "committee_member"),
        *((name, f"TEST:{name}", "supplier_manager") for name in GROUPS),
    ]  # fmt: skip
    done = verbs(folder, *(("person", *account) for account in accounts), sent=f"{PASSWORD}\n" * len(accounts))
    assert done.returncode == 0, done.stderr


def offer(server: Server, name: str, price: int) -> None:
    """A group lists and publishes morning glory: 20 kg a day."""
    group = server.caller(name, PASSWORD)
    lot = {"harvest_from": str(WEEK), "harvest_until": str(WEEK + timedelta(days=6)), "capacity_day": 20,
           "capacity_week": 100}  # fmt: skip
    draft = {"product_code": "MORNING-GLORY", "price_satang": price, "lots": [lot]}
    made = group.post("/offers", draft, expect=201)
    group.post(f"/offers/{made['id']}/publish", version=made["version"])


def demand(officer: Person, head: Person) -> dict[str, Any]:
    """The school asks for 60 kg on the Monday; the head approves."""
    budget = {"fiscal_year": WEEK.year + (WEEK.month > 9), "name": "Lunch", "source": "State", "amount_satang": 10**7}
    line_of_money = officer.post("/budget-lines", budget, expect=201)
    line = {"product_code": "MORNING-GLORY", "quantity": 60, "delivery_date": str(WEEK), "ceiling_satang": 2200,
            "most_awards": 0}  # fmt: skip
    draft = {"title": "Vegetables of the week", "delivery_week": str(WEEK), "budget_line_id": line_of_money["id"],
             "method": "direct", "legal_ground": "Promotion of agricultural products", "lines": [line]}  # fmt: skip
    made: dict[str, Any] = officer.post("/demands", draft, expect=201)
    head.post(f"/demands/{made['id']}/approve", version=made["version"])
    return made


def round_of(server: Server) -> tuple[str, Person, Person]:
    """Profile, round, closing: the committee adopts, the facilitator schedules and closes."""
    committee, facilitator = server.caller("committee", PASSWORD), server.caller("facilitator", PASSWORD)
    profile = {"province_code": "45", "resolution_number": "1/2569", "resolution_date": "2026-01-05",
               "valid_from": "2026-01-06", "weights": {"family_share_bp": 10_000}}  # fmt: skip
    committee.post("/profiles", profile, expect=201)
    times = {
        "opens_at": (now() - timedelta(hours=1)).isoformat(),
        "closes_at": (now() + timedelta(hours=1)).isoformat(),
    }
    draft = {"province_code": "45", "delivery_week": str(WEEK), **times}
    made = facilitator.post("/rounds", draft, expect=201)
    assert made["state"] == "open"
    facilitator.post(f"/rounds/{made['id']}/close", {"note": "the journey does not wait an hour"})
    return made["id"], facilitator, server.caller("auditor", PASSWORD)


def solved(person: Person, round_id: str, number: int, state: str) -> dict[str, Any]:
    """Wait for a run."""
    newest: dict[str, Any] = until(
        lambda: person.get(f"/rounds/{round_id}/runs")[0],
        lambda run: run["number"] == number and run["state"] in {state, "failed"},
    )
    assert newest["state"] == state, newest["failure"]
    return newest


def published(round_id: str, facilitator: Person, auditor: Person) -> None:
    """Propose, approve, publish."""
    path = f"/rounds/{round_id}"
    facilitator.post(f"{path}/propose", version=facilitator.version(path))
    auditor.post(f"{path}/approve", {"note": "looked through"}, version=auditor.version(path))
    auditor.post(f"{path}/publish", version=auditor.version(path))


def answer(server: Server, name: str, answers: dict[str, Any]) -> dict[str, Any]:
    """A group answers its only open award."""
    group = server.caller(name, PASSWORD)
    (award,) = [found for found in group.get("/awards")["items"] if found["state"] == "pending"]
    whole = group.get(f"/awards/{award['id']}")
    lines = [{"award_line_id": line["id"], **answers} for line in whole["lines"]]
    group.post(f"/awards/{award['id']}/answers", {"lines": lines}, version=whole["version"])
    return dict(whole)


def test_the_whole_chain(folder: Path) -> None:
    enrol(folder)
    with serving(folder, MARKET_CHECKPOINT_SCHEDULE=EVERY_FIVE_SECONDS) as server:
        for name, price in GROUPS.items():
            offer(server, name, price)
        demand(server.caller("officer", PASSWORD), server.caller("head", PASSWORD))
        round_id, facilitator, auditor = round_of(server)
        signed = folder / "checkpoints"
        until(lambda: list(signed.glob("checkpoint-*.json")), bool)  # by the clock: nothing is published yet
        solved(facilitator, round_id, 1, "solved")
        published(round_id, facilitator, auditor)

        answer(server, "g-one", {"answer": "accepted"})
        answer(server, "g-two", {"answer": "partially_accepted", "quantity": 12, "reason": "no_produce"})
        answer(server, "g-three", {"answer": "declined", "reason": "no_produce"})
        solved(facilitator, round_id, 2, "applied")
        again = answer(server, "g-four", {"answer": "accepted"})

        # 20 + 12 stand, the fourth group gives all of its 20 for the 28 that fell short.
        assert [line["quantity"] for line in again["lines"]] == [20]
        orders = server.caller("officer", PASSWORD).get("/orders")["items"]
        assert sorted(order["total_satang"] for order in orders) == [12 * 2000, 20 * 1900, 20 * 2190]
        _the_auditor_recomputes(folder, auditor, round_id)
    _the_bundle_is_checked_elsewhere(folder)
    _the_log_tells_of_one_byte(folder)


def _the_auditor_recomputes(folder: Path, auditor: Person, round_id: str) -> None:
    base = f"/rounds/{round_id}/runs/1/scenarios/policy"
    assert auditor.get(f"{base}/verification") == {
        "violations": [], "same_question": True, "snapshot_intact": True
    }  # fmt: skip
    for kind, ending in (("instance", "npz"), ("result", "json")):
        (folder / f"{kind}.{ending}").write_bytes(auditor.download(f"{base}/files/{kind}"))
    command = [sys.executable, "-m", "solver", "verify", str(folder / "instance.npz"), str(folder / "result.json")]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    auditor.post(f"{base}/replays", expect=202)
    done = until(lambda: auditor.get(f"{base}/replays")[0], lambda replay: replay["state"] != "queued")
    assert (done["state"], done["identical"], done["differences"]) == ("done", True, [])


def _the_bundle_is_checked_elsewhere(folder: Path) -> None:
    bundle = folder / "bundle"
    exported = verb(folder, "events", "export", str(bundle))
    assert exported.returncode == 0, exported.stdout + exported.stderr
    checked = _checked(bundle)
    assert checked.returncode == 0, checked.stdout
    results = sorted(bundle.glob("rounds/*/policy/result.json"))
    assert len(results) == 2  # the first solve, and the one after the answers
    for result in results:
        command = [sys.executable, "-m", "solver", "verify", str(result.with_name("instance.npz")), str(result)]
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0, result
    spoiled = json.loads(results[0].read_text())
    results[0].write_text(json.dumps(spoiled | {"seed": 7}))
    found = _checked(bundle)
    assert found.returncode == 1
    assert str(results[0].relative_to(bundle)) in found.stdout


def _checked(bundle: Path) -> subprocess.CompletedProcess[str]:
    """The offline script in a Python that knows neither the service nor any package."""
    command = [sys.executable, "-I", "-S", str(ROOT / "docs" / "verify_bundle.py"), str(bundle)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def _the_log_tells_of_one_byte(folder: Path) -> None:
    clean = verb(folder, "events", "verify")
    assert clean.returncode == 0, clean.stdout
    with sqlite3.connect(folder / "market.sqlite3") as raw:
        raw.execute("drop trigger events_no_update")
        number, change = raw.execute("select id, change from events where verb = 'award.answered' limit 1").fetchone()
        raw.execute("update events set change = ? where id = ?", (change.replace("2", "3", 1), number))
        assert json.loads(change) != json.loads(change.replace("2", "3", 1))
    found = verb(folder, "events", "verify")
    assert found.returncode == 1
    assert str(number) in found.stdout
