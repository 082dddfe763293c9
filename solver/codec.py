"""Files: instances and results as JSON (small, readable) and NPZ (numpy archive), and the instance's digest.

Both encodings come from strangers: everything is checked on the way in, nothing is ever unpickled.
"""

import hashlib
import io
import json
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from solver.instance import COLUMNS, ID_TABLES, TABLES, BadInput, Ids, Instance, refuse
from solver.result import Awards, Engine, Prices, Result

INSTANCE_FORMAT = "allocation-instance/1"
RESULT_FORMAT = "allocation-result/1"
_LARGEST_UNPACKED_BYTES = 4 << 30
_NUMBERS = ("objective", "bound", "gap", "gap_served", "engine_bound")
_RESULT_COLUMNS = (
    "clash", "awards.arc", "awards.quantity", "prices.line", "prices.offer", "prices.cap", "prices.split",
)  # fmt: skip
_ENGINE = {"name": str, "version": str, "effort": str, "seed": int}

_T = TypeVar("_T")
_Flat = dict[str, Any]


def digest(instance: Instance) -> str:
    """SHA-256 over the columns (ids and name left out), as a lower-case hexadecimal string."""
    sha = hashlib.sha256()
    for c in COLUMNS:
        values = instance.column(c.key)
        sha.update(c.key.encode() + b"\0" + len(values).to_bytes(8, "little"))
        sha.update(_little_endian(values).tobytes())
    return sha.hexdigest()


def _little_endian(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "f":
        return (values + 0.0).astype("<f8")
    return values.astype("u1" if values.dtype.kind == "b" else "<i8")


# Instances


def instance_to_bytes(instance: Instance) -> bytes:
    """NPZ."""
    flat: _Flat = {"format": INSTANCE_FORMAT, "name": instance.name}
    flat |= {c.key: instance.column(c.key) for c in COLUMNS}
    flat |= {f"ids.{t}": list(getattr(instance.ids, t)) for t in ID_TABLES if getattr(instance.ids, t)}
    return _pack(flat)


def instance_from_bytes(data: bytes) -> Instance:
    """NPZ or JSON, told apart by their first bytes."""
    flat = _unpack(data) if _is_zip(data) else _flatten(_parse(data), (*TABLES, "ids"))
    return _instance(flat)


def instance_to_json(instance: Instance) -> str:
    document: dict[str, Any] = {"format": INSTANCE_FORMAT, "name": instance.name}
    for c in COLUMNS:
        document.setdefault(c.table, {})[c.name] = instance.column(c.key).tolist()
    document["caps"]["penalty"] = [None if math.isinf(p) else p for p in document["caps"]["penalty"]]
    ids = {t: list(getattr(instance.ids, t)) for t in ID_TABLES if getattr(instance.ids, t)}
    return json.dumps(document | ({"ids": ids} if ids else {}), ensure_ascii=False, allow_nan=False)


def read_instance(path: str | Path) -> Instance:
    return instance_from_bytes(_read(path))


def write_instance(instance: Instance, path: str | Path) -> None:
    """NPZ if the name ends so, JSON otherwise."""
    _write(path, instance_to_bytes(instance) if _npz_name(path) else instance_to_json(instance).encode())


def _instance(flat: _Flat) -> Instance:
    _must_be(flat, INSTANCE_FORMAT)
    name = _text(flat.pop("name", ""), "name")
    ids = Ids(**{t: _names(flat.pop(f"ids.{t}", []), f"ids.{t}") for t in ID_TABLES})
    if not isinstance(flat.get("caps.penalty", []), np.ndarray):
        _refuse_infinite(flat.get("caps.penalty"))
    for key, values in flat.items():
        if not isinstance(values, (list, np.ndarray)):
            refuse(key, None, f"must be a list, not {type(values).__name__}")
    return Instance.from_columns(flat, name=name, ids=ids)


def _refuse_infinite(penalties: object) -> None:
    for row, value in enumerate(penalties if isinstance(penalties, list) else ()):
        if isinstance(value, float) and math.isinf(value):
            refuse("caps.penalty", row, "must be a finite number, or null for a hard cap")


# Results


def result_to_bytes(result: Result) -> bytes:
    """NPZ; a number that is null is NaN there."""
    flat: _Flat = {"format": RESULT_FORMAT} | _result_fields(result)
    return _pack({k: math.nan if v is None else v for k, v in flat.items()})


def result_from_bytes(data: bytes) -> Result:
    """NPZ or JSON, told apart by their first bytes."""
    if not _is_zip(data):
        return _result(_flatten(_parse(data), ("awards", "prices", "engine")))
    flat = _unpack(data)
    nulls = [k for k in _NUMBERS if isinstance(flat.get(k), float) and math.isnan(flat[k])]
    return _result(flat | dict.fromkeys(nulls))


def result_to_json(result: Result) -> str:
    document: dict[str, Any] = {"format": RESULT_FORMAT}
    for key, value in _result_fields(result).items():
        table, _, name = key.rpartition(".")
        plain = value.tolist() if isinstance(value, np.ndarray) else value
        (document.setdefault(table, {}) if table else document)[name] = plain
    return json.dumps(document, ensure_ascii=False, allow_nan=False)


def read_result(path: str | Path) -> Result:
    return result_from_bytes(_read(path))


def write_result(result: Result, path: str | Path) -> None:
    """NPZ if the name ends so, JSON otherwise."""
    _write(path, result_to_bytes(result) if _npz_name(path) else result_to_json(result).encode())


def _result_fields(result: Result) -> _Flat:
    keys = ("instance_sha256", "status", "stopped_early", "clash", *_NUMBERS, *_RESULT_COLUMNS[1:])
    engine = tuple(f"engine.{k}" for k in _ENGINE)
    return {key: _attribute(result, key) for key in (*keys, *engine, "runtime_s")}


def _attribute(result: Result, key: str) -> Any:
    table, _, name = key.rpartition(".")
    return getattr(getattr(result, table) if table else result, name)


def _result(flat: _Flat) -> Result:
    _must_be(flat, RESULT_FORMAT)
    unknown = set(flat) - {*_NUMBERS, *_RESULT_COLUMNS, "instance_sha256", "status", "stopped_early", "runtime_s"}
    unknown -= {f"engine.{k}" for k in _ENGINE}
    if unknown:
        refuse(min(unknown), None, "is not a field of this format")
    columns = {key: flat.get(key, []) for key in _RESULT_COLUMNS}
    return Result(
        instance_sha256=_text(flat.get("instance_sha256"), "instance_sha256"),
        status=_text(flat.get("status"), "status"),
        stopped_early=_typed(flat.get("stopped_early", False), bool, "stopped_early"),
        clash=columns["clash"],
        awards=Awards(arc=columns["awards.arc"], quantity=columns["awards.quantity"]),
        prices=Prices(**{k: columns[f"prices.{k}"] for k in ("line", "offer", "cap", "split")}),
        engine=Engine(**{k: _typed(flat.get(f"engine.{k}", t()), t, f"engine.{k}") for k, t in _ENGINE.items()}),
        runtime_s=_number(flat.get("runtime_s", 0.0), "runtime_s") or 0.0,
        **{k: _number(flat.get(k), k) for k in _NUMBERS},
    )


# What both share


def _read(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        refuse(str(path), None, f"cannot be read: {problem.strerror or problem}")


def _write(path: str | Path, data: bytes) -> None:
    try:
        Path(path).write_bytes(data)
    except OSError as problem:
        refuse(str(path), None, f"cannot be written: {problem.strerror or problem}")


def _npz_name(path: str | Path) -> bool:
    return Path(path).suffix.lower() == ".npz"


def _is_zip(data: bytes) -> bool:
    return data[:2] == b"PK"


def _parse(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as problem:
        refuse("file", None, f"is neither NPZ nor JSON: {str(problem)[:120] or 'nested too deeply'}")
    if not isinstance(document, dict):
        refuse("file", None, "must hold one JSON object")
    return document


def _flatten(document: Mapping[str, Any], tables: tuple[str, ...]) -> _Flat:
    flat: _Flat = {}
    for key, value in document.items():
        if key not in tables:
            flat[key] = value
        elif isinstance(value, dict):
            flat |= {f"{key}.{name}": column for name, column in value.items()}
        else:
            refuse(key, None, f"must be an object of columns, not {type(value).__name__}")
    return flat


def _pack(flat: _Flat) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{k: np.asarray(v) for k, v in flat.items()})  # type: ignore[arg-type]
    return buffer.getvalue()


def _unpack(data: bytes) -> _Flat:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_UNPACKED_BYTES:
                refuse("file", None, "unpacks to more than 4 GiB")
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {key: _plain(archive[key], key) for key in archive.files}
    except BadInput:
        raise
    except (ValueError, KeyError, OSError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error,
            NotImplementedError, RuntimeError, SyntaxError, struct.error) as problem:  # fmt: skip
        refuse("file", None, f"is not a readable NPZ archive: {str(problem)[:120]}")


def _plain(value: object, key: str) -> Any:
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iufbU":
        refuse(key, None, "must be an array of numbers, booleans or text")
    if value.ndim == 0:
        return value.item()
    return value.tolist() if value.dtype.kind == "U" else value


def _must_be(flat: _Flat, wanted: str) -> None:
    found = flat.pop("format", None)
    if found != wanted:
        refuse("format", None, f"must be {wanted!r}, not {str(found)[:40]!r}")


def _typed(value: object, wanted: type[_T], where: str) -> _T:
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        refuse(where, None, f"must be {wanted.__name__}, not {type(value).__name__}")
    return value


def _text(value: object, where: str) -> str:
    return _typed(value, str, where)


def _number(value: object, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        refuse(where, None, f"must be a number, not {type(value).__name__}")
    if not abs(value) < float("1e300"):
        refuse(where, None, "must be a finite number")
    return float(value)


def _names(values: object, where: str) -> tuple[str, ...]:
    if isinstance(values, np.ndarray) and not len(values):
        return ()
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        refuse(where, None, "must be a list of text")
    return tuple(values)
