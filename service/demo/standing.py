"""What a group brings beside produce: social shares by tier, income so far, certificates."""

from random import Random

from service.catalog.models import Certificate
from service.demo import library
from service.demo.rows import Row
from service.demo.scene import Scene, chosen
from service.parties.models import SocialShare, SupplierIncome

WHOLE = 10_000
ATTESTED = 0.7  # part of the groups that the agency has visited
EARNING = 0.6  # part of the groups that sold before
HOLDS = {"GAP": 0.5, "ORGANIC": 0.12, "PGS": 0.18, "FDA": 0.8, "TCPS": 0.5}
EXPIRY = {"long": 0.84, "soon": 0.09, "over": 0.07}  # some certificates have run out, some are about to


def give_standing(scene: Scene, suppliers: list[Row]) -> None:
    """Shares, income and certificates of every group."""
    agency = scene.personas["agency"]["id"]
    own = {scene.personas["enterprise"]["id"], scene.personas["farmers"]["id"]}
    for number, row in enumerate(suppliers, 1):
        dice = scene.dice(f"standing {number}")
        _shares(scene, dice, row, agency, strong=row["id"] in own)
        _income(scene, dice, row, poor=row["id"] in own)
        _certificates(scene, dice, row, number, sure=row["id"] in own)


def _shares(scene: Scene, dice: Random, row: Row, agency: object, *, strong: bool) -> None:
    visited = strong or dice.random() < ATTESTED
    for measure, declared in _declared(dice, strong=strong).items():
        attested = int(declared * (1.0 if strong else dice.uniform(0.55, 1.0))) // 100 * 100
        scene.rows.add(
            SocialShare,
            organisation_id=row["id"],
            measure=measure,
            declared_bp=declared,
            attested_bp=attested if visited else None,
            attester_id=agency if visited else None,
            attested_on=scene.when.before(60) if visited else None,
            evidence=scene.words["evidence"] if visited else "",
            valid_from=scene.when.before(90),
            valid_until=scene.when.after(275),
        )


def _declared(dice: Random, *, strong: bool) -> dict[str, int]:
    """Shares in whole per cents: four tiers that make the whole of labour, inputs nearby, surplus paid out."""
    parts = [dice.gammavariate(a, 1) for a in ((3, 2, 1, 0.5) if strong else (0.6, 1.0, 2.0, 2.5))]
    tiers = [int(part / sum(parts) * 100) * 100 for part in parts[:3]]
    inputs = dice.randrange(20, 90) * 100
    nearby = inputs * dice.randrange(20, 70) // 10_000 * 100
    return {
        **{f"labour_tier_{n}": tier for n, tier in enumerate(tiers, 1)},
        "labour_tier_4": WHOLE - sum(tiers),
        "inputs_district": nearby,
        "inputs_province": inputs - nearby,
        "income_sharing": dice.randrange(5, 80) * 100,
    }


def _income(scene: Scene, dice: Random, row: Row, *, poor: bool) -> None:
    """Monthly sales of the last twelve months to public kitchens: many had none, a few had much."""
    if not poor and dice.random() >= EARNING:
        return
    month = 40_000 if poor else dice.lognormvariate(11.5, 1.2)  # satang a household
    for number in range(dice.randint(3, 12)):
        satang = round(month * row["member_households"] * dice.uniform(0.5, 1.5))
        scene.rows.add(
            SupplierIncome,
            organisation_id=row["id"],
            earned_on=scene.when.before(15 + 30 * number),
            satang=max(100, satang),
            source=f"demo:{row['registration_id']}:{number}",
        )


def _certificates(scene: Scene, dice: Random, row: Row, number: int, *, sure: bool) -> None:
    trade = scene.trades[row["id"]]
    for kind in library.certificate_kinds():
        first = sure and kind["code"] == "GAP"
        if trade in kind["clusters"] and (first or dice.random() < HOLDS[kind["code"]]):
            _certificate(scene, dice, row, kind, f"DEMO-{scene.province}-{number:04}", sure=first)


def _certificate(scene: Scene, dice: Random, row: Row, kind: Row, number: str, *, sure: bool) -> None:
    days = {"long": dice.randint(90, 360), "soon": dice.randint(15, 45), "over": -dice.randint(5, 120)}
    expires_on = scene.when.after(days["long" if sure else chosen(dice, EXPIRY)])
    scene.rows.add(
        Certificate,
        organisation_id=row["id"],
        kind_code=kind["code"],
        product_code=None,
        number=number,
        issued_on=expires_on.replace(year=expires_on.year - kind["years"], day=min(expires_on.day, 28)),
        expires_on=expires_on,
        revoked_on=None,
    )
