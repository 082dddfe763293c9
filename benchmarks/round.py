"""A round of 400 buyers and 700 suppliers, from close to proposed: `python -m benchmarks.round`.

Everything but places is synthetic. The market is built in a fresh SQLite file, closed, solved under the three
scenarios by the same child processes as in production, verified, stored and proposed. Printed: time of each
stage, the certificate of each scenario, and the peak memory of this process and of its largest child.
"""

import argparse
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from alembic import command
from alembic.config import Config
from sqlalchemy import select

from benchmarks.machine import described
from service.demo.loading import build
from service.demo.scene import Size
from service.kernel.actor import SYSTEM
from service.kernel.db import Database
from service.kernel.settings import ROOT, Settings
from service.procedure import actions
from service.rounds import runs, workflow
from service.rounds.models import Round, Scenario

LIMIT_S = 120.0
LIMIT_MB = 2048


@contextmanager
def stage(name: str, times: dict[str, float]) -> Iterator[None]:
    """Time a stage."""
    start = perf_counter()
    yield
    times[name] = perf_counter() - start


def main() -> None:
    """Build, run, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--buyers", type=int, default=400)
    options.add_argument("--suppliers", type=int, default=700)
    options.add_argument("--lines", type=int, default=10, help="mean lines a buyer")
    options.add_argument("--offers", type=int, default=3, help="mean offers a supplier")
    given = options.parse_args()
    size = Size(given.buyers, given.suppliers, given.lines, given.offers)
    with tempfile.TemporaryDirectory(prefix="market-bench-") as folder:
        _run(f"sqlite:///{Path(folder, 'market.sqlite3')}", size)


def _run(url: str, size: Size) -> None:
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    command.upgrade(config, "head")
    database, times = Database(url), dict[str, float]()
    with stage("build (not counted)", times), database.writing() as tx:
        build(tx, size, province="45")
    with stage("close and freeze", times), database.writing() as tx:
        round_id = tx.scalars(select(Round.id).where(Round.state == "open")).one()
        actions.close(tx, by=SYSTEM, round_id=round_id, reason="benchmark")
        run = runs.latest(tx, round_id)
        assert run is not None
    with stage("solve, verify, explain, store", times):
        workflow.solve_missing(database, Settings(), run.id)
    with stage("settle and propose", times), database.writing() as tx:
        runs.settle(tx, run.id)
        row = tx.get_one(Round, round_id)
        actions.propose(tx, by=SYSTEM, round_id=round_id, version=row.version)
    _print(database, times)
    database.dispose()


def _print(database: Database, times: dict[str, float]) -> None:
    print(described())
    for name, seconds in times.items():
        print(f"{name:32s} {seconds:8.1f} s")
    counted = sum(seconds for name, seconds in times.items() if "not counted" not in name)
    print(f"{'close to proposed':32s} {counted:8.1f} s   limit {LIMIT_S:.0f} s, ratio {counted / LIMIT_S:.2f}")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    total = own + 2 * child
    print(f"peak memory: {own:.0f} MB here + 2 x {child:.0f} MB children = {total:.0f} MB, limit {LIMIT_MB} MB")
    with database.reading() as tx:
        for found in tx.scalars(select(Scenario).order_by(Scenario.name)):
            facts = found.facts
            print(
                f"{found.name:12s} {found.status:9s} lines {facts['lines']} arcs {facts['arcs']} gap {found.gap:.2%} "
                f"violations {found.violations} paid {facts['paid_satang'] / 100:,.0f} baht groups {facts['groups']} "
                f"short {facts['lines_short']} {found.runtime_ms / 1000:.1f} s"
            )


if __name__ == "__main__":
    main()
