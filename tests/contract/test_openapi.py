"""The committed description of the API is the one that the code gives, and it is complete."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from service import cli


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cli.OPENAPI.read_text(encoding="utf-8"))
    return found


def test_the_committed_description_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["openapi", "--check"]) == 0, capsys.readouterr().err


def test_an_old_description_is_told(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "market.v1.json"
    monkeypatch.setattr(cli, "OPENAPI", old)
    assert cli.main(["openapi", "--check"]) == 1
    assert cli.main(["openapi"]) == 0
    assert cli.main(["openapi", "--check"]) == 0


def test_every_operation_says_what_it_does_and_what_it_refuses(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        assert path.startswith("/api/v1/")
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            refusals = {code for code in operation["responses"] if code >= "400"}
            assert {"422", "503"} <= refusals, (method, path)
            for code in refusals:
                content = operation["responses"][code]["content"]
                assert set(content) == {"application/problem+json"}, (method, path, code)


def test_every_schema_is_sound_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    named = set(re.findall(r"#/components/schemas/([\w.-]+)", json.dumps(document)))
    assert named <= set(schemas)


def test_what_a_creating_call_makes_is_linked_to_the_calls_that_name_it(document: dict[str, Any]) -> None:
    where = {
        operation["operationId"]: path for path, methods in document["paths"].items() for operation in methods.values()
    }
    made = {path: methods["post"]["responses"].get("201", {}) for path, methods in document["paths"].items()
            if "post" in methods}  # fmt: skip
    links = {path: answer["links"] for path, answer in made.items() if "links" in answer}
    assert sum(map(len, links.values())) > 40
    for path, found in links.items():
        for link in found.values():
            assert set(link["parameters"]) == set(re.findall(r"{(\w+)}", where[link["operationId"]])), (path, link)
    offered = {where[link["operationId"]] for link in links["/api/v1/offers"].values()}
    assert {"/api/v1/offers/{offer_id}", "/api/v1/offers/{offer_id}/publish"} <= offered
