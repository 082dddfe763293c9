"""Proofs that need neither the service nor the log: an event stands in it, and the log has only grown.

docs/verify_award.py checks them with the standard library alone.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.events import merkle
from service.events.actions import COLUMNS
from service.events.checkpoints import keys, tree_of
from service.events.models import Checkpoint, Event, Seal
from service.events.rules import line
from service.kernel.i18n import N_
from service.kernel.problems import NotFound, Problem

INCLUSION, CONSISTENCY = "pracharat.proof/1", "pracharat.consistency/1"


class NotSignedYet(Problem):
    """No checkpoint covers the event."""

    title = N_("No checkpoint covers this event yet")
    detail = N_("A proof needs a signed checkpoint. One is made every hour, and when a round is published.")
    todo = N_("Come back within the hour.")


class ProofBroken(Problem):
    """The stored log does not lead to the signed root."""

    status = 500
    title = N_("The stored log is not what was signed")
    detail = N_("No proof can be given: the hashes that are stored do not lead to the root that was signed.")
    todo = N_("Tell an auditor: the log must be verified.")


def inclusion(tx: Session, row: Event, seal: Seal) -> dict[str, Any]:
    """The exact text of an event, its path to the newest checkpoint's root, and what vouches for that."""
    point = newest(tx)
    if point is None or point.size < seal.sequence:
        raise NotSignedYet
    path = tree_of(tx).inclusion(seal.sequence - 1, point.size)
    root = merkle.root_of_inclusion(merkle.leaf(seal.hash), seal.sequence - 1, point.size, path)
    if root is None or f'"root":"{root.hex()}"' not in point.statement:
        raise ProofBroken
    text = line(seal.previous_hash, {name: getattr(row, name) for name in COLUMNS}).decode()
    return {"type": INCLUSION, "sequence": seal.sequence, "line": text, "path": [one.hex() for one in path],
            "checkpoint": signed(point), "keys": stated_keys(tx)}  # fmt: skip


def consistency(tx: Session, old: int, new: int) -> dict[str, Any]:
    """What shows that the log of a later checkpoint begins with the log of an earlier one."""
    earlier, later = tx.get(Checkpoint, old), tx.get(Checkpoint, new)
    if earlier is None or later is None or not old <= new:
        raise NotFound
    path = tree_of(tx).consistency(old, new)
    return {"type": CONSISTENCY, "old": signed(earlier), "new": signed(later), "path": [one.hex() for one in path],
            "keys": stated_keys(tx)}  # fmt: skip


def newest(tx: Session) -> Checkpoint | None:
    """The newest checkpoint."""
    return tx.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))


def signed(point: Checkpoint) -> dict[str, str]:
    """A checkpoint as it was signed."""
    return {"statement": point.statement, "signature": point.signature}


def stated_keys(tx: Session) -> list[dict[str, str]]:
    """Every public key as it was introduced, the oldest first."""
    return [{"statement": one.statement, "signature": one.signature} for one in keys(tx)]
