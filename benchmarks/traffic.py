"""A year of trade on a synthetic market, most of it in one province: demands to orders, recipes, a log, notices.

The kitchen, the groups and the companies of province 45 hold the long lists, so that theirs are the pages measured.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.market import HOME, THAI, Row
from service.allocation.margins import Weights
from service.budgets.models import BudgetLine
from service.budgets.rules import fiscal_year
from service.demand.models import Demand, DemandLine
from service.events.models import Event, Seal
from service.kernel.clock import now, today, week_of
from service.kernel.ids import new_id
from service.menus.models import StockCount
from service.notices.actions import tell
from service.orders.models import Order, OrderLine
from service.parties.models import SupplierIncome
from service.prices.models import AcceptedPrice
from service.programme.models import ProgrammeProfile
from service.recipes.models import Recipe, RecipeLine
from service.rounds.models import Award, AwardLine, Round, RoundDemand, Run

WEEKS = 52
LINES = 4
EVENTS = 100_000
SUBJECTS = ("demands", "demands", "offers", "offers", "awards", "orders", "rounds", "organisations", "people")
RECIPES = 400
NOTICES = 200
Rows = dict[Any, list[Row]]
CHAIN = (BudgetLine, Demand, DemandLine, ProgrammeProfile, Round, Run, RoundDemand, Award, AwardLine, Order, OrderLine,
         AcceptedPrice, SupplierIncome)  # fmt: skip


def write(tx: Session, dice: random.Random, parties: list[Row], offers: list[Row], homes: set[UUID]) -> None:
    """Everything, in the order of its foreign keys."""
    rows = _trade(dice, parties, offers)
    rows |= _kitchen(next(row for row in parties if row["kind"] == "school" and row["province_code"] == HOME))
    for model, held in rows.items():
        for start in range(0, len(held), 10_000):
            tx.execute(insert(model), held[start : start + 10_000])
    _log(tx, dice, parties)
    _notices(tx, homes)


def _trade(dice: random.Random, parties: list[Row], offers: list[Row]) -> Rows:
    """Weekly demands of each kitchen at home, a few of each elsewhere; awards to the groups of its province."""
    rows: Rows = {model: [] for model in CHAIN}
    near: dict[str, list[Row]] = {}
    for offer in offers:
        near.setdefault(offer["province_code"], []).append(offer)
    rounds = _rounds(rows, sorted(near))
    for buyer in (row for row in parties if row["kind"] == "school"):
        line = _budget(rows, buyer)
        for back in range(-1, WEEKS if buyer["province_code"] == HOME else 4):
            _week(dice, rows, buyer, line, back, rounds[buyer["province_code"], back], near[buyer["province_code"]])
    return rows


def _rounds(rows: Rows, provinces: list[str]) -> dict[tuple[str, int], tuple[UUID, UUID]]:
    """A published round and its run for every province and week; the newest is answered now."""
    found = {}
    for code in provinces:
        profile = {"id": new_id(), "province_code": code, "number": 1, "resolution_number": "1/2569",
                   "resolution_date": today(), "valid_from": today(), "weights": Weights().as_json()}  # fmt: skip
        rows[ProgrammeProfile].append(profile)
        for back in range(-1, WEEKS):
            week = _monday(back)
            closed = datetime.combine(week - timedelta(days=4), time(10), UTC)
            one = {"id": new_id(), "province_code": code, "delivery_week": week, "state": "published", "version": 1,
                   "opens_at": closed - timedelta(days=6), "closes_at": closed, "profile_id": profile["id"],
                   "published_at": closed}  # fmt: skip
            run = {"id": new_id(), "round_id": one["id"], "number": 1, "kind": "first", "state": "applied"}
            rows[Round].append(one)
            rows[Run].append(run)
            found[code, back] = one["id"], run["id"]
    return found


def _monday(back: int) -> Any:
    return week_of(today()) - timedelta(weeks=back)


def _budget(rows: Rows, buyer: Row) -> UUID:
    row = {"id": new_id(), "organisation_id": buyer["id"], "fiscal_year": fiscal_year(today()), "name": "Food",
           "source": "State", "amount_satang": 10**11, "reserved_satang": 10**6, "committed_satang": 10**8,
           "spent_satang": 10**8, "version": 1}  # fmt: skip
    rows[BudgetLine].append(row)
    return UUID(str(row["id"]))


def _week(
    dice: random.Random, rows: Rows, buyer: Row, budget: UUID, back: int, held: tuple[UUID, UUID], near: list[Row]
) -> None:
    """A demand of four lines, each awarded to one of four groups; the newest waits for its answers."""
    week = _monday(back)
    demand = {"id": new_id(), "ocid": f"ocds-bench-{new_id()}", "organisation_id": buyer["id"], "version": 1,
              "province_code": buyer["province_code"], "title": "Fresh food of the week", "delivery_week": week,
              "budget_line_id": budget, "method": "direct", "legal_ground": "Benchmark", "total_satang": 800_000,
              "approved_satang": 800_000, "approved_at": now(),
              "state": "evaluation" if back < 0 else "complete"}  # fmt: skip
    rows[Demand].append(demand)
    rows[RoundDemand].append({"id": new_id(), "round_id": held[0], "demand_id": demand["id"]})
    seen = set()
    for position in range(LINES):
        offer = dice.choice(near)
        line = {"id": new_id(), "demand_id": demand["id"], "position": position, "product_code": offer["product_code"],
                "quantity": 40, "delivery_date": week, "window_from": time(6), "window_until": time(9),
                "ceiling_satang": 9_000}  # fmt: skip
        rows[DemandLine].append(line)
        if offer["organisation_id"] not in seen:
            seen.add(offer["organisation_id"])
            _award(rows, demand, line, offer, held, is_open=back < 0)


def _award(rows: Rows, demand: Row, line: Row, offer: Row, held: tuple[UUID, UUID], *, is_open: bool) -> None:
    sides = {"demand_id": demand["id"], "buyer_id": demand["organisation_id"], "supplier_id": offer["organisation_id"]}
    goods = {"product_code": line["product_code"], "delivery_date": line["delivery_date"], "quantity": 40,
             "price_satang": offer["price_satang"]}  # fmt: skip
    award = {"id": new_id(), "round_id": held[0], "run_id": held[1], **sides, "version": 1,
             "state": "pending" if is_open else "active",
             "respond_by": now() + timedelta(hours=20 if is_open else -500)}  # fmt: skip
    part = {"id": new_id(), "award_id": award["id"], "demand_line_id": line["id"], "offer_id": offer["id"], **goods,
            "answer": None if is_open else "accepted", "accepted_quantity": 0 if is_open else 40}  # fmt: skip
    rows[Award].append(award)
    rows[AwardLine].append(part)
    if is_open:
        return
    total = 40 * offer["price_satang"]
    order = {"id": new_id(), "number": f"B-{len(rows[Order])}", "award_id": award["id"], **sides, "version": 1,
             "total_satang": total}  # fmt: skip
    bought = {"id": new_id(), "order_id": order["id"], "award_line_id": part["id"], **goods, "total_satang": total}
    rows[Order].append(order)
    rows[OrderLine].append(bought)
    week = {"product_code": line["product_code"], "province_code": demand["province_code"], "quantity": 40,
            "supplier_id": offer["organisation_id"], "week": demand["delivery_week"]}  # fmt: skip
    rows[AcceptedPrice].append({"id": new_id(), "order_line_id": bought["id"], "price_satang": offer["price_satang"],
                                **week})  # fmt: skip
    rows[SupplierIncome].append({"id": new_id(), "organisation_id": offer["organisation_id"], "satang": total,
                                 "earned_on": demand["delivery_week"], "source": f"order:{order['id']}"})  # fmt: skip


def _kitchen(buyer: Row) -> Rows:
    """Recipes that everyone may cook, of ingredients that are partly products; counts of a store."""
    recipes, lines = [], []
    for place in range(RECIPES):
        recipe = {"id": new_id(), "number": str(place), "name": f"{THAI['asked'][place % len(THAI['asked'])]} {place}",
                  "method": "boil", "source": "benchmark", "version": 1}  # fmt: skip
        recipes.append(recipe)
        lines += [{"id": new_id(), "recipe_id": recipe["id"], "position": number, "serve_mg": 20_000, "yield_bp": 9_000,
                   "ingredient": f"{THAI['syllables'][(place + 7 * number) % len(THAI['syllables'])]}{number}"}
                  for number in range(6)]  # fmt: skip
    counts = [{"id": new_id(), "organisation_id": buyer["id"], "product_code": f"P-{place:05}", "counted_on": today(),
               "quantity_milli": 5_000} for place in range(60)]  # fmt: skip
    return {Recipe: recipes, RecipeLine: lines, StockCount: counts}


def _log(tx: Session, dice: random.Random, parties: list[Row]) -> None:
    """Events in their places; their hashes are counted, because nothing here verifies them."""
    verbs = [f"bench.verb_{number}" for number in range(60)]
    home = [row for row in parties if row["province_code"] == HOME]
    for start in range(0, EVENTS, 10_000):
        tx.execute(insert(Event), list(_events(dice, start, verbs, home if start % 20_000 else parties)))
        seals = ({"sequence": number, "event_id": number, "previous_hash": f"{number - 1:064}", "hash": f"{number:064}"}
                 for number in range(start + 1, start + 10_001))  # fmt: skip
        tx.execute(insert(Seal), list(seals))


def _events(dice: random.Random, start: int, verbs: list[str], parties: list[Row]) -> Iterator[Row]:
    for number in range(start + 1, start + 10_001):
        who = dice.choice(parties)
        yield {"id": number, "organisation_id": who["id"], "verb": dice.choice(verbs),
               "subject_type": dice.choice(SUBJECTS), "subject_id": str(new_id()),
               "province_code": who["province_code"],
               "change": [{"op": "replace", "path": "/state", "value": "active"}],
               "at": now() - timedelta(minutes=EVENTS - number)}  # fmt: skip


def _notices(tx: Session, homes: set[UUID]) -> None:
    """What the people of the benchmark were told."""
    facts: dict[str, str | int] = {"organisation": "A centre", "organisation_en": "A centre"}
    for place in homes:
        for number in range(NOTICES):
            tell(tx, kind="entry.waiting", organisation_id=place, facts=facts, path="/today",
                 key=f"bench:{place}:{number}")  # fmt: skip
