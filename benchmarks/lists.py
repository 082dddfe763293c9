"""Server time of search and of every list on a large market: `python -m benchmarks.lists [--url URL]`.

10,000 synthetic products, 100,000 listings, a year of trade, and a log of 100,000 events are written to a fresh SQLite
and a fresh PostgreSQL database. Each address is then read by somebody who has it in the menu. Printed per address:
median and 95th percentile of a request in milliseconds of processor time: of this process, and on PostgreSQL together
with the server's process that answers it.
"""

import argparse
import gc
import random
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from math import ceil
from pathlib import Path
from time import perf_counter, process_time
from uuid import UUID

import structlog
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from benchmarks import market, traffic
from benchmarks.machine import described
from benchmarks.market import HOME, THAI, Row
from service.app import create_app
from service.catalog import search
from service.catalog.models import Certificate, Product, ProductAlias, ReferencePrice
from service.kernel.actor import Actor
from service.kernel.db import Database
from service.kernel.ids import new_id
from service.kernel.settings import ROOT, Settings
from service.listings.models import Offer, SupplyLot
from service.parties.models import Organisation
from service.people.models import Membership, Person
from tests.asgi import Wire
from tests.postgres import fresh_database

LIMIT_MS = 100.0
LISTS: dict[str, tuple[str, ...]] = {
    "officer": (
        "/", "/products", "/products?words={words}", "/products?family=agriculture", "/products/P-00042",
        "/products/P-00042/prices", "/demands", "/demands/new", "/orders", "/awards", "/rounds", "/budget",
        "/recurring", "/organisations", "/organisations?words=Group 39", "/menus", "/menus?q={words}", "/menus/plan",
        "/menus/need", "/menus/stock", "/menus/ingredients", "/calendar", "/notices", "/listings", "/harvests",
        "/api/v1/products?limit=50", "/api/v1/products?words={words}", "/api/v1/offers",
        "/api/v1/offers?product=P-00042", "/api/v1/demands", "/api/v1/demands?mine=true", "/api/v1/orders",
        "/api/v1/awards", "/api/v1/rounds", "/api/v1/organisations?words=Group", "/api/v1/budget-lines",
        "/api/v1/recurring-demands", "/api/v1/menus/recipes?q={words}", "/api/v1/me/notices",
        "/api/v1/products/P-00042/spread?province=45", "/api/v1/products/P-00042/prices?province=45"),
    "manager": (
        "/today", "/today/deliveries", "/listings", "/listings/new", "/listings/new?words=green", "/awards",
        "/orders", "/certificates", "/harvests", "/income", "/income/statements", "/rosters", "/confirmations", "/why",
        "/why/prices/P-00042", "/organisations/{home}/people", "/organisations/{home}/accounts",
        "/organisations/{home}/shares", "/api/v1/offers?mine=true", "/api/v1/awards", "/api/v1/awards?open=true",
        "/api/v1/orders", "/api/v1/certificates", "/api/v1/harvests?province=45", "/api/v1/income-statements",
        "/api/v1/rosters", "/api/v1/assisted-entries", "/api/v1/organisations/{home}/people"),
    "facilitator": (
        "/", "/listings", "/listings?product=P-00042", "/listings?product={words}", "/organisations",
        "/organisations?words=Group 39", "/organisations?state=qualified", "/rounds", "/awards", "/orders", "/profiles",
        "/demands", "/api/v1/offers?province=45", "/api/v1/offers?state=active", "/api/v1/rounds?province=45",
        "/api/v1/awards", "/api/v1/orders", "/api/v1/demands?province=45", "/api/v1/profiles"),
    "auditor": (
        "/", "/events", "/events?verb=bench.verb_7", "/events?organisation_id={home}", "/events?subject_type=demands",
        "/rounds", "/organisations", "/statements", "/api/v1/events", "/api/v1/events?verb=bench.verb_7",
        "/api/v1/events?organisation={home}", "/events/checkpoints"),
    "centre": (
        "/", "/visits", "/visits/{group}", "/listings", "/awards", "/certificates", "/organisations", "/api/v1/visits",
        "/api/v1/awards", "/api/v1/assisted-entries"),
    "attester": ("/", "/rosters", "/organisations", "/households", "/api/v1/rosters"),
    "administrator": (
        "/", "/organisations", "/organisations?words=Group 39", "/roles", "/privacy/requests", "/notices/log",
        "/api/v1/role-requests", "/api/v1/notice-deliveries"),
}  # fmt: skip
PLACES = {"officer": ("school", "buyer_officer"), "manager": ("farmer_group", "supplier_manager"),
          "facilitator": ("provincial_company", "facilitator"), "auditor": ("provincial_company", "auditor"),
          "centre": ("service_centre", "centre_officer"), "attester": ("attesting_agency", "attester"),
          "administrator": ("operator", "administrator")}  # fmt: skip


def build(database: Database, products: int, listings: int) -> dict[str, Actor]:
    """Write the country; give somebody of every role in province 45."""
    dice = random.Random(20_261_122)  # nosec B311 # made-up data
    with database.writing() as tx:
        for model, rows in (*market.places(), market.kinds()):
            tx.execute(insert(model), rows)
        tx.execute(insert(Product), list(market.products(dice, products)))
        tx.execute(insert(ProductAlias), list(market.aliases(dice, products)))
        search.index(tx.connection())
        parties = list(market.organisations(dice))
        tx.execute(insert(Organisation), parties)
        tx.execute(insert(ReferencePrice), list(market.prices(products)))
        suppliers = [row for row in parties if row["kind"] == "farmer_group"]
        tx.execute(insert(Certificate), list(market.certificates(suppliers)))
        offers = list(market.offers(dice, suppliers, products, listings))
        for start in range(0, len(offers), 10_000):
            part = offers[start : start + 10_000]
            tx.execute(insert(Offer), part)
            tx.execute(insert(SupplyLot), list(market.lots(part)))
        actors = {who: _actor(tx, who, parties) for who in LISTS}
        homes = {actor.organisation_id for actor in actors.values() if actor.organisation_id is not None}
        traffic.write(tx, dice, parties, offers, homes)
    return actors


def _actor(tx: Session, who: str, parties: list[Row]) -> Actor:
    kind, role = PLACES[who]
    home = next(row for row in parties if row["kind"] == kind and row["province_code"] in {HOME, None})
    person_id: UUID = new_id()
    person = {"id": person_id, "username": f"bench-{who}", "display_name": who, "password_hash": "-"}  # nosec B105
    tx.execute(insert(Person), [person])
    member = {"id": new_id(), "person_id": person_id, "organisation_id": home["id"], "role": role, "active": True}
    tx.execute(insert(Membership), [member])
    return Actor(person_id, home["id"], home["kind"], home["province_code"], frozenset({role}))


def measure(database: Database, actors: dict[str, Actor], rounds: int) -> list[tuple[str, str, float, float]]:
    """Who, address, median and 95th percentile of a request in milliseconds of processor time."""
    app = create_app(Settings(database_url=database.url), database)
    app.state.resolve_actor = lambda *given: actors.get(given[-1])
    wire, clock, found = Wire(app), _clock(database), []
    for who, addresses in LISTS.items():
        for address in addresses:
            times = []
            for number in range(rounds + 2):
                asked = _asked(address, number, actors, who)
                begun = clock()
                answer = wire.get(asked, {"authorization": f"Bearer {who}"})
                ended = clock()
                assert answer.status == 200, (who, answer.status, asked, answer.text[:400])
                if number >= 2:  # the first ones load templates and plans
                    times.append(1_000 * (ended - begun))
            times.sort()
            found.append((who, address, statistics.median(times), times[ceil(0.95 * len(times)) - 1]))
    wire.close()
    return found


def _asked(address: str, number: int, actors: dict[str, Actor], who: str) -> str:
    words = THAI["asked"][number % len(THAI["asked"])]
    places = {"words": words, "home": actors[who].organisation_id, "group": actors["manager"].organisation_id}
    return address.format(**places).replace(" ", "+")


def _clock(database: Database) -> Callable[[], float]:
    """Processor time of this process; on PostgreSQL of the server's processes too, where they run on this machine."""
    if not database.url.startswith("postgresql"):
        return process_time
    with database.engine.connect() as connection:
        backend = connection.scalar(text("select pg_backend_pid()"))
    stat = Path(f"/proc/{backend}/stat")
    if not stat.exists():
        return perf_counter
    server = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[1]
    return lambda: process_time() + _of_children(server)


def _of_children(server: str) -> float:
    """Seconds that the processes of a server have run."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="utf-8").split()
    return sum(int(Path(f"/proc/{child}/schedstat").read_text(encoding="utf-8").split()[0]) for child in children) / 1e9


def run(url: str, args: argparse.Namespace) -> float:
    """Build, measure and print one database; give the worst 95th percentile."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    command.upgrade(config, "head")
    database = Database(url)
    begun = perf_counter()
    actors = build(database, args.products, args.listings)
    gc.collect()
    gc.freeze()  # what was built here is no part of a service
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("analyze"))
    name = url.partition(":")[0].partition("+")[0]
    print(
        f"\n{name}: {args.products:,} products, {args.listings:,} listings, written in {perf_counter() - begun:.0f} s"
    )
    rows = measure(database, actors, args.rounds)
    database.dispose()
    print(f"{'who':<14} {'address':<46} {'p50 ms':>8} {'p95 ms':>8}")
    for who, address, half, most in sorted(rows, key=lambda row: -row[3]):
        print(f"{who:<14} {address:<46} {half:8.1f} {most:8.1f}{'  over the limit' if most > LIMIT_MS else ''}")
    return max(row[3] for row in rows)


def main() -> int:
    """Both databases; 1 where a list is slower than it may be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lists", description=__doc__.partition("\n")[0])
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--listings", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40, help="requests of each address")
    parser.add_argument("--url", action="append", default=[], help="a fresh database instead of the usual two")
    parser.add_argument("--sqlite-only", action="store_true")
    args = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    print(described())
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        urls = args.url or [f"sqlite:///{Path(folder) / 'lists.sqlite3'}"]
        if not args.url and not args.sqlite_only:
            urls.append(stack.enter_context(fresh_database()))
        worst = max(run(url, args) for url in urls)
    print(f"\nworst 95th percentile {worst:.0f} ms, limit {LIMIT_MS:.0f} ms")
    return int(worst > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
