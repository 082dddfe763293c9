"""Two markets that differ in sealed prices alone answer everyone else alike, byte for byte, whatever is asked.

One market is copied; in each copy a group changes its standing price (after a round that was published at the old one)
and posts a new offer. Every address is then read, and every operation tried, by everyone but the group.
"""

import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from itertools import product as combinations
from pathlib import Path
from zipfile import ZipFile

import pytest
import time_machine

from service.kernel.clock import now
from service.kernel.db import Database
from tests.asgi import Answer, Wire
from tests.conftest import app_of
from tests.make import next_week
from tests.trust.operations import LOT, OPERATIONS
from tests.trust.test_walk import ask
from tests.trust.world import World, as_actor, rehearsing, routes_of

pytestmark = pytest.mark.slow
PRICES = (1_357, 2_148)  # satang, of as many digits: nothing tells them apart by its length
READERS = ("head", "buyer-2", "group-2", "group-9", "facilitator", "auditor", "n-auditor", "company-9", "committee",
           "centre", "attester", "fund", "administrator", "nobody")  # fmt: skip
FRESH_SECRET = ("/access-codes", "/code")  # their answers hold a new random code each time, and nothing of offers
WRITERS = ("head", "group-2", "facilitator", "centre")
# What is asked of which lists beside their plain address; the address's last part names the list.
QUERIES = {
    "offers": ["state=active", "state=draft", "mine=true", "province=45", "product=MORNING-GLORY", "limit=1",
               "sort=price_satang", "order=price", "price_satang=1357", "max_price=1400"],
    "listings": ["for={group}", "product=MORNING-GLORY", "sort=price", "max_price=1400"],
    "awards": ["view=suppliers", "view=short", "supplier={group}"],
    "events": ["subject_type=offers", "verb=listing.edited", "organisation={group}", "organisation_id={group}"],
    "organisations": ["words=Organisation"], "prices": ["province=45"], "certificates": ["for={group}"],
    "ceiling-limit": [f"province=45&week={next_week()}"],
    "{line_id}": ["supplier={group}"],
}  # fmt: skip
# Ids, one-time keys and questions, hashes of the log (which hold ids) and their beginnings as they are shown.
ONE_TIME = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}(?:[0-9a-f]{32})?\b"
    r"|(?<=<code class=\"quiet whole\">)[0-9a-f]{8}(?=</code>)|\bgAAAAA[\w=-]+"
    r"|(?<=&#34;challenge&#34;: &#34;)[\w-]+"
)


class Twin:
    """One of the two markets."""

    def __init__(self, world: World, original: Path, copy: Path, price: int) -> None:
        shutil.copy(original, copy)
        database = Database(f"sqlite:///{copy}")
        self.world, self.price = world, price
        self.offers = [world.ids["offer_id"]]
        app = app_of(database)
        app.state.resolve_actor = lambda *given: world.actors.get(given[-1])
        wire = Wire(app)
        self._trade(wire)
        wire.close()
        self.wire = Wire(rehearsing(database, world.actors))

    def _trade(self, wire: Wire) -> None:
        """The group changes a standing price and posts another offer at the same."""
        group = as_actor("manager") | {"if-match": '"1"'}
        changed = wire.json("PATCH", f"/api/v1/offers/{self.offers[0]}", {"price_satang": self.price}, group)
        draft = {"product_code": "MORNING-GLORY", "price_satang": self.price, "lots": [LOT]}
        made = wire.json("POST", "/api/v1/offers", draft, group)
        assert (changed.status, made.status) == (200, 201), changed.text + made.text
        self.offers.append(made.json()["id"])
        assert wire.send("POST", f"/api/v1/offers/{self.offers[1]}/publish", group).status == 200

    def answers(self) -> Iterator[tuple[str, str]]:
        """Every question with everything that came back, but for what is new in each answer."""
        self.world.wire = self.wire
        for address in addresses(self):
            for who in READERS:
                yield f"GET {address} as {who}", said(self.wire.get(self.named(address), as_actor(who)))
        for offer_id in self.offers:
            self.world.ids["offer_id"] = offer_id
            for operation in OPERATIONS:
                for route in operation.routes:
                    if route.startswith("GET") or route.endswith(FRESH_SECRET):
                        continue
                    if offer_id == self.offers[0] or "{offer_id}" in route:
                        for who in WRITERS:
                            yield (
                                f"{route} as {who} on {offer_id == self.offers[0]}",
                                said(ask(self.world, operation, route, who)),
                            )
        self.world.ids["offer_id"] = self.offers[0]

    def named(self, address: str) -> str:
        return address.replace("<new>", self.offers[1])


def said(answer: Answer) -> str:
    """The whole answer without what is new each time."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return ONE_TIME.sub("<one>", f"{answer.status} {sorted(headers.items())}\n{_read(answer)}")


def _read(answer: Answer) -> str:
    """The text of an answer; of a packed one what is in it, with names and moments of packing left out."""
    if answer.headers.get("content-type") != "application/zip":
        return answer.text
    with ZipFile(BytesIO(answer.body)) as file:
        return "\n".join(file.read(name).decode("utf-8", "replace") for name in sorted(file.namelist()))


def addresses(twin: Twin) -> Iterator[str]:
    """Every address that answers GET, with each value of its parameters, and what may be asked of it."""
    ids, known = twin.world.ids, twin.world
    choices: dict[str, list[str]] = {
        "offer_id": [ids["offer_id"], "<new>", ids["draft offer"]], "supplier_id": [ids["group"], ids["group-2"]],
        "round_id": [ids["round_id"], ids["open"]], "organisation_id": [ids["group"]],
        "kind": ["snapshot", "instance", "result"],
    }  # fmt: skip
    for method, path in sorted(set(routes_of(known.app.routes))):
        if method == "GET" and path not in {"/api/v1/openapi.json", "/health", "/problems", "/problems/{slug}"}:
            names = re.findall(r"{(\w+)}", path)
            for values in combinations(*(choices.get(name, [ids.get(name, "1")]) for name in names)):
                filled = path
                for name, value in zip(names, values, strict=True):
                    filled = filled.replace(f"{{{name}}}", value)
                yield filled
                for query in QUERIES.get(path.rsplit("/", 1)[-1], []):
                    yield f"{filled}?{query.replace('{group}', ids['group'])}"


@pytest.fixture
def twins(sqlite_database: Database, tmp_path: Path) -> Iterator[list[Twin]]:
    with time_machine.travel(now(), tick=False):
        world = World(sqlite_database)
        sqlite_database.dispose()  # the last connection folds the journal into the file
        original = Path(sqlite_database.url.removeprefix("sqlite:///"))
        world.wire.close()
        made = [Twin(world, original, tmp_path / f"{price}.sqlite3", price) for price in PRICES]
        yield made
        for twin in made:
            twin.wire.close()


def test_nobody_else_can_tell_two_sealed_prices_apart(twins: list[Twin]) -> None:
    one, other = (dict(twin.answers()) for twin in twins)
    assert one.keys() == other.keys()
    assert len(one) > 2_000
    told = [question for question in one if one[question] != other[question]]
    assert not told, "\n".join(told)
    # The hunt would find a price that is told: the group itself sees its own, and its two answers differ.
    own = [twin.wire.get(f"/api/v1/offers/{twin.offers[0]}", as_actor("manager")) for twin in twins]
    assert [answer.json()["price_satang"] for answer in own] == list(PRICES)
    assert said(own[0]) != said(own[1])
