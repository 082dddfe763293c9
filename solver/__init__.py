"""The allocation: an instance in, awards, prices and a certificate out.

    result = solver.solve(solver.read_instance("round.npz"))
    assert solver.verify(instance, result) == []

Reading, checking and explaining need numpy alone; OR-Tools is loaded by the first solve.
"""

from solver.check import verify
from solver.codec import (
    digest,
    instance_from_bytes,
    instance_to_bytes,
    instance_to_json,
    read_instance,
    read_result,
    result_from_bytes,
    result_to_bytes,
    result_to_json,
    write_instance,
    write_result,
)
from solver.explain import Explanation, explain
from solver.instance import BadInput, Instance
from solver.residual import Residual, residual
from solver.result import Result
from solver.solve import solve

__all__ = [
    "BadInput",
    "Explanation",
    "Instance",
    "Residual",
    "Result",
    "digest",
    "explain",
    "instance_from_bytes",
    "instance_to_bytes",
    "instance_to_json",
    "read_instance",
    "read_result",
    "residual",
    "result_from_bytes",
    "result_to_bytes",
    "result_to_json",
    "solve",
    "verify",
    "write_instance",
    "write_result",
]
