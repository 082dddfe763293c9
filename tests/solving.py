"""The solver in this process: what its child process does and tells, without the second that a child takes to start."""

from threading import Lock

import solver
from service.allocation.solving import Effort, Progress

_one_at_a_time = Lock()


def solve_here(instance: bytes, effort: Effort, progress: Progress) -> bytes:
    """Give the result file (JSON) of an instance file (NPZ)."""
    question = solver.instance_from_bytes(instance)
    with _one_at_a_time:
        found = solver.solve(question, effort.level, effort.seed, time_limit_s=effort.time_limit_s, progress=progress)
    return solver.result_to_json(found).encode()
