"""A real service in a process of its own: started, waited for, stopped or killed, and called as a person.

Reading the service's code takes seconds of each start. So one process of the tests reads it once, and what is started
here is forked from that one: processes of their own all the same. `Worker` is started as a machine starts it.
"""

import io
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from service import cli
from service.kernel.settings import ROOT

START_S, VERB_S = 90.0, 600.0
Lines = tuple[tuple[str, ...], ...]
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.server"])


def verb(folder: Path, *words: str, sent: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one operator verb on the folder's database."""
    return verbs(folder, words, sent=sent, **settings)


def verbs(folder: Path, *lines: tuple[str, ...], sent: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run several operator verbs in one process; the code is the worst of theirs."""
    told = (folder / "verbs.out", folder / "verbs.err")
    for path in told:
        path.unlink(missing_ok=True)
    process = _started(lines, environment(folder, settings), told, sent)
    process.join(VERB_S)
    assert process.exitcode is not None, _read(told[1])
    return subprocess.CompletedProcess(str(lines), process.exitcode, _read(told[0]), _read(told[1]))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _started(lines: Lines, given: dict[str, str], told: tuple[Path, Path], sent: str = "") -> ForkServerProcess:
    """A process that runs verbs one after another, and writes what it says and what it complains of into files."""
    process = _forks.Process(target=_run, args=(lines, given, told, sent))
    process.start()
    return process


def _run(lines: Lines, given: dict[str, str], told: tuple[Path, Path], sent: str) -> None:
    """What the fork does: a session, an environment and files of its own, then the verbs."""
    os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(given)
    for path, number in zip(told, (1, 2), strict=True):
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), number)
    sys.stdin = io.StringIO(sent)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", 1, encoding="utf-8") for number in (1, 2))
    sys.exit(max([cli.main(list(words)) for words in lines]))


def environment(folder: Path, settings: dict[str, str]) -> dict[str, str]:
    """The machine's environment, with the database in the folder unless a setting names another."""
    own = {"MARKET_DATABASE_URL": f"sqlite:///{folder / 'market.sqlite3'}", "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own, **settings}


class Worker:
    """`python -m service worker`: durable work only."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.log = (folder / "worker.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service", "worker"], cwd=ROOT, env=environment(folder, settings),
            stdout=self.log, stderr=self.log, start_new_session=True,
        )  # fmt: skip

    def kill(self) -> None:
        """kill -9 of the worker and its solvers."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


class Server:
    """`python -m service serve` over a folder's database, worker included."""

    def __init__(self, folder: Path, *options: str, **settings: str) -> None:
        self.port = _free_port()
        self.folder = folder
        self.log = folder / "serve.log"
        words = ("serve", "--port", str(self.port), *options)
        self.process = _started((words,), environment(folder, settings), (self.log, self.log))
        self._wait()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def _wait(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self.process.is_alive(), _read(self.log)[-3000:]
            try:
                if httpx.get(f"{self.address}/health", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError(_read(self.log)[-3000:])

    def caller(self, username: str, password: str) -> "Person":
        """A signed-in person."""
        return Person(self.address, username, password)

    def kill(self) -> None:
        """kill -9 of the whole process group: web, worker and solvers."""
        assert self.process.pid
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()

    def stop(self) -> None:
        """End it in order."""
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(20)
        if self.process.is_alive():
            self.kill()


@contextmanager
def serving(folder: Path, *options: str, **settings: str) -> Iterator[Server]:
    """A server for the block."""
    server = Server(folder, *options, **settings)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def here(app: FastAPI) -> Iterator[str]:
    """An app served from a thread of this process for the block; its address. Nothing durable runs beside it."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


class Person:
    """Calls under /api/v1 as one person; every answer must be what was expected."""

    def __init__(self, address: str, username: str, password: str) -> None:
        answer = httpx.post(f"{address}/api/v1/sessions", json={"username": username, "password": password}, timeout=60)
        assert answer.status_code == 201, answer.text
        self.base = f"{address}/api/v1"
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        """One call, whatever the answer."""
        given = self.headers | (headers or {})
        return httpx.request(method, self.base + path, json=body, headers=given, timeout=120)

    def get(self, path: str) -> Any:
        """GET; the JSON."""
        return self._body(self.ask("GET", path), 200)

    def post(self, path: str, body: Any = None, *, expect: int = 200, version: int | None = None) -> Any:
        """POST; the JSON."""
        headers = {"If-Match": f'"{version}"'} if version is not None else {}
        return self._body(self.ask("POST", path, body, headers), expect)

    def download(self, path: str) -> bytes:
        """GET; the bytes."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.content

    def version(self, path: str) -> int:
        """The version in an object's ETag."""
        return int(self.ask("GET", path).headers["etag"].strip('"'))

    @staticmethod
    def _body(answer: httpx.Response, expect: int) -> Any:
        assert answer.status_code == expect, f"{answer.request.method} {answer.request.url}: {answer.text}"
        return answer.json() if answer.content else None


def until(question: Any, wanted: Any, *, within_s: float = 240.0) -> Any:
    """Ask until the answer is wanted; the last answer."""
    deadline = time.monotonic() + within_s
    answer = question()
    while not wanted(answer):
        assert time.monotonic() < deadline, f"still {answer}"
        time.sleep(0.5)
        answer = question()
    return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
