"""What the log's API writes and its page's filters read."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, Field

from service.events.models import Event, Seal
from service.events.verification import FAULTS, Verdict
from service.kernel.i18n import N_
from service.kernel.shapes import Day, In, Mistake, Out, Text


def _sensible(moment: datetime) -> datetime:
    """Years at the edge of the calendar have no other time zone, and no event."""
    if not 2000 <= moment.year < 2200:
        raise Mistake(N_("Write the year as in 2026, within a sensible range."))
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_sensible)]


class Operation(Out):
    """One operation of a JSON patch (RFC 6902)."""

    op: str
    path: str
    value: Any = None


class EventOut(Out):
    """One event; `sequence` and `hash` are its place in the chain."""

    id: int
    at: datetime
    verb: str
    subject_type: str
    subject_id: str
    person_id: UUID | None
    organisation_id: UUID | None
    on_behalf_of: UUID | None
    province_code: str | None
    change: list[Operation] | dict[str, Any] = Field(
        description="A JSON patch (RFC 6902); events of the first revision carry an object of facts."
    )
    reason: str
    request_id: str
    sequence: int
    previous_hash: str
    hash: str

    @classmethod
    def of(cls, row: Event, seal: Seal) -> Self:
        """The event with its place."""
        own = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls(**own, sequence=seal.sequence, previous_hash=seal.previous_hash, hash=seal.hash)


class FaultOut(Out):
    """A place where the log is not what was sealed."""

    sequence: int
    event_id: int | None
    kind: str
    meaning: str
    after: int | None = Field(description="The last place known to be good, where only a stretch can be named.")


class VerdictOut(Out):
    """What a verification saw; note `head` elsewhere, and later give it back as `head` to compare."""

    events: int
    sealed: int
    head: str
    checkpoints: int = Field(description="Signed checkpoints that the chain was compared with.")
    faults: list[FaultOut]
    more: int = Field(description="Faults beyond those listed.")

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """The verdict in words."""
        faults = [
            FaultOut(
                sequence=one.sequence, event_id=one.event_id, kind=one.kind, meaning=FAULTS[one.kind], after=one.after
            )
            for one in verdict.faults
        ]
        return cls(events=verdict.events, sealed=verdict.sealed, head=str(verdict.head), faults=faults,
                   checkpoints=verdict.checkpoints, more=verdict.more)  # fmt: skip


class SignedOut(Out):
    """A statement (canonical JSON) and its Ed25519 signature; verify it as it stands, byte for byte."""

    statement: str
    signature: str


class CheckpointOut(SignedOut):
    """How far the chain had come at a moment: size, head, Merkle root and key stand in the statement."""

    size: int
    key_id: str
    created_at: datetime


class CheckpointsOut(Out):
    """Checkpoints, the newest first; `next` is the size that the following page comes before."""

    items: list[CheckpointOut]
    next: int | None = None


class ProofOut(Out):
    """That an event stands in the signed log: `line` is the very text that was hashed."""

    type: str
    sequence: int
    line: str
    path: list[str] = Field(description="Hashes from the event's leaf to the root of the checkpoint (RFC 9162).")
    checkpoint: SignedOut
    keys: list[SignedOut]


class AwardProofOut(ProofOut):
    """That an award was published; `award` is its text as it was then, whose hash the event keeps."""

    award: str | None = None


class ConsistencyOut(Out):
    """That a later log begins with an earlier one."""

    type: str
    old: SignedOut
    new: SignedOut
    path: list[str]
    keys: list[SignedOut]


class CheckIn(In):
    """A verification of the whole log."""

    head: Annotated[str, Field(max_length=100, description="A head noted before, as number:hash.")] = ""


class CheckOut(Out):
    """How far a verification is, and what it found."""

    id: UUID
    head: str
    state: str
    done: int
    total: int
    verdict: VerdictOut | None
    created_at: datetime
    finished_at: datetime | None


class FilterForm(In):
    """The filters of the log's page."""

    verb: Text | None = None
    subject_type: Text | None = None
    subject_id: Text | None = None
    organisation_id: UUID | None = None
    since: Day | None = None
    until: Day | None = None
