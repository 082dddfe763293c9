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
    read_instance,
    read_result,
    result_from_bytes,
    result_to_bytes,
    write_instance,
    write_result,
)
from solver.instance import BadInput, Instance
from solver.result import Result
from solver.solve import solve

__all__ = [
    "BadInput",
    "Instance",
    "Result",
    "digest",
    "instance_from_bytes",
    "instance_to_bytes",
    "read_instance",
    "read_result",
    "result_from_bytes",
    "result_to_bytes",
    "solve",
    "verify",
    "write_instance",
    "write_result",
]
