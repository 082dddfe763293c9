"""Bad input on every writing operation of the API: refused in both languages, never a fault, nothing written."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from service.kernel.db import Base
from tests.asgi import Wire
from tests.contract.actors import Stage, staged
from tests.make import database_of, next_week

# The log, who came in, and who tried to: a refusal takes no counted try back.
GROWING = {"events", "event_seals", "sign_in_sessions", "idempotent_answers", "tries"}
HUGE = 10**30
WRONG: dict[str, list[Any]] = {
    "string": [5, [], {}, True, "a\x00b", "x" * 100_000, "\ud800"],
    "integer": ["x", -HUGE, HUGE, 2**63, -(2**63) - 1, 1.5, [], {}, "9" * 5_000],
    "number": ["x", HUGE, -HUGE, [], {}],
    "boolean": ["maybe", 7, [], {}],
    "array": ["x", 5, {}, [[]], [{}], [None], [{"nonsense": 1}]],
    "object": ["x", 5, [], {"nonsense": 1}],
    "date": ["tomorrow", "0001-01-01", "9999-12-31", 5, [], "2026-02-30", HUGE],
    "date-time": ["now", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", [], {}, HUGE, "2026-01-01T00:00:00"],
    "time": ["25:00", "noon", [], {}],
    "uuid": ["nothing", 5, [], {}, "a\x00", str(uuid4())],
}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Method, path, operation and body schema of everything that writes from a body."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation:
                content = operation["requestBody"]["content"]["application/json"]
                yield method, path, operation, _whole(document, content["schema"])


def _whole(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, where it is named or may also be null."""
    if "$ref" in schema:
        return _whole(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    choices = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return _whole(document, choices[0]) if choices else schema


def likely(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """A value that the schema would probably take."""
    schema = _whole(document, schema)
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    made = {"date": str(next_week()), "time": "06:00", "uuid": str(uuid4()), "date-time": "2031-01-06T05:00:00Z"}
    if schema.get("format") in made:
        return made[schema["format"]]
    kind = schema.get("type")
    if kind == "object":
        return {name: likely(document, inner) for name, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [likely(document, schema["items"])]
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    return {"integer": least, "number": least, "boolean": True, "string": "450101"}.get(str(kind), "450101")


def spoiled(document: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Bodies that are wrong in one place, with the place."""
    good = likely(document, schema)
    wholes: list[Any] = ["x", 5, [], None, {"nonsense": 1}]
    yield from (("all", whole) for whole in wholes)
    yield "a foreign field", {**good, "nonsense": 1}
    for name, inner in schema.get("properties", {}).items():
        field = _whole(document, inner)
        kind = field.get("format") if field.get("format") in WRONG else field.get("type", "string")
        for value in WRONG["uuid" if "enum" in field else str(kind)]:
            yield f"{name}={str(value)[:30]!r}", {**good, name: value}
        if name in schema.get("required", []):
            yield f"without {name}", {key: value for key, value in good.items() if key != name}
            yield f"{name}=null", {**good, name: None}


def rows(client: TestClient) -> dict[str, int]:
    """How many rows each table has, asked in one statement."""
    tables = [table for table in Base.metadata.sorted_tables if table.name not in GROWING]
    counts = select(*(select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in tables))
    with database_of(client).reading() as tx:
        return dict(tx.execute(counts).one()._mapping)


def faults(stage: Stage, wire: Wire, method: str, path: str, body: Any) -> str | None:
    """What is wrong with the answer to a bad body."""
    headers = stage.suitable(path).headers | {"If-Match": '"1"', "Content-Type": "application/json"}
    answer = wire.send(method.upper(), stage.filled(path), headers, _sent(body))
    if not 400 <= answer.status < 500:
        return f"{answer.status} {answer.text[:200]}"
    document = answer.json()
    worded = all(document[code][part] for code in ("th", "en") for part in ("title", "detail", "todo"))
    if answer.headers["content-type"] != "application/problem+json" or not worded:
        return f"no problem in both languages: {document}"
    return None


def _sent(body: Any) -> bytes:
    return b"" if body == "nothing at all" else json.dumps(body).encode()  # half pairs stay escaped


@pytest.mark.slow
@pytest.mark.postgres
def test_bad_input_is_refused_everywhere_and_writes_nothing(market: TestClient) -> None:
    stage, wire = staged(market), Wire(market.app)
    document = market.get("/api/v1/openapi.json").json()
    found, before = [], rows(market)
    for method, path, _, schema in operations(document):
        for place, body in [("no body", "nothing at all"), *spoiled(document, schema)]:
            wrong = faults(stage, wire, method, path, body)
            if wrong:
                found.append(f"{method} {path} with {place}: {wrong}")
        after = rows(market)
        found += [f"{method} {path} wrote {name}" for name in before if before[name] != after[name]]
        before = after
    wire.close()
    assert not found, "\n" + "\n".join(found)


@pytest.mark.slow
@pytest.mark.postgres
def test_nobody_writes_and_no_stranger_learns_what_is_there(market: TestClient) -> None:
    stage = staged(market)
    document = market.get("/api/v1/openapi.json").json()
    before = rows(market)
    for method, path, _, schema in operations(document):
        if not path.startswith("/api/v1/sessions"):
            answer = market.request(
                method, stage.filled(path), json=likely(document, schema), headers={"If-Match": '"1"'}
            )
            assert answer.status_code in {401, 422}, (method, path, answer.status_code)
    assert rows(market) == before
