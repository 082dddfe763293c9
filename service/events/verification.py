"""Verify the whole chain, as a stream: what was edited, deleted, inserted, swapped or dated back is a fault.

The end of the log can be cut off, and all of it be hashed anew, without a trace inside it: checkpoints that were signed
tell of both, and so does a head that someone noted elsewhere (`SEQ:HASH`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.events import reading
from service.events.checkpoints import keys
from service.events.merkle import Growing, leaf
from service.events.models import Checkpoint, Event, Seal
from service.events.reading import Line, Link, line_of
from service.events.rules import GENESIS
from service.events.signing import CHECKPOINT, KEY, Keyring, Signed
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput

LONGEST_TRANSACTION = timedelta(hours=1)  # an event is never sealed later than this after younger ones
MOST_FAULTS = 1_000  # listed; the rest is counted
STEP = 10_000  # events between two reports of progress
FAULTS = {
    "gap": N_("a seal is missing here"),
    "missing": N_("the sealed event is gone"),
    "edited": N_("the event is not what was sealed"),
    "reordered": N_("the seal does not follow the one before it"),
    "backdated": N_("the event carries an older time than its place allows"),
    "inserted": N_("an event was slipped in and has no seal"),
    "other_head": N_("the chain does not hold the head that was noted"),
    "rewritten": N_("the chain up to here is not what the checkpoint signed"),
    "cut": N_("the end of the log was cut off; a checkpoint signed more"),
    "unvouched": N_("no trusted key signed this checkpoint"),
    "lost": N_("the database does not hold a checkpoint that was written outside of it"),
}
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the log is not what was sealed; `kind` is one of FAULTS, `after` the last place known good."""

    sequence: int
    event_id: int | None
    kind: str
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The last place of the chain, fit to be noted on paper."""

    sequence: int
    hash: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification saw; `more` faults than those listed."""

    events: int
    sealed: int
    head: Head
    faults: tuple[Fault, ...]
    checkpoints: int = 0
    more: int = 0


def read_head(text: str) -> Head:
    """A head as `Head` writes it, or InvalidInput."""
    number, _, digest = text.strip().partition(":")
    if not number.isascii() or not number.isdecimal() or len(number) > 15 or len(digest) != 64:
        raise InvalidInput(errors=(FieldError("/head", N_("Write a noted head as number:hash.")),))
    return Head(int(number), digest.lower())


@dataclass(frozen=True, slots=True)
class Outside:
    """What is known from elsewhere: a noted head, statements of the folder, keys that are trusted."""

    noted: Head | None = None
    statements: tuple[Signed, ...] = ()
    trusted: tuple[str, ...] = ()


@dataclass
class Walk:
    """A walk along the chain: take every link in order, then `end`."""

    noted: Head | None = None
    signed: dict[int, list[dict[str, Any]]] = field(default_factory=dict)  # what vouched checkpoints say, by size
    last: int = 0
    hash: str = GENESIS
    latest: datetime | None = None
    sealed: int = 0
    tree: Growing = field(default_factory=Growing)
    good: int = 0  # the newest checkpoint that the chain agreed with
    met: int = 0
    faults: list[Fault] = field(default_factory=list)
    more: int = 0

    def fault(self, kind: str, event_id: int | None, sequence: int, after: int | None = None) -> None:
        """Note a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(sequence, event_id, kind, after))
        else:
            self.more += 1

    def take(self, link: Link | Line) -> None:
        """Check one seal and its event against the one before."""
        line = link if isinstance(link, Line) else line_of(link)
        sequence = line.sequence
        if sequence != self.last + 1:
            self.fault("gap", None, self.last + 1)
        elif line.previous_hash != self.hash:
            self.fault("reordered", line.event_id, sequence, self.last - 1)  # it, or the one before, was changed
        self._check_event(line)
        self.last, self.hash, self.sealed = sequence, line.hash, self.sealed + 1
        self.tree.add(_leaf(line.hash))
        if sequence in self.signed:
            self._meet(self.signed[sequence])
        if self.noted is not None and self.noted.sequence == sequence and self.noted.hash != line.hash:
            self.fault("other_head", line.event_id, sequence)

    def _check_event(self, line: Line) -> None:
        text, at = line.text, line.at
        if not line.found:
            self.fault("missing", line.event_id, line.sequence)
        elif text is None or at is None or sha256(text).hexdigest() != line.hash:
            self.fault("edited", line.event_id, line.sequence)
        elif self.latest is None or at > self.latest:
            self.latest = at
        elif at < self.latest - LONGEST_TRANSACTION:
            self.fault("backdated", line.event_id, line.sequence)

    def _meet(self, said: list[dict[str, Any]]) -> None:
        """Compare with what was signed at this size; after the first difference all others follow from it."""
        here = (self.hash, self.tree.root().hex(), self.tree.size)
        self.met += len(said)
        if all((one.get("head"), one.get("root"), one.get("size")) == here for one in said):
            self.good = self.last
        elif not any(fault.kind == "rewritten" for fault in self.faults):
            self.fault("rewritten", None, self.last, self.good)

    def end(self) -> None:
        """What only the end shows: the chain is shorter than what was noted or signed."""
        if self.noted is not None and self.noted.sequence > self.last:
            self.fault("other_head", None, self.noted.sequence)
        if max(self.signed, default=0) > self.last:
            self.fault("cut", None, self.last + 1, self.last)


def _leaf(digest: str) -> bytes:
    try:
        return leaf(digest)
    except ValueError:  # no hash at all: the event's own check says so
        return b""


def begin(stored: Iterable[Signed], outside: Outside) -> Walk:
    """A walk that knows what was signed; statements that no trusted key signed are faults already."""
    walk, inside = Walk(outside.noted), set(stored)
    everything = inside | set(outside.statements)
    ring = Keyring((one for one in everything if one.says().get("type") == KEY), outside.trusted)
    points = ((one, one.says()) for one in everything if one.says().get("type") != KEY)
    for one, says in sorted(points, key=lambda point: (_size(point[1]), point[0].signature)):
        if says.get("type") != CHECKPOINT or not ring.vouches(one):
            walk.fault("unvouched", None, _size(says))
            continue
        walk.signed.setdefault(_size(says), []).append(says)
        if one not in inside:
            walk.fault("lost", None, _size(says))
    return walk


def _size(says: dict[str, Any]) -> int:
    size = says.get("size")
    return size if isinstance(size, int) else 0


def verify(tx: Session, outside: Outside | None = None, progress: Progress | None = None) -> Verdict:
    """Recompute every hash in order, meet every checkpoint, and look for events that were slipped in."""
    points = tx.scalars(select(Checkpoint).order_by(Checkpoint.size))
    stored = keys(tx) + [Signed(row.statement, row.signature) for row in points]
    walk = begin(stored, outside or Outside())
    total = tx.scalar(select(func.count()).select_from(Seal)) or 0
    for line in reading.lines(tx):
        walk.take(line)
        if progress is not None and walk.sealed % STEP == 0:
            progress(walk.sealed, total)
    walk.end()
    for event_id in reading.without_seal(tx):
        walk.fault("inserted", event_id, 0)
    events = tx.scalar(select(func.count()).select_from(Event)) or 0
    return Verdict(events, walk.sealed, Head(walk.last, walk.hash), tuple(walk.faults), walk.met, walk.more)
