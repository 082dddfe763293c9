"""kill -9 of the serving, solving process at five random moments: the round completes, awards are exactly once."""

import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from tests.server import Person, Server, until

KILLS = 5
SEED = int(os.environ.get("MARKET_TEST_SEED", "20261122"))

pytestmark = pytest.mark.slow


def facilitator_of(server: Server) -> Person:
    return server.caller("demo-roiet-facilitator", "demo")


def test_a_killed_worker_resumes_and_awards_exactly_once(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    server = Server(tmp_path, "--demo")
    facilitator = facilitator_of(server)
    (row,) = facilitator.get("/rounds?province=45")["items"]
    path = f"/rounds/{row['id']}"
    facilitator.post(f"{path}/close", {"note": "killed on purpose"})
    seen = []
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, 4.0))
        server.kill()
        seen.append(state_of(tmp_path))
        server = Server(tmp_path, "--demo")
    facilitator = facilitator_of(server)
    run = until(lambda: facilitator.get(f"{path}/runs")[0], lambda found: found["state"] in {"solved", "failed"})
    assert run["state"] == "solved", (seen, run["failure"])
    facilitator.post(f"{path}/propose", version=facilitator.version(path))
    server.kill()

    with sqlite3.connect(tmp_path / "market.sqlite3") as raw:
        assert raw.execute("select count(*) from runs").fetchone() == (1,)
        assert raw.execute("select count(*), count(distinct name) from scenarios").fetchone() == (3, 3)
        doubled = "select demand_line_id, offer_id from award_lines group by 1, 2 having count(*) > 1"
        assert raw.execute(doubled).fetchall() == []
        assert raw.execute("select count(*) from award_lines").fetchone()[0] > 100
        verbs = dict(raw.execute("select verb, count(*) from events where verb like 'run.%' group by verb").fetchall())
    assert verbs == {"run.queued": 1, "run.started": 1, "run.solved": 1, "run.awarded": 1}


def state_of(folder: Path) -> tuple[str, int]:
    """The run's state and its stored scenarios at the moment of a kill."""
    with sqlite3.connect(folder / "market.sqlite3") as raw:
        (state,) = raw.execute("select state from runs").fetchone()
        (stored,) = raw.execute("select count(*) from scenarios").fetchone()
    return state, stored
