"""Two pools around the persona school: one to join, one that is agreed and waits for the school's own draft."""

from datetime import timedelta

from service.demo import library
from service.demo.library import Good
from service.demo.rows import Row
from service.demo.scene import Scene
from service.pools.models import Pool, PoolMember
from service.pools.rules import usual_end

WEEK = timedelta(days=7)
MOST_MEMBERS = 3
MEMBERS_NEED = (20, 15, 30)  # units of each line


def buy_together(scene: Scene, buyers: list[Row]) -> None:
    """Ask in the school's district; in a district with no other kitchen there is nobody to ask."""
    school = scene.personas["school"]
    others = [row for row in buyers if row["district_code"] == school["district_code"] and row is not school]
    if others:
        _pool(scene, others[:MOST_MEMBERS], "pool_open", 2, "open")
        _pool(scene, [others[0], school], "pool_agreed", 1, "closed")


def _pool(scene: Scene, kitchens: list[Row], title: str, weeks: int, state: str) -> None:
    week = scene.when.week + weeks * WEEK
    lead = kitchens[0]
    goods = _usual(scene)
    row = scene.rows.add(
        Pool, lead_id=lead["id"], district_code=lead["district_code"], province_code=scene.province, state=state,
        title=scene.words[title], delivery_week=week, join_by=usual_end(week if state == "open" else scene.when.week),
        terms=[_term(scene, good, str(week + WEEK / 7)) for good in goods], created_at=scene.at, version=1,
    )  # fmt: skip
    for kitchen, units in zip(kitchens, MEMBERS_NEED, strict=False):
        scene.rows.add(PoolMember, pool_id=row["id"], organisation_id=kitchen["id"], quantities=[units] * len(goods),
                       joined_at=scene.at, version=1)  # fmt: skip


def _usual(scene: Scene) -> list[Good]:
    """Three vegetables that many kitchens ask for."""
    leaves = [good for good in library.goods() if good.cluster == "leaf" and good.code in scene.prices]
    return sorted(leaves, key=lambda good: -good.popularity)[:3]


def _term(scene: Scene, good: Good, day: str) -> dict[str, object]:
    return {"product_code": good.code, "delivery_date": day, "ceiling_satang": scene.prices[good.code]["upper_satang"]}
