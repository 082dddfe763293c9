"""Generated calls of every operation, as four roles and as nobody: no faults, and only answers that are described."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from starlette.testclient import TestClient

from tests.contract.actors import Stage, staged

WHO = ("buyer", "group", "company", "nation", "nobody")
CALLS = 15  # of each operation: three as each of them
BOUNDED = settings(
    max_examples=CALLS, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def wrong(stage: Stage, case: Any, described: set[str], who: str) -> str | None:
    """What is wrong with the answer to a generated call."""
    arguments = case.as_transport_kwargs(base_url="http://testserver")
    headers = dict(arguments.pop("headers", None) or {})
    headers |= {"If-Match": '"1"'} | (stage.callers[who].headers if who in stage.callers else {})
    arguments = {name: value for name, value in arguments.items() if name in {"method", "url", "params", "json"}}
    answer = stage.client.request(**arguments, headers=headers)
    at = f"{arguments['method']} {arguments['url']} as {who}: {answer.status_code}"
    if answer.status_code >= 500 or str(answer.status_code) not in described:
        return f"{at} {answer.text[:300]}"
    if answer.status_code >= 400 and answer.headers["content-type"] != "application/problem+json":
        return f"{at} is no problem document"
    return None


def faults(stage: Stage, operation: Any, people: Iterator[str]) -> list[str]:
    """What is wrong with the answers of one operation."""
    described = set(operation.definition.raw["responses"])
    found: list[str] = []

    @seed(2569)
    @BOUNDED
    @given(case=operation.as_strategy())
    def call(case: Any) -> None:
        known = {name: stage.ids[name] for name in case.path_parameters or {} if name in stage.ids}
        case.path_parameters = {**(case.path_parameters or {}), **known}
        found.extend(filter(None, [wrong(stage, case, described, next(people))]))

    call()
    return found


@pytest.mark.slow
def test_no_generated_call_is_a_fault_or_surprises_its_description(client: TestClient) -> None:
    stage, people = staged(client), cycle(WHO)
    schema = schemathesis.openapi.from_dict(client.get("/api/v1/openapi.json").json())
    operations = [result.ok() for result in schema.exclude(path_regex="sessions/current").get_all_operations()]  # type: ignore[union-attr]
    assert len(operations) > 80
    found = [fault for operation in operations for fault in faults(stage, operation, people)]
    assert not found, "\n" + "\n".join(found)
