"""Keyed pseudonyms: the thirteen digits go in, sixty-four hexadecimal ones come out, and nothing else remains.

The keys stand in a file outside the database, one a line, the oldest first. The first key marks the number; every later
key marks what the key before it gave. So a new key needs no number that was never kept: `renewed` carries a stored
pseudonym forward, and a number that comes in again walks the whole chain to the same end (docs/decisions/0007).
"""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from service.households.rules import PseudonymKeyMissing
from service.kernel.settings import settings

KEY_BYTES = 32


class Ring:
    """The keys of a deployment, the oldest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = list(keys)
        self.ids = [key_id(key) for key in keys]

    @property
    def newest(self) -> str:
        """The id of the key under which pseudonyms are stored now."""
        return self.ids[-1]

    def chain(self, citizen_id: str) -> list[str]:
        """The pseudonyms of a number under every key: what may be stored, the present one last."""
        found = [_mark(self._keys[0], "number", citizen_id)]
        for key in self._keys[1:]:
            found.append(_mark(key, "pseudonym", found[-1]))
        return found

    def renewed(self, pseudonym: str, under: str) -> str:
        """A stored pseudonym carried forward from the key that it stands under to the newest."""
        if under not in self.ids:
            raise PseudonymKeyMissing
        for key in self._keys[self.ids.index(under) + 1 :]:
            pseudonym = _mark(key, "pseudonym", pseudonym)
        return pseudonym


def _mark(key: bytes, kind: str, text: str) -> str:
    return hmac.new(key, f"{kind}:{text}".encode(), sha256).hexdigest()


def key_id(key: bytes) -> str:
    """A name for a key that tells nothing of it."""
    return sha256(b"pseudonym key id:" + key).hexdigest()[:12]


def new_key() -> str:
    """A fresh key as a line of the file."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def ring() -> Ring:
    """The keys of this deployment, read anew each time: another process may have added one.

    One machine with an embedded database makes its own file at first need; elsewhere several processes would make
    several, so an operator brings it.
    """
    path = settings().pseudonym_key_path()
    if not path.is_file():
        if not settings().is_embedded():
            raise PseudonymKeyMissing
        write(path, [new_key()], fresh=True)
    return Ring(read(path))


def read(path: Path) -> list[bytes]:
    """The keys of a file; PseudonymKeyMissing where it holds none or anything else."""
    try:
        keys = [base64.b64decode(line, validate=True) for line in path.read_text(encoding="ascii").split()]
    except (OSError, ValueError, binascii.Error) as error:
        raise PseudonymKeyMissing from error
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise PseudonymKeyMissing
    return keys


def add_key() -> str:
    """Put a fresh key behind those of the file; give its id."""
    ring()
    path = settings().pseudonym_key_path()
    write(path, [*path.read_text(encoding="ascii").split(), new_key()])
    return ring().newest


def write(path: Path, lines: Sequence[str], *, fresh: bool = False) -> None:
    """Write the file whole, for its owner's eyes only; of two processes that both make the first one, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    if not fresh:
        draft.replace(path)
        return
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
