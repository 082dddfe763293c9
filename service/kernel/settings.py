"""Every setting of the service: `MARKET_*` environment variables, documented in docs/settings.md."""

from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
CHECKED = frozenset({"verify-full", "verify-ca"})


class Settings(BaseSettings):
    """Read once from the environment; the defaults run the whole product on one machine without a service."""

    model_config = SettingsConfigDict(env_prefix="MARKET_", frozen=True, hide_input_in_errors=True)

    database_url: str = Field(
        default=f"sqlite:///{VAR / 'market.sqlite3'}",
        description="SQLAlchemy address of the market's database (sqlite:///... or postgresql+psycopg://...).",
    )
    jobs_database_url: str = Field(
        default="",
        description="Address of the durable workflows' tables; empty: a file beside the SQLite database, "
        "or the same PostgreSQL database.",
    )
    database_plain: bool = Field(
        default=False,
        description="Let the way to a PostgreSQL on another host go without TLS that checks its certificate, though "
        "MARKET_COOKIE_SECURE says that this is production; for a closed network of one machine, as in compose.yaml.",
    )
    host: str = Field(default="127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port that `serve` listens on; PORT wins over it.")
    public_address: str = Field(
        default="",
        pattern=r"^(https?://[^\s/]+)?$",
        description="Address under which people reach the service (https://market.example), for links on paper and in "
        "messages; empty: as the request names it.",
    )
    smtp_host: str = Field(default="", description="Mail server of notices; empty: no e-mail is sent.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_security: str = Field(
        default="starttls", pattern="^(starttls|tls|none)$", description="How the way to it is protected."
    )
    smtp_user: str = Field(default="", description="User name at the mail server; empty: no sign-in.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password at the mail server.")
    mail_from: str = Field(default="", description="Sender of e-mail; empty: no e-mail is sent.")
    line_token: SecretStr = Field(
        default=SecretStr(""), description="Channel access token of the LINE Messaging API; empty: no LINE messages."
    )
    line_address: str = Field(
        default="https://api.line.me", pattern=r"^https?://[^\s/]+$", description="Address of the LINE Messaging API."
    )
    sms_url: str = Field(default="", description="Address of the SMS gateway (docs/notices.md); empty: no SMS.")
    sms_token: SecretStr = Field(default=SecretStr(""), description="Bearer token for the SMS gateway.")
    sms_from: str = Field(default="", description="Sender's name that the SMS gateway shows.")
    notice_seconds: float = Field(default=10, gt=0, le=60, description="Time limit of one delivery.")
    webhooks_private: bool = Field(
        default=False, description="Let webhooks reach plain HTTP and private addresses; for tests and closed networks."
    )
    language: str = Field(
        default="th", pattern="^(th|en)$", description="Language of operator verbs' reports; pages follow their reader."
    )
    demo: bool = Field(default=False, description="Offer the demonstration's accounts on the first page.")
    oidc_providers: SecretStr = Field(
        default=SecretStr(""),
        description="Identity providers for signing in elsewhere, as JSON: docs/sign-in-elsewhere.md.",
    )
    cookie_secure: bool = Field(default=False, description="Send cookies only over TLS; set it in production.")
    tls_redirect: bool = Field(
        default=False,
        description="Lead pages that were asked for over plain HTTP to the public address over TLS, and refuse "
        "programs; where the proxy passes HTTP on and says so (X-Forwarded-Proto).",
    )
    session_hours: int = Field(default=12, ge=1, le=720, description="Hours after which a sign-in ends.")
    session_idle_minutes: int = Field(
        default=120, ge=5, le=43_200, description="Minutes without a request after which a sign-in ends."
    )
    require_second_factor: bool = Field(
        default=True,
        description="Auditors, heads of institutions and administrators need an authenticator; "
        "never in the demonstration.",
    )
    secret_keys: SecretStr = Field(
        default=SecretStr(""),
        description="Keys of what is stored encrypted, separated by commas, the newest first; empty: the key file.",
    )
    secret_key_file: Path | None = Field(
        default=None,
        description="File of this machine's own key, made at first need; empty: `secret.key` beside the SQLite "
        "database, or `var/secret.key`.",
    )
    writes_per_minute: int = Field(
        default=300,
        ge=0,
        description="Writes a minute of one account, and three times as many of one address; 0: no limit.",
    )
    sign_ins_per_minute: int = Field(
        default=60, ge=0, description="Attempts to sign in a minute from one address; 0: no limit."
    )
    solver_effort: str = Field(
        default="quick",
        pattern="^(quick|standard|deep)$",
        description="Effort of a round's solves, unless its facilitator chooses another.",
    )
    solver_processes: int = Field(default=2, ge=1, le=64, description="Scenarios solved at the same time.")
    solver_time_limit_s: int = Field(
        default=900, ge=1, description="Guard on one scenario's solve in seconds; a result it stops is marked."
    )
    worker_id: str = Field(
        default="local", description="Stable name of this worker; a restart under the same name resumes its work."
    )
    run_worker: bool = Field(
        default=True, description="Also run durable workflows inside `serve`; off where workers run apart."
    )
    assets_dir: Path = Field(
        default=ROOT / ".venv" / "assets" / "site", description="Folder of the built page assets (htmx, fonts)."
    )
    checkpoint_folder: Path | None = Field(
        default=None,
        description="Folder of the event log's signed checkpoints, outside the database; empty: `checkpoints` beside "
        "the SQLite database, or `var/checkpoints`.",
    )
    checkpoint_schedule: str = Field(
        default="0 0 * * * *",
        pattern=r"^\S+( \S+){5}$",
        description="When the end of the event log is signed, as cron with seconds first; hourly.",
    )
    signing_key_file: Path | None = Field(
        default=None,
        description="Private key (Ed25519, PEM) of the checkpoints; empty: `signing-key.pem` beside the SQLite "
        "database, made at the first start, or `var/signing-key.pem`.",
    )
    pseudonym_key_file: Path | None = Field(
        default=None,
        description="Keys of the households' pseudonyms, outside the database, one a line, the oldest first; empty: "
        "`pseudonym.keys` beside the SQLite database, made at first need, or `var/pseudonym.keys`.",
    )
    body_seconds: int = Field(default=30, ge=1, le=3600, description="Seconds in which a request's body must arrive.")
    max_body_bytes: int = Field(default=5_000_000, ge=1_000, description="Largest request body that is read.")
    log_json: bool = Field(default=False, description="Write logs as JSON lines instead of text.")

    @model_validator(mode="after")
    def _protected(self) -> Self:
        """Stop a start that would send people's data, or people themselves, over a way that anyone can read."""
        plain = self.database_plain or not self.cookie_secure  # a trial without TLS has nothing to protect on this way
        if not plain and any(is_open(url) for url in (self.database_url, self.jobs_database_url)):
            msg = "a PostgreSQL on another host needs sslmode=verify-full (or verify-ca) in its address: "
            raise ValueError(msg + "docs/operations.md, MARKET_DATABASE_PLAIN")
        if self.tls_redirect and not self.public_address.startswith("https://"):
            msg = "MARKET_TLS_REDIRECT needs an https address in MARKET_PUBLIC_ADDRESS"
            raise ValueError(msg)
        return self

    def is_embedded(self) -> bool:
        """Whether the market's database is a file of this machine."""
        return self.database_url.startswith("sqlite")

    def checkpoint_path(self) -> Path:
        """Folder of the signed checkpoints."""
        return self.checkpoint_folder or self._beside() / "checkpoints"

    def signing_key_path(self) -> Path:
        """File of the checkpoints' private key."""
        return self.signing_key_file or self._beside() / "signing-key.pem"

    def secret_key_path(self) -> Path:
        """File of this machine's own key for what is stored encrypted."""
        return self.secret_key_file or self._beside() / "secret.key"

    def pseudonym_key_path(self) -> Path:
        """File of the pseudonyms' keys."""
        return self.pseudonym_key_file or self._beside() / "pseudonym.keys"

    def _beside(self) -> Path:
        """The folder of the embedded database, else `var`."""
        return Path(self.database_url.removeprefix("sqlite:///")).parent if self.is_embedded() else VAR

    def workflow_database_url(self) -> str:
        """Address of the durable workflows' own tables (they are apart from the market's)."""
        if self.jobs_database_url:
            return self.jobs_database_url
        if self.database_url.startswith("sqlite"):
            return self.database_url + ".jobs"
        return self.database_url.replace("postgresql+psycopg", "postgresql")


def is_open(url: str) -> bool:
    """Whether the address leads to a PostgreSQL on another host whose certificate nobody checks."""
    parts = urlsplit(url)
    given = parse_qs(parts.query)
    places = [parts.netloc.rpartition("@")[2], *given.get("host", []), *given.get("hostaddr", [])]
    far = any(not _is_here(one) for place in places for one in place.split(","))
    return parts.scheme.startswith("postgres") and far and given.get("sslmode", [""])[-1] not in CHECKED


def _is_here(place: str) -> bool:
    """Whether a host, perhaps with a port, is this machine: nothing, a socket's folder, or its own address."""
    name = place.partition("]")[0].removeprefix("[") if place.startswith("[") else place
    name = name if name.count(":") != 1 else name.partition(":")[0]
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name in {"", "localhost"} or name.startswith(("/", "%2F"))


@lru_cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
