"""Whatever somebody does that is recorded asks the table of permissions first, in the action and not in the route."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.house.tree import Source, sources

ASKS = {"require", "may"}
EDGES = {"api.py", "pages.py", "cli.py"}
WITHOUT = {"service/demo/", "service/imports/", "service/web/"}  # the operator's own verbs act as the system
# Functions that record an event and ask nothing themselves, each with its reason.
TRUSTED = {
    "service/accounts/": "one's own session, password, PIN and factor: the proof is the secret itself",
    "service/federation/": "one's own connections: the proof is session, password or code, and the provider",
    "service/passkeys/": "one's own passkeys: the proof is session and password, or the passkey itself",
    "service/recovery/passwords.py": "one's own password: the proof is the password or the code",
    "service/recovery/mail.py": "whoever asks gets nothing but a letter to a confirmed address of their own",
    "service/notices/choosing.py": "one's own choices and addresses: an address is proven by the code sent to it",
    "service/keys/": "one's own keys: they reach no further than their owner",
    "service/demand/actions.py:activate": "a step of procedure/actions.py open_round, gather and close, which ask",
    "service/demand/actions.py:evaluate": "a step of procedure/actions.py close, which asks",
    "service/demand/actions.py:complete": "a step of procedure/review.py follow_up, after answers that were asked for",
    "service/demand/actions.py:unsuccessful": "as complete",
    "service/demand/actions.py:put_back": "a step of procedure/actions.py cancel, which asks",
    "service/people/requests.py:ask": "a step of people/actions.py add_person and give_role, which ask",
    "service/orders/actions.py:expire": "the clock's own step when the time to answer has passed",
    "service/parties/gazetteer.py:seed": "places of the country, entered when the database is made",
    "service/rounds/runs.py:award": "a step of procedure/actions.py propose, which asks",
    "service/rounds/runs.py:publish_awards": "a step of procedure/review.py publish, which asks",
    "service/rounds/runs.py:queue_again": "a step of procedure/actions.py solve_again, which asks, and of follow_up",
    "service/rounds/runs.py:queue_anew": "a step of overrides/actions.py, which asks, and of queue_first",
    "service/rounds/runs.py:queue_first": "a step of procedure/actions.py close and solve_again, which ask",
}
STEPS = {name for name in TRUSTED if ":" in name}


def functions() -> dict[str, tuple[Source, ast.FunctionDef]]:
    """Every top-level function by `path:name`."""
    found = {}
    for source in sources("service"):
        for node in source.tree.body:
            if isinstance(node, ast.FunctionDef):
                found[f"{source}:{node.name}"] = (source, node)
    return found


def called(source: Source, node: ast.FunctionDef) -> Iterator[str]:
    """What a function calls or hands on, as `path:name` where it is ours, else by its bare name."""
    known = source.modules
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name):
            yield f"{known.get(inner.value.id, inner.value.id)}:{inner.attr}"
        elif isinstance(inner, ast.Name):
            yield known.get(f"{inner.id}()", f"{source}:{inner.id}")


def reaching(calls: dict[str, set[str]], begin: set[str]) -> set[str]:
    """Every function that calls one of `begin`, itself or through others of ours."""
    found = set(begin)
    while True:
        more = {name for name, inner in calls.items() if name not in found and inner & found}
        if not more:
            return found
        found |= more


@cache
def unguarded() -> frozenset[str]:
    """Public functions that act `by` somebody, record an event and never ask."""
    every = functions()
    calls = {name: set(called(source, node)) for name, (source, node) in every.items()}
    asking = reaching(calls, {f"service/parties/permissions.py:{name}" for name in ASKS})
    record = "service/events/actions.py:record"
    local = {n: {c for c in inner if c.split(":")[0] == n.split(":")[0] or c == record} for n, inner in calls.items()}
    recording = reaching(local, {record})
    return frozenset(name for name in recording - asking if is_action(*every[name]))


def is_action(source: Source, node: ast.FunctionDef) -> bool:
    inside = not any(str(source).startswith(folder) for folder in WITHOUT) and source.path.name not in EDGES
    return inside and not node.name.startswith("_") and "by" in {a.arg for a in node.args.kwonlyargs + node.args.args}


def reason(name: str) -> str:
    return next((why for prefix, why in TRUSTED.items() if name.startswith(prefix)), "")


def test_every_recorded_deed_asks_for_permission_first() -> None:
    found = unguarded() - {"service/events/actions.py:record"}
    assert sorted(name for name in found if not reason(name)) == []


def test_no_exception_outlives_its_reason() -> None:
    assert sorted(STEPS - unguarded()) == []


def test_no_route_reaches_past_the_action_that_asks() -> None:
    every = functions()
    edges = {name: set(called(*found)) for name, found in every.items() if found[0].path.name in EDGES - {"cli.py"}}
    assert {name: inner & STEPS for name, inner in edges.items() if inner & STEPS} == {}
