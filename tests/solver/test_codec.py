"""Files survive the round trip, and hostile files are refused with one clear line."""

import hashlib
import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import solver
from solver import BadInput, Instance
from solver.instance import COLUMNS
from tests.solver.made import TOO_LARGE, instances, plain

MODEST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@MODEST
@given(instances())
def test_json_and_npz_hold_the_same_instance(q: Instance) -> None:
    from_npz = solver.instance_from_bytes(solver.instance_to_bytes(q))
    from_json = solver.instance_from_bytes(solver.instance_to_json(q).encode())
    assert solver.digest(q) == solver.digest(from_npz) == solver.digest(from_json)
    assert from_npz.name == from_json.name == q.name


@MODEST
@given(instances())
def test_json_and_npz_hold_the_same_result(q: Instance) -> None:
    result = solver.solve(q)
    from_npz = solver.result_from_bytes(solver.result_to_bytes(result))
    from_json = solver.result_from_bytes(solver.result_to_json(result).encode())
    assert solver.result_to_json(from_npz) == solver.result_to_json(from_json) == solver.result_to_json(result)
    assert solver.verify(q, from_npz) == []


def test_the_digest_is_the_documented_one() -> None:
    q = plain(caps__limit=[-0.0], caps__cap=[0], caps__arc=[1], caps__coefficient=[2.5])
    sha = hashlib.sha256()
    for c in COLUMNS:
        values = q.column(c.key).tolist()
        sha.update(c.key.encode() + b"\0" + struct.pack("<q", len(values)))
        for v in values:
            kind = {"int": "<q", "money": "<d", "flag": "<B"}[c.kind]
            sha.update(struct.pack(kind, 0.0 if v == 0 and c.kind == "money" else v))
    assert solver.digest(q) == sha.hexdigest()


def test_names_and_ids_are_not_part_of_the_digest() -> None:
    document = json.loads(solver.instance_to_json(plain()))
    document |= {"name": "another", "ids": {"lines": ["a", "b"]}}
    renamed = solver.instance_from_bytes(json.dumps(document).encode())
    assert renamed.ids.lines == ("a", "b")
    assert solver.digest(renamed) == solver.digest(plain())
    again = solver.instance_from_bytes(solver.instance_to_bytes(renamed))
    assert again.ids.lines == ("a", "b")


def test_missing_columns_take_their_defaults() -> None:
    q = plain()
    assert q.arcs.drop.tolist() == [-1] * 4
    assert q.arcs.step.tolist() == [1] * 4
    assert q.lines.max_awards.tolist() == [0, 0]
    assert not q.lines.whole.any()
    hard = plain(caps__limit=[1.0], caps__cap=[0], caps__arc=[0], caps__coefficient=[1.0])
    assert np.isinf(hard.caps.penalty).all()


@pytest.mark.parametrize(
    ("columns", "field", "row"),
    [
        ({"lines__quantity": [10, -1]}, "lines.quantity", 1),
        ({"lines__quantity": [10, 1.5]}, "lines.quantity", 1),
        ({"lines__quantity": [True, 2]}, "lines.quantity", 0),
        ({"lines__quantity": [1, TOO_LARGE]}, "lines.quantity", 1),
        ({"lines__quantity": [1, 10**30]}, "lines.quantity", 1),
        ({"lines__quantity": [1, "2"]}, "lines.quantity", 1),
        ({"lines__quantity": [[1], [2]]}, "lines.quantity", 0),
        ({"lines__shortage_cost": [1.0, float("nan")]}, "lines.shortage_cost", 1),
        ({"lines__shortage_cost": [-1.0, 1.0]}, "lines.shortage_cost", 0),
        ({"lines__shortage_cost": [1.0, float("inf")]}, "lines.shortage_cost", 1),
        ({"lines__shortage_cost": [1.0]}, "lines.shortage_cost", None),
        ({"lines__whole": [1, 0]}, "lines.whole", 0),
        ({"lines__whole": []}, "lines.whole", None),
        ({"arcs__line": [0, 0, 1, 2]}, "arcs.line", 3),
        ({"arcs__line": [0, 0, -1, 1]}, "arcs.line", 2),
        ({"arcs__offer": [0, 0, 0, 1]}, "arcs.offer", 1),
        ({"arcs__drop": [0, -1, -1, -1]}, "arcs.drop", 0),
        ({"arcs__step": [1, 1, 0, 1]}, "arcs.step", 2),
        ({"arcs__minimum": [0, -1, 0, 0]}, "arcs.minimum", 1),
        ({"arcs__unit_cost": [1.0, 2.0, 3.0, -float("inf")]}, "arcs.unit_cost", 3),
        ({"arcs__unit_cost": "1234"}, "arcs.unit_cost", None),
        ({"caps__limit": [1.0]}, "caps.limit", 0),
        ({"caps__limit": [1.0], "caps__cap": [0], "caps__arc": [4], "caps__coefficient": [1.0]}, "caps.arc", 0),
        ({"caps__limit": [1.0], "caps__cap": [0], "caps__arc": [0]}, "caps.coefficient", None),
        ({"nonsense__x": [1]}, "nonsense.x", None),
    ],
)
def test_bad_input_is_refused_with_its_field_and_row(columns: dict[str, Any], field: str, row: int | None) -> None:
    with pytest.raises(BadInput) as refusal:
        plain(**columns)
    assert (refusal.value.field_name, refusal.value.row) == (field, row)
    assert "\n" not in str(refusal.value)


def _npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"format": "allocation-instance/2"}',
        b'{"format": "allocation-instance/1", "lines": [1]}',
        b'{"format": "allocation-instance/1", "lines": {"quantity": {"a": 1}}}',
        b'{"format": "allocation-instance/1", "lines": {"quantity": [' + b"9" * 5000 + b'], "shortage_cost": [1]}}',
        b'{"format": "allocation-instance/1", "lines": {"quantity": [null], "shortage_cost": [1]}}',
        b'{"format": "allocation-instance/1", "surprise": 1}',
        b'{"format": "allocation-instance/1", "name": 3}',
        b'{"format": "allocation-instance/1", "caps": {"penalty": 5}}',
        b"PK\x03\x04 not really",
        _npz(format=np.array("allocation-instance/1"), name=np.array({"a": 1}, dtype=object)),
        _npz(format=np.array("allocation-instance/1"), **{"lines.quantity": np.zeros((2, 2), np.int64)}),
        _npz(format=np.array("allocation-instance/1"), **{"lines.quantity": np.array(["a"])}),
        _npz(
            format=np.array("allocation-instance/1"), **{"lines.quantity": np.array([1.0]), "lines.shortage_cost": [1]}
        ),
        _npz(**{"lines.quantity": np.array([1])}),
    ],
)
def test_a_hostile_file_is_refused_and_nothing_is_unpickled(data: bytes) -> None:
    with pytest.raises(BadInput):
        solver.instance_from_bytes(data)


@MODEST
@given(st.data())
def test_a_damaged_archive_is_read_or_refused_but_never_crashes(data: st.DataObject) -> None:
    whole = solver.instance_to_bytes(plain())
    cut = data.draw(st.integers(0, len(whole)))
    changed = bytearray(whole[:cut])
    if changed:
        changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        solver.instance_from_bytes(bytes(changed))
    except BadInput:
        return


@MODEST
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_as_a_result(data: bytes) -> None:
    with pytest.raises(BadInput):
        solver.result_from_bytes(data)


def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        solver.read_instance(tmp_path / "missing.json")
