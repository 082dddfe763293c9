"""The question: an allocation instance as frozen, validated columns.

Five tables of columns and a list of caps, exactly as the file format names them: `instance.arcs.unit_cost`
is the column `"arcs.unit_cost"`. Whatever is wrong with the data is refused here, with the field, the row
and the reason, before anything is solved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

_TYPE_NAMES = {"int": "a whole number", "money": "a number", "flag": "true or false"}

Ints = NDArray[np.int64]
Money = NDArray[np.float64]
Flags = NDArray[np.bool_]
MOST = 10**15
"""Largest magnitude of any number: sums over a million rows stay exact enough for the tolerance of 1e-6."""

_DTYPES: dict[str, type[np.generic]] = {"int": np.int64, "money": np.float64, "flag": np.bool_}


class BadInput(ValueError):
    """Data that no solver may touch: says the field, the row (when there is one) and the reason."""

    def __init__(self, field_name: str, row: int | None, reason: str) -> None:
        self.field_name, self.row, self.reason = field_name, row, reason
        where = field_name if row is None else f"{field_name} row {row}"
        super().__init__(f"{where}: {reason}")


def refuse(field_name: str, row: int | None, reason: str) -> NoReturn:
    """Raise `BadInput`."""
    raise BadInput(field_name, row, reason) from None


class Column(NamedTuple):
    """One column of the file format: where it stands, what it holds, what a missing one means."""

    table: str
    name: str
    kind: str
    default: int | float | bool | None = None

    @property
    def key(self) -> str:
        return f"{self.table}.{self.name}"


COLUMNS = (
    Column("lines", "quantity", "int"),
    Column("lines", "shortage_cost", "money"),
    Column("lines", "max_awards", "int", 0),
    Column("lines", "whole", "flag", default=False),
    Column("offers", "capacity", "int"),
    Column("pickups", "fee", "money"),
    Column("drops", "fee", "money"),
    Column("drops", "pickup", "int", -1),
    Column("arcs", "line", "int"),
    Column("arcs", "offer", "int"),
    Column("arcs", "drop", "int", -1),
    Column("arcs", "unit_cost", "money"),
    Column("arcs", "minimum", "int", 0),
    Column("arcs", "step", "int", 1),
    Column("caps", "limit", "money"),
    Column("caps", "penalty", "money"),
    Column("caps", "cap", "int"),
    Column("caps", "arc", "int"),
    Column("caps", "coefficient", "money"),
)
"""Every column, in the order of the digest."""

TABLES = ("lines", "offers", "pickups", "drops", "arcs", "caps")
ID_TABLES = ("lines", "offers", "drops", "caps")


def as_column(values: Any, kind: str, where: str) -> NDArray[Any]:
    """Turn a list or array into one frozen int64, float64 or bool column, or refuse it with its row."""
    if isinstance(values, np.ndarray):
        array = _checked_array(values, kind, where)
    elif isinstance(values, Sequence) and not isinstance(values, (str, bytes)):
        array = _from_list(values, kind, where)
    else:
        refuse(where, None, f"must be a list, not {type(values).__name__}")
    array = np.array(array, dtype=_DTYPES[kind])
    array.setflags(write=False)
    return array


def _checked_array(values: NDArray[Any], kind: str, where: str) -> NDArray[Any]:
    if values.ndim != 1:
        refuse(where, None, f"must be one column, not {values.ndim} dimensions")
    fits = {"int": "iu", "money": "iuf", "flag": "b"}[kind]
    if len(values) and values.dtype.kind not in fits:
        refuse(where, None, f"must hold {_TYPE_NAMES[kind]} in every row, not {values.dtype}")
    if values.dtype.kind == "u" and len(values) and values.max() > MOST:
        refuse(where, int(np.argmax(values)), "is too large")
    return values


def _from_list(values: Sequence[Any], kind: str, where: str) -> NDArray[Any]:
    fits = {"int": (int,), "money": (int, float), "flag": (bool,)}[kind]
    kinds = set(map(type, values))
    if not all(issubclass(k, (*fits, np.generic)) for k in kinds) or (kind != "flag" and bool in kinds):
        row = next(i for i, v in enumerate(values) if not isinstance(v, (*fits, np.generic)) or type(v) is bool)
        refuse(where, row, f"must be {_TYPE_NAMES[kind]}, not {_shown(values[row])}")
    if int in kinds and (len(values) and max(map(abs, (v for v in values if type(v) is int))) > MOST):
        row = next(i for i, v in enumerate(values) if type(v) is int and abs(v) > MOST)
        refuse(where, row, f"is too large: {_shown(values[row])}")
    return _checked_array(np.array(values, dtype=_DTYPES[kind]), kind, where)


def _shown(value: object) -> str:
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**40 else "a number of more than 40 digits"
    return text if len(text) <= 40 else text[:37] + "..."


def _refuse_first(where: str, wrong: Flags, values: NDArray[Any], reason: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        refuse(where, row, f"{reason}, not {values[row]}")


def _no_ints() -> Ints:
    return np.zeros(0, np.int64)


def _no_money() -> Money:
    return np.zeros(0, np.float64)


def _no_flags() -> Flags:
    return np.zeros(0, np.bool_)


class Table:
    """Columns of one length; an empty optional column takes its default."""

    def __post_init__(self) -> None:
        columns = [c for c in COLUMNS if c.table == type(self).__name__.lower()]
        for c in columns:
            object.__setattr__(self, c.name, as_column(getattr(self, c.name), c.kind, c.key))
        rows = len(self)
        for c in columns:
            self._settle(c, rows, columns[0].key)

    def _settle(self, c: Column, rows: int, first: str) -> None:
        found = len(getattr(self, c.name))
        if c.default is not None and rows and not found:
            filled = np.full(rows, c.default, _DTYPES[c.kind])
            object.__setattr__(self, c.name, as_column(filled, c.kind, c.key))
        elif found != rows:
            refuse(c.key, None, f"has {found} rows where {first} has {rows}")

    def __len__(self) -> int:
        first: Ints | Money = getattr(self, next(c.name for c in COLUMNS if c.table == type(self).__name__.lower()))
        return len(first)


@dataclass(frozen=True, eq=False, kw_only=True)
class Lines(Table):
    """Needs: units, baht per unit short, most awards (0 = no limit), served completely or not at all."""

    quantity: Ints = field(default_factory=_no_ints)
    shortage_cost: Money = field(default_factory=_no_money)
    max_awards: Ints = field(default_factory=_no_ints)
    whole: Flags = field(default_factory=_no_flags)


@dataclass(frozen=True, eq=False, kw_only=True)
class Offers(Table):
    """Capacity buckets, in units."""

    capacity: Ints = field(default_factory=_no_ints)


@dataclass(frozen=True, eq=False, kw_only=True)
class Pickups(Table):
    """Suppliers opened on a day: baht, once."""

    fee: Money = field(default_factory=_no_money)


@dataclass(frozen=True, eq=False, kw_only=True)
class Drops(Table):
    """Visits of a supplier to a buyer on a day: baht, once, and the pickup they need (-1 = none)."""

    fee: Money = field(default_factory=_no_money)
    pickup: Ints = field(default_factory=_no_ints)


@dataclass(frozen=True, eq=False, kw_only=True)
class Arcs(Table):
    """Pairs that may trade: line, offer, drop (-1 = none), baht per unit, least quantity, pack size."""

    line: Ints = field(default_factory=_no_ints)
    offer: Ints = field(default_factory=_no_ints)
    drop: Ints = field(default_factory=_no_ints)
    unit_cost: Money = field(default_factory=_no_money)
    minimum: Ints = field(default_factory=_no_ints)
    step: Ints = field(default_factory=_no_ints)


@dataclass(frozen=True, eq=False, kw_only=True)
class Caps(Table):
    """Linear limits: `limit` and `penalty` (inf = hard) a cap; `cap`, `arc`, `coefficient` the non-zeros."""

    limit: Money = field(default_factory=_no_money)
    penalty: Money = field(default_factory=_no_money)
    cap: Ints = field(default_factory=_no_ints)
    arc: Ints = field(default_factory=_no_ints)
    coefficient: Money = field(default_factory=_no_money)

    def _settle(self, c: Column, rows: int, first: str) -> None:
        if c.name in ("arc", "coefficient"):
            rows, first = len(self.cap), "caps.cap"
        if c.name != "cap":
            super()._settle(c, rows, first)


@dataclass(frozen=True, eq=False, kw_only=True)
class Ids:
    """Opaque names, one a row, or empty; the solver hands them back and never reads them."""

    lines: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    caps: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Instance:
    """One allocation question: frozen columns, checked against each other.

    Quantities are whole units, costs baht (float64), indices int64 from 0, -1 for "none".
    """

    name: str = ""
    lines: Lines = field(default_factory=Lines)
    offers: Offers = field(default_factory=Offers)
    pickups: Pickups = field(default_factory=Pickups)
    drops: Drops = field(default_factory=Drops)
    arcs: Arcs = field(default_factory=Arcs)
    caps: Caps = field(default_factory=Caps)
    ids: Ids = field(default_factory=Ids)

    def __post_init__(self) -> None:
        for rule in (_amounts, _costs, _references, _pairs_meet_once, _caps_reach_arcs, _ids_fit):
            rule(self)

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any], *, name: str = "", ids: Ids | None = None) -> Self:
        """Build from `{"lines.quantity": [...], ...}`: lists or arrays, missing columns take their defaults.

        A missing `caps.penalty` makes every cap hard; `None` in it makes that cap hard.
        """
        known = {c.key: c for c in COLUMNS}
        for key, values in columns.items():
            if key not in known:
                refuse(str(key), None, "is not a column of this format")
            if not len(values):
                _refuse_empty(known[key], columns)
        given = {t: {k.split(".")[1]: v for k, v in columns.items() if k.split(".")[0] == t} for t in TABLES}
        given["caps"]["penalty"] = _penalties(given["caps"])
        return cls(
            name=name,
            lines=Lines(**given["lines"]),
            offers=Offers(**given["offers"]),
            pickups=Pickups(**given["pickups"]),
            drops=Drops(**given["drops"]),
            arcs=Arcs(**given["arcs"]),
            caps=Caps(**given["caps"]),
            ids=ids or Ids(),
        )

    def column(self, key: str) -> NDArray[Any]:
        """The column `"table.name"`."""
        table, name = key.split(".")
        values: NDArray[Any] = getattr(getattr(self, table), name)
        return values


def _refuse_empty(column: Column, columns: Mapping[str, Any]) -> None:
    first = next(c for c in COLUMNS if c.table == column.table)
    rows = len(columns.get(first.key, ()))
    if column.default is not None and rows:
        refuse(column.key, None, f"has 0 rows where {first.key} has {rows}")


def _penalties(caps: Mapping[str, Any]) -> Any:
    given = caps.get("penalty")
    if given is None:
        return np.full(len(caps.get("limit", ())), np.inf)
    return given if isinstance(given, np.ndarray) else [np.inf if p is None else p for p in given]


def _amounts(q: Instance) -> None:
    for key, least in (("lines.quantity", 0), ("lines.max_awards", 0), ("offers.capacity", 0), ("arcs.minimum", 0)):
        values = q.column(key)
        _refuse_first(key, values < least, values, f"must be at least {least}")
    _refuse_first("arcs.step", q.arcs.step < 1, q.arcs.step, "must be at least 1")
    for c in COLUMNS:
        if c.kind == "int":
            values = q.column(c.key)
            _refuse_first(c.key, (values > MOST) | (values < -MOST), values, f"must not exceed {MOST}")


def _costs(q: Instance) -> None:
    for c in COLUMNS:
        values = q.column(c.key)
        if c.kind == "money":
            hard = np.isposinf(values) if c.key == "caps.penalty" else np.zeros(len(values), bool)
            _refuse_first(c.key, ~np.isfinite(values) & ~hard, values, "must be a finite number")
            _refuse_first(c.key, (np.abs(values) > MOST) & ~hard, values, f"must not exceed {MOST:.0e}")
    for key in ("lines.shortage_cost", "pickups.fee", "drops.fee", "caps.penalty"):
        values = q.column(key)
        _refuse_first(key, values < 0, values, "must not be negative")


def _references(q: Instance) -> None:
    for key, rows, least in (
        ("drops.pickup", len(q.pickups), -1),
        ("arcs.line", len(q.lines), 0),
        ("arcs.offer", len(q.offers), 0),
        ("arcs.drop", len(q.drops), -1),
        ("caps.cap", len(q.caps), 0),
        ("caps.arc", len(q.arcs), 0),
    ):
        values = q.column(key)
        _refuse_first(key, (values < least) | (values >= rows), values, f"must point at one of {rows} rows")


def _pairs_meet_once(q: Instance) -> None:
    pair = q.arcs.line * max(1, len(q.offers)) + q.arcs.offer
    ranked = np.sort(pair)
    if (ranked[1:] > ranked[:-1]).all():
        return
    order = np.argsort(pair, kind="stable")
    row = int(order[1:][pair[order[1:]] == pair[order[:-1]]].min())
    refuse("arcs.offer", row, f"line {q.arcs.line[row]} and offer {q.arcs.offer[row]} already meet in an earlier row")


def _caps_reach_arcs(q: Instance) -> None:
    without = np.bincount(q.caps.cap, minlength=len(q.caps)) == 0
    if without.any():
        refuse("caps.limit", int(np.argmax(without)), "is a cap with no arc")


def _ids_fit(q: Instance) -> None:
    for table in ID_TABLES:
        names: tuple[str, ...] = getattr(q.ids, table)
        rows = len(getattr(q, table))
        if names and len(names) != rows:
            refuse(f"ids.{table}", None, f"has {len(names)} rows where {table} has {rows}")
