"""School dishes with assumed amounts, and a week's menu at two kitchens for a newcomer to start from."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.demo import library
from service.demo.rows import Row
from service.demo.scene import Scene
from service.menus.drafting import next_week
from service.menus.models import MenuEntry, MenuWeek
from service.menus.vocabulary import COUNTED
from service.recipes.models import Factor, Purchase, Recipe, RecipeLine

KITCHENS = ("school", "hospital")


def cook(tx: Session, scene: Scene) -> None:
    """Dishes for all kitchens, once; last week's menu of the personas' own kitchens."""
    shared = select(Recipe).where(Recipe.organisation_id.is_(None))
    there = {row.name: row.id for row in tx.scalars(shared)}
    dishes = there or _write(scene)
    week = next_week(scene.when.day) - timedelta(days=7)
    for key in KITCHENS:
        _plan(scene, scene.personas[key], week, dishes)
        _buy(scene, scene.personas[key])


def _write(scene: Scene) -> dict[str, Any]:
    given = library.recipes()
    for factor in given["factors"]:
        scene.rows.add(Factor, source=given["source_th"], **factor)
    return {dish["name"]: _dish(scene, dish, given["source_th"]) for dish in given["dish"]}


def _dish(scene: Scene, dish: dict[str, Any], source: str) -> Any:
    row = scene.rows.add(Recipe, name=dish["name"], method=dish["method"], source=source)
    for position, line in enumerate(dish["lines"]):
        scene.rows.add(RecipeLine, recipe_id=row["id"], position=position, **line)
    return row["id"]


def _plan(scene: Scene, kitchen: Row, week: date, dishes: dict[str, Any]) -> None:
    row = scene.rows.add(MenuWeek, organisation_id=kitchen["id"], week=week)
    meals = COUNTED[kitchen["kind"]].meals
    for number, names in enumerate(library.recipes()["week"]):
        for turn, meal in enumerate(meals):
            served = names if not turn else library.recipes()["week"][(number + turn) % 5]
            for place, name in enumerate(served):
                scene.rows.add(
                    MenuEntry,
                    menu_week_id=row["id"],
                    recipe_id=dishes[name],
                    day=week + timedelta(days=number),
                    meal=meal.value,
                    position=turn * 10 + place,
                )


def _buy(scene: Scene, kitchen: Row) -> None:
    egg = next(good for good in library.goods() if good.code == "egg")
    scene.rows.add(Purchase, organisation_id=kitchen["id"], ingredient=_name_of(egg), product_code=egg.code,
                   unit_g=egg.unit_g)  # fmt: skip


def _name_of(good: library.Good) -> str:
    """The name that recipes give it: its first other name in Thai."""
    return str(next(alias["name"] for alias in good.details["aliases"] if alias["language"] == "th"))
