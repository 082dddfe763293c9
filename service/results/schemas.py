"""What the API of results writes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from service.kernel.shapes import Out


class ScenarioOut(Out):
    """A stored scenario: certificate, facts, where to download its files."""

    name: str
    instance_sha256: str
    status: str
    objective: float | None
    bound: float | None
    gap: float | None
    gap_served: float | None
    violations: int
    facts: dict[str, Any]
    solver_version: str
    runtime_ms: int
    verified_at: datetime | None


class RecomputedOut(Out):
    """A certificate computed anew."""

    violations: list[str]
    same_question: bool
    snapshot_intact: bool


class ReplayOut(Out):
    """A replay of a scenario from its snapshot: queued, done (identical or with differences) or failed."""

    id: UUID
    state: str
    identical: bool | None
    differences: list[dict[str, Any]]
    failure: str
    created_at: datetime
    finished_at: datetime | None


class LineReasonsOut(Out):
    """Every eligible pair of a line with what decided; `short` says what the line missed."""

    pairs: list[dict[str, Any]]
    short: dict[str, Any] | None


class PairReasonOut(Out):
    """Codes for which a pair could not trade, or what decided about it."""

    ineligible: list[str]
    reason: dict[str, Any] | None
