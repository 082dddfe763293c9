"""Re-solving after answers: what is left to decide when some awards are frozen, as an ordinary instance."""

from dataclasses import dataclass

import numpy as np

from solver.instance import (
    Arcs,
    Caps,
    Drops,
    Flags,
    Ids,
    Instance,
    Ints,
    Lines,
    Money,
    Offers,
    Pickups,
    as_column,
    refuse,
)
from solver.problem import sums
from solver.result import Awards, Result


@dataclass(frozen=True, eq=False, kw_only=True)
class Residual:
    """The instance that is left; lines, offers, drops and pickups keep their rows.

    `arcs` and `caps` say which row of the origin each row left is, shapes (arcs left,) and (caps left,).
    `frozen_cost` is baht: units, drops and pickups of the frozen awards, and the penalty of caps that left with
    their last arc. A plan of the origin costs `frozen_cost` plus the cost of its part in `instance`.
    """

    instance: Instance
    arcs: Ints
    caps: Ints
    frozen: Awards
    frozen_cost: float

    def awards(self, result: Result) -> Awards:
        """Frozen and new awards together, on the arcs of the origin, sorted by arc."""
        arc = np.concatenate([self.frozen.arc, self.arcs[result.awards.arc]])
        quantity = np.concatenate([self.frozen.quantity, result.awards.quantity])
        order = np.argsort(arc, kind="stable")
        return Awards(arc=arc[order], quantity=quantity[order])

    def objective(self, result: Result) -> float | None:
        """Cost (baht) of frozen and new awards together; None without a plan."""
        return None if result.objective is None else self.frozen_cost + result.objective


def residual(instance: Instance, frozen: Awards) -> Residual:
    """Subtract the frozen awards from line, offer and caps; their arcs leave, what they opened is free.

    A whole line that is frozen completely is gone; one that is frozen in part must still be completed or left
    as it is. Refuses awards that the instance cannot carry.
    """
    x = _checked(instance, frozen)
    stays = _open_arcs(instance, x)
    kept_caps = np.unique(instance.caps.cap[stays[instance.caps.arc]])
    made = np.zeros(len(instance.drops), bool)
    made[instance.arcs.drop[(x > 0) & (instance.arcs.drop >= 0)]] = True
    opened = np.zeros(len(instance.pickups), bool)
    opened[instance.drops.pickup[made & (instance.drops.pickup >= 0)]] = True
    left = Instance(
        name=instance.name,
        lines=_lines(instance, x),
        offers=Offers(capacity=instance.offers.capacity - _units(instance.arcs.offer, x, len(instance.offers))),
        pickups=Pickups(fee=np.where(opened, 0.0, instance.pickups.fee)),
        drops=Drops(fee=np.where(made, 0.0, instance.drops.fee), pickup=instance.drops.pickup),
        arcs=_arcs(instance, np.flatnonzero(stays)),
        caps=_caps(instance, x, stays, kept_caps),
        ids=_ids(instance, kept_caps),
    )
    paid = instance.arcs.unit_cost @ x + instance.drops.fee[made].sum() + instance.pickups.fee[opened].sum()
    return Residual(
        instance=left,
        arcs=as_column(np.flatnonzero(stays), "int", "arcs"),
        caps=as_column(kept_caps, "int", "caps"),
        frozen=frozen,
        frozen_cost=float(paid) + _penalty_of_caps_that_left(instance, x, kept_caps),
    )


def _units(index: Ints, x: Ints, rows: int) -> Ints:
    out: Ints = np.zeros(rows, np.int64)
    np.add.at(out, index, x)
    return out


def _checked(q: Instance, frozen: Awards) -> Ints:
    wrong = (frozen.arc < 0) | (frozen.arc >= len(q.arcs)) | (frozen.quantity <= 0)
    if wrong.any():
        refuse("frozen", int(np.argmax(wrong)), "must be a positive quantity on an arc of the instance")
    if len(np.unique(frozen.arc)) != len(frozen.arc):
        refuse("frozen", None, "names an arc twice")
    x = np.zeros(len(q.arcs), np.int64)
    x[frozen.arc] = frozen.quantity
    awards = np.bincount(q.arcs.line[frozen.arc], minlength=len(q.lines))
    for what, over in (
        ("line", _units(q.arcs.line, x, len(q.lines)) > q.lines.quantity),
        ("offer", _units(q.arcs.offer, x, len(q.offers)) > q.offers.capacity),
        ("split", (q.lines.max_awards > 0) & (awards > q.lines.max_awards)),
    ):
        if over.any():
            refuse("frozen", None, f"exceeds {what} {int(np.argmax(over))}")
    return x


def _open_arcs(q: Instance, x: Ints) -> Flags:
    """Arcs without a frozen award on lines that may still take one, shape (arcs,), boolean."""
    awards = np.bincount(q.arcs.line[x > 0], minlength=len(q.lines))
    full = (q.lines.max_awards > 0) & (awards >= q.lines.max_awards)
    stays: Flags = (x == 0) & ~full[q.arcs.line]
    return stays


def _lines(q: Instance, x: Ints) -> Lines:
    awards = np.bincount(q.arcs.line[x > 0], minlength=len(q.lines))
    most = q.lines.max_awards
    return Lines(
        quantity=q.lines.quantity - _units(q.arcs.line, x, len(q.lines)),
        shortage_cost=q.lines.shortage_cost,
        max_awards=np.where(most > 0, np.maximum(most - awards, 0), 0),
        whole=q.lines.whole,
    )


def _arcs(q: Instance, kept: Ints) -> Arcs:
    a = q.arcs
    return Arcs(
        line=a.line[kept], offer=a.offer[kept], drop=a.drop[kept], unit_cost=a.unit_cost[kept],
        minimum=a.minimum[kept], step=a.step[kept],
    )  # fmt: skip


def _used(q: Instance, x: Ints) -> Money:
    return sums(q.caps.cap, q.caps.coefficient * x[q.caps.arc], len(q.caps))


def _caps(q: Instance, x: Ints, stays: Flags, kept: Ints) -> Caps:
    inside = stays[q.caps.arc]
    place = np.cumsum(stays) - 1
    return Caps(
        limit=(q.caps.limit - _used(q, x))[kept],
        penalty=q.caps.penalty[kept],
        cap=np.searchsorted(kept, q.caps.cap[inside]),
        arc=place[q.caps.arc[inside]],
        coefficient=q.caps.coefficient[inside],
    )


def _penalty_of_caps_that_left(q: Instance, x: Ints, kept: Ints) -> float:
    gone = np.setdiff1d(np.arange(len(q.caps)), kept)
    excess = np.maximum(0.0, _used(q, x) - q.caps.limit)[gone]
    broken = np.isinf(q.caps.penalty[gone]) & (excess > 1e-6 * np.maximum(1.0, np.abs(q.caps.limit[gone])))
    if broken.any():
        refuse("frozen", None, f"exceeds cap {gone[np.argmax(broken)]} for good")
    soft = np.isfinite(q.caps.penalty[gone])
    return float(q.caps.penalty[gone][soft] @ excess[soft])


def _ids(q: Instance, kept_caps: Ints) -> Ids:
    caps = tuple(q.ids.caps[j] for j in kept_caps) if q.ids.caps else ()
    return Ids(lines=q.ids.lines, offers=q.ids.offers, drops=q.ids.drops, caps=caps)
