"""A Chromium for browser tests: the system's, else Debian's package, else Playwright's own."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.machine import unavailable

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = (
    "--no-sandbox",  # root in a container has no user namespaces
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
INSTALL_TIMEOUT_S = 900


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium that calls nobody; without one the test ends here."""
    path = chromium_path()
    if path is None:
        unavailable("Chromium", "neither installed nor installable (chromium by apt, or `playwright install chromium`)")
    return playwright.chromium.launch(executable_path=path, args=list(ARGS))


@lru_cache
def chromium_path() -> str | None:
    """Where the browser is, installed now if it can be; None where it cannot."""
    found = _on_path()
    if found:
        return found
    with _one_at_a_time():
        return _on_path() or _from_debian() or _from_playwright()


def _on_path() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def _from_debian() -> str | None:
    release = Path("/etc/os-release")
    debian = release.is_file() and "ID=debian" in release.read_text(encoding="utf-8").splitlines()
    if not debian or os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=300"]
    for command in ([*apt, "update"], [*apt, "install", "--no-install-recommends", "chromium"]):
        _try(command, environment)
    return _on_path()


def _from_playwright() -> str | None:
    own = _playwright_path()
    if own is None and _try([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ)):
        own = _playwright_path()
    return own


def _playwright_path() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _try(command: list[str], environment: dict[str, str]) -> bool:
    try:
        done = subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as late:
        sys.stderr.write(f"{late}\n")
        return False
    if done.returncode:
        sys.stderr.write(f"{' '.join(command)}\n{done.stderr}\n")
    return done.returncode == 0


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Test processes side by side must not install at once."""
    path = Path(tempfile.gettempdir()) / f"market-chromium-{os.getuid()}.lock"
    with path.open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
