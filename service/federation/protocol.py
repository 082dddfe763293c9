"""OpenID Connect with one provider: where to send people, and what their code proves.

Authlib forms the requests and checks the claims, joserfc the signature. Answers are bounded in size and time, never
followed elsewhere, and what a provider says about itself must name the issuer that the operator named.
"""

import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, OctKey
from joserfc.jws import JWSRegistry
from pydantic import BaseModel, TypeAdapter, ValidationError

from service.federation.attempts import Attempt
from service.federation.providers import Provider, is_safe
from service.federation.rules import NotProven, ProviderSilent
from service.kernel.i18n import language, named

log = structlog.get_logger()
TIMEOUT = httpx.Timeout(8.0, connect=4.0)
LARGEST = 200_000
KEPT_S = 3600  # what a provider says about itself
ASKED_AGAIN_S = 30  # its keys, when a token names one that is not known yet
LEEWAY_S = 60
FORM = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
_Document = TypeAdapter(dict[str, Any])


class Description(BaseModel):
    """What a provider says about itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str = ""


@dataclass(slots=True)
class Known:
    """A provider's description and keys, and when they were read."""

    description: Description
    keys: KeySet
    at: float


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider vouches for: whose subject it is, and whether a second factor that counts here was given."""

    subject: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Vouched:
    """What a provider vouches for, and which provider it is under which name."""

    name: str
    provider: Provider
    claims: Claims


_known: dict[str, Known] = {}


def reach(provider: Provider) -> None:
    """Know the provider's description from now on; refuse where it does not answer."""
    _about(provider)


def address(provider: Provider, attempt: Attempt, back: str) -> str:
    """Where a person goes to sign in."""
    uri: str = prepare_grant_uri(
        _about(provider).description.authorization_endpoint, client_id=provider.client_id, response_type="code",
        redirect_uri=back, scope=provider.scopes, state=attempt.state, nonce=attempt.nonce, ui_locales=language(),
        code_challenge=create_s256_code_challenge(attempt.verifier), code_challenge_method="S256",
        **({"bot_prompt": "normal"} if attempt.purpose == "tell" else {}),  # LINE offers to befriend who sends
    )  # fmt: skip
    return uri


def proven(provider: Provider, attempt: Attempt, code: str, back: str) -> Claims:
    """Exchange a code for the provider's word on who somebody is."""
    answer = _exchanged(provider, attempt, code, back)
    try:
        claims = _verified(provider, attempt, answer)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        log.warning("identity not proven", provider=provider.issuer, why=type(error).__name__)
        raise NotProven(provider=named(provider)) from error
    return Claims(claims["sub"], _is_strong(provider, claims))


def _exchanged(provider: Provider, attempt: Attempt, code: str, back: str) -> dict[str, Any]:
    body = prepare_token_request(
        "authorization_code", code=code, redirect_uri=back, code_verifier=attempt.verifier
    )  # fmt: skip
    auth = ClientAuth(provider.client_id, provider.client_secret.get_secret_value(), provider.client_auth)
    uri, headers, body = auth.prepare("POST", _about(provider).description.token_endpoint, dict(FORM), body)
    answer = _asked(provider, "POST", uri, headers=headers, content=body)
    if answer.is_success:
        return _document(provider, answer)
    log.warning("code refused", provider=provider.issuer, status=answer.status_code)
    raise NotProven(provider=named(provider))


def _verified(provider: Provider, attempt: Attempt, answer: dict[str, Any]) -> CodeIDToken:
    token = _decoded(provider, str(answer["id_token"]))
    wanted = {"iss": {"essential": True, "value": provider.issuer},
              "aud": {"essential": True, "value": provider.client_id}}  # fmt: skip
    asked = {"nonce": attempt.nonce, "client_id": provider.client_id, "access_token": answer.get("access_token")}
    claims = CodeIDToken(token.claims, token.header, wanted, asked)
    claims.validate(int(time.time()), LEEWAY_S)
    if not isinstance(claims["sub"], str) or not 1 <= len(claims["sub"]) <= 255:
        msg = "subject"
        raise ValueError(msg)
    return claims


def _decoded(provider: Provider, text: str) -> jwt.Token:
    registry = JWSRegistry(algorithms=list(provider.algorithms), strict_check_header=False)
    try:
        return jwt.decode(text, _key_of(provider, _about(provider)), registry=registry)
    except InvalidKeyIdError:  # it may have new keys
        return jwt.decode(text, _key_of(provider, _about(provider, within_s=ASKED_AGAIN_S)), registry=registry)


def _key_of(provider: Provider, known: Known) -> Any:
    """The key by the token's own kind: a secret never checks what a public key should, nor the other way round."""

    def find(token: Any) -> Key | KeySet:
        if token.headers()["alg"] == "HS256":
            return OctKey.import_key(provider.client_secret.get_secret_value())
        return known.keys

    return find


def _is_strong(provider: Provider, claims: CodeIDToken) -> bool:
    means = claims.get("amr") or []
    said = {one for one in means if isinstance(one, str)}
    return bool(provider.second_factor_amr & said) or claims.get("acr") in provider.second_factor_acr


def _about(provider: Provider, within_s: float = KEPT_S) -> Known:
    """The provider's description and keys, read at most so long ago."""
    known = _known.get(provider.issuer)
    if known is None or known.at + within_s < time.monotonic():
        known = _known[provider.issuer] = _read(provider)
    return known


def _read(provider: Provider) -> Known:
    try:
        about = Description.model_validate(_got(provider, provider.address()))
        keys = KeySet([])
        if about.jwks_uri:  # whose tokens are signed with a shared secret need not have one
            keys = KeySet.import_key_set(_got(provider, about.jwks_uri))  # type: ignore[arg-type]
    except (ValidationError, JoseError, ValueError, TypeError, KeyError) as error:
        raise _silent(provider, type(error).__name__) from error
    if about.issuer != provider.issuer:
        raise _silent(provider, "another issuer")
    if not (is_safe(about.authorization_endpoint) and is_safe(about.token_endpoint)):
        raise _silent(provider, "address without TLS")
    return Known(about, keys, time.monotonic())


@lru_cache
def _trust() -> ssl.SSLContext:
    """The certificates that are believed, read once."""
    return httpx.create_ssl_context()


def _got(provider: Provider, uri: str) -> dict[str, Any]:
    answer = _asked(provider, "GET", uri)
    if not answer.is_success:
        raise _silent(provider, str(answer.status_code))
    return _document(provider, answer)


def _asked(provider: Provider, method: str, uri: str, **more: Any) -> httpx.Response:
    """The provider's answer, whole and not larger than it may be; a provider out of order is silent."""
    if not is_safe(uri):
        raise _silent(provider, "address without TLS")
    try:
        with (
            httpx.Client(timeout=TIMEOUT, verify=_trust(), trust_env=not provider.is_here()) as client,
            client.stream(method, uri, **more) as answer,
        ):
            body = b""
            for part in answer.iter_bytes():
                body += part
                if len(body) > LARGEST:
                    raise _silent(provider, "too long an answer")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _silent(provider, type(error).__name__) from error
    if answer.status_code >= 500 or answer.status_code == 429:
        raise _silent(provider, str(answer.status_code))
    return httpx.Response(answer.status_code, content=body)


def _document(provider: Provider, answer: httpx.Response) -> dict[str, Any]:
    try:
        return _Document.validate_json(answer.content)
    except ValidationError as error:
        raise _silent(provider, "no JSON object") from error


def _silent(provider: Provider, why: str) -> ProviderSilent:
    log.warning("identity provider silent", provider=provider.issuer, why=why)
    return ProviderSilent(provider=named(provider), headers={"Retry-After": "60"})
