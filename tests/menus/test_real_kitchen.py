"""The tables of a real hospital kitchen: taken by the operator's verb, and the kilograms they give for 450 beds.

The table is printed; docs/menus.md has the figures that were seen.
"""

import csv
import sys
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from time import process_time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from service.cli import main
from service.kernel.db import Database
from service.kernel.settings import ROOT
from service.menus import known, queries
from service.menus.models import HeadCount, MenuEntry, MenuWeek
from service.menus.vocabulary import THREE
from service.parties.models import Organisation
from service.recipes.models import Recipe, RecipeLine
from tests.make import Maker, making, next_week

FOOD = ROOT.parent / "shared" / "data" / "thailand" / "food"
LINES, FACTORS = (FOOD / f"hospital_kitchen_{name}_thepha.csv" for name in ("recipe_lines", "yield_factors"))
BEDS = 450
WEEKS = 5
here = pytest.mark.skipif(not FOOD.is_dir(), reason="the kitchen's tables (shared/data/thailand/food) are not here")


def loaded(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.setenv("MARKET_DATABASE_URL", database.url)
    for _ in range(2):
        assert main(["import", "factors", str(FACTORS), "--lang", "en"]) == 0
        assert main(["import", "recipes", str(LINES), "--lang", "en"]) == 0
    return [line for line in capsys.readouterr().out.splitlines() if "lines read" in line]


def by_hand() -> dict[str, Decimal]:
    """Raw kilograms of each menu, from the files alone."""
    with FACTORS.open(encoding="utf-8-sig") as file:
        factors = {
            (row["ingredient_th"], row["cooking_method_th"]): Decimal(row["factor"]) for row in csv.DictReader(file)
        }
    found: dict[str, Decimal] = {}
    with LINES.open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            factor = factors.get((row["ingredient_th"], row["cooking_method_th"]), Decimal(1))
            grams = Decimal(row["serve_value"]) * factor * 100 / Decimal(row["yield_value"])
            found[row["menu_id"]] = found.get(row["menu_id"], Decimal(0)) + grams * BEDS / 1000
    return found


def ward(make: Maker) -> Organisation:
    """A hospital of 450 beds at which every ingredient is sold by the kilogram."""
    for number, name in enumerate(sorted(make.tx.scalars(select(RecipeLine.ingredient).distinct()))):
        product = make.product(f"FOOD-{number}", packs=(1,), name_th=name, shelf_life_days=number % 20)
        make.reference_price(product, week=next_week() - timedelta(weeks=1))
    return make.organisation("hospital", heads=BEDS)


def planned(make: Maker, kitchen: Organisation, dishes: list[Recipe]) -> None:
    """Every menu of the kitchen, three times a day over five weeks."""
    turn = 0
    for number in range(WEEKS):
        entries = []
        for day in range(7):
            for place, meal in enumerate(meal for meal in THREE for _ in range(3)):
                date = next_week() + timedelta(days=7 * number + day)
                recipe_id = dishes[turn % len(dishes)].id
                entries.append(MenuEntry(day=date, meal=meal.value, position=place, recipe_id=recipe_id))
                turn += 1
        make.add(MenuWeek(organisation_id=kitchen.id, week=next_week() + timedelta(weeks=number), entries=entries))
    make.add(HeadCount(organisation_id=kitchen.id, day=next_week(), heads=BEDS))


def kilograms(tx: Session, kitchen: Organisation, dishes: list[Recipe]) -> dict[str, Fraction]:
    heads = known.heads_of(tx, kitchen, [next_week()])
    found = {}
    for dish in dishes:
        entry = MenuEntry(day=next_week(), meal="lunch", position=0, recipe_id=dish.id)
        used = known.portions(tx, kitchen, [entry], heads)
        found[dish.number] = sum((portion.grams for portion in used), Fraction(0)) / 1000
    return found


@here
def test_the_real_menus_give_plausible_kilograms_for_450_beds_and_a_month_is_quick(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = loaded(sqlite_database, monkeypatch, capsys)
    assert [line.split(", in ")[0] for line in told] == [
        "209 lines read: 209 added, 0 changed, 0 as before, 0 refused",
        "383 lines read: 383 added, 0 changed, 0 as before, 0 refused",
        "209 lines read: 0 added, 0 changed, 209 as before, 0 refused",
        "383 lines read: 0 added, 0 changed, 383 as before, 0 refused",
    ]
    with making(sqlite_database) as make:
        kitchen = ward(make)
        dishes = list(make.tx.scalars(select(Recipe).options(selectinload(Recipe.lines)).order_by(Recipe.name)))
        planned(make, kitchen, dishes)
        make.tx.flush()
        table = kilograms(make.tx, kitchen, dishes)
        make.tx.expire_all()
        began = process_time()
        needs = [known.need_of(make.tx, kitchen, next_week() + timedelta(weeks=number)) for number in range(WEEKS)]
        month = process_time() - began
        cost = queries.cost(make.tx, kitchen, next_week(), make.tx.scalars(select(MenuEntry)).all()[:63])
    expected = by_hand()
    assert {name: round(float(kg), 6) for name, kg in table.items()} == {
        n: round(float(k), 6) for n, k in expected.items()
    }
    heads = [float(kg) * 1000 / BEDS for kg in table.values()]
    with capsys.disabled():
        sys.stderr.writelines(f"{dish.number:>4} {float(table[dish.number]):8.1f} kg\n" for dish in dishes)
        span = f"{min(heads):.0f} to {max(heads):.0f} g a head, median {median(heads):.0f}"
        sys.stderr.write(f"{len(dishes)} menus: {span}; five weeks in {month:.3f} s of processor time\n")
    assert 20 <= min(heads) <= max(heads) <= 320  # a garnished clear soup to a dish of noodles with its meat
    assert 100 <= median(heads) <= 180
    assert all(not found.unknown for found in needs)
    assert sum(item.quantity for found in needs for item in found.items) >= sum(
        (item.need for found in needs for item in found.items), Fraction(0)
    )
    assert cost.mean_satang
    assert month < 0.3 * 4, month  # 0.3 s on an idle machine
