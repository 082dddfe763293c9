"""Small made-up instances with every feature of the model, and hand-made ones with one feature each."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from solver import Instance
from solver.instance import MOST

FEATURES = ("drops", "pickups", "caps", "hard", "negative", "split", "whole", "minimum", "step", "cheap_shortage")


def random_instance(seed: int, lines: int, offers: int, features: frozenset[str], most_units: int = 6) -> Instance:
    """Lines of two buyers, offers of up to three suppliers; the same arguments give the same instance."""
    rng = np.random.default_rng([seed, lines, offers])
    on = features.__contains__
    buyer, supplier = rng.integers(0, 2, lines), rng.integers(0, 3, offers)
    pairs = [(d, o) for d in range(lines) for o in range(offers) if rng.random() < 0.8]
    line, offer = np.array(pairs, np.int64).reshape(-1, 2).T
    n = len(pairs)
    columns: dict[str, Any] = {
        "lines.quantity": rng.integers(0, most_units + 1, lines),
        "lines.shortage_cost": np.round(rng.uniform(0 if on("cheap_shortage") else 15, 40, lines), 2),
        "lines.max_awards": rng.integers(0, 3, lines) if on("split") else np.zeros(lines, int),
        "lines.whole": (rng.random(lines) < 0.4) & on("whole"),
        "offers.capacity": rng.integers(0, most_units + 3, offers),
        "arcs.line": line,
        "arcs.offer": offer,
        "arcs.unit_cost": np.round(rng.uniform(-3, 20, n), 2),
        "arcs.minimum": rng.integers(0, 4, n) * on("minimum"),
        "arcs.step": rng.integers(1, 4, n) if on("step") else np.ones(n, int),
    }
    if on("drops"):
        columns |= _trips(rng, supplier[offer], buyer[line], pickups=on("pickups"))
    if on("caps") and n:
        columns |= _caps(rng, n, features)
    return Instance.from_columns(columns, name=f"made {seed}")


def _trips(rng: np.random.Generator, supplier: Any, buyer: Any, *, pickups: bool) -> dict[str, Any]:
    keys, drop = np.unique(supplier * 2 + buyer, return_inverse=True)
    out: dict[str, Any] = {
        "drops.fee": np.round(rng.uniform(0, 30, len(keys)), 2),
        "arcs.drop": np.where(rng.random(len(drop)) < 0.9, drop, -1),
    }
    if pickups:
        out["pickups.fee"] = np.round(rng.uniform(0, 25, 3), 2)
        out["drops.pickup"] = np.where(rng.random(len(keys)) < 0.8, keys // 2, -1)
    return out


def _caps(rng: np.random.Generator, arcs: int, features: frozenset[str]) -> dict[str, Any]:
    count = int(rng.integers(1, 4))
    entries = [(j, a) for j in range(count) for a in range(arcs) if rng.random() < 0.6 or a == j % arcs]
    cap, arc = np.array(entries).T
    low = -2.0 if "negative" in features else 0.5
    limit = rng.uniform(-4 if "negative" in features else 0, 12, count)
    hard = (rng.random(count) < 0.6) & ("hard" in features)
    return {
        "caps.limit": np.round(limit, 2),
        "caps.penalty": np.where(hard, np.inf, np.round(rng.uniform(0, 20, count), 2)),
        "caps.cap": cap,
        "caps.arc": arc,
        "caps.coefficient": np.round(rng.uniform(low, 3, len(cap)), 2),
    }


def instances(most_lines: int = 4, most_offers: int = 4, most_units: int = 6) -> st.SearchStrategy[Instance]:
    """Instances with any mixture of features."""
    return st.builds(
        random_instance,
        seed=st.integers(0, 2**32 - 1),
        lines=st.integers(0, most_lines),
        offers=st.integers(0, most_offers),
        features=st.frozensets(st.sampled_from(FEATURES)),
        most_units=st.just(most_units),
    )


def plain(**columns: Any) -> Instance:
    """Two lines of 10 units, two offers of 12, four arcs of 1, 2, 3 and 4 baht; change a column by `table__name`."""
    base: dict[str, Any] = {
        "lines.quantity": [10, 10],
        "lines.shortage_cost": [50.0, 50.0],
        "offers.capacity": [12, 12],
        "arcs.line": [0, 0, 1, 1],
        "arcs.offer": [0, 1, 0, 1],
        "arcs.unit_cost": [1.0, 2.0, 3.0, 4.0],
    }
    return Instance.from_columns(base | {k.replace("__", "."): v for k, v in columns.items()})


def clashing() -> Instance:
    """Caps 0 and 2 clash: at least 8 units on arc 0, at most 5 on arcs 0 and 1; caps 1 and 3 have room."""
    return plain(
        caps__limit=[-8.0, 100.0, 5.0, 30.0],
        caps__cap=[0, 1, 2, 2, 3],
        caps__arc=[0, 2, 0, 1, 3],
        caps__coefficient=[-1.0, 1.0, 1.0, 1.0, 1.0],
    )


def with_reserved_shares(q: Instance, share: float, parts: int = 6) -> Instance:
    """Hard caps below zero: of the units of all lines, and of each of `parts` sets of lines, at least that share must
    come from three offers in ten.
    """
    reserved = np.random.default_rng(0).random(len(q.offers)) < 0.3
    arcs = np.flatnonzero(reserved[q.arcs.offer])
    lines, first = np.arange(len(q.lines)), len(q.caps)
    cap = np.concatenate([np.full(len(arcs), first), first + 1 + q.arcs.line[arcs] % parts])
    least = [share * float(q.lines.quantity[lines % parts == k].sum()) for k in range(parts)]
    caps = replace(
        q.caps,
        limit=np.concatenate([q.caps.limit, [-sum(least)], -np.array(least)]),
        penalty=np.concatenate([q.caps.penalty, np.full(parts + 1, np.inf)]),
        cap=np.concatenate([q.caps.cap, cap]),
        arc=np.concatenate([q.caps.arc, arcs, arcs]),
        coefficient=np.concatenate([q.caps.coefficient, np.full(2 * len(arcs), -1.0)]),
    )
    return replace(q, caps=caps)


TOO_LARGE = MOST + 1
