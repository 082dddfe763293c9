"""The answer: awards, prices, certificate, and how the run ended."""

import math
from dataclasses import dataclass, field

from solver.instance import Ints, Money, as_column, refuse

STATUSES = ("optimal", "feasible", "infeasible", "no_solution")
EFFORTS = ("quick", "standard", "deep")


def _no_ints() -> Ints:
    return as_column([], "int", "")


def _no_money() -> Money:
    return as_column([], "money", "")


@dataclass(frozen=True, eq=False, kw_only=True)
class Awards:
    """Positive whole quantities on arcs."""

    arc: Ints = field(default_factory=_no_ints)
    quantity: Ints = field(default_factory=_no_ints)

    def __post_init__(self) -> None:
        for name in ("arc", "quantity"):
            object.__setattr__(self, name, as_column(getattr(self, name), "int", f"awards.{name}"))
        if len(self.arc) != len(self.quantity):
            refuse("awards.quantity", None, f"has {len(self.quantity)} rows, awards.arc has {len(self.arc)}")

    def __len__(self) -> int:
        return len(self.arc)


@dataclass(frozen=True, eq=False, kw_only=True)
class Prices:
    """Lagrange multipliers in baht: a unit of a line, of an offer's capacity, of a cap's limit; a split award."""

    line: Money = field(default_factory=_no_money)
    offer: Money = field(default_factory=_no_money)
    cap: Money = field(default_factory=_no_money)
    split: Money = field(default_factory=_no_money)

    def __post_init__(self) -> None:
        for name in ("line", "offer", "cap", "split"):
            object.__setattr__(self, name, as_column(getattr(self, name), "money", f"prices.{name}"))


@dataclass(frozen=True, eq=False, kw_only=True)
class Engine:
    """What produced the result: enough to produce it again."""

    name: str = ""
    version: str = ""
    effort: str = ""
    seed: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """One answer to the instance with this digest.

    `objective`, `bound` and `engine_bound` are baht, the gaps are fractions; without a plan they are None,
    awards and prices are empty, and `clash` lists the caps of an irreducible clashing set.
    """

    instance_sha256: str
    status: str
    stopped_early: bool = False
    clash: Ints = field(default_factory=_no_ints)
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    gap_served: float | None = None
    engine_bound: float | None = None
    awards: Awards = field(default_factory=Awards)
    prices: Prices = field(default_factory=Prices)
    engine: Engine = field(default_factory=Engine)
    runtime_s: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "clash", as_column(self.clash, "int", "clash"))
        if self.status not in STATUSES:
            refuse("status", None, f"must be one of {', '.join(STATUSES)}, not {self.status!r:.40}")
        for name in ("objective", "bound", "gap", "gap_served", "engine_bound"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                refuse(name, None, f"must be a finite number or null, not {value}")

    @property
    def has_plan(self) -> bool:
        return self.status in ("optimal", "feasible")
