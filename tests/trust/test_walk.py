"""Every route of the app, as everyone of two provinces and as nobody: let in, refused or blind, as written by hand."""

from collections.abc import Iterator

import pytest

from service.kernel.db import Database
from tests.asgi import Answer
from tests.conftest import FROM_HERE
from tests.trust.operations import OF_ONESELF, OPERATIONS, Operation
from tests.trust.world import CAST, World, as_actor, routes_of

pytestmark = pytest.mark.slow
EVERYONE = (*CAST, "nobody")


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    world = World(sqlite_database)
    yield world
    world.wire.close()


def ask(world: World, operation: Operation, route: str, who: str) -> Answer:
    """Send the operation as someone."""
    method, _, path = route.partition(" ")
    address, headers = address_of(world, operation, route), as_actor(who) | {"if-match": '"1"'}
    if method == "GET":
        return world.wire.get(address, headers)
    if path.startswith("/api/"):
        return world.wire.json(method, address, world.filled(operation.body), headers)
    return world.wire.form(address, world.filled(operation.form or {}), headers | FROM_HERE)


def address_of(world: World, operation: Operation, route: str) -> str:
    """Where the operation's route leads in this world."""
    query = "".join(world.filled(f"@{part[1:]}") if part[0] == "@" else part for part in _parts(operation.query))
    return world.address(route.partition(" ")[2], **operation.rows) + query


def _parts(query: str) -> Iterator[str]:
    for piece in query.replace("&", " &").replace("=", "= ").split(" "):
        if piece:
            yield piece


def verdict(answer: Answer) -> str:
    """What became of a caller: let in, refused, blind, sent to sign in, or a fault."""
    if answer.status >= 500:
        return "fault"
    if answer.status == 401 or (answer.status == 303 and answer.headers["location"].startswith("/sign-in?next=")):
        return "sign in"
    return {403: "refused", 404: "blind", 422: "stumbles"}.get(answer.status, "in")


def expected(operation: Operation, who: str) -> str:
    if operation.public or who in operation.may:
        return "stumbles" if who in operation.stumble else "in"
    if who == "nobody":
        return "sign in"
    return "refused" if who in operation.known else "blind"


def surprises(world: World, operation: Operation) -> Iterator[str]:
    for route in operation.routes:
        for who in EVERYONE:
            answer = ask(world, operation, route, who)
            if verdict(answer) != expected(operation, who):
                yield f"{route} as {who}: {answer.status}, expected {expected(operation, who)}"


def test_everyone_is_let_in_refused_or_blind_exactly_as_written_down(world: World) -> None:
    found = [line for operation in OPERATIONS for line in surprises(world, operation)]
    assert not found, "\n" + "\n".join(found)


def test_no_route_is_left_out_of_the_walk(world: World) -> None:
    walked = {route for operation in OPERATIONS for route in operation.routes} | OF_ONESELF
    there = {f"{method} {path}" for method, path in routes_of(world.app.routes)}
    assert sorted(there - walked) == []
    assert sorted(walked - there) == []
