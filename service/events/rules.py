"""The arithmetic of the chain: canonical form (RFC 8785) and hashes (SHA-256)."""

from hashlib import sha256
from typing import Any

import rfc8785

from service.events.models import Event

GENESIS = "0" * 64


def canonical(event: Event) -> bytes:
    """The event as RFC 8785 JSON: every column but its transaction number; amounts over 2**53 as strings."""
    members = {
        "id": str(event.id),
        "at": event.at.isoformat(),
        "person": _text(event.person_id),
        "organisation": _text(event.organisation_id),
        "on_behalf_of": _text(event.on_behalf_of),
        "verb": event.verb,
        "subject": [event.subject_type, event.subject_id],
        "province": event.province_code,
        "change": event.change,
        "reason": event.reason,
        "request": event.request_id,
    }
    return rfc8785.dumps(members)


def chained(previous_hash: str, event: Event) -> str:
    """The hash of an event that follows `previous_hash`."""
    return sha256(previous_hash.encode() + canonical(event)).hexdigest()


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
