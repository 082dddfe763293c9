"""Ed25519 keys of the log's checkpoints: the key file, signed statements, and which keys vouch for which.

A statement is canonical JSON, signed as it stands. The first key signs the statement that names it; every later one is
named by a statement that the key before it signed, so that who trusts one key can follow to all that came after.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from service.events.rules import canonical

KEY, CHECKPOINT = "pracharat.key/1", "pracharat.checkpoint/1"


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement and its signature, both as text."""

    statement: str
    signature: str

    def says(self) -> dict[str, Any]:
        """What it says; empty when it is no statement."""
        try:
            found = json.loads(self.statement)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def holds(self, public_key: str) -> bool:
        """Whether the key (hex) signed it."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
            key.verify(bytes.fromhex(self.signature), self.statement.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


def key_id(public_key: str) -> str:
    """The short name of a public key (hex)."""
    return sha256(bytes.fromhex(public_key)).hexdigest()[:16]


class Signer:
    """A private key in use."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw().hex()
        self.id = key_id(self.public_key)

    def sign(self, statement: dict[str, Any]) -> Signed:
        """Sign a statement."""
        text = canonical(statement)
        return Signed(text, self._key.sign(text.encode()).hex())

    def introduce(self, other: "Signer", at: datetime) -> Signed:
        """Name a key as the next one; a key that names itself is a first one."""
        before = None if other.id == self.id else self.id
        return self.sign(
            {"type": KEY, "id": other.id, "key": other.public_key, "previous": before, "at": at.isoformat()}
        )


def load(path: Path) -> Signer | None:
    """The key of a file, or None where there is no file."""
    if not path.is_file():
        return None
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        msg = f"{path} does not hold an Ed25519 key"
        raise TypeError(msg)
    return Signer(key)


def create(path: Path) -> Signer:
    """Make a key in a new file that only its owner may read; an existing file is left alone."""
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Signer(key)


class Keyring:
    """Public keys by their names, and those that are trusted: given ones (or the first), and whom they vouch for."""

    def __init__(self, statements: Iterable[Signed], trusted: Iterable[str] = ()) -> None:
        self.keys: dict[str, str] = {}
        given = {key_id(key): key for key in trusted}
        self.trusted = set(given)
        self.keys |= given
        for one in sorted(statements, key=lambda one: str(one.says().get("at"))):
            self._take(one)

    def _take(self, one: Signed) -> None:
        says = one.says()
        key, before = str(says.get("key")), says.get("previous")
        try:
            name = key_id(key)
        except ValueError:
            return
        signer = self.keys.get(before, "") if isinstance(before, str) else key
        if says.get("type") != KEY or says.get("id") != name or not one.holds(signer):
            return
        if before in self.trusted or (before is None and not self.trusted):  # the first is taken at its word
            self.trusted.add(name)
        self.keys.setdefault(name, key)

    def vouches(self, one: Signed) -> bool:
        """Whether a trusted key signed the statement that names it."""
        name = one.says().get("key")
        return isinstance(name, str) and name in self.trusted and one.holds(self.keys[name])
