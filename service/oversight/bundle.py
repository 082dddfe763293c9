"""The bundle for an auditor who trusts nobody: the log's exact lines, what signs them, and the rounds' stored files.

`docs/verify_bundle.py` checks it on a machine without the service, `python -m solver verify` the rounds' results.
A provincial auditor's bundle holds only the hash of another province's event: chain and tree are checked all the same.
"""

import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Protocol
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from service.events import checkpoints, reading
from service.events.models import Checkpoint, Seal
from service.events.verification import STEP, Progress
from service.kernel.clock import now
from service.kernel.db import Database
from service.rounds.models import Round, Run, Scenario

KIND = "pracharat.bundle/1"
ATTACHED = 'attachment; filename="event-log.zip"'
CLOSED = ("closed", "solving", "proposed", "under_review", "approved", "published", "superseded", "failed")


@dataclass(frozen=True, slots=True)
class Part:
    """Whose part of the log is written out in full: a province's, or everything."""

    province: str | None = None


class Target(Protocol):
    """Where the files of a bundle go."""

    def open(self, name: str) -> Any:
        """A context with a binary file to write."""


class Folder:
    """A bundle as a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, name: str) -> IO[bytes]:
        """A new file in it."""
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")


class Zip:
    """A bundle as a zip file; what it is written to need not be able to go back."""

    def __init__(self, file: ZipFile) -> None:
        self._file = file

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A new member."""
        member = ZipInfo(name, now().timetuple()[:6])
        member.compress_type, member.external_attr = ZIP_DEFLATED, 0o644 << 16
        with self._file.open(member, "w", force_zip64=True) as file:
            yield file


def write(tx: Session, path: Path, part: Part, progress: Progress | None = None) -> None:
    """Write the bundle to a new folder, or to a file that ends in .zip."""
    if path.suffix != ".zip":
        for _ in pieces(tx, Folder(path), part, progress):
            pass
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path, "x", ZIP_DEFLATED, compresslevel=3) as file:
        for _ in pieces(tx, Zip(file), part, progress):
            pass


def of_database(database: Database, part: Part) -> Iterator[bytes]:
    """The zip file of a bundle, piece by piece, read in one transaction."""
    with database.reading() as tx:
        yield from streamed(tx, part)


def streamed(tx: Session, part: Part) -> Iterator[bytes]:
    """The zip file as it comes into being; little of it is ever in memory."""
    out = _Pipe()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=3) as file:
        for _ in pieces(tx, Zip(file), part, None):
            yield from out.taken()
    yield from out.taken()


class _Pipe(io.RawIOBase):
    """Takes what is written and gives it on."""

    def __init__(self) -> None:
        super().__init__()
        self._held: SimpleQueue[bytes] = SimpleQueue()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        held = bytes(data)
        self._held.put(held)
        return len(held)

    def taken(self) -> Iterator[bytes]:
        """What was written since the last time."""
        while not self._held.empty():
            yield self._held.get()


def pieces(tx: Session, target: Target, part: Part, progress: Progress | None) -> Iterator[None]:
    """Write a bundle file by file; pauses where a stream can be emptied."""
    told = _Told()
    for step in (_log, _statements, _rounds):
        yield from step(tx, target, part, told, progress)
    about = {"type": KIND, "made_at": now().isoformat(), "province": part.province, "events": told.events,
             "withheld": told.withheld, "head": told.head, "files": told.files}  # fmt: skip
    with target.open("manifest.json") as file:
        file.write(json.dumps(about, indent=1).encode())


@dataclass
class _Told:
    """What the manifest tells."""

    events: int = 0
    withheld: int = 0
    head: str = ""
    files: dict[str, str] | None = None


def _log(tx: Session, target: Target, part: Part, told: _Told, progress: Progress | None) -> Iterator[None]:
    """The exact bytes that were hashed, one event a line; another province's event is its hash alone."""
    total = tx.scalar(select(func.count()).select_from(Seal)) or 0
    with target.open("log.jsonl") as file:
        for line in reading.lines(tx):
            shown = line.text is not None and (not part.province or line.province == part.province)
            file.write((line.text if shown and line.text else line.hash.encode()) + b"\n")
            told.events, told.head = told.events + 1, f"{line.sequence}:{line.hash}"
            told.withheld += not shown
            if told.events % STEP == 0:
                yield
                if progress:
                    progress(told.events, total)
    yield


def _statements(tx: Session, target: Target, part: Part, told: _Told, progress: Progress | None) -> Iterator[None]:
    del part, told, progress
    with target.open("keys.jsonl") as file:
        for one in checkpoints.keys(tx):
            file.write(_json_line(one.statement, one.signature))
    with target.open("checkpoints.jsonl") as file:
        for point in tx.scalars(select(Checkpoint).order_by(Checkpoint.size)):
            file.write(_json_line(point.statement, point.signature))
    yield


def _json_line(statement: str, signature: str) -> bytes:
    return json.dumps({"statement": statement, "signature": signature}).encode() + b"\n"


def _rounds(tx: Session, target: Target, part: Part, told: _Told, progress: Progress | None) -> Iterator[None]:
    """Each run's frozen market, and each scenario's instance and result, as `python -m solver verify` takes them."""
    del progress
    told.files = {}
    runs = select(Run).join(Round, Round.id == Run.round_id).where(Round.state.in_(CLOSED), Run.snapshot.is_not(None))
    if part.province:
        runs = runs.where(Round.province_code == part.province)
    for run_id in tx.scalars(runs.with_only_columns(Run.id).order_by(Run.id)).all():
        for name, data in _files(tx, run_id):
            told.files[name] = sha256(data).hexdigest()
            with target.open(name) as file:
                file.write(data)
            yield


def _files(tx: Session, run_id: Any) -> Iterator[tuple[str, bytes]]:
    run = tx.get_one(Run, run_id, options=[undefer(Run.snapshot)], populate_existing=True)
    yield f"rounds/{run.id}/snapshot.json", gzip.decompress(run.snapshot or b"")
    wanted = select(Scenario.name, Scenario.instance, Scenario.result).where(Scenario.run_id == run.id)
    for name, instance, result in tx.execute(wanted.order_by(Scenario.name)):
        yield f"rounds/{run.id}/{name}/instance.npz", instance
        yield f"rounds/{run.id}/{name}/result.json", result
    tx.expunge(run)
