"""Throttles: how often something may be tried. What guards a secret is counted once for all processes.

PostgreSQL counts beside the request's transaction, which a refusal rolls back; over an embedded database, where one
process is all there is, its memory counts (docs/decisions/0013).
"""

from time import time
from weakref import WeakKeyDictionary

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.orm import Session

from service.kernel.db import Database
from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.tries.windows import SharedWindows


class TooManyAttempts(Problem):
    """Too many tries in a short time."""

    status = 429
    title = N_("Too many attempts")
    detail = N_("There were too many attempts in a short time.")
    todo = N_("Wait {seconds} seconds and try again.")


class Throttle:
    """Moving windows by limit and key; in this process's memory where nothing else is named."""

    def __init__(self, windows: SharedWindows | None = None) -> None:
        self._windows = windows or MovingWindowRateLimiter(MemoryStorage())

    def count(self, limit: RateLimitItem, *key: str) -> None:
        """Count a try; refuse it where the window is full."""
        if not self._windows.hit(limit, *key):
            raise self._refusal(limit, key)

    def must_have_room(self, limit: RateLimitItem, *key: str) -> None:
        """Refuse where the window is full, and count nothing."""
        if not self._windows.test(limit, *key):
            raise self._refusal(limit, key)

    def forget(self, limit: RateLimitItem, *key: str) -> None:
        """Begin anew after a success."""
        self._windows.clear(limit, *key)

    def _refusal(self, limit: RateLimitItem, key: tuple[str, ...]) -> TooManyAttempts:
        seconds = max(1, round(self._windows.get_window_stats(limit, *key).reset_time - time()))
        return TooManyAttempts(seconds=seconds, headers={"Retry-After": str(seconds)})


_of: WeakKeyDictionary[Database, Throttle] = WeakKeyDictionary()


def of(database: Database) -> Throttle:
    """The throttle of secrets, one for every process over a database."""
    found = _of.get(database)
    if found is None:
        found = _of.setdefault(database, Throttle(SharedWindows(database.apart) if database.apart else None))
    return found


def beside(tx: Session) -> Throttle:
    """The same, for a use case: what is counted stays, however its transaction ends."""
    return of(tx.info["database"])
