"""A market of two provinces with everyone in it, and a service in which every request is a rehearsal.

Whoever sends `Authorization: Bearer <name>` is that actor. What a request writes is rolled back after the answer is
made, so that every actor meets the same market. The names: see `CAST`; `-2` is another organisation of the same
province, `-9` one of another province with every role of its kind, `n-` the national company.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute

from service.amendments.models import Amendment
from service.calendars.models import Term
from service.comparisons.models import Comparison
from service.events import checkpoints
from service.events.models import Event
from service.events.signing import Signer
from service.households import pseudonyms
from service.households.models import Household, Roster, RosterLine
from service.kernel.actor import Actor
from service.kernel.clock import now, today
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.menus.models import MenuWeek
from service.notices.models import Delivery, Notice, Webhook
from service.notices.wording import content_of
from service.orders.models import Order
from service.overrides.models import Override
from service.oversight.models import LogCheck
from service.parties.models import Organisation, SocialShare
from service.people.models import RoleRequest
from service.procedure import actions, review
from service.recipes.models import Recipe
from service.rounds import runs, workflow
from service.rounds.models import Award, AwardLine, Round, Run
from tests.asgi import Wire
from tests.conftest import app_of
from tests.harvests.pictures import photographed
from tests.income.earned import statement
from tests.make import Maker, making, next_week
from tests.pools.made import pools
from tests.visits.entries import written

HOME, AWAY = "450101", "520101"
POINTS = [{"strength": 100, "paid_satang": 76_000, "poor_labour_satang": 0, "served_value_satang": 80_000, "groups": 1,
           "gap": 0.0}]  # fmt: skip
# name: organisation of the cast, roles (all of the kind's where none is named)
CAST: dict[str, tuple[str, tuple[str, ...]]] = {
    "officer": ("school", ("buyer_officer",)), "head": ("school", ("buyer_head",)),
    "inspector": ("school", ("inspector",)), "manager": ("group", ("supplier_manager",)),
    "member": ("group", ("supplier_member",)), "facilitator": ("company", ("facilitator",)),
    "auditor": ("company", ("auditor",)), "n-facilitator": ("nation", ("facilitator",)),
    "n-auditor": ("nation", ("auditor",)), "committee": ("committee", ()), "centre": ("centre", ()),
    "attester": ("agency", ()), "fund": ("fund", ()), "administrator": ("operator", ()), "trader": ("trader", ()),
    "buyer-2": ("school-2", ()), "buyer-9": ("school-9", ()), "group-2": ("group-2", ()), "group-9": ("group-9", ()),
    "company-9": ("company-9", ()), "committee-9": ("committee-9", ()), "centre-9": ("centre-9", ()),
    "attester-9": ("agency-9", ()),
}  # fmt: skip
SIDES = {
    "school": ("school", HOME), "school-2": ("hospital", HOME), "school-9": ("hospital", AWAY),
    "trader": ("private_buyer", HOME), "group": ("farmer_group", HOME), "group-2": ("cooperative", HOME),
    "group-9": ("farmer_group", AWAY), "company": ("provincial_company", HOME),
    "company-9": ("provincial_company", AWAY), "nation": ("national_company", "100101"),
    "committee": ("provincial_committee", HOME), "committee-9": ("provincial_committee", AWAY),
    "centre": ("service_centre", HOME), "centre-9": ("service_centre", AWAY),
    "agency": ("attesting_agency", HOME), "agency-9": ("attesting_agency", AWAY), "fund": ("village_fund", HOME),
    "operator": ("operator", "100101"), "newcomer": ("farmer_group", HOME),
}  # fmt: skip
# What stands in addresses beside ids.
WORDS = {
    "what": "term", "week": str(next_week()), "verdict": "approve",
    "number": "1", "name": "policy", "kind": "result", "slug": "busy", "role": "inspector", "change": "give",
    "step": "withdraw", "held role": "supplier_member", "hand in": "submit",
    "hand back": "return", "vouch": "attest", "province": "45", "district": "4501", "process": "inputs",
    "decision": "confirm", "table": "recipes",
}  # fmt: skip


class Rehearsal(Database):
    """A database whose every write is undone when its block ends."""

    @contextmanager
    def transact(self, tx: Session, *, write: bool) -> Iterator[Session]:
        """Run a block; what it wrote is flushed, then rolled back."""
        with super().transact(tx, write=write):
            yield tx
            if write:
                tx.flush()
                tx.rollback()


class World:
    """The market's rows by name, its actors, and a wire to its service."""

    def __init__(self, database: Database, *, solved: bool = True) -> None:
        self.ids: dict[str, str] = {}
        self.actors: dict[str, Actor] = {}
        with making(database) as make:
            _people(self, make)
            _market(self, make)
        if solved:
            _published(self, database)
        self.app = rehearsing(database, self.actors)
        self.wire = Wire(self.app)

    def filled(self, thing: Any) -> Any:
        """A body or address with the ids of the rows that it names: `@school`, or `{offer_id}` in an address."""
        if isinstance(thing, dict):
            return {name: self.filled(value) for name, value in thing.items()}
        if isinstance(thing, list):
            return [self.filled(value) for value in thing]
        return self.ids[thing[1:]] if isinstance(thing, str) and thing.startswith("@") else thing

    def address(self, path: str, **other: str) -> str:
        """A route's path with the ids of what stands there; `other` names other rows for some of them."""
        return re.sub(r"{(\w+)}", lambda found: self.ids[other.get(found[1], found[1])], path)


def rehearsing(database: Database, actors: dict[str, Actor]) -> FastAPI:
    """The service over a database in rehearsal, where a name is its own proof."""
    app = app_of(Rehearsal(database.url), writes_per_minute=0, sign_ins_per_minute=0)
    app.state.resolve_actor = lambda *given: actors.get(given[-1])
    return app


def as_actor(name: str) -> dict[str, str]:
    """The headers with which someone of the cast calls; nobody has none."""
    return {} if name == "nobody" else {"authorization": f"Bearer {name}"}


def routes_of(routes: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and path of every route, with those of included routers; mounted files are none."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from routes_of(inner.routes)
            continue
        for method in sorted(set(getattr(route, "methods", None) or ()) - {"HEAD"}):
            yield method, str(getattr(route, "path", ""))


def _people(world: World, make: Maker) -> None:
    sides = {name: make.organisation(kind, place) for name, (kind, place) in SIDES.items()}
    for name, (side, roles) in CAST.items():
        world.actors[name] = make.actor(sides[side], *roles)
        world.ids[f"person {name}"] = str(world.actors[name].person_id)
    sides["newcomer"].state = "submitted"
    world.ids |= {name: str(side.id) for name, side in sides.items()}
    world.ids |= {"organisation_id": world.ids["group"], "person_id": world.ids["person member"],
                  "supplier_id": world.ids["group"]}  # fmt: skip


def _market(world: World, make: Maker) -> None:
    tx, sides = make.tx, {name: make.tx.get_one(Organisation, key) for name, key in _keys(world)}
    ware, school, group = make.product(), sides["school"], sides["group"]
    make.reference_price(ware, week=next_week())
    gap = make.certificate(group)
    rows: dict[str, Any] = {
        "budget_line_id": make.budget_line(school), "certificate_id": gap,
        "offer_id": make.offer(group, ware, certificates=(gap,)),
        "draft offer": make.offer(group, ware, state="draft"),
        "paused offer": make.offer(group, ware, state="suspended"), "draft": make.demand(school, [make.line(ware)]),
        "planned": make.demand(school, [make.line(ware)], state="planned"),
        "share_id": make.add(_share(group)),
    }  # fmt: skip
    rows |= _menus(make, school)
    rows |= _rosters(make, group, sides["agency"])
    rows["statement_id"] = statement(make, group)
    rows["entry_id"] = written(make, sides["centre"], group)
    world.ids["picture"] = photographed(make, rows["offer_id"])
    world.ids["statement code"] = rows["statement_id"].code
    profile = make.profile(family_share_bp=10_000)
    weeks = [next_week() + timedelta(days=7 * number) for number in range(1, 8)]
    states = ("scheduled", "open", "failed", "proposed", "approved")
    for state, week in zip(states, weeks, strict=False):
        facts = {"reviewer_company_id": sides["nation"].id, "facilitator_company_id": sides["company"].id}
        later = {"delivery_week": week, "closes_at": now() + timedelta(days=1)}
        rows[state] = make.round(profile, state=state, **later, **(facts if state in {"proposed", "approved"} else {}))
    rows["lent"] = make.round(profile, state="proposed", delivery_week=weeks[5],
                              reviewer_company_id=sides["company-9"].id)  # fmt: skip
    rows["round_id"] = make.round(profile)
    need = make.line(ware, quantity=20)
    rows["recurring_id"] = make.recurring(rows["draft"])
    rows["planned line"] = rows["planned"].lines[0]
    rows |= pools(make, rows["planned"], sides["school-2"])
    rows["amendment_id"] = make.add(
        Amendment(demand_id=rows["planned"].id, quantities={str(rows["planned line"].id): 200}, before_satang=220_000,
                  after_satang=440_000, code="menu", state="pending")
    )  # fmt: skip
    rows["question_id"] = make.question(rows["planned"], group)
    rows["demand_id"] = make.demand(school, [need], state="planned")
    rows["line_id"] = need
    tx.flush()
    pair = {"demand_line_id": need.id, "offer_id": rows["offer_id"].id, "quantity": 0}
    asked = {"person_id": UUID(world.ids["person inspector"]), "organisation_id": school.id, "role": "buyer_head"}
    rows["webhook_id"] = make.add(Webhook(organisation_id=group.id, url="https://example.org", secret="s", kinds=[]))
    told = make.add(Notice(recipient="nobody", key="k", kind="door.code", secret_content="{}", shown=False))
    rows["delivery_id"] = make.add(Delivery(notice_id=told.id, channel="sms", lane="l", state="dead"))
    rows["request_id"] = make.add(RoleRequest(**asked))
    rows["override_id"] = make.add(Override(round_id=rows["failed"].id, **pair, reason="emergency"))
    tx.flush()
    world.ids |= {name: str(row.id) for name, row in rows.items()}
    world.ids |= WORDS | {"code": ware.code, "free week": str(weeks[6])}


def _menus(make: Maker, school: Organisation) -> dict[str, Any]:
    """A recipe, a planned week and a term of the school."""
    make.add(MenuWeek(organisation_id=school.id, week=next_week(), entries=[]))
    first = next_week() - timedelta(days=60)
    return {
        "recipe_id": make.add(Recipe(organisation_id=school.id, name="Soup", method="boil", lines=[])),
        "period_id": make.add(Term(organisation_id=school.id, name="2", first_day=first, last_day=next_week())),
    }


def _rosters(make: Maker, group: Organisation, agency: Organisation) -> dict[str, Any]:
    """A list of members in its group's hands and one in its agency's, each with a line."""
    mark = make.add(Household(pseudonym="0" * 64, key_id=pseudonyms.ring().newest))
    rows: dict[str, Any] = {}
    for days, (name, state) in enumerate((("roster_id", "draft"), ("roster handed in", "submitted")), 1):
        first = today() - timedelta(days=30 * days)
        rows[name] = make.add(Roster(organisation_id=group.id, attester_id=agency.id, state=state, period_from=first,
                                     period_until=today()))  # fmt: skip
        line = RosterLine(roster_id=rows[name].id, household_id=mark.id, member_no="1", labour_days=9)
        rows[f"line of {name}"] = make.add(line)
    return rows


def _keys(world: World) -> list[tuple[str, UUID]]:
    return [(name, UUID(world.ids[name])) for name in SIDES]


def _share(group: Organisation) -> SocialShare:
    return SocialShare(organisation_id=group.id, measure="inputs_district", declared_bp=4000,
                       valid_from=today() - timedelta(days=9), valid_until=today() + timedelta(days=300))  # fmt: skip


def _published(world: World, database: Database) -> None:
    """Close, solve, propose, approve and publish the market's round."""
    key = UUID(world.ids["round_id"])
    facilitator, auditor = world.actors["facilitator"], world.actors["n-auditor"]
    with database.writing() as tx:
        actions.close(tx, by=facilitator, round_id=key)
    with database.reading() as tx:
        run_id = tx.scalars(select(Run.id).where(Run.round_id == key)).one()
    workflow.solve_missing(database, Settings(database_url=database.url), run_id)
    with database.writing() as tx:
        runs.settle(tx, run_id)
    with database.writing() as tx:
        row = tx.get_one(Round, key)
        actions.propose(tx, by=facilitator, round_id=key, version=row.version)
        tx.flush()
        review.approve(tx, by=auditor, round_id=key, version=row.version)
        tx.flush()
        review.publish(tx, by=auditor, round_id=key, version=row.version)
        tx.flush()
        award = tx.scalars(select(Award).where(Award.round_id == key)).one()
        line_id = tx.scalars(select(AwardLine.id).where(AwardLine.award_id == award.id)).one()
        order = Order(number="O-1", award_id=award.id, demand_id=award.demand_id, buyer_id=award.buyer_id,
                      supplier_id=award.supplier_id, total_satang=40_000)  # fmt: skip
        tx.add(order)
        tx.flush()
    with database.writing() as tx:
        point = checkpoints.sign_end(tx, Signer(Ed25519PrivateKey.generate()))
        assert point is not None
        told = tx.scalars(select(Event.id).where(Event.verb == "award.published")).one()
        letter = content_of(tx.scalars(select(Notice).where(Notice.kind == "award.offered")).one())
        assert letter is not None
        check = LogCheck()
        tx.add_all((check, Comparison(run_id=run_id, state="done", points=POINTS, finished_at=now())))
        tx.flush()
    world.ids |= {"award_id": str(award.id), "award line": str(line_id), "order_id": str(order.id),
                  "event_id": str(told), "check_id": str(check.id), "size": str(point.size),
                  "token": letter.path.removeprefix("/a/"), "link code": letter.facts["code"]}  # fmt: skip
