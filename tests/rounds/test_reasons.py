"""Stored reasons: read as they were written, also those of before a column was added."""

from io import BytesIO

import numpy as np

import solver
from service.rounds import reasons
from tests.solver.made import random_instance


def test_reasons_of_before_a_column_was_added_are_read_with_nothing_known() -> None:
    instance = random_instance(7, 5, 5, frozenset())
    told = solver.explain(instance, solver.solve(instance))
    stored = reasons.pack(told)
    with np.load(BytesIO(stored)) as columns:
        old = {name: columns[name] for name in columns.files if name.split(".")[1] not in reasons.YOUNGER}
    buffer = BytesIO()
    np.savez_compressed(buffer, **old)

    assert (reasons.unpack(stored).arcs.headroom.tobytes()) == told.arcs.headroom.tobytes()
    read = reasons.unpack(buffer.getvalue())
    assert (read.arcs.code == told.arcs.code).all()
    assert not read.arcs.certain.any()
    assert np.isnan(read.arcs.headroom).all()
