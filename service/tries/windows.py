"""Moving windows of tries in PostgreSQL, for all processes: each count is one statement on a connection of its own.

What is counted is kept as keyed marks, for an hour at most, in a table that PostgreSQL neither logs nor copies.
"""

from time import time
from typing import Any

from limits import RateLimitItem, WindowStats
from sqlalchemy import Engine, Row, delete, func, text
from sqlalchemy.orm import Session

from service.kernel.secrecy import vault
from service.tries.models import Tried

_FRESH = "SELECT at FROM unnest(tries.times) AS at WHERE at > clock_timestamp() - make_interval(secs => :seconds)"
# Of many who come at once each waits for the row of the one before and counts anew: never more than `most` come in.
_HIT = text(f"""
INSERT INTO tries (key, times, ends_at)
VALUES (:key, ARRAY[clock_timestamp()], clock_timestamp() + make_interval(secs => :seconds))
ON CONFLICT (key) DO UPDATE SET times = ARRAY({_FRESH}) || clock_timestamp(), ends_at = excluded.ends_at
WHERE (SELECT count(*) FROM ({_FRESH}) AS fresh) < :most
RETURNING key
""")  # noqa: S608 # nosec B608 # two constants of this file
_SEEN = text(f"""
SELECT count(*) AS number, coalesce(extract(epoch FROM min(at) - clock_timestamp()), 0) AS since
FROM tries, LATERAL ({_FRESH}) AS fresh WHERE key = :key
""")  # noqa: S608 # nosec B608


class SharedWindows:
    """Speaks like the moving windows of `limits`, which count in memory."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def hit(self, limit: RateLimitItem, *key: str) -> bool:
        """Count a try, if the window has room."""
        with self._engine.connect() as connection:
            return connection.execute(_HIT, {**_where(limit, key), "most": limit.amount}).first() is not None

    def test(self, limit: RateLimitItem, *key: str) -> bool:
        """Whether the window has room."""
        return bool(self._seen(limit, key).number < limit.amount)

    def get_window_stats(self, limit: RateLimitItem, *key: str) -> WindowStats:
        """When the window's oldest try leaves it, and how much room there is."""
        seen = self._seen(limit, key)
        return WindowStats(time() + limit.get_expiry() + float(seen.since), limit.amount - seen.number)

    def clear(self, limit: RateLimitItem, *key: str) -> None:
        """Forget what was tried."""
        with self._engine.connect() as connection:
            connection.execute(delete(Tried).where(Tried.key == _where(limit, key)["key"]))

    def _seen(self, limit: RateLimitItem, key: tuple[str, ...]) -> Row[Any]:
        with self._engine.connect() as connection:
            return connection.execute(_SEEN, _where(limit, key)).one()


def _where(limit: RateLimitItem, key: tuple[str, ...]) -> dict[str, Any]:
    """Which row: names and addresses stay out of the database."""
    return {"key": vault().mark(f"tries {limit.key_for(*key)}"), "seconds": limit.get_expiry()}


def forget_old(tx: Session) -> None:
    """Drop windows in which nothing is left."""
    tx.execute(delete(Tried).where(Tried.ends_at < func.now()))
