"""Organisations of a province: its institutions, its buyers with their heads, its groups with their households."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count
from math import exp, log
from random import Random
from typing import Any

from service.accounts.models import Pin
from service.demo import library
from service.demo.rows import Row
from service.demo.scene import Scene, chosen
from service.parties.models import BeneficialOwner, Conflict, Organisation
from service.people.models import Membership, Person
from service.people.passwords import hash_password

BUYER_KINDS = {
    "school": 0.62, "hospital": 0.08, "government_office": 0.09, "municipality": 0.08, "private_buyer": 0.07,
    "prison": 0.03, "army_camp": 0.03,
}  # fmt: skip
SUPPLIER_KINDS = {
    "farmer_group": 0.42, "community_enterprise": 0.30, "otop_producer": 0.10, "cooperative": 0.07, "local_sme": 0.06,
    "charity": 0.05,
}  # fmt: skip
HOUSEHOLDS = {
    "farmer_group": (10, 45), "community_enterprise": (8, 30), "otop_producer": (5, 20), "cooperative": (60, 300),
    "local_sme": (1, 6), "charity": (5, 25),
}  # fmt: skip
TRADES: dict[str, dict[str, float]] = {
    "farmer_group": {"leaf": 5, "fruiting": 5, "rice": 4, "fruit": 3, "livestock": 4, "fish": 3, "mushroom": 2},
    "community_enterprise": {"leaf": 4, "fruiting": 3, "mushroom": 2, "service": 4, "flour": 3, "soy": 2, "snack": 1},
    "otop_producer": {"flour": 3, "meat": 3, "snack": 3, "soy": 3},
    "cooperative": {"rice": 3, "livestock": 3, "fruit": 2},
    "local_sme": {"livestock": 3, "meat": 2, "service": 2},
    "charity": {"service": 3, "flour": 1, "leaf": 1},
}
PERSONA_TRADES = {"enterprise": "leaf", "farmers": "fruiting"}
SHARED_PHONE, PIN = "farmers", "135790"  # the group whose people answer on one phone, and the PIN of them all
OWNERS_SHARED = 40  # one owner in so many groups is behind the next group too
CONFLICTS = 4


class Names:
    """Whimsical names without repeats: first x second x third part, then numbered."""

    def __init__(self, scene: Scene) -> None:
        self._places = self._shuffled(scene)
        self._offices = library.names()["offices"]["names"]
        self._taken: set[str] = set()

    def _shuffled(self, scene: Scene) -> Iterator[tuple[str, str]]:
        parts = library.names()["places"]
        near = [(a, b) for a in scene.local["first"] for b in parts["second"]]
        scene.dice("names").shuffle(near)
        for number in count():
            third = parts["third"][number] if number < len(parts["third"]) else (f" {number}", str(number))
            yield from ((f"{a[0]}{b[0]}{third[0]}", " ".join(filter(None, (a[1], b[1], third[1])))) for a, b in near)

    def take(self, dice: Random, kind: str, trade: str = "") -> dict[str, str]:
        """Thai and English names of an organisation of a kind, in a trade."""
        place, office = next(self._places), dice.choice(self._offices)
        doing = library.names()["trades"].get(trade, ("", ""))
        patterns = library.names()["kinds"][kind]
        th, en = (
            pattern.format(place=place[i], office=office[i], trade=doing[i]) for i, pattern in enumerate(patterns)
        )
        return {"name_th": th, "name_en": en}


def shared_out(total: int, shares: dict[str, float]) -> list[str]:
    """Kinds for a total, each at least once, the commonest first and filling up."""
    first = next(iter(shares))
    rest = [kind for kind, share in shares.items() if kind != first for _ in range(max(1, round(total * share)))]
    return [first] * max(1, total - len(rest)) + rest


def settle(scene: Scene, names: Names) -> tuple[list[Row], list[Row]]:
    """Buyers and suppliers with places; the personas' own organisations are the first of their kind."""
    buyers = [_buyer(scene, names, n, kind) for n, kind in enumerate(shared_out(scene.size.buyers, BUYER_KINDS), 1)]
    kinds = shared_out(scene.size.suppliers, SUPPLIER_KINDS)
    suppliers = [_supplier(scene, names, number, kind, kinds.index(kind) + 1) for number, kind in enumerate(kinds, 1)]
    _owners(scene, suppliers)
    _conflicts(scene, buyers, suppliers)
    return buyers, suppliers


def _buyer(scene: Scene, names: Names, number: int, kind: str) -> Row:
    dice = scene.dice(f"buyer {number}")
    facts = {"kind": kind, "heads": heads(dice, kind), **names.take(dice, kind)}
    central = number == 1 or kind == "hospital"
    return scene.rows.add(Organisation, **scene.mark(f"B{number:04}"), **_place(scene, dice, central=central), **facts)


def heads(dice: Random, kind: str) -> int:
    """Mouths fed a day, by the calibration: half the schools under 120 pupils, a tenth under 40."""
    draw: dict[str, Callable[[], int]] = {
        "school": lambda: min(2_500, max(15, round(exp(dice.gauss(log(120), 0.9))))),
        "hospital": lambda: round(dice.choice([30, 60, 60, 90, 120, 320]) * dice.uniform(0.7, 1.0)),
        "prison": lambda: round(dice.choice([900, 1_300]) * dice.uniform(0.8, 1.2)),
        "army_camp": lambda: round(dice.uniform(150, 600)),
        "government_office": lambda: round(dice.uniform(15, 60)),
        "municipality": lambda: round(dice.uniform(30, 200)),
        "private_buyer": lambda: round(dice.uniform(50, 300)),
    }
    return draw[kind]()


def _supplier(scene: Scene, names: Names, number: int, kind: str, first_of_kind: int) -> Row:
    dice = scene.dice(f"supplier {number}")
    persona = {"community_enterprise": "enterprise", "farmer_group": "farmers"}.get(kind)
    persona = persona if number == first_of_kind else None
    trade = PERSONA_TRADES[persona] if persona else chosen(dice, TRADES[kind])
    facts = {"kind": kind, "member_households": dice.randint(*HOUSEHOLDS[kind]), **names.take(dice, kind, trade)}
    row = scene.rows.add(Organisation, **scene.mark(f"S{number:04}"),
                         **_place(scene, dice, central=bool(persona)), **facts)  # fmt: skip
    scene.trades[row["id"]] = trade
    if persona:
        scene.personas[persona] = row
    return row


def _place(scene: Scene, dice: Random, *, central: bool) -> dict[str, Any]:
    """A real sub-district of the province (central: of its capital district) and a made-up point in it."""
    place = dice.choice(library.places("subdistricts", scene.province + "01" if central else scene.province))
    return {
        "subdistrict_code": place["code"],
        "district_code": place["code"][:4],
        "province_code": scene.province,
        "lat": round(float(place["lat"]) + dice.uniform(-0.01, 0.01), 5),
        "lng": round(float(place["lng"]) + dice.uniform(-0.01, 0.01), 5),
        "approximate": True,
        "state": "qualified",
        "created_at": scene.at,
    }


def _owners(scene: Scene, suppliers: list[Row]) -> None:
    """One to three owners a group; a few stand behind two or three groups."""
    dice = scene.dice("owners")
    shared = scene.pseudonym("shared", 0)
    for number, row in enumerate(suppliers):
        if number % OWNERS_SHARED == 0:
            shared = scene.pseudonym("shared", number)
        own = [scene.pseudonym("owner", number * 3 + n) for n in range(dice.randint(1, 3))]
        for pseudonym in own + ([shared] if number % OWNERS_SHARED < 3 and number >= OWNERS_SHARED else []):
            scene.rows.add(BeneficialOwner, organisation_id=row["id"], pseudonym=pseudonym)


def _conflicts(scene: Scene, buyers: list[Row], suppliers: list[Row]) -> None:
    """Declared conflicts between a buyer and a group; one of them is over."""
    dice = scene.dice("conflicts")
    for number, (buyer, group) in enumerate(
        zip(dice.sample(buyers[1:], CONFLICTS), dice.sample(suppliers[1:], CONFLICTS), strict=True)
    ):
        scene.rows.add(
            Conflict,
            organisation_id=buyer["id"],
            other_id=group["id"],
            reason=scene.words["conflict_reason"],
            valid_from=scene.when.before(days=200),
            valid_until=scene.when.before(days=20) if number == 0 else None,
        )


INSTITUTIONS = {
    "company": "provincial_company",
    "committee": "provincial_committee",
    "centre": "service_centre",
    "agency": "attesting_agency",
    "fund": "village_fund",
}


def found_institutions(scene: Scene) -> None:
    """The province's company, committee, service centre, attesting agency and a village fund, in the capital."""
    for key, kind in INSTITUTIONS.items():
        patterns, words = library.names()["kinds"][kind], (scene.local["short_th"], scene.local["name_en"])
        th, en = (pattern.format(place=word) for pattern, word in zip(patterns, words, strict=True))
        place = _place(scene, scene.dice(key), central=True)
        scene.personas[key] = scene.rows.add(
            Organisation, **scene.mark(key.upper()), **place, kind=kind, name_th=th, name_en=en
        )


def name_personas(scene: Scene, buyers: list[Row]) -> None:
    """The first school and the first hospital are the demonstration's own."""
    for key in ("school", "hospital"):
        scene.personas[key] = next(row for row in buyers if row["kind"] == key)


def open_accounts(scene: Scene, accounts: list[dict[str, Any]]) -> None:
    """One account a persona; every password is `demo`."""
    for account in accounts:
        username = account["username"].format(slug=scene.local["slug"])
        person = scene.rows.add(
            Person, username=username, display_name=account["display_name"], password_hash=scene.password_hash
        )
        for role in account["roles"]:
            organisation_id = scene.personas[account["organisation"]]["id"]
            scene.rows.add(Membership, person_id=person["id"], organisation_id=organisation_id, role=role)
            scene.holders[account["organisation"], role] = person["id"]
        if account["organisation"] == SHARED_PHONE:
            scene.personas[SHARED_PHONE]["shared_phone"] = True
            scene.rows.add(Pin, person_id=person["id"], pin_hash=_pin_hash())


@lru_cache
def _pin_hash() -> str:
    """One hash for every PIN."""
    return hash_password(PIN)
