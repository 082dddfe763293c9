"""Budget lines and a week of demand from every buyer, sized by the heads it feeds."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from math import ceil
from random import Random
from typing import Any

from service.budgets.models import BudgetLine
from service.budgets.rules import fiscal_year
from service.catalog.rules import CEILING_PERCENT
from service.demand.actions import OCID_PREFIX
from service.demand.models import Demand, DemandLine
from service.demand.vocabulary import GROUNDS
from service.demo import library
from service.demo.library import Good
from service.demo.rows import Row
from service.demo.scene import Scene, step_of
from service.questions.models import Question

MEALS = {"school": 1, "municipality": 1, "government_office": 1, "private_buyer": 2}  # a day; the others cook three
DAILY = frozenset({"hospital", "prison", "army_camp"})
SERVED = frozenset({"government_office", "municipality"})  # they also hire
WINDOWS = {True: (time(5, 0), time(7, 0)), False: (time(6, 0), time(8, 30))}
CERTIFIED = {"hospital": 0.35, "school": 0.08, "municipality": 0.05}  # part of lines that ask for a certificate
PAPER = {"leaf": "GAP", "fruiting": "GAP", "fruit": "GAP", "soy": "FDA", "flour": "FDA", "meat": "FDA", "snack": "FDA"}
LARGE_G = 60_000  # more than a usual group brings in a week: many have to share the line
YEAR_IN_WEEKS = (12, 36)
LOOSE_FROM, LOOSE_LINES = 10, 3  # units; lines of a persona's demand that have a tolerance
Menu = list[tuple[date, Good]]


def post_demands(scene: Scene, buyers: list[Row]) -> None:
    """One demand a buyer, approved with its budget reserved; the persona school's waits as a draft."""
    for number, buyer in enumerate(buyers, 1):
        dice = scene.dice(f"demand {number}")
        lines = [_line(scene, dice, buyer, day, good) for day, good in _menu(scene, dice, buyer)]
        draft = buyer is scene.personas["school"]
        if draft or buyer is scene.personas["hospital"]:
            _loosen(lines)
        _demand(scene, dice, buyer, lines, draft=draft)


def _loosen(lines: list[dict[str, Any]]) -> None:
    """Let some lines end a little below or above what is wanted, as a kitchen may say; no dice, so the rest stays."""
    for line in [line for line in lines if line["quantity"] >= LOOSE_FROM and not line["whole"]][:LOOSE_LINES]:
        units = line["quantity"]
        line |= {"least_quantity": units - units // 10, "most_quantity": units + units // 5}


def _menu(scene: Scene, dice: Random, buyer: Row) -> Menu:
    """Products by delivery day without repeats, the popular ones more often; rice once."""
    wanted = max(2, round(dice.gauss(scene.size.lines_per_buyer, scene.size.lines_per_buyer / 5)))
    days = _days(scene, dice, buyer["kind"], wanted)
    menu = {(day, good.code): (day, good) for day, good in _hired(dice, buyer, days)}
    rice = False
    while len(menu) < wanted:
        good = dice.choices(_food(), [good.popularity for good in _food()])[0]
        day = dice.choice(days)
        if not (rice and good.cluster == "rice") and _in_time(scene, good, day):
            rice = rice or good.cluster == "rice"
            menu[day, good.code] = (day, good)
    return sorted(menu.values(), key=lambda entry: (entry[0], entry[1].code))


def _days(scene: Scene, dice: Random, kind: str, wanted: int) -> list[date]:
    number = max(5 if kind in DAILY else dice.choice([1, 2, 2]), ceil(wanted / 15))
    return sorted(scene.when.week + timedelta(days=day) for day in dice.sample(range(5), min(5, number)))


def _food() -> list[Good]:
    return [good for good in library.goods() if good.family != "service"]


def _hired(dice: Random, buyer: Row, days: list[date]) -> Iterator[tuple[date, Good]]:
    """Services that offices hire: on the last delivery day, so that lead times hold."""
    services = [good for good in library.goods() if good.family == "service"]
    if buyer["kind"] in SERVED and days[-1].weekday():
        yield from ((days[-1], good) for good in dice.sample(services, 2))


def _in_time(scene: Scene, good: Good, day: date) -> bool:
    return day >= scene.when.cut_off + timedelta(days=good.lead_time_days)


def _line(scene: Scene, dice: Random, buyer: Row, day: date, good: Good) -> dict[str, Any]:
    daily = buyer["kind"] in DAILY
    units = quantity(dice, buyer, good)
    papers = [PAPER[good.cluster]] if good.cluster in PAPER and dice.random() < CERTIFIED.get(buyer["kind"], 0) else []
    first, last = WINDOWS[daily]
    return {
        "product_code": good.code,
        "grade_id": _least_grade(scene, dice, good),
        "certificate_kinds": papers,
        "quantity": units,
        "delivery_date": day,
        "window_from": first,
        "window_until": last,
        "ceiling_satang": _ceiling(dice, scene.prices[good.code]["upper_satang"]),
        "most_awards": dice.choice([5, 6, 8] if units * good.unit_g > LARGE_G else [2, 3, 3, 3, 4]),
        "whole": good.family == "service" and dice.random() < 0.3,
        "substitutes": _substitutes(dice, good),
    }


def _least_grade(scene: Scene, dice: Random, good: Good) -> Any:
    """Standard grade on a third of the lines, the best on a few."""
    draw = dice.random()
    rank = 1 if draw < 0.05 else 2 if draw < 0.35 else 0
    return next((scene.grades[good.code, code] for code, r in good.ranks if r == rank), None)


def quantity(dice: Random, buyer: Row, good: Good) -> int:
    """Units for the heads: raw grams a head and meal, in whole packs where a pack is not too much."""
    if good.family == "service":
        return dice.randint(15, 60) if good.stored["unit"] == "IE" else dice.randint(2, 8)
    days = 1 if good.cluster != "rice" else 2 if buyer["kind"] in DAILY else 5  # rice keeps; a large store is rare
    meals = MEALS.get(buyer["kind"], 3) * days
    heads: int = buyer["heads"]
    units = max(1, ceil(heads * dice.uniform(0.8, 1.0) * meals * good.serve_g / good.unit_g))
    pack = min(good.packs)
    return units if units < pack else ceil(units / pack) * pack


def _ceiling(dice: Random, upper_satang: int) -> int:
    """At most the reference rule's limit: the upper quartile and a tenth."""
    most = upper_satang * CEILING_PERCENT // 100
    step = step_of(most)
    return int(most * dice.uniform(0.95, 1.0)) // step * step


def _substitutes(dice: Random, good: Good) -> list[str]:
    alike = (good.cluster, good.stored["unit"])
    others = [o.code for o in library.goods() if (o.cluster, o.stored["unit"]) == alike and o.code != good.code]
    food = good.family != "service" and others
    return [dice.choice(others)] if food and dice.random() < 0.1 else []


def _demand(scene: Scene, dice: Random, buyer: Row, lines: list[dict[str, Any]], *, draft: bool) -> None:
    total = sum(line.get("most_quantity", line["quantity"]) * line["ceiling_satang"] for line in lines)
    budget = scene.rows.add(
        BudgetLine,
        organisation_id=buyer["id"],
        fiscal_year=fiscal_year(scene.when.week),
        name=scene.words["budget_name"],
        source=scene.words["budget_source"],
        amount_satang=ceil(total * dice.uniform(*YEAR_IN_WEEKS) / 100_000) * 100_000,
        reserved_satang=0 if draft else total,
        committed_satang=0,
        spent_satang=0,
    )
    demand = scene.rows.add(
        Demand,
        ocid=f"{OCID_PREFIX}demo-{buyer['registration_id'].lower()}-{scene.when.week:%G%V}",
        organisation_id=buyer["id"],
        province_code=scene.province,
        title=scene.words["demand_title"],
        delivery_week=scene.when.week,
        budget_line_id=budget["id"],
        **_way(buyer["kind"]),
        state="draft" if draft else "planned",
        total_satang=total,
        **_approval(scene, buyer, None if draft else total),
    )
    for position, line in enumerate(lines):
        scene.rows.add(DemandLine, demand_id=demand["id"], position=position, **line)


def _way(kind: str) -> dict[str, str]:
    """Method and legal ground, in the words that the forms offer."""
    ground = {"school": GROUNDS[4], "private_buyer": GROUNDS[5]}.get(kind, GROUNDS[0])
    return {"method": "direct" if kind == "private_buyer" else "selective", "legal_ground": ground}


def _approval(scene: Scene, buyer: Row, approved: int | None) -> dict[str, Any]:
    """Who approved: the persona hospital's head; elsewhere the demonstration itself, which the log says."""
    own = buyer is scene.personas["hospital"]
    return {
        "approved_satang": approved,
        "approved_by": scene.holders["hospital", "buyer_head"] if own else None,
        "approved_at": None if approved is None else scene.at,
        "created_by": scene.holders["hospital", "buyer_officer"] if own else None,
        "created_at": scene.at,
    }


def ask(scene: Scene) -> None:
    """Two questions of the persona enterprise to the persona hospital: one is answered, one waits."""
    kitchen, words = scene.personas["hospital"]["id"], scene.words
    demand = next(row for row in scene.rows.of(Demand) if row["organisation_id"] == kitchen)
    asked = {"demand_id": demand["id"], "organisation_id": scene.personas["enterprise"]["id"], "asked_at": scene.at}
    done = {"state": "answered", "answer": words["answer"], "decided_at": scene.at}
    scene.rows.add(Question, text=words["question_answered"], **asked, **done)
    scene.rows.add(Question, text=words["question_waiting"], state="waiting", answer="", **asked)
