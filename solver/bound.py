"""Prices and the certificate: what the relaxation proves after a number of passes.

The number of passes is the whole effort, so equal questions get equal prices on every machine.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.descent import RESTART_PASSES, Descent
from solver.instance import Money
from solver.relaxation import Relaxation
from solver.result import Prices

_CERTIFY_PASSES = 40
_WEIGH_PASSES = 5
_ANNEAL_TO = 1 / 200
_ANNEAL_PASSES = 800
_TAIL = 0.25

Watch = Callable[[float, float], bool]
"""Called with (fraction done, best bound in baht); True asks to stop early."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Certificate:
    """The best prices seen, the bound they prove (baht) and the fractional plan beside them, shape (arcs,)."""

    prices: Prices
    bound: float
    flow: Money
    stopped: bool


def certify(
    r: Relaxation, passes: int, watch: Watch | None = None, late: Callable[[], bool] = lambda: False
) -> Certificate:
    """The best certificate in `passes` annealed passes and a quarter more at the last weight, or until it is late.

    The bound of a gated relaxation is stronger, but not the one that the formula of the certificate gives.
    """
    descent, last = Descent(r), _ANNEAL_TO * min(1.0, (_ANNEAL_PASSES / max(1, passes)) ** 2)
    best, prices = _starting_prices(r)
    total, stopped = int(passes * (1 + _TAIL)), False
    for k in range(total):
        if k % _WEIGH_PASSES == 0:
            descent.weigh(descent.omega * last ** min(1.0, k / passes))
        stopped = late()
        looked = stopped or k % _CERTIFY_PASSES == _CERTIFY_PASSES - 1 or k == total - 1
        descent.advance(k % RESTART_PASSES, keep=looked)
        if looked:
            value, candidate = descent.certify()
            if value > best:
                best, prices = value, candidate
            stopped |= watch is not None and watch((k + 1) / total, best)
        if stopped:
            break
    return _certificate(r, prices, best, descent.arcs.plan, stopped=stopped)


def _starting_prices(r: Relaxation) -> tuple[float, tuple[Money, Money, Money, Money]]:
    """The better of two certificates that need no search: all prices zero, and every line at its shortage cost."""
    q = r.q
    none = (np.zeros(len(q.offers)), np.zeros(len(q.caps)), np.zeros(len(q.lines)))
    free, full = (np.zeros(len(q.lines)), *none), (q.lines.shortage_cost, *none)
    return max((r.certificate(*start), i, start) for i, start in enumerate((free, full)))[::2]


def _certificate(
    r: Relaxation, prices: tuple[Money, Money, Money, Money], best: float, flow: Money, *, stopped: bool
) -> Certificate:
    line, offer, cap, split = prices
    reached = np.bincount(r.line, minlength=len(line)) > 0
    line = np.where(reached, line, r.q.lines.shortage_cost)
    on_arcs = np.zeros(len(r.q.arcs))
    on_arcs[r.arc] = flow
    kept = Prices(line=line, offer=offer + 0.0, cap=cap + 0.0, split=np.where(r.q.lines.max_awards > 0, split, 0.0))
    return Certificate(
        prices=kept, bound=max(best, r.certificate(line, kept.offer, kept.cap, kept.split)), flow=on_arcs,
        stopped=stopped,
    )  # fmt: skip
