"""Generated calls of every operation, as four roles and as nobody: no fault, no surprise, no stranger let in.

Each case is generated once and sent as everyone, which costs a fifth; later calls go on from what was created, as the
description's links say.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings

from service.accounts.models import SignInSession
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.db import Database
from service.web.links import ITS_ID
from tests.asgi import Answer, Wire
from tests.conftest import app_of
from tests.trust.operations import OPERATIONS
from tests.trust.world import World, as_actor

WHO = ("officer", "manager", "facilitator", "n-auditor", "nobody")
CASES = {True: 42, False: 22}  # of each operation: with a body, without one
REQUESTS = 20_000
PROBLEM = "application/problem+json"


class Market:
    """A market that the calls really change, and what they have made in it by the name of its parameter."""

    def __init__(self, database: Database) -> None:
        world = World(database)
        app = app_of(database, writes_per_minute=0, sign_ins_per_minute=0)
        actors = {who: signed_in(database, world.actors[who]) for who in WHO if who != "nobody"}
        app.state.resolve_actor = lambda *given: actors.get(given[-1])
        self.wire, self.sent = Wire(app), Counter[str]()
        self.known = defaultdict(lambda: deque[str](maxlen=4), {name: deque([key]) for name, key in world.ids.items()})
        self.let_in: dict[str, frozenset[str]] = {}
        for operation in OPERATIONS:
            everyone = frozenset({*operation.may, *(["nobody"] if operation.public else [])})
            for route in operation.routes:
                self.let_in[route] = self.let_in.get(route, frozenset()) | everyone
        world.wire.close()

    def faults(self, operation: Any, case: Any) -> Iterator[str]:
        """Send one case as everyone; what is wrong with the answers."""
        route = f"{operation.method.upper()} {operation.path}"
        for who in WHO:
            answer = self._ask(case, who)
            self.sent[who] += 1
            wrong = self._wrong(operation, route, who, answer)
            if wrong:
                yield f"{route} as {who}: {answer.status} {wrong} {answer.text[:200]}"
            if answer.status == 201:
                self._learn(operation, answer)

    def _ask(self, case: Any, who: str) -> Answer:
        given = case.path_parameters or {}
        path = case.path
        for name, value in given.items():
            known = self.known.get(name) if self.sent[who] % 4 else None  # every fourth names nothing
            one = known[self.sent[who] % len(known)] if known else value
            path = path.replace(f"{{{name}}}", quote(str(one), safe=""))
        query = urlencode({k: v for k, v in (case.query or {}).items() if v is not None}, doseq=True)
        headers = {"if-match": '"1"'} | _plain(case.headers or {}) | as_actor(who)
        address = f"{path}?{query}" if query else path
        if case.body is None or isinstance(case.body, schemathesis.core.NotSet):
            return self.wire.send(case.method, address, headers)
        return self.wire.json(case.method, address, case.body, headers)

    def _wrong(self, operation: Any, route: str, who: str, answer: Answer) -> str:
        if answer.status >= 500 or str(answer.status) not in operation.definition.raw["responses"]:
            return "is not described"
        if answer.status >= 400 and answer.headers["content-type"] != PROBLEM:
            return "is no problem document"
        if answer.status < 400 and who not in self.let_in.get(route, frozenset(WHO)):
            return "was let in"
        return ""

    def _learn(self, operation: Any, answer: Answer) -> None:
        """Follow the description's links: what was made is named by later calls."""
        made = answer.json()
        links = operation.definition.raw["responses"]["201"].get("links", {})
        names = {name for link in links.values() for name, where in link["parameters"].items() if where == ITS_ID}
        for name in names:
            self.known[name].append(made["id"])


def signed_in(database: Database, actor: Actor) -> Actor:
    """The actor with a session that has its row; whatever becomes of it, the next call is theirs again."""
    with database.writing() as tx:
        row = SignInSession(token_hash=str(actor.person_id), person_id=actor.person_id,
                            organisation_id=actor.organisation_id, expires_at=now() + timedelta(days=1))  # fmt: skip
        tx.add(row)
        tx.flush()
        return replace(actor, session_id=row.id)


def _plain(headers: dict[str, Any]) -> dict[str, str]:
    """The generated headers that HTTP can carry."""
    texts = {name.lower(): str(value) for name, value in headers.items()}
    return {name: value for name, value in texts.items() if value.isascii() and value.isprintable()}


def of_operation(market: Market, operation: Any) -> list[str]:
    """What is wrong with the answers of one operation."""
    found: list[str] = []
    bounded = settings(max_examples=CASES[bool(operation.body)], deadline=None, database=None, phases=[Phase.generate],
                       suppress_health_check=list(HealthCheck))  # fmt: skip

    @seed(2569)
    @bounded
    @given(case=operation.as_strategy())
    def call(case: Any) -> None:
        found.extend(market.faults(operation, case))

    call()
    return found


@pytest.mark.slow
def test_no_generated_call_is_a_fault_surprises_its_description_or_lets_a_stranger_in(
    sqlite_database: Database,
) -> None:
    market = Market(sqlite_database)
    schema = schemathesis.openapi.from_dict(market.wire.get("/api/v1/openapi.json").json())
    operations = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    assert len(operations) > 100
    found = [fault for operation in operations for fault in of_operation(market, operation)]
    market.wire.close()
    assert not found, "\n" + "\n".join(found[:40])
    assert sum(market.sent.values()) >= REQUESTS, market.sent
