"""Which identity providers there are: MARKET_OIDC_PROVIDERS, a JSON object of name -> settings.

    {"thaid": {"client_id": "...", "client_secret": "..."}, "line": {...},
     "province": {"issuer": "https://...", "name_th": "...", "name_en": "...", "client_id": "...", ...}}

`thaid` and `line` bring what is known of them; every entry may say otherwise.
"""

import json
from functools import lru_cache
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, model_validator

from service.kernel.settings import Settings

PRESETS: dict[str, dict[str, Any]] = {
    # The Department of Provincial Administration; ID tokens in ES256.
    "thaid": {"issuer": "https://imauth.bora.dopa.go.th", "name_th": "ThaID", "name_en": "ThaID"},
    # LINE signs what it gives to web sites with the channel's secret (HS256), and says ES256 in its own description.
    "line": {"issuer": "https://access.line.me", "name_th": "LINE", "name_en": "LINE",
             "algorithms": ("HS256", "ES256"), "client_auth": "client_secret_post"},
}  # fmt: skip
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
WELL_KNOWN = "/.well-known/openid-configuration"


class Provider(BaseModel):
    """One identity provider, as the operator has agreed with it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    issuer: str = Field(pattern=r"^https?://[^\s?#]+$")
    name_th: str = Field(min_length=1, max_length=60)
    name_en: str = Field(min_length=1, max_length=60)
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = SecretStr("")
    scopes: str = Field(default="openid", pattern=r"(^| )openid($| )")
    algorithms: tuple[Literal["RS256", "PS256", "ES256", "ES384", "EdDSA", "HS256"], ...] = ("RS256", "ES256")
    client_auth: Literal["client_secret_basic", "client_secret_post", "none"] = "client_secret_basic"
    # What counts as the second factor when the provider says so (`amr`, `acr`); nothing does unless it is named here.
    second_factor_amr: frozenset[str] = frozenset()
    second_factor_acr: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        if not is_safe(self.issuer):
            msg = "an issuer is reached over TLS, unless it is on this machine"
            raise ValueError(msg)
        if "HS256" in self.algorithms and len(self.client_secret.get_secret_value()) < 32:
            msg = "HS256 needs a client secret of at least 32 letters"
            raise ValueError(msg)
        return self

    def address(self) -> str:
        """Where it describes itself."""
        return self.issuer.rstrip("/") + WELL_KNOWN

    def is_here(self) -> bool:
        """Whether it runs on this machine: for trying things out."""
        return urlsplit(self.issuer).hostname in HERE


def is_safe(address: str) -> bool:
    """Whether an address is reached over TLS, or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)


_Names = TypeAdapter(dict[str, dict[str, Any]])


def configured(settings: Settings) -> dict[str, Provider]:
    """The providers of a deployment by name."""
    return _read(settings.oidc_providers.get_secret_value())


@lru_cache
def _read(text: str) -> dict[str, Provider]:
    try:
        given = _Names.validate_python(json.loads(text or "{}"))
    except ValueError:
        msg = "MARKET_OIDC_PROVIDERS is not a JSON object of objects"
        raise ValueError(msg) from None  # the text holds secrets
    return {name: Provider.model_validate({**PRESETS.get(name, {}), **facts}) for name, facts in given.items()}
