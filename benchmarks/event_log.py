"""Verification of a long event log: `python -m benchmarks.event_log [--events N] [--url URL]`.

The log is written in bulk to a fresh database (SQLite unless told), checkpoints included, and verified as an auditor
would. Printed: CPU seconds, microseconds an event, the ratio to hashing the same bytes with hashlib in the same run,
what the peak memory grew by, and the time of one inclusion proof.
"""

import argparse
import resource
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

from alembic import command
from alembic.config import Config
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select

from benchmarks.machine import described
from service.events import checkpoints, rules, verification
from service.events.models import Event, Seal
from service.events.signing import Signer
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import ROOT

LIMIT_S = 60.0
A_BATCH, A_CHECKPOINT = 10_000, 100_000
LINES = [{"answer": "accepted", "line": "0199a0b2-7c1e-7d3a-9b1f-0123456789ab", "quantity": 120, "reason": ""}]
CHANGES = (
    rules.patch({"from": "draft", "to": "active"}),
    rules.patch({"state": "active", "lines": LINES}),
    rules.patch({"from": "planned", "to": "active", "total_satang": 12_345_600, "title": "Vegetables of the week"}),
    rules.patch({"number": "45-2569-00017", "award": "0199a0b2-7c1e-7d3a-9b1f-0123456789ab", "lines": 3}),
)


def rows(first: int, last: int) -> Iterator[dict[str, Any]]:
    """Made-up events from one id to another."""
    begun = now()
    for number in range(first, last + 1):
        yield {
            "id": number, "transaction": 0, "at": begun + timedelta(seconds=number),
            "person_id": UUID(int=number % 997), "organisation_id": UUID(int=number % 101),
            "on_behalf_of": None, "verb": "award.answered",
            "subject_type": "awards", "subject_id": str(UUID(int=number)), "province_code": f"{number % 77 + 10}",
            "change": CHANGES[number % len(CHANGES)], "reason": "", "request_id": f"{number:032x}",
        }  # fmt: skip


def build(database: Database, count: int) -> list[int]:
    """Write the log and its checkpoints; give the length of every hashed line."""
    signer, lengths = Signer(Ed25519PrivateKey.generate()), list[int]()
    with database.writing() as tx:
        checkpoints.introduce(tx, signer)  # the first event
    with database.reading() as tx:
        previous = tx.scalars(select(Seal.hash)).one()
    for first in range(2, count + 1, A_BATCH):
        events, seals = list(rows(first, min(count, first + A_BATCH - 1))), []
        for event in events:
            line = rules.line(previous, event)
            digest = sha256(line).hexdigest()
            seal = {"sequence": event["id"], "event_id": event["id"], "previous_hash": previous, "hash": digest}
            seals.append(seal)
            previous = digest
            lengths.append(len(line))
        with database.writing() as tx:
            tx.execute(insert(Event), events)
            tx.execute(insert(Seal), seals)
        if (first - 2) % A_CHECKPOINT == 0 or first + A_BATCH > count:
            with database.writing() as tx:
                checkpoints.sign_end(tx, signer)
    return lengths


def hashed(lengths: list[int]) -> float:
    """CPU seconds of hashing as many bytes in as many pieces with hashlib."""
    block, begun = bytes(max(lengths)), process_time()
    for length in lengths:
        sha256(block[:length]).hexdigest()
    return process_time() - begun


def peak_mb() -> float:
    """Peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Build, verify, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--url", help="a database without tables")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="market-bench-") as folder:
        return run(given.url or f"sqlite:///{Path(folder, 'market.sqlite3')}", given.events)


def run(url: str, count: int) -> int:
    """One measurement; 0 when it is within its limit."""
    print(described(), flush=True)
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    command.upgrade(config, "head")
    database = Database(url)
    plain = hashed(build(database, count))
    before, wall, begun = peak_mb(), perf_counter(), process_time()
    with database.reading() as tx:
        verdict = verification.verify(tx)
    spent, elapsed, grown = process_time() - begun, perf_counter() - wall, peak_mb() - before
    begun = process_time()
    with database.reading() as tx:
        checkpoints.tree_of(tx).inclusion(count // 3, count)
    proof = process_time() - begun
    print(f"{count} events, {verdict.checkpoints} checkpoints, {len(verdict.faults)} faults")
    print(f"verified in {spent:.1f} s of CPU, {elapsed:.1f} s elapsed, {1e6 * spent / count:.1f} us an event")
    print(f"hashlib alone {plain:.2f} s of CPU: ratio {spent / plain:.1f}")
    print(f"memory grew by {grown:.0f} MB; one proof {1e3 * proof:.0f} ms")
    database.dispose()
    return 0 if not verdict.faults and spent < LIMIT_S * count / 1_000_000 else 1


if __name__ == "__main__":
    sys.exit(main())
