"""Identifiers: UUID version 7 (RFC 9562), so that rows sort by the time they were made.

Ids of one process always grow, also within a millisecond: what was added first is listed first.
"""

import secrets
import threading
import time
from uuid import UUID

RANDOM_BITS = 74
STEP_BITS = 40  # within a millisecond the random part grows by a random step
_lock = threading.Lock()
_last = [0]  # milliseconds and random part of the newest id, as one number


def new_id() -> UUID:
    """Return a fresh UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    fresh = (time.time_ns() // 1_000_000 << RANDOM_BITS) | secrets.randbits(RANDOM_BITS)
    with _lock:
        _last[0] = number = fresh if fresh > _last[0] else _last[0] + 1 + secrets.randbits(STEP_BITS)
    high, low = number >> 62, number & ((1 << 62) - 1)  # 48 + 12 bits, 62 bits
    return UUID(int=(high >> 12 << 80) | (0x7 << 76) | ((high & 0xFFF) << 64) | (0b10 << 62) | low)
