"""The frozen market of a round: plain values, written as canonical JSON, from which all else is computed.

An auditor who holds this file holds everything that the allocation knew: no row of the database is read again.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

FORMAT = "market-snapshot/1"


@dataclass(frozen=True, slots=True)
class Party:
    """A buyer or supplier: kind and place; suppliers also standing, income and owners."""

    kind: str
    subdistrict: str
    district: str
    province: str
    lat: float
    lng: float
    qualified: bool = True
    member_households: int = 0
    shares: Mapping[str, int] = field(default_factory=dict)
    income_12_months: int = 0
    income_year: int = 0
    owners: tuple[str, ...] = ()

    def place(self) -> dict[str, str]:
        """Codes of the place."""
        return {"subdistrict": self.subdistrict, "district": self.district, "province": self.province}


@dataclass(frozen=True, slots=True)
class Line:
    """A demand line; `budget_line` and `demand` group lines under one approved total."""

    id: str
    demand: str
    budget_line: str
    buyer: str
    product: str
    family: str
    grade_rank: int | None
    certificates: tuple[str, ...]
    quantity: int
    day: date
    ceiling: int
    most_awards: int
    whole: bool
    substitutes: tuple[str, ...]
    lead_time_days: int = 0
    least: int | None = None
    most: int | None = None

    def rank(self, product: str) -> int:
        """The place of a product among the substitutes, from 1; 0 for what was asked for."""
        return self.substitutes.index(product) + 1 if product in self.substitutes else 0


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate that an offer claims."""

    kind: str
    product: str | None
    issued: date
    expires: date
    revoked: date | None


@dataclass(frozen=True, slots=True)
class Lot:
    """Produce of a harvest window."""

    first: date
    last: date
    day: int
    week: int


@dataclass(frozen=True, slots=True)
class Bid:
    """An active offer at the cut-off."""

    id: str
    supplier: str
    product: str
    grade_rank: int | None
    price: int
    minimum: int
    pack: int
    reach_km: int
    certificates: tuple[Paper, ...]
    lots: tuple[Lot, ...]
    lead_time_days: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """An award that stands: accepted, or still open."""

    line: str
    offer: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Override:
    """A person's word against the solver's: exactly so much of a line from an offer; 0 is nothing."""

    line: str
    offer: str
    quantity: int
    reason: str


@dataclass(frozen=True, slots=True)
class Market:
    """Everything the allocation knows."""

    round: str
    run: int
    province: str
    week: date
    closed_on: date
    weights: Mapping[str, Any]
    approved: Mapping[str, int]  # budget line -> satang approved in this round
    parties: Mapping[str, Party]
    lines: tuple[Line, ...]
    bids: tuple[Bid, ...]
    conflicts: tuple[tuple[str, str], ...] = ()
    held: tuple[Held, ...] = ()
    answered: tuple[tuple[str, str], ...] = ()  # line, offer: declined or not served in full
    out_of_produce: tuple[tuple[str, date], ...] = ()  # offer, day
    median_income: int = 0
    overrides: tuple[Override, ...] = ()
    format: str = FORMAT


_ADAPTER = TypeAdapter(Market)


def canonical(market: Market) -> bytes:
    """The snapshot as canonical JSON: sorted keys, no spaces, UTF-8.

    Overrides and tolerances are named where there are some, so that markets from before they were known stay equal.
    """
    columns = asdict(market)
    if not market.overrides:
        del columns["overrides"]
    for line in columns["lines"]:
        for bound in ("least", "most"):
            if line[bound] is None:
                del line[bound]
    return json.dumps(columns, sort_keys=True, separators=(",", ":"), default=_text, ensure_ascii=False).encode()


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def digest(canonical_bytes: bytes) -> str:
    """SHA-256 of the canonical JSON."""
    return sha256(canonical_bytes).hexdigest()


def pack(canonical_bytes: bytes) -> bytes:
    """The stored form: gzip without a time stamp, so that equal snapshots are equal files."""
    return gzip.compress(canonical_bytes, compresslevel=6, mtime=0)


def unpack(stored: bytes) -> Market:
    """Read the stored form."""
    return _ADAPTER.validate_json(gzip.decompress(stored))
