"""Who calls too often waits: writes by account and by address, sign-in by address (429 with Retry-After).

Attempts to come in are counted once for all processes (tries/throttle.py). Writes are counted in each: they guard
no secret, and a flood is best held up where it costs nothing.
"""

from fastapi import Request
from limits import RateLimitItemPerMinute

from service.kernel.settings import Settings
from service.tries.throttle import Throttle, of

ADDRESS_FACTOR = 3  # an office, a school or a mobile network shares one address


def _of(request: Request) -> tuple[Throttle, Settings]:
    state = request.app.state
    return state.throttle, state.settings


def account(request: Request, who: str) -> None:
    """Count a write of an account."""
    throttle, settings = _of(request)
    if settings.writes_per_minute:
        throttle.count(RateLimitItemPerMinute(settings.writes_per_minute), "writes of", who)


def address(throttle: Throttle, settings: Settings, request: Request) -> None:
    """Count a write from an address."""
    if settings.writes_per_minute:
        most = ADDRESS_FACTOR * settings.writes_per_minute
        throttle.count(RateLimitItemPerMinute(most), "writes from", host(request))


def entry(request: Request) -> None:
    """Count an attempt to come in (a password, a code) from an address."""
    most = request.app.state.settings.sign_ins_per_minute
    if most:
        of(request.app.state.database).count(RateLimitItemPerMinute(most), "entries from", host(request))


def host(request: Request) -> str:
    """Where the request comes from; behind a proxy the server is told whom to believe (docs/operations.md)."""
    return request.client.host if request.client else ""
