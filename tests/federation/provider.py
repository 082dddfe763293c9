"""A real identity provider on this machine, in a thread of its own; it can be told to lie in its ID tokens."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
import httpx
import oidc_provider_mock
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey
from joserfc.util import urlsafe_b64encode
from pydantic import SecretStr
from werkzeug.serving import make_server

SECRET = "a-secret-of-tests-that-is-long-enough"
Lie = Callable[[dict[str, Any]], None]


class Local:
    """The provider: its address, the lie that it tells, and a person who signs in there."""

    def __init__(self, app: flask.Flask) -> None:
        self.lie: Lie | None = None
        self.signed: Callable[[dict[str, Any], RSAKey], str] | None = None
        self.about: dict[str, Any] = {}
        self.issuer = ""
        app.after_request(self._answered)

    def settings(self, **more: Any) -> SecretStr:
        """MARKET_OIDC_PROVIDERS with this provider as `local`, and others at the same address."""
        own = {"issuer": self.issuer, "name_th": "Local", "name_en": "Local", "client_id": "market",
               "client_secret": SECRET}  # fmt: skip
        return SecretStr(json.dumps({"local": own} | {name: own | facts for name, facts in more.items()}))

    def code_for(self, address: str, subject: str) -> dict[str, str]:
        """Sign in at the address to which our page leads; what comes back with the person."""
        assert address.startswith(self.issuer)
        answer = httpx.post(address, data={"sub": subject}, verify=False)  # noqa: S501 - it speaks plain HTTP
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        assert back.path.endswith("/back")
        return {name: values[0] for name, values in parse_qs(back.query).items()}

    def _answered(self, answer: flask.Response) -> flask.Response:
        if flask.request.path.endswith("openid-configuration") and self.about:
            answer.set_data(json.dumps({**answer.get_json(), **self.about}))
        if flask.request.path == "/oauth2/token" and answer.status_code == 200 and (self.lie or self.signed):
            answer.set_data(json.dumps(self._twisted(answer.get_json())))
        return answer

    def _twisted(self, tokens: dict[str, Any]) -> dict[str, Any]:
        key = RSAKey.import_key(flask.g.oidc_provider_mock_storage.jwk.as_dict(is_private=True))
        claims = jwt.decode(tokens["id_token"], key, algorithms=["RS256"]).claims
        if self.lie is not None:
            self.lie(claims)
        sign = self.signed or by_its_key
        return tokens | {"id_token": sign(claims, key)}


def by_its_key(claims: dict[str, Any], key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.as_dict()["kid"]}, claims, key)


def by_another_key(claims: dict[str, Any], key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.as_dict()["kid"]}, claims, RSAKey.generate_key(2048))


def by_no_key(claims: dict[str, Any], key: RSAKey) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return b".".join([*(urlsafe_b64encode(part) for part in parts), b""]).decode()


def by_its_public_key_as_a_secret(claims: dict[str, Any], key: RSAKey) -> str:
    """The old confusion: what everyone can read is taken for a shared secret."""
    public = OctKey.import_key(urlsafe_b64encode(key.as_pem(private=False)).decode())
    return jws.serialize_compact({"alg": "HS256"}, json.dumps(claims), public, algorithms=["HS256"])


def by_the_clients_secret(claims: dict[str, Any], key: RSAKey) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"])


@contextmanager
def running() -> Iterator[Local]:
    """The provider while it runs."""
    app = oidc_provider_mock.app()
    local = Local(app)
    server = make_server("localhost", 0, app, threaded=True)
    local.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield local
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
