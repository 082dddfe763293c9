"""A device with passkeys, in software: it makes keys, signs, counts, and lies when it is told to."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.encode_cbor import encode_cbor

PRESENT, VERIFIED, ATTESTED = 1, 4, 64
SITE = "http://testserver"


@dataclass
class Device:
    """One passkey; what it says of itself can be changed."""

    site: str = SITE
    host: str = "testserver"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    owner: str = ""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    @property
    def name(self) -> str:
        """The passkey's id."""
        return bytes_to_base64url(self.id)

    @property
    def public_key(self) -> str:
        """As the service keeps it (COSE, ES256)."""
        numbers = self.key.public_key().public_numbers()
        points = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        return bytes_to_base64url(encode_cbor({1: 2, 3: -7, -1: 1, **points}))

    def make(self, options: str) -> str:
        """What `navigator.credentials.create` gives for a page's options."""
        asked = json.loads(options)
        self.owner = asked["user"]["id"]
        public = base64url_to_bytes(self.public_key)
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(ATTESTED) + attested
        found = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._sent({"clientDataJSON": self._client("webauthn.create", asked), "attestationObject": found})

    def answer(self, options: str) -> str:
        """What `navigator.credentials.get` gives."""
        self.count += 1
        client, data = self._client("webauthn.get", json.loads(options)), self._data(0)
        signature = self.key.sign(data + sha256(client).digest(), ECDSA(SHA256()))
        return self._sent({"clientDataJSON": client, "authenticatorData": data, "signature": signature,
                           "userHandle": base64url_to_bytes(self.owner)})  # fmt: skip

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.site}).encode()

    def _data(self, more: int) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _sent(self, response: dict[str, bytes]) -> str:
        told = {key: bytes_to_base64url(value) for key, value in response.items()}
        return json.dumps({"id": self.name, "rawId": self.name, "type": "public-key", "response": told})
