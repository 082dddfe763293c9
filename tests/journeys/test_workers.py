"""Production's shape: PostgreSQL, a web process without a worker, and a worker that is killed and comes back."""

from pathlib import Path

import pytest

from service.households import pseudonyms
from tests.postgres import fresh_database
from tests.server import Worker, serving, until, verb, verbs

pytestmark = [pytest.mark.slow, pytest.mark.postgres]


def test_a_round_is_solved_by_a_worker_that_was_killed_once(tmp_path: Path) -> None:
    with fresh_database() as url:
        pseudonyms.write(tmp_path / "pseudonym.keys", [pseudonyms.new_key()], fresh=True)  # an operator brings it
        on = {"MARKET_DATABASE_URL": url, "MARKET_PSEUDONYM_KEY_FILE": str(tmp_path / "pseudonym.keys")}
        done = verbs(tmp_path, ("migrate",), ("demo",), **on)
        assert done.returncode == 0, done.stderr
        worker = Worker(tmp_path, MARKET_WORKER_ID="first", **on)
        try:
            with serving(tmp_path, MARKET_RUN_WORKER="false", **on) as server:
                facilitator = server.caller("demo-lampang-facilitator", "demo")
                (row,) = facilitator.get("/rounds?province=52")["items"]
                facilitator.post(f"/rounds/{row['id']}/close", {"note": "by a worker"})

                def run() -> dict[str, str]:
                    return dict(facilitator.get(f"/rounds/{row['id']}/runs")[0])

                until(run, lambda found: found["state"] == "solving")
                worker.kill()
                assert run()["state"] == "solving"
                worker = Worker(tmp_path, MARKET_WORKER_ID="first", **on)
                done_run = until(run, lambda found: found["state"] not in {"queued", "solving"})
                assert done_run["state"] == "solved", done_run["failure"]
        finally:
            worker.kill()
        clean = verb(tmp_path, "events", "verify", **on)
        assert clean.returncode == 0, clean.stdout + clean.stderr
