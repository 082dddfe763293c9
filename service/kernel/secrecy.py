"""What is kept encrypted or only as a keyed mark: keys live outside the database, the newest first.

`MARKET_SECRET_KEYS` lists them; without it one machine keeps its own in a file that only its user can read. A new key
goes in front of the list; what older keys wrote stays readable until `python -m service secrets renew` writes it anew.
"""

import hmac
import os
import secrets
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from service.kernel.settings import Settings, settings


class Vault:
    """Encrypts short texts, and marks them (HMAC-SHA-256) so that they can be found again but not read."""

    def __init__(self, keys: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._mark_keys = [_derived(key) for key in keys]

    def seal(self, text: str) -> str:
        """The text encrypted with the newest key."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str, *, within_s: int | None = None) -> str:
        """What was sealed, perhaps not longer ago than so many seconds; `InvalidToken` where it is not ours."""
        return self._fernet.decrypt(sealed, ttl=within_s).decode()

    def renewed(self, sealed: str) -> str:
        """The same under the newest key."""
        return self._fernet.rotate(sealed).decode()

    def mark(self, text: str) -> str:
        """The mark of a text under the newest key."""
        return self.marks(text)[0]

    def marks(self, text: str) -> list[str]:
        """The marks under every key: what may be stored."""
        return [hmac.new(key, text.encode(), sha256).hexdigest() for key in self._mark_keys]


def _derived(key: str) -> bytes:
    """A key for marks: one key is never used for two purposes."""
    return HKDF(SHA256(), 32, salt=None, info=b"market marks").derive(key.encode())


def new_key() -> str:
    """A fresh key in the form of `MARKET_SECRET_KEYS`."""
    return Fernet.generate_key().decode()


def keys_of(chosen: Settings) -> list[str]:
    """The keys of a deployment, the newest first."""
    given = [key.strip() for key in chosen.secret_keys.get_secret_value().split(",") if key.strip()]
    return given or [_key_in(chosen.secret_key_path())]


def _key_in(path: Path) -> str:
    """The key in the machine's own file, made at first need; two processes that both make it agree on one."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(new_key(), encoding="ascii")
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


@lru_cache
def vault() -> Vault:
    """The vault of this process."""
    return Vault(keys_of(settings()))


def digits(count: int) -> str:
    """A one-time code of so many digits."""
    return f"{secrets.randbelow(10**count):0{count}}"
