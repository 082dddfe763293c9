"""How much more would have to be wanted on a line before a losing arc wins.

The amount is asked of the line, and the offer is taken to have it. Whatever is wanted more can be served by the
others too: the cheapest of them whose trip is made and whose offer has units left, or shortage. The arc wins where
an exchange (`exchange.py`) that carries the amount as well costs less than that. Fees, packs and rules are exact, the
others' cost holds for the units that they have left: an indication, right more than nine times in ten.
"""

import numpy as np

from solver.exchange import Plan, Trade
from solver.instance import Ints, Money

_LOOKS = 2


def volumes(plan: Plan, arcs: Ints) -> Money:
    """The fewest units more on the line and in the offer with which each arc wins, shape (arcs,); NaN: none known."""
    q, least = plan.q, np.full(len(arcs), np.nan)
    otherwise = _next_cost(plan, arcs)
    gains = np.flatnonzero(otherwise > q.arcs.unit_cost[arcs])
    arcs, otherwise = arcs[gains], otherwise[gains]
    out = plan.dearest[q.arcs.line[arcs]]
    for replaced in (np.full(len(arcs), -1), out):
        least[gains] = np.fmin(least[gains], _least(plan, arcs, replaced, otherwise))
    return least


def _least(plan: Plan, arcs: Ints, out: Ints, otherwise: Money) -> Money:
    """With the award `out` given up (-1: none): what no pack leaves over, and as much as pays for the exchange."""
    a = plan.q.arcs
    line, step = a.line[arcs], a.step[arcs]
    less = np.where(out >= 0, np.append(plan.x, 0)[out], 0)
    there = np.minimum(plan.short[line] + less, plan.left[a.offer[arcs]])
    gain = otherwise - a.unit_cost[arcs]
    volume = np.maximum(0, plan.low[arcs] - there)
    for _ in range(_LOOKS):
        added = _added(plan, _carried(plan, arcs, there + volume, out, less), volume, otherwise)
        dear = (added >= 0) & np.isfinite(added)
        volume[dear] += np.floor(np.minimum(added[dear] / gain[dear], 1e12)).astype(np.int64) + 1
        volume[dear] += (-(there + volume) % step)[dear]
    trade = _carried(plan, arcs, there + volume, out, less)
    kept = plan.obeys(trade, plan.short[line] + volume) & (_added(plan, trade, volume, otherwise) < 0) & (volume > 0)
    return np.where(kept, volume, np.nan)


def _carried(plan: Plan, arcs: Ints, room: Ints, out: Ints, less: Ints) -> Trade:
    step = plan.q.arcs.step[arcs]
    return Trade(arcs, room // step * step, out, less)


def _added(plan: Plan, trade: Trade, volume: Ints, otherwise: Money) -> Money:
    """Baht that the exchange costs more than the plan as it is, the volume being served in it by the others."""
    short: Money = plan.q.lines.shortage_cost[plan.q.arcs.line[trade.arc]]
    return plan.cost(trade) + volume * (short - otherwise)


def _next_cost(plan: Plan, arcs: Ints) -> Money:
    """Baht of one more unit of the arc's line by another arc on a trip that is made, or by shortage."""
    q, a = plan.q, plan.q.arcs
    made = np.append(plan.on_drop, 1)[a.drop] > 0
    most, awards = q.lines.max_awards[a.line], plan.awards[a.line]
    won = plan.x > 0
    ready = made & (plan.left[a.offer] >= np.where(won, a.step, plan.low)) & (won | (most == 0) | (awards < most))
    cost = np.where(ready, a.unit_cost, np.inf)
    order = np.lexsort((cost, a.line))
    place = np.arange(len(order)) - np.searchsorted(a.line[order], a.line[order])
    best = np.full((2, len(q.lines)), -1)
    for rank in (0, 1):
        at = order[place == rank]
        best[rank, a.line[at]] = at
    line = a.line[arcs]
    other = np.where(best[0, line] == arcs, best[1, line], best[0, line])
    least: Money = np.minimum(np.append(cost, np.inf)[other], q.lines.shortage_cost[line])
    return least
