"""What a person sees of a run: a bar that redraws itself on a terminal, or a table to keep (`--log`)."""

import json
import shutil
import time
from collections.abc import Callable
from typing import Any, TextIO

Step = dict[str, Any]
Reporter = Callable[[Step], None]

_TABLE_EVERY_S = 0.5
_BAR_EVERY_S = 0.1
_BAR_CELLS = 24


def json_lines(out: TextIO) -> Reporter:
    """One JSON object a step, for programs."""
    return lambda step: print(json.dumps(step), file=out, flush=True)


class _Known:
    """The newest objective and bound, the gap between them, and the seconds since the start."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.objective: float | None = None
        self.bound: float | None = None

    def learn(self, step: Step) -> None:
        self.objective = step["objective"] if step["objective"] is not None else self.objective
        self.bound = step["bound"] if step["bound"] is not None else self.bound

    @property
    def gap(self) -> float | None:
        if self.objective is None or self.bound is None:
            return None
        return (self.objective - self.bound) / max(abs(self.objective), 1.0)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


class Table:
    """A row at every new phase, and then at most two a second."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.known, self.phase, self.shown = out, _Known(), "", -_TABLE_EVERY_S
        self._print("phase", "done", "seconds", "objective", "bound", "gap")

    def __call__(self, step: Step) -> None:
        self.known.learn(step)
        now, new = self.known.seconds, step["phase"] != self.phase
        if not new and step["fraction"] < 1 and now - self.shown < _TABLE_EVERY_S:
            return
        self.phase, self.shown = step["phase"], now
        done, numbers = f"{step['fraction']:.0%}", (_money(self.known.objective), _money(self.known.bound))
        self._print(self.phase, done, f"{now:.1f}", *numbers, _percent(self.known.gap))

    def _print(self, phase: str, *cells: str) -> None:
        widths = (5, 8, 18, 18, 8)
        row = " ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        print(f"{phase:<10} {row}", file=self.out, flush=True)


class Bar:
    """One line that redraws itself; `done` clears it."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.known, self.phase, self.shown = out, _Known(), "", -_BAR_EVERY_S

    def __call__(self, step: Step) -> None:
        self.known.learn(step)
        now = self.known.seconds
        if step["phase"] == self.phase and now - self.shown < _BAR_EVERY_S:
            return
        self.phase, self.shown = step["phase"], now
        filled = round(_BAR_CELLS * min(1.0, step["fraction"]))
        bar = "█" * filled + "░" * (_BAR_CELLS - filled)
        numbers = f"plan {_money(self.known.objective, 0)}  bound {_money(self.known.bound, 0)}"
        line = (
            f"{self.phase:<9} {bar} {step['fraction']:>4.0%}  {now:>4.0f} s  {numbers}  gap {_percent(self.known.gap)}"
        )
        self._draw(line[: shutil.get_terminal_size().columns - 1])

    def done(self) -> None:
        """Clear the line."""
        self._draw("")

    def _draw(self, line: str) -> None:
        self.out.write(f"\r\x1b[2K{line}")
        self.out.flush()


def _money(amount: float | None, decimals: int = 2) -> str:
    return "-" if amount is None else f"{amount:,.{decimals}f}"


def _percent(gap: float | None) -> str:
    return "-" if gap is None else f"{gap:.2%}"
