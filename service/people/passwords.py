"""Passwords: argon2id; long, and not among those that everyone tries first.

There are no rules about kinds of characters. A password is refused when zxcvbn, which knows 30,000 leaked passwords,
names, words and keyboard patterns, finds it within a hundred million guesses.
"""

import secrets
import threading
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn

SHORTEST, LONGEST = 12, 128
ENOUGH = 3  # of zxcvbn's 0 to 4: more than 10**8 guesses
_READ = 72  # the letters that zxcvbn looks at
_OURS = ["pracharat", "samakkee", "market"]
_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))
_zxcvbn_lock = threading.Lock()  # it keeps the caller's own words in a global


def hash_password(password: str) -> str:
    """The argon2id hash of a password."""
    return _hasher.hash(password)


def is_password(password: str, stored: str | None) -> bool:
    """Whether it is the password; a name that nobody has is checked too, so that timing tells nothing."""
    return _hasher.verify(password, stored or _nobody()) and bool(stored)


@lru_cache
def _nobody() -> str:
    """A hash that unknown names are checked against."""
    return hash_password(secrets.token_urlsafe())


def is_guessable(password: str, *own_words: str) -> bool:
    """Whether someone who knows common passwords and the account's own words would soon find it."""
    rest = password.casefold()
    for word in (*_OURS, *own_words):
        rest = rest.replace(word.casefold(), "") if len(word) >= SHORTEST // 3 else rest
    if len(rest) < SHORTEST // 2:
        return True
    with _zxcvbn_lock:
        found = zxcvbn(password[:_READ], [*_OURS, *own_words])
    return int(found["score"]) < ENOUGH
