"""Solve one stored instance in a child process: what runs in production is what an auditor runs.

A crash of the native solver ends the child alone. A child whose parent was killed ends at its next word of
progress, since nobody reads it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.kernel.settings import ROOT

Progress = Callable[[dict[str, Any]], None]
FAILED_WORDS = 600


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to search, and the guard that ends a search that takes too long."""

    level: str
    seed: int
    time_limit_s: int


class SolverFailed(RuntimeError):
    """The child ended without a result; the message is its last words."""


def solve(instance: bytes, effort: Effort, progress: Progress, start: bytes | None = None) -> bytes:
    """Give the result file (JSON) of an instance file (NPZ); `start`, such a file, holds a plan to begin from."""
    with tempfile.TemporaryDirectory(prefix="market-solve-") as folder:
        question, answer = Path(folder, "instance.npz"), Path(folder, "result.json")
        question.write_bytes(instance)
        command = _command(question, answer, effort)
        if start is not None:
            begun = Path(folder, "start.json")
            begun.write_bytes(start)
            command += ["--start", str(begun)]
        words = _run(command, progress)
        if not answer.is_file():
            raise SolverFailed(words[-FAILED_WORDS:] or "the solver ended without a result")
        return answer.read_bytes()


def _command(question: Path, answer: Path, effort: Effort) -> list[str]:
    options = ["--effort", effort.level, "--seed", str(effort.seed), "--time-limit", str(effort.time_limit_s)]
    options += ["--workers", "1", "--progress"]  # scenarios are solved side by side already
    return [sys.executable, "-m", "solver", "solve", str(question), "-o", str(answer), *options]


def _run(command: list[str], progress: Progress) -> str:
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    with child:
        return _listen(child.stderr or (), progress)


def _listen(lines: Iterable[str], progress: Progress) -> str:
    """Pass progress on; keep what is not progress as last words."""
    words = []
    for line in lines:
        try:
            step = json.loads(line)
        except ValueError:
            words.append(line)
        else:
            if isinstance(step, dict):
                progress(step)
    return "".join(words)
