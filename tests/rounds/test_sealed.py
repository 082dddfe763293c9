"""Rule 3, by brute force: every address of the app, read by every kind of actor, and no sealed price in any answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product as combinations
from typing import Any

import pytest
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from service.kernel.db import Database
from service.parties.models import Organisation
from service.people.models import Person
from service.procedure import actions, review
from service.rounds.models import Award, Round, Run
from tests.asgi import Wire
from tests.conftest import client_of
from tests.make import Caller, Maker, making, next_week
from tests.rounds.test_chain import settled as settled_run

pytestmark = pytest.mark.slow
WON, LOST, ELSEWHERE = 5_353_571, 7_777_771, 6_464_643  # satang; no other number of the market holds their digits
CEILING = 8_000_000
HERE = ("hospital", "school", "farmer_group", "cooperative", "charity", "provincial_company", "national_company",
        "provincial_committee", "service_centre", "village_fund", "attesting_agency", "operator")  # fmt: skip
THERE = ("school", "charity", "provincial_company", "provincial_committee", "service_centre")
READERS = [*((kind, "45") for kind in HERE), *((kind, "52") for kind in THERE)]  # each set of permissions once
TELL_NOTHING = {"/api/v1/openapi.json", "/health", "/problems"}
Params = dict[str, list[str]]


def texts(satang: int) -> list[str]:
    """The ways in which an answer could write a price."""
    baht = f"{satang // 100}.{satang % 100:02d}"
    return [str(satang), f"{satang:,}", baht, f"{satang / 100:,.2f}", f"{satang / 100:,.1f}"]


@dataclass
class Scene:
    """A province with one round, two groups that bid for one line, and a reader of every kind."""

    client: TestClient
    readers: dict[str, Caller]
    params: Params
    round_id: Any

    def finders(self) -> dict[int, set[str]]:
        """Who finds which price anywhere."""
        found: dict[int, set[str]] = {WON: set(), LOST: set(), ELSEWHERE: set()}
        paths, wire = list(addresses(self.client, self.params)), Wire(self.client.app)
        for name, reader in self.readers.items():
            headers = {header.lower(): value for header, value in reader.headers.items()}
            bodies = [wire.get(path, headers).text for path in paths]
            for satang, names in found.items():
                if any(text in body for text in texts(satang) for body in bodies):
                    names.add(name)
        wire.close()
        return found


def get_routes(routes: list[BaseRoute]) -> Iterator[str]:
    """Every path that answers GET."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from get_routes(inner.routes)
        elif "GET" in (getattr(route, "methods", None) or ()):
            yield str(getattr(route, "path", ""))


def addresses(client: TestClient, params: Params) -> Iterator[str]:
    """Every path with every known value of its parameters, and what queries can ask of it."""
    app: Any = client.app
    for path in sorted(set(get_routes(app.routes)) - TELL_NOTHING):
        names = re.findall(r"{(\w+)}", path)
        for values in combinations(*(params[name] for name in names)):
            address = path
            for name, value in zip(names, values, strict=True):
                address = address.replace(f"{{{name}}}", value)
            yield address
            yield from (f"{address}?{query}" for query in params["?"] if path.split("/")[-1] in query.split("#")[1:])


def people(make: Maker) -> dict[str, tuple[Organisation, Person]]:
    """Someone with every role of the kind in an organisation of each."""
    found = {}
    for kind, place in READERS:
        organisation = make.organisation(kind, place=f"{place}0101")
        found[f"{kind} of {place}"] = (organisation, make.person(organisation))
    return found


@pytest.fixture
def scene(sqlite_database: Database) -> Scene:
    with making(sqlite_database) as make:
        ware, week = make.product(), next_week()
        everyone = people(make)
        winner, loser = everyone["farmer_group of 45"][0], everyone["cooperative of 45"][0]
        kitchen = everyone["school of 45"][0]
        make.reference_price(ware)
        lots = [(week, week, 20, 20)]
        offers = [make.offer(winner, ware, price_satang=WON, lots=lots)]
        offers += [make.offer(loser, ware, price_satang=LOST, lots=lots, state=state) for state in ("active", "draft")]
        offers += [make.offer(everyone["charity of 52"][0], ware, price_satang=ELSEWHERE)]
        line = make.line(ware, quantity=20, ceiling_satang=CEILING)
        budget = make.budget_line(kitchen, 10**10, reserved_satang=20 * CEILING)
        demand = make.demand(kitchen, [line], state="planned", budget_line_id=budget.id)
        round_ = make.round(make.profile(family_share_bp=10_000))
        params: Params = {
            "round_id": [str(round_.id)], "number": ["1"], "name": ["policy"], "line_id": [str(line.id)],
            "offer_id": [str(offer.id) for offer in offers], "supplier_id": [str(winner.id), str(loser.id)],
            "kind": ["instance", "result", "snapshot"], "demand_id": [str(demand.id)],
            "organisation_id": [str(kitchen.id), str(winner.id), str(loser.id)],
            "budget_line_id": [str(budget.id)], "code": [ware.code, "45", "4501"], "slug": ["round-still-sealed"],
            "award_id": [str(round_.id)], "order_id": [str(round_.id)],
            **{name: [str(round_.id)] for name in ("check_id", "event_id", "person_id", "roster_id", "statement_id")},
            **{name: [str(round_.id)] for name in ("entry_id", "pool_id", "recipe_id", "recurring_id")},
            "process": ["inputs"], "token": ["0" * 24], "week": [str(week)],
            # what is asked of which addresses: the query, then their last parts
            "?": [f"for={loser.id}#listings#certificates", f"product={ware.code}#listings#offers",
                  "state=draft#offers", f"supplier={loser.id}#{line.id}", "view=suppliers#awards",
                  f"province=45&week={week}#ceiling-limit", "province=45#prices", "mine=true#offers"],
        }  # fmt: skip
        round_id = round_.id
    client = client_of(sqlite_database)
    readers = {name: Caller(client, person) for name, (_, person) in everyone.items()}
    return Scene(client, readers, params, round_id)


WHOLE = {"provincial_company of 45", "national_company of 45", "provincial_committee of 45"}
OF_AWARD = {"farmer_group of 45", "school of 45", "service_centre of 45"}


def test_before_the_closing_only_a_group_itself_finds_its_price_anywhere(scene: Scene) -> None:
    assert scene.finders() == {
        WON: {"farmer_group of 45"}, LOST: {"cooperative of 45"}, ELSEWHERE: {"charity of 52"}
    }  # fmt: skip


def test_after_the_closing_only_those_who_review_find_prices_until_the_publication(
    scene: Scene, sqlite_database: Database
) -> None:
    solved(scene, sqlite_database)
    assert scene.finders() == {
        WON: {"farmer_group of 45", *WHOLE}, LOST: {"cooperative of 45", *WHOLE}, ELSEWHERE: {"charity of 52"}
    }  # fmt: skip


def test_after_the_publication_a_price_is_for_its_two_sides_and_a_losing_one_for_nobody_else(
    scene: Scene, sqlite_database: Database
) -> None:
    solved(scene, sqlite_database)
    publish(scene, sqlite_database)
    with sqlite_database.reading() as tx:
        award = tx.query(Award).one()
    scene.params["award_id"] = [str(award.id)]
    assert scene.finders() == {
        WON: {*OF_AWARD, *WHOLE}, LOST: {"cooperative of 45", *WHOLE}, ELSEWHERE: {"charity of 52"}
    }  # fmt: skip


class _Hands:
    """What `settled` of the chain's tests asks for."""

    def __init__(self, round_id: Any) -> None:
        self.round_id = round_id


def solved(scene: Scene, database: Database) -> Run:
    """Close and solve the round."""
    with making(database) as make:
        company = make.organisation("provincial_company")
        by = make.actor(company, "facilitator")
        actions.close(make.tx, by=by, round_id=scene.round_id)
    return settled_run(database, _Hands(scene.round_id))  # type: ignore[arg-type]


def publish(scene: Scene, database: Database) -> None:
    """Propose, approve, publish."""
    with making(database) as make:
        tx, row = make.tx, make.tx.get_one(Round, scene.round_id)
        by = make.actor(make.organisation("provincial_company"), "facilitator")
        actions.propose(tx, by=by, round_id=row.id, version=row.version)
        tx.flush()
        assert row.reviewer_company_id is not None
        auditor = make.actor(tx.get_one(Organisation, row.reviewer_company_id), "auditor")
        review.approve(tx, by=auditor, round_id=row.id, version=row.version)
        tx.flush()
        review.publish(tx, by=auditor, round_id=row.id, version=row.version)
