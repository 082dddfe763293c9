"""Why and why not: the stored reason of every pair that could trade, and on demand of every pair that could not."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

import solver
from service.allocation import margins
from service.allocation.caps import Ints
from service.allocation.eligibility import Eye
from service.allocation.market import Bid, Line, Market
from service.allocation.numbers import margin_parts
from service.allocation.vocabulary import APPLIED
from service.kernel.problems import NotFound
from service.rounds import runs
from service.rounds.models import Run, Scenario
from service.rounds.reasons import unpack
from solver.explain import Explanation


@dataclass(frozen=True, slots=True)
class Reason:
    """What decided about one pair: a code and its numbers (baht a unit, units), or codes of ineligibility."""

    line: Line
    bid: Bid
    code: str
    numbers: dict[str, Any]
    kilometres: float
    margin: dict[str, int]
    handicap_ppm: int = 0  # of a substitute

    def as_json(self) -> dict[str, Any]:
        """Codes and numbers for programs: prices in satang, margins in millionths."""
        ids = {"line": self.line.id, "offer": self.bid.id, "supplier": self.bid.supplier, "price": self.bid.price}
        known = {**ids, "code": self.code, **self.numbers, "kilometres": self.kilometres, "margin": self.margin}
        return known | {"substitute": self.line.rank(self.bid.product), "handicap": self.handicap_ppm}


@dataclass(frozen=True)
class Story:
    """A run's applied scenario opened for questions."""

    run: Run
    scenario: Scenario
    market: Market
    instance: solver.Instance
    result: solver.Result
    explanation: Explanation

    def of_line(self, line_id: str) -> list[Reason]:
        """Every pair of the line that could trade: awards first, then by evaluated cost."""
        rows = np.flatnonzero(self.instance.arcs.line == self._line_row(line_id))
        return sorted(self._reasons(rows), key=lambda r: (r.code != "won", r.numbers.get("unit_cost", 0.0)))

    def of_supplier(self, supplier_id: str) -> list[Reason]:
        """Every pair of the supplier that could trade."""
        mine = {bid.id for bid in self.market.bids if bid.supplier == supplier_id}
        offers = [row for row, key in enumerate(self.instance.ids.offers) if key.split("|")[0] in mine]
        return list(self._reasons(np.flatnonzero(np.isin(self.instance.arcs.offer, offers))))

    def rivals(self, line_id: str, supplier: str) -> int:
        """How many other suppliers could have served the line."""
        offers = set(self.instance.arcs.offer[self.instance.arcs.line == self._line_row(line_id)].tolist())
        return len({self._supplier_of[offer] for offer in offers} - {supplier})

    def paid(self, product: str) -> dict[str, int]:
        """What each supplier is paid for a unit of the product in this plan, in the mean, in whole satang."""
        sums: dict[str, tuple[int, int]] = {}
        from_id = {bid.id: bid for bid in self.market.bids if bid.product == product}
        arcs = self.explanation.arcs
        for row in np.flatnonzero(arcs.quantity > 0):
            bid = from_id.get(self.instance.ids.offers[self.instance.arcs.offer[row]].split("|")[0])
            if bid is not None:
                units, satang = sums.get(bid.supplier, (0, 0))
                taken = int(arcs.quantity[row])
                sums[bid.supplier] = (units + taken, satang + taken * bid.price)
        return {supplier: satang // units for supplier, (units, satang) in sums.items()}

    @cached_property
    def _supplier_of(self) -> list[str]:
        """The supplier behind each row of the instance's offers."""
        of_bid = {bid.id: bid.supplier for bid in self.market.bids}
        return [of_bid[key.split("|")[0]] for key in self.instance.ids.offers]

    def short(self, line_id: str) -> dict[str, Any] | None:
        """What the line missed, where it is short."""
        found = list(self.explanation.short_records(np.array([self._line_row(line_id)])))
        return found[0] if found else None

    def of_pair(self, line_id: str, offer_id: str) -> tuple[list[str], Reason | None]:
        """Why the pair could not trade (codes), or what decided if it could."""
        line = self.market.lines[self._line_row(line_id)]
        bid = next((bid for bid in self.market.bids if bid.id == offer_id), None)
        if bid is None:
            raise NotFound
        against = list(Eye(self.market).against(line, bid))
        return against, next((r for r in self.of_line(line_id) if r.bid.id == offer_id), None)

    def line(self, line_id: str) -> Line:
        """The line as it was asked for at the cut-off."""
        return self.market.lines[self._line_row(line_id)]

    def _line_row(self, line_id: str) -> int:
        for row, known in enumerate(self.instance.ids.lines):
            if known == line_id:
                return row
        raise NotFound

    def _reasons(self, rows: Ints) -> list[Reason]:
        from_id = {bid.id: bid for bid in self.market.bids}
        eye = Eye(self.market)
        found = []
        for record in self.explanation.arc_records(rows):
            arc = record.pop("arc")
            line = self.market.lines[self.instance.arcs.line[arc]]
            bid = from_id[self.instance.ids.offers[self.instance.arcs.offer[arc]].split("|")[0]]
            found.append(self._reason(eye, line, bid, record))
        return found

    def _reason(self, eye: Eye, line: Line, bid: Bid, record: dict[str, Any]) -> Reason:
        cap = record.get("cap", -1)
        record["cap"] = self.instance.ids.caps[cap] if cap >= 0 else None
        code = record.pop("code")
        weights = margins.Weights.from_json(self.market.weights)
        parts = margin_parts(self.market, weights, bid.supplier, line.buyer)
        handicap = margins.handicap_ppm(weights, line.rank(bid.product))
        return Reason(line, bid, code, record, round(eye.km(bid.supplier, line.buyer), 1), parts, handicap)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored scenario as the key of its story: equal ids are equal stories, for results never change."""

    scenario_id: UUID
    run: Run = field(compare=False)
    scenario: Scenario = field(compare=False)


@lru_cache(maxsize=4)
def _read(stored: _Stored) -> Story:
    """Reading a large market takes a second: the last few stories stay open."""
    row = stored.scenario
    if not row.reasons:
        raise NotFound
    return Story(
        _apart(stored.run),
        _apart(row),
        runs.market_of(stored.run),
        solver.instance_from_bytes(row.instance),
        solver.result_from_bytes(row.result),
        unpack(row.reasons),
    )


def _apart(row: Any) -> Any:
    """A copy of a row's small columns that belongs to no session: no rollback empties a story that stays open."""
    columns = [column for column in inspect(type(row)).column_attrs if not column.deferred]
    return type(row)(**{column.key: getattr(row, column.key) for column in columns})


def open_story(tx: Session, run: Run, name: str = APPLIED) -> Story:
    """Open a run's stored scenario; NotFound while it is not solved."""
    stored = tx.scalar(select(Scenario).where(Scenario.run_id == run.id, Scenario.name == name))
    if stored is None:
        raise NotFound
    return _read(_Stored(stored.id, run, stored))
