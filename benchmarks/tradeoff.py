"""What is paid against what poor households earn: five strengths of preference, and the price of each weight.

    python -m benchmarks.tradeoff [--buyers 30] [--suppliers 60]

The market is the demonstration's generator at another size; everything but places is synthetic. One table, and a
chart in benchmarks/results/.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import select

import solver
from benchmarks import chart
from benchmarks.machine import described
from service.allocation import tradeoffs
from service.allocation.market import Market, unpack
from service.demo.loading import build
from service.demo.scene import Size
from service.kernel.actor import SYSTEM
from service.kernel.db import Database
from service.kernel.settings import ROOT
from service.procedure import actions
from service.rounds import runs
from service.rounds.models import Round

OUTPUT = Path(__file__).with_name("results") / "tradeoff.svg"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--buyers", type=int, default=30)
    parser.add_argument("--suppliers", type=int, default=60)
    parser.add_argument("--effort", default="quick")
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="market-tradeoff-") as folder:
        market = _market(f"sqlite:///{Path(folder, 'market.sqlite3')}", Size(args.buyers, args.suppliers, 10, 3))

    def solve(question: bytes, start: bytes | None, turn: int) -> bytes:
        begun = None if start is None else solver.result_from_bytes(start).awards
        instance = solver.instance_from_bytes(question)
        return solver.result_to_json(solver.solve(instance, args.effort, seed=turn, start=begun)).encode()

    found = tradeoffs.compare(market, solve)
    print(described())
    print(f"{len(market.lines)} lines, {len(market.bids)} offers; baht")
    print(f"{'preference':>10} {'paid':>12} {'poor labour':>12} {'served at ceilings':>18} {'groups':>7} {'gap %':>6}")
    for p in found.points:
        print(f"{p.strength:>9}% {p.paid_satang / 100:>12,.0f} {p.poor_labour_satang / 100:>12,.0f} "
              f"{p.served_value_satang / 100:>18,.0f} {p.groups:>7} {100 * p.gap:>6.2f}")  # fmt: skip
    print("\nwhat each preference of the profile costs and buys (the policy plan less the plan without it):")
    for w in found.weights:
        paid, labour = w.paid_satang / 100, w.poor_labour_satang / 100
        print(f"{w.preference:<16} paid {paid:>+10,.0f}   poor labour {labour:>+10,.0f}   groups {w.groups:>+3}")
    dots = [(p.paid_satang / 100, p.poor_labour_satang / 100) for p in found.points]
    across, up = (chart.axis(name, [d[i] for d in dots]) for i, name in enumerate(("baht paid", "baht of poor labour")))
    chart.save(args.output, "What preference costs and buys, 0 to 200 % of the profile", across, up,
               [chart.Series("plans", dots), chart.Series("0, 50, 100, 150, 200 %", dots, dots=True)])  # fmt: skip
    return 0


def _market(url: str, size: Size) -> Market:
    """A market of that size, closed and frozen."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    command.upgrade(config, "head")
    database = Database(url)
    with database.writing() as tx:
        build(tx, size, province="45")
        round_id = tx.scalars(select(Round.id).where(Round.state == "open")).one()
        actions.close(tx, by=SYSTEM, round_id=round_id, reason="benchmark")
        run = runs.latest(tx, round_id)
        assert run is not None
        market = unpack(run.snapshot or b"")
    database.dispose()
    return market


if __name__ == "__main__":
    sys.exit(main())
