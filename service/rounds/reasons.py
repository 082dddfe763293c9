"""The stored form of reasons: what decided about every pair that could trade, and what every short line missed."""

from io import BytesIO

import numpy as np

import solver
from solver.explain import ArcReasons, Explanation, ShortReasons


def pack(explanation: solver.Explanation) -> bytes:
    """The stored form: compressed columns, nothing pickled."""
    buffer = BytesIO()
    columns = {f"arcs.{name}": getattr(explanation.arcs, name) for name in ArcReasons.__dataclass_fields__}
    columns |= {f"short.{name}": getattr(explanation.short, name) for name in ShortReasons.__dataclass_fields__}
    np.savez_compressed(buffer, **columns)
    return buffer.getvalue()


YOUNGER = {"certain": False, "lot_excess": np.nan, "capacity_needed": np.nan, "headroom": np.nan}
"""Columns that the first stored reasons lack, and what is known of them there: nothing."""


def unpack(stored: bytes) -> Explanation:
    """Read the stored form, also that of before a column was added."""
    with np.load(BytesIO(stored), allow_pickle=False) as columns:
        rows = len(columns["arcs.code"])
        known = {name: f"arcs.{name}" for name in ArcReasons.__dataclass_fields__ if f"arcs.{name}" in columns}
        added = {name: np.full(rows, value) for name, value in YOUNGER.items() if name not in known}
        arcs = ArcReasons(**added, **{name: columns[key] for name, key in known.items()})
        short = ShortReasons(**{name: columns[f"short.{name}"] for name in ShortReasons.__dataclass_fields__})
    return Explanation(arcs=arcs, short=short)
