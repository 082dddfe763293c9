"""Kitchens with recipes for tests: products with prices, dishes, a person who plans."""

from datetime import date
from typing import Any
from uuid import UUID

from service.calendars.models import KitchenWeek
from service.catalog.models import Product
from service.kernel.actor import Actor
from service.menus.schemas import EntryIn
from service.parties.models import Organisation
from service.recipes.models import Factor, Recipe, RecipeLine
from tests.make import Maker, next_week


class Kitchen:
    """A school of 180 pupils: kale by the 5 kg (fresh), rice by the 5 kg (keeps), fried kale and boiled rice."""

    def __init__(self, make: Maker, kind: str = "school", heads: int = 180) -> None:
        self.make, self.week = make, next_week()
        self.row: Organisation = make.organisation(kind, heads=heads)
        if kind == "school":  # what is tested here must not depend on the holidays of the weeks ahead
            make.add(KitchenWeek(organisation_id=self.row.id, weekdays=[0, 1, 2, 3, 4], keeps_holidays=False))
        self.officer: Actor = make.actor(self.row, "buyer_officer")
        self.kale = self.product("KALE", "คะน้า", shelf_life_days=3)
        self.rice = self.product("RICE", "ข้าวสาร", shelf_life_days=180)
        make.add(Factor(ingredient="คะน้า", method="ผัด", factor_milli=1_150))
        self.fried = self.recipe("ผัดคะน้า", "ผัด", ("คะน้า", 60_000, 8_000))
        self.plain = self.recipe("ข้าวสวย", "หุง", ("ข้าวสาร", 75_000, 10_000))
        self.budget_id: UUID = make.budget_line(self.row).id

    def product(self, code: str, name: str, **facts: Any) -> Product:
        """A product of the ingredient's own name, at 20 baht."""
        row = self.make.product(code, name_th=name, **facts)
        self.make.reference_price(row, week=self.week, province_code=self.row.province_code, source=str(self.row.id))
        return row

    def recipe(self, name: str, method: str, *lines: tuple[str, int, int], own: bool = True) -> Recipe:
        """A dish: ingredient, milligrams served, edible basis points."""
        rows = [RecipeLine(position=place, ingredient=ingredient, serve_mg=serve, yield_bp=edible)
                for place, (ingredient, serve, edible) in enumerate(lines)]  # fmt: skip
        return self.make.add(Recipe(organisation_id=self.row.id if own else None, name=name, method=method, lines=rows))

    def entry(self, day: int, recipe: Recipe, heads: int | None = None, meal: str = "lunch") -> EntryIn:
        """A dish on a day of the week."""
        given = {"day": self.day(day), "meal": meal, "recipe_id": recipe.id, "heads": heads}
        return EntryIn.model_validate(given)

    def day(self, number: int) -> date:
        """A day of the week that is planned."""
        return date.fromordinal(self.week.toordinal() + number)
