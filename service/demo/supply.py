"""Offers of the groups with lots for the delivery week and the week before it."""

from dataclasses import dataclass
from datetime import timedelta
from math import log
from random import Random
from typing import Any
from uuid import UUID

from service.catalog.models import Certificate
from service.demo import library
from service.demo.library import Good
from service.demo.rows import Row
from service.demo.scene import Scene, chosen, rounded
from service.listings.models import Offer, OfferCertificate, SupplyLot

MEDIAN_KG = 60
SIGMA = 1.957  # of the logarithm: the 95th percentile is 1,500 kg a week
LEAST_KG, MOST_KG = 8, 8_000
STORED = {"rice": 5}  # rice is kept and milled on order: a week can give what several brought in
NEIGHBOURS = {
    "leaf": "fruiting", "fruiting": "leaf", "fruit": "fruiting", "rice": "fruit", "livestock": "fish",
    "fish": "livestock", "mushroom": "leaf", "soy": "flour", "flour": "soy", "meat": "snack", "snack": "flour",
    "service": "flour",
}  # fmt: skip
PERSONA_OFFERS: dict[str, dict[str, int]] = {
    "enterprise": {"morning-glory": 420, "kale": 380, "choy-sum": 300, "cabbage": 450, "cucumber": 260},
    "farmers": {"pumpkin": 400, "banana": 520, "rice-jasmine": 900, "long-bean": 180},
}
REACH_KM = {20: 0.08, 30: 0.14, 40: 0.18, 50: 0.2, 60: 0.16, 80: 0.14, 120: 0.1}
GRADE_WEIGHTS = {1: 0.35, 2: 0.55, 3: 0.1}
GRADE_PREMIUM = {1: 1.03, 2: 1.0, 3: 0.92}
DAY_SHARE = {1.0: 0.3, 0.5: 0.4, 0.34: 0.3}  # of a week's capacity that one day can give


@dataclass(frozen=True, slots=True)
class Lot:
    """What a group can give of a product: units a week and a day, reach, and its way of asking a price."""

    week: int
    day: int
    reach_km: int
    asks: float  # of the reference median


def list_offers(scene: Scene, suppliers: list[Row]) -> None:
    """Two to five products a group, from its trade and a neighbouring one; the personas' are chosen to be wanted."""
    personas = {scene.personas[key]["id"]: offers for key, offers in PERSONA_OFFERS.items()}
    papers = _valid_papers(scene)
    for number, row in enumerate(suppliers, 1):
        dice = scene.dice(f"offers {number}")
        planned = personas.get(row["id"])
        for good in _wanted(planned) if planned else _assortment(scene, dice, row):
            lot = _persona_lot(planned[good.code]) if planned else sized(dice, good)
            offer = _offer(scene, dice, row, good, lot)
            for paper in papers.get(row["id"], []):
                if good.cluster in paper[1]:
                    scene.rows.add(OfferCertificate, offer_id=offer["id"], certificate_id=paper[0])


def _valid_papers(scene: Scene) -> dict[UUID, list[tuple[UUID, list[str]]]]:
    """Certificates by group that are valid through the delivery week, with the clusters they speak of."""
    covers = {kind["code"]: kind["clusters"] for kind in library.certificate_kinds()}
    found: dict[UUID, list[tuple[UUID, list[str]]]] = {}
    last = scene.when.week + timedelta(days=6)
    for paper in scene.rows.of(Certificate):
        if paper["expires_on"] >= last:
            found.setdefault(paper["organisation_id"], []).append((paper["id"], covers[paper["kind_code"]]))
    return found


def _wanted(planned: dict[str, int]) -> list[Good]:
    return [good for good in library.goods() if good.code in planned]


def _assortment(scene: Scene, dice: Random, row: Row) -> list[Good]:
    """Most from the group's trade, the rest from a neighbouring one."""
    trade = scene.trades[row["id"]]
    main = [good for good in library.goods() if good.cluster == trade]
    beside = [good for good in library.goods() if good.cluster == NEIGHBOURS[trade]]
    number = max(1, scene.size.offers_per_supplier + dice.choice([-1, 0, 0, 1]))
    first = _draw(dice, main, max(1, number - dice.choice([0, 1])))
    return first + _draw(dice, beside, number - len(first))


def _draw(dice: Random, goods: list[Good], number: int) -> list[Good]:
    """Some of the goods, the popular ones more likely."""
    ranked = sorted(goods, key=lambda good: dice.random() ** (1 / good.popularity), reverse=True)
    return ranked[:number]


def _persona_lot(week: int) -> Lot:
    return Lot(week, max(1, week // 3), 80, 0.94)


def sized(dice: Random, good: Good) -> Lot:
    """A lot by the calibration: half the groups give under 60 kg of a crop a week, one in twenty over 1,500."""
    if good.family == "service":
        people = round(dice.lognormvariate(log(10), 0.7)) + 2
        week = people * (8 if good.stored["unit"] == "IE" else 1)
    else:
        kg = min(MOST_KG, max(LEAST_KG, dice.lognormvariate(log(MEDIAN_KG), SIGMA)))
        week = max(2, round(kg * STORED.get(good.cluster, 1) * 1000 / good.unit_g))
    asks = 1 + dice.gauss(-0.01, good.spread_percent * 0.006)
    return Lot(week, max(1, int(week * chosen(dice, DAY_SHARE))), chosen(dice, REACH_KM), asks)


def _offer(scene: Scene, dice: Random, row: Row, good: Good, lot: Lot) -> Row:
    grade = _grade(dice, good)
    pack, minimum = _terms(dice, good, lot)
    price = scene.prices[good.code]["median_satang"] * lot.asks * GRADE_PREMIUM.get(grade[1], 1.0)
    offer = scene.rows.add(
        Offer,
        organisation_id=row["id"],
        province_code=scene.province,
        product_code=good.code,
        grade_id=scene.grades.get((good.code, grade[0])),
        price_satang=rounded(price),
        minimum_quantity=minimum,
        pack_quantity=pack,
        reach_km=lot.reach_km,
        state="active",
        created_at=scene.at,
    )
    for weeks in (1, 0):
        monday = scene.when.week - timedelta(weeks=weeks)
        dates = {"harvest_from": monday, "harvest_until": monday + timedelta(days=6)}
        scene.rows.add(SupplyLot, offer_id=offer["id"], capacity_day=lot.day, capacity_week=lot.week, **dates)
    return offer


def _grade(dice: Random, good: Good) -> tuple[Any, int]:
    """A grade's code and rank; without grades, neither good nor bad."""
    if not good.ranks:
        return None, 0
    return good.ranks[min(chosen(dice, GRADE_WEIGHTS), len(good.ranks)) - 1]


def _terms(dice: Random, good: Good, lot: Lot) -> tuple[int, int]:
    """Pack and least quantity, both within what a day gives."""
    packs = [pack for pack in good.packs if pack * 4 <= lot.day]
    pack = dice.choice(packs) if packs and dice.random() < 0.5 else 1
    least = pack * dice.choice([0, 1, 1, 2, 3])
    return pack, least if least <= lot.day else 0
