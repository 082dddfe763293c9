"""One run of an import: every line is read, refused with its reason or written; one event tells of the whole."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, ClassVar, Protocol

from pydantic import ValidationError
from sqlalchemy.orm import Session

from service.events import actions as events
from service.imports.reader import Line, Source
from service.imports.rows import Done
from service.imports.rules import ColumnMissing, refused
from service.kernel.actor import SYSTEM
from service.kernel.db import Database
from service.kernel.i18n import N_
from service.kernel.mistakes import invalid
from service.kernel.problems import Problem

BATCH = 1_000


class Importer(Protocol):
    """What one kind of file needs: its columns, how a line is read, and how drafts are written."""

    kind: ClassVar[str]

    def missing(self, columns: tuple[str, ...]) -> list[str]:
        """The columns that the file must have and lacks."""

    def used(self, columns: tuple[str, ...]) -> set[str]:
        """The columns that are read; the others are ignored and named in the summary."""

    def prepare(self, tx: Session, source: Source) -> None:
        """Load what lines are checked against."""

    def read(self, content: dict[str, Any]) -> Any:
        """The draft of a line; raises what refuses it."""

    def key(self, draft: Any) -> Hashable:
        """The natural key of a draft."""

    def write(self, tx: Session, drafts: list[Any]) -> list[Done | Problem]:
        """Write drafts in one transaction and say what became of each."""


@dataclass(slots=True)
class Report:
    """What a run did; it is the subject of the run's event, under the fingerprint of its file."""

    kind: str
    file: str
    id: str
    ignored: list[str]
    read: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    refusals: list[tuple[int, Problem]] = field(default_factory=list)
    seconds: float = 0.0
    __tablename__: ClassVar[str] = "imports"

    def refuse(self, line: int, problem: Problem) -> None:
        """Keep why a line was refused."""
        self.refusals.append((line, problem))

    def counts(self) -> dict[str, int]:
        """The numbers of the summary."""
        told = {"read": self.read, "added": self.added, "changed": self.changed, "same": self.same}
        return {**told, "refused": len(self.refusals)}


def load(database: Database, importer: Importer, source: Source, step: Callable[[], object] = lambda: None) -> Report:
    """Load a file in transactions of a thousand lines; `step` is called for every line."""
    began = perf_counter()
    missing = importer.missing(source.columns)
    if missing:
        raise ColumnMissing(file=source.name, columns=", ".join(missing), found=", ".join(source.columns))
    report = Report(
        importer.kind, source.name, source.digest, sorted(set(source.columns) - importer.used(source.columns))
    )
    with database.reading() as tx:
        importer.prepare(tx, source)
    for batch in _batches(importer, source, report, step):
        _write(database, importer, batch, report)
    report.refusals.sort(key=lambda refusal: refusal[0])
    with database.writing() as tx:
        told = report.counts() | {"kind": report.kind, "file": report.file, "sha256": report.id}
        events.record(tx, by=SYSTEM, verb="import.finished", subject=report, change=told)
    report.seconds = perf_counter() - began
    return report


Batch = list[tuple[int, Any]]


def _batches(importer: Importer, source: Source, report: Report, step: Callable[[], object]) -> Any:
    seen: dict[Hashable, int] = {}
    batch: Batch = []
    for line in source.lines:
        step()
        report.read += 1
        try:
            batch.append((line.number, _draft(importer, line, seen)))
        except Problem as problem:
            report.refuse(line.number, problem)
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _draft(importer: Importer, line: Line, seen: dict[Hashable, int]) -> Any:
    if line.fault is not None:
        raise line.fault
    try:
        draft = importer.read(line.content)
    except ValidationError as error:
        raise invalid(error.errors()) from error
    first = seen.setdefault(importer.key(draft), line.number)
    if first != line.number:
        raise refused(N_("The same entry stands in line {line} of this file."), at=source_key(importer), line=first)
    return draft


def source_key(importer: Importer) -> str:
    """The field that a repeated entry is reported under."""
    return "code" if importer.kind in {"places", "products", "outlines"} else "name_th"


def _write(database: Database, importer: Importer, batch: Batch, report: Report) -> None:
    with database.writing() as tx:
        results = importer.write(tx, [draft for _, draft in batch])
    for (number, _), done in zip(batch, results, strict=True):
        if isinstance(done, Problem):
            report.refuse(number, done)
        else:
            setattr(report, done, getattr(report, done) + 1)
