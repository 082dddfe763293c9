"""The solver in this process: what its child process does and tells, without the second that a child takes to start."""

from threading import Lock

import solver
from service.allocation.solving import Effort, Progress

_one_at_a_time = Lock()


def solve_here(instance: bytes, effort: Effort, progress: Progress, start: bytes | None = None) -> bytes:
    """Give the result file (JSON) of an instance file (NPZ)."""
    question = solver.instance_from_bytes(instance)
    begun = None if start is None else solver.result_from_bytes(start).awards
    with _one_at_a_time:
        found = solver.solve(
            question, effort.level, effort.seed, time_limit_s=effort.time_limit_s, progress=progress, start=begun
        )
    return solver.result_to_json(found).encode()
