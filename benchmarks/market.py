"""A large synthetic market written straight into a database: places, products, parties, listings."""

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from service.catalog.models import CertificateKind
from service.kernel.clock import today, week_of
from service.kernel.ids import new_id
from service.parties.models import District, Province, Subdistrict

Row = dict[str, Any]
PROVINCES = 77
HOME = "45"
SUPPLIERS, BUYERS = 4_000, 1_000
THAI = json.loads((Path(__file__).parent / "data" / "lists.json").read_text(encoding="utf-8"))
WORDS = (
    "green",
    "rice",
    "fish",
    "leaf",
    "bean",
    "root",
    "egg",
    "sweet",
    "long",
    "red",
    "white",
    "hill",
    "river",
    "cake",
)


def places() -> list[tuple[Any, list[Row]]]:
    """Provinces, each with one district and one sub-district."""
    codes = [str(10 + number) for number in range(PROVINCES)]
    at = {"lat": 16.0, "lng": 103.6}
    named = [
        {"code": code, "name_th": f"{THAI['province']} {code}", "name_en": f"Province {code}", **at} for code in codes
    ]
    inner = [{**row, "code": f"{row['code']}01", "province_code": row["code"]} for row in named]
    lowest = [{**row, "code": f"{row['code']}01", "district_code": row["code"], "approximate": True} for row in inner]
    return [(Province, named), (District, inner), (Subdistrict, lowest)]


def products(dice: random.Random, number: int) -> Iterator[Row]:
    """Products with names of a few syllables."""
    for place in range(number):
        yield {"code": f"P-{place:05}", "name_th": "".join(dice.choices(THAI["syllables"], k=3)) + f" {place}",
               "name_en": " ".join(dice.choices(WORDS, k=2)) + f" {place}", "unit": "KGM", "version": 1,
               "family": dice.choice(("agriculture", "agriculture", "processed", "service"))}  # fmt: skip


def aliases(dice: random.Random, number: int) -> Iterator[Row]:
    """Another name of every product."""
    yield {"id": new_id(), "product_code": "P-00000", "language": "th", "name": THAI["alias"]}
    yield {"id": new_id(), "product_code": "P-00000", "language": "en", "name": "morning glory"}
    for place in range(1, number):
        yield {"id": new_id(), "product_code": f"P-{place:05}", "language": "th",
               "name": "".join(dice.choices(THAI["syllables"], k=2)) + str(place)}  # fmt: skip


def organisations(dice: random.Random) -> Iterator[Row]:
    """Groups, kitchens, companies, centres and agencies over the provinces."""
    kinds = ["farmer_group"] * SUPPLIERS + ["school"] * BUYERS
    for kind in ("provincial_company", "service_centre", "attesting_agency"):
        kinds += [kind] * PROVINCES
    for place, kind in enumerate(kinds):
        province = str(10 + place % PROVINCES)
        yield {"id": new_id(), "kind": kind, "scheme": "BENCH", "registration_id": str(place),
               "name_th": f"{THAI['group']} {place}",
               "name_en": f"Group {place}", "province_code": province, "district_code": f"{province}01",
               "subdistrict_code": f"{province}0101", "lat": 16 + dice.random(), "lng": 103 + dice.random(),
               "approximate": True, "state": "qualified", "member_households": 20, "version": 1}  # fmt: skip
    yield {"id": new_id(), "kind": "operator", "scheme": "BENCH", "registration_id": "operator", "version": 1,
           "name_th": "Operator", "name_en": "Operator", "province_code": None, "district_code": None,
           "subdistrict_code": None, "lat": None, "lng": None, "approximate": True, "state": "qualified",
           "member_households": 0}  # fmt: skip


def prices(products: int) -> Iterator[Row]:
    """Reference prices of one province, a year of some."""
    for place in range(0, products, 7):
        for back in range(52 if place % 42 == 0 else 2):
            yield {"id": new_id(), "product_code": f"P-{place:05}", "province_code": "45", "lower_satang": 1_800,
                   "week": week_of(today()) - timedelta(weeks=back), "median_satang": 2_000, "upper_satang": 2_200,
                   "sample_size": 20, "source": "benchmark", "synthetic": True}  # fmt: skip


def offers(dice: random.Random, suppliers: list[Row], products: int, listings: int) -> Iterator[Row]:
    """Listings, shared out evenly over the groups."""
    for place in range(listings):
        owner = suppliers[place % len(suppliers)]
        yield {"id": new_id(), "organisation_id": owner["id"], "product_code": f"P-{dice.randrange(products):05}",
               "province_code": owner["province_code"], "price_satang": dice.randrange(1_000, 9_000),
               "pack_quantity": 5, "reach_km": 60, "state": dice.choice(("active", "active", "active", "expired")),
               "version": 1}  # fmt: skip


def lots(offers: list[Row]) -> Iterator[Row]:
    """One lot of each listing."""
    week = week_of(today()) + timedelta(days=14)
    for offer in offers:
        yield {"id": new_id(), "offer_id": offer["id"], "harvest_from": week, "capacity_day": 20, "capacity_week": 100,
               "harvest_until": week + timedelta(days=6)}  # fmt: skip


def certificates(suppliers: list[Row], each: int = 3) -> Iterator[Row]:
    """Some certificates of every supplier, the last of them about to end."""
    for place, owner in enumerate(suppliers):
        for number in range(each):
            yield {"id": new_id(), "organisation_id": owner["id"], "kind_code": "GAP", "number": f"{place}-{number}",
                   "product_code": f"P-{place % 100:05}" if number else None,
                   "issued_on": today() - timedelta(days=300),
                   "expires_on": today() + timedelta(days=20 + 300 * number)}  # fmt: skip


def kinds() -> tuple[Any, list[Row]]:
    """The scheme that certifies."""
    return CertificateKind, [{"code": "GAP", "name_th": "GAP", "name_en": "GAP"}]
