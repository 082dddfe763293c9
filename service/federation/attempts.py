"""An attempt to sign in elsewhere: what this browser has to bring back, sealed in a cookie for ten minutes.

Nothing is stored for people who only set out. The cookie ties the answer to the browser that asked (`state`), to the
question (`nonce`) and to this service (the PKCE verifier); a provider's code works once.
"""

import secrets
from hmac import compare_digest
from typing import Literal
from uuid import UUID

from cryptography.fernet import InvalidToken
from pydantic import BaseModel, ConfigDict, ValidationError

from service.federation.rules import AttemptOver
from service.kernel.secrecy import vault

HOLDS_S = 600


class Attempt(BaseModel):
    """What was asked for, and by whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: Literal["sign-in elsewhere"] = "sign-in elsewhere"  # other sealed texts are no attempts
    purpose: Literal["enter", "connect", "redeem", "tell"] = "enter"
    provider: str
    state: str
    nonce: str
    verifier: str
    next: str = "/"
    session_id: UUID | None = None  # who connects or gives an address, on which session
    code: str = ""  # the one-time code with which somebody new comes in


def begin(provider: str, **more: str | UUID | None) -> Attempt:
    """A fresh attempt."""
    state, nonce, verifier = (secrets.token_urlsafe(size) for size in (32, 32, 48))
    return Attempt.model_validate({"provider": provider, "state": state, "nonce": nonce, "verifier": verifier, **more})


def sealed(attempt: Attempt) -> str:
    """The attempt as the cookie carries it."""
    return vault().seal(attempt.model_dump_json())


def resumed(cookie: str, provider: str, state: str) -> Attempt:
    """The attempt that an answer belongs to."""
    try:
        found = Attempt.model_validate_json(vault().open(cookie, within_s=HOLDS_S))
    except (InvalidToken, ValidationError):
        raise AttemptOver from None
    if found.provider != provider or not compare_digest(found.state.encode(), state.encode()):
        raise AttemptOver
    return found
