"""Links in the API's description (OpenAPI): what a creating call gives is what later calls of its object name."""

import re
from collections.abc import Iterator
from typing import Any

METHODS = ("get", "put", "patch", "post", "delete")
MADE = "201"
ITS_ID = "$response.body#/id"


def add(document: dict[str, Any]) -> None:
    """Link every call that makes something with an id to the calls that take that id in their path."""
    schemas = document.get("components", {}).get("schemas", {})
    for path, methods in document["paths"].items():
        answer = methods.get("post", {}).get("responses", {}).get(MADE)
        shape = "" if answer is None else _shape(answer)
        if answer is not None and "id" in schemas.get(shape, {}).get("properties", {}):
            found = {link["operationId"]: link for base in _bases(document, path, shape)
                     for link in _links(document["paths"], base)}  # fmt: skip
            answer |= {"links": found} if found else {}


def _shape(answer: dict[str, Any]) -> str:
    """The name of what an answer holds."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _bases(document: dict[str, Any], made_at: str, shape: str) -> Iterator[str]:
    """Where such objects stand: where it was made, and where one of the same shape is read by its id alone."""
    yield made_at
    for path, methods in document["paths"].items():
        alone = re.fullmatch(r"([^{]+)/\{\w+\}", path)
        if alone and shape == _shape(methods.get("get", {}).get("responses", {}).get("200", {})):
            yield alone[1]


def _links(paths: dict[str, dict[str, Any]], base: str) -> Iterator[dict[str, Any]]:
    """The operations at `<base>/{its_id}` and below that need nothing else to be addressed."""
    under = re.compile(re.escape(base) + r"/\{(\w+)\}(/[\w-]+)*")
    above = {name: f"$request.path.{name}" for name in re.findall(r"\{(\w+)\}", base)}
    for path, methods in paths.items():
        fits = under.fullmatch(path)
        for method in METHODS if fits else ():
            operation = methods.get(method, {}).get("operationId")
            if operation is not None and fits is not None:
                yield {"operationId": operation, "parameters": {**above, fits[1]: ITS_ID}}
