"""Throttles: how often something may be tried. What is counted lives in the memory of one process."""

from time import time

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from service.kernel.i18n import N_
from service.kernel.problems import Problem


class TooManyAttempts(Problem):
    """Too many tries in a short time."""

    status = 429
    title = N_("Too many attempts")
    detail = N_("There were too many attempts in a short time.")
    todo = N_("Wait {seconds} seconds and try again.")


class Throttle:
    """Moving windows by limit and key."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, limit: RateLimitItem, *key: str) -> None:
        """Count a try; refuse it where the window is full."""
        if not self._limiter.hit(limit, *key):
            raise self._refusal(limit, key)

    def must_have_room(self, limit: RateLimitItem, *key: str) -> None:
        """Refuse where the window is full, and count nothing."""
        if not self._limiter.test(limit, *key):
            raise self._refusal(limit, key)

    def forget(self, limit: RateLimitItem, *key: str) -> None:
        """Begin anew after a success."""
        self._limiter.clear(limit, *key)

    def _refusal(self, limit: RateLimitItem, key: tuple[str, ...]) -> TooManyAttempts:
        seconds = max(1, round(self._limiter.get_window_stats(limit, *key).reset_time - time()))
        return TooManyAttempts(seconds=seconds, headers={"Retry-After": str(seconds)})
