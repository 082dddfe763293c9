"""Passwords: argon2id."""

import secrets
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """Whether it is the password; a name that nobody has is checked too, so that timing tells nothing."""
    return _hasher.verify(password, stored or _nobody())


@lru_cache
def _nobody() -> str:
    """A hash that unknown names are checked against."""
    return hash_password(secrets.token_urlsafe())
