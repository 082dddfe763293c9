"""Reads of menus for pages and programs: the plan as a grid with its cost, the need with its origin, lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from service.calendars.queries import closed_days
from service.catalog import choosing
from service.catalog import queries as catalog
from service.catalog.models import Product, ReferencePrice
from service.demand.models import Demand
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.menus import drafting, known, need, rates
from service.menus.models import MealRate, MenuWeek, Purchase, Recipe, RecipeLine, StockCount
from service.menus.vocabulary import Counted
from service.parties.models import Organisation

ROWS = 50
INGREDIENTS = 20
Prices = dict[str, ReferencePrice | None]


def listed(by: Actor, words: str = "") -> Select[Recipe]:
    """The recipes that the actor's kitchen may cook, by a part of their name or of an ingredient."""
    query = select(Recipe).where(known.visible(_own(by)), Recipe.active)
    if words.strip():
        like = f"%{_escaped(words.strip()[:80])}%"
        holds = select(RecipeLine.recipe_id).where(RecipeLine.ingredient.ilike(like, escape="\\"))
        query = query.where(Recipe.name.ilike(like, escape="\\") | Recipe.id.in_(holds))
    return query


def _own(by: Actor) -> UUID:
    if by.organisation_id is None:
        raise NotFound
    return by.organisation_id


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def recipes(tx: Session, *, by: Actor, words: str, page: int) -> tuple[list[Recipe], int]:
    """A page of recipes by name with their lines, and how many there are in all."""
    known.kitchen(tx, by)
    query = listed(by, words)
    found = query.options(selectinload(Recipe.lines)).order_by(Recipe.name, Recipe.id)
    total = tx.scalar(select(func.count()).select_from(query.subquery())) or 0
    return list(tx.scalars(found.offset(max(0, page - 1) * ROWS).limit(ROWS))), total


def dishes(tx: Session, row: Organisation) -> dict[str, UUID]:
    """Every recipe of a kitchen under the name that a plan writes; equal names carry their number or place."""
    found: dict[str, UUID] = {}
    for recipe in tx.scalars(known.recipes(row.id)):
        name, place = recipe.name, 2
        while name in found:
            name, place = f"{recipe.name} ({recipe.number or place})", place + 1
            if name in found:
                name = f"{recipe.name} ({place})"
        found[name] = recipe.id
    return found


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the plan: why it is closed, who is fed, what a head costs so far, and what it may cost."""

    day: date
    closed: str
    heads: known.Heads
    satang: int | None  # a head, at reference prices, rounded up; None: nothing is planned
    rate: rates.Rate | None

    @property
    def above(self) -> bool:
        """Whether the menu costs more than the rate."""
        return self.satang is not None and self.rate is not None and self.satang > self.rate.satang


@dataclass(frozen=True, slots=True)
class Cost:
    """The days of a plan with their cost, the mean of the open planned days, and ingredients without a price."""

    days: tuple[Day, ...]
    unpriced: tuple[str, ...]
    mean_satang: int | None


def cost(tx: Session, row: Organisation, week: date, entries: Sequence[known.Entry]) -> Cost:
    """What the entries, saved or not, cost a head and day."""
    days = [week + timedelta(days=number) for number in range(7)]
    closed = closed_days(tx, organisation_id=row.id, first=days[0], last=days[-1])
    heads = known.heads_of(tx, row, days)
    used = known.portions(tx, row, [entry for entry in entries if entry.day not in closed], heads)
    bought = known.bought(tx, row.id, {portion.ingredient for portion in used})
    codes = {target.product_code for target in bought.values() if target}
    prices = catalog.reference_prices(tx, codes, row.province_code or "", week)
    by_day = need.day_costs(used, lambda name: _per_gram(bought, prices, name))
    found = tuple(Day(day, closed.get(day, ""), heads[day], _a_head(by_day.get(day), heads[day].number),
                      known.rate_of(tx, row, heads[day].number, day)) for day in days)  # fmt: skip
    unpriced = sorted({portion.ingredient for portion in used if _is_unpriced(bought, prices, portion.ingredient)})
    planned = [day for day in by_day if heads[day].number]
    total = sum((by_day[day] for day in planned), need.ZERO)
    return Cost(found, tuple(unpriced), _a_head(total, sum(heads[day].number for day in planned)) if planned else None)


def _per_gram(bought: dict[str, need.Bought | None], prices: Prices, name: str) -> Fraction | None:
    target = bought.get(name)
    price = prices.get(target.product_code) if target else None
    return None if target is None or price is None else Fraction(price.median_satang, target.unit_g)


def _is_unpriced(bought: dict[str, need.Bought | None], prices: Prices, name: str) -> bool:
    elsewhere = name in bought and bought[name] is None
    return not elsewhere and _per_gram(bought, prices, name) is None


def _a_head(satang: Fraction | None, heads: int) -> int | None:
    return None if satang is None or not heads else need.in_packs(satang / heads, 1)


@dataclass(frozen=True, slots=True)
class Board:
    """A week's plan for its page."""

    kitchen: Organisation
    counted: Counted
    week: date
    plan: MenuWeek | None
    demand: Demand | None
    dishes: dict[str, UUID]
    past: list[tuple[date, int]]


def board(tx: Session, *, by: Actor, week: date) -> Board:
    """The plan with what can be chosen, the demand made of it, and the weeks that can be copied."""
    row = known.kitchen(tx, by)
    plan = known.week_of(tx, row.id, week)
    demand = tx.get(Demand, plan.demand_id) if plan and plan.demand_id else None
    return Board(row, known.counted(row), week, plan, demand, dishes(tx, row), _past(tx, row.id, week))


def _past(tx: Session, organisation_id: UUID, week: date) -> list[tuple[date, int]]:
    """The latest other weeks with a menu, and how many dishes each has."""
    counted = select(MenuWeek.week, func.count()).join(MenuWeek.entries).group_by(MenuWeek.week)
    mine = counted.where(MenuWeek.organisation_id == organisation_id, MenuWeek.week != week)
    return [(other, number) for other, number in tx.execute(mine.order_by(MenuWeek.week.desc()).limit(26))]


@dataclass(frozen=True, slots=True)
class Line:
    """A product of the need: its name, price, ceiling, and where it comes from."""

    item: need.Item
    product: Product
    ceiling_satang: int | None

    @property
    def total_satang(self) -> int:
        """At the ceiling, what all deliveries may cost."""
        return self.item.quantity * (self.ceiling_satang or 0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The need of a week for its page."""

    kitchen: Organisation
    need: known.Need
    lines: list[Line]
    unpriced: list[str]
    plan: MenuWeek | None
    demand: Demand | None

    @property
    def total_satang(self) -> int:
        """The draft's total, as far as ceilings are known."""
        return sum(line.total_satang for line in self.lines)


def sheet(tx: Session, *, by: Actor, week: date) -> Sheet:
    """What the week needs, line by line."""
    row = known.kitchen(tx, by)
    found = known.need_of(tx, row, week)
    codes = {item.bought.product_code for item in found.items}
    products = {one.code: one for one in tx.scalars(select(Product).where(Product.code.in_(codes)))}
    ceilings = drafting.ceilings_of(tx, row, week, codes)
    lines = [Line(item, products[item.bought.product_code], ceilings.get(item.bought.product_code))
             for item in found.items]  # fmt: skip
    plan = known.week_of(tx, row.id, week)
    demand = tx.get(Demand, plan.demand_id) if plan and plan.demand_id else None
    return Sheet(row, found, lines, drafting.unpriced(found, ceilings), plan, demand)


@dataclass(frozen=True, slots=True)
class Named:
    """An ingredient of the kitchen's recipes: what it is bought as, or which products it could be."""

    ingredient: str
    purchase: Purchase | None
    product: Product | None
    guesses: list[Product]

    @property
    def is_known(self) -> bool:
        """Whether it is said, or plain by its name, what it is bought as."""
        return self.purchase is not None or self.product is not None


def ingredients(tx: Session, *, by: Actor, only: str = "", page: int = 1) -> tuple[list[Named], int]:
    """A page of the recipes' ingredients, the unknown ones first, and how many there are."""
    row = known.kitchen(tx, by)
    named = select(RecipeLine.ingredient).join(Recipe).where(known.visible(row.id), Recipe.active).distinct()
    names = sorted(tx.scalars(named.where(RecipeLine.ingredient == only) if only else named))
    said = {one.ingredient: one for one in tx.scalars(select(Purchase).where(Purchase.organisation_id == row.id))}
    bought = known.bought(tx, row.id, names)
    start = (max(1, page) - 1) * INGREDIENTS
    shown = sorted(names, key=lambda name: (name in bought, name))[start : start + INGREDIENTS]
    meant = {name: target.product_code for name in shown if (target := bought.get(name))}
    guesses = choosing.guesses(tx, [name for name in shown if name not in bought])
    by_code = catalog.names_of(tx, [*meant.values(), *(code for codes in guesses.values() for code in codes)])
    return [
        Named(name, said.get(name), by_code.get(meant.get(name, "")), [by_code[code] for code in guesses.get(name, [])])
        for name in shown
    ], len(names)


def bought_codes(by: Actor) -> Select[Any]:
    """The codes of what the kitchen has said that it buys."""
    return select(Purchase.product_code).where(Purchase.organisation_id == by.organisation_id)


def counts(tx: Session, *, by: Actor) -> list[tuple[StockCount, Product]]:
    """The newest count of each product, the oldest count last."""
    row = known.kitchen(tx, by)
    newest = known.newest_counts(tx, row.id, since=date.min).values()
    products = {one.code: one for one in tx.scalars(select(Product).where(Product.code.in_(_codes(newest))))}
    return [(one, products[one.product_code]) for one in sorted(newest, key=lambda one: one.counted_on, reverse=True)]


def _codes(rows: Iterable[StockCount]) -> set[str]:
    return {row.product_code for row in rows}


def own_rates(tx: Session, *, by: Actor) -> list[MealRate]:
    """The institution's own rates, the newest first."""
    row = known.kitchen(tx, by)
    mine = select(MealRate).where(MealRate.organisation_id == row.id)
    return list(tx.scalars(mine.order_by(MealRate.valid_from.desc())))
