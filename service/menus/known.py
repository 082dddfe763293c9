"""What actions and queries of menus both ask: recipes, plans, heads, purchases, stock, and the need that follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, selectinload

from service.calendars.queries import closed_days
from service.catalog.models import Product, ProductAlias, ProductPack
from service.demand.models import Demand
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.menus import need, rates, rules
from service.menus.models import (
    Factor,
    HeadCount,
    MealRate,
    MenuWeek,
    Purchase,
    Recipe,
    StockCount,
)
from service.menus.vocabulary import COUNTED, Counted, Meal
from service.parties.models import Organisation
from service.parties.permissions import require

MILLI = 1000


class Entry(rules.Entry, Protocol):
    """A dish on a day, stored or written."""

    @property
    def heads(self) -> int | None: ...


def kitchen(tx: Session, by: Actor, verb: str = "menu.see") -> Organisation:
    """The actor's own institution, where it may cook by plan."""
    require(by, verb, organisation_id=by.organisation_id)
    return tx.get_one(Organisation, by.organisation_id)


def counted(row: Organisation) -> Counted:
    """Whom the kitchen counts, and the meals that it cooks."""
    return COUNTED[row.kind]


def visible(organisation_id: UUID) -> ColumnElement[bool]:
    """The recipes that a kitchen may cook: its own and everybody's."""
    return or_(Recipe.organisation_id == organisation_id, Recipe.organisation_id.is_(None))


def recipes(organisation_id: UUID) -> Select[Recipe]:
    """The recipes of a kitchen that are in use, by name."""
    return select(Recipe).where(visible(organisation_id), Recipe.active).order_by(Recipe.name, Recipe.id)


def recipe(tx: Session, organisation_id: UUID, recipe_id: UUID) -> Recipe:
    """One recipe with its lines, or NotFound."""
    found = select(Recipe).where(Recipe.id == recipe_id, visible(organisation_id)).options(selectinload(Recipe.lines))
    row = tx.scalar(found)
    if row is None:
        raise NotFound
    return row


def week_of(tx: Session, organisation_id: UUID, week: date, *, lock: bool = False) -> MenuWeek | None:
    """The plan of a week with its entries, where there is one."""
    found = select(MenuWeek).where(MenuWeek.organisation_id == organisation_id, MenuWeek.week == week)
    held = found.with_for_update().execution_options(populate_existing=True) if lock else found
    return tx.scalar(held.options(selectinload(MenuWeek.entries)))


@dataclass(frozen=True, slots=True)
class Heads:
    """How many are fed on a day: as counted on it, or assumed from the last count or the institution's size."""

    number: int
    counted: bool


def heads_of(tx: Session, row: Organisation, days: Sequence[date]) -> dict[date, Heads]:
    """The heads of days; a day without a count is taken to be as the last one counted before it."""
    mine = select(HeadCount).where(HeadCount.organisation_id == row.id)
    earlier = mine.where(HeadCount.day < days[0]).order_by(HeadCount.day.desc()).limit(1)
    last = tx.scalar(earlier)
    number = row.heads if last is None else last.heads
    counts = {found.day: found.heads for found in tx.scalars(mine.where(HeadCount.day.in_(days)))}
    found = {}
    for day in days:
        number = counts.get(day, number)
        found[day] = Heads(number, day in counts)
    return found


def portions(tx: Session, row: Organisation, entries: Sequence[Entry], heads: dict[date, Heads]) -> list[need.Portion]:
    """Every ingredient of every dish, with its factor and heads."""
    wanted = {entry.recipe_id for entry in entries}
    rows = tx.scalars(select(Recipe).where(Recipe.id.in_(wanted)).options(selectinload(Recipe.lines)))
    dishes = {dish.id: dish for dish in rows}
    factors = _factors(tx, row.id, {line.ingredient for dish in dishes.values() for line in dish.lines})
    return [
        need.Portion(
            entry.day, entry.meal, dish.name, line.ingredient, dish.method,
            heads[entry.day].number if entry.heads is None else entry.heads,
            line.serve_mg, line.yield_bp, factors.get((line.ingredient, dish.method)),
        )
        for entry in entries
        if (dish := dishes.get(entry.recipe_id)) is not None
        for line in dish.lines
    ]  # fmt: skip


def _factors(tx: Session, organisation_id: UUID, ingredients: set[str]) -> dict[tuple[str, str], int]:
    """Factors by ingredient and method; the kitchen's own replace everybody's."""
    query = select(Factor).where(Factor.ingredient.in_(ingredients))
    mine = or_(Factor.organisation_id == organisation_id, Factor.organisation_id.is_(None))
    rows = sorted(tx.scalars(query.where(mine)), key=lambda factor: factor.organisation_id is not None)
    return {(factor.ingredient, factor.method): factor.factor_milli for factor in rows}


def bought(tx: Session, organisation_id: UUID, ingredients: Iterable[str]) -> dict[str, need.Bought | None]:
    """What ingredients are bought as; None: not bought here. Those that nobody knows are left out.

    A product in kilograms that bears the ingredient's very name needs nobody to say so.
    """
    names = set(ingredients)
    said = select(Purchase).where(Purchase.organisation_id == organisation_id, Purchase.ingredient.in_(names))
    found = {row.ingredient: (row.product_code, row.unit_g) for row in tx.scalars(said)}
    found = _same_name(tx, names - set(found)) | found
    goods = _goods(tx, {code for code, _ in found.values() if code is not None})
    packs = packs_of(tx, set(goods))
    return {
        name: None if code is None else need.Bought(code, unit_g, packs.get(code, 1), goods[code].shelf_life_days)
        for name, (code, unit_g) in found.items()
        if code is None or code in goods
    }


def _same_name(tx: Session, names: set[str]) -> dict[str, tuple[str | None, int]]:
    weighed = (Product.unit == "KGM", Product.active)
    own = select(Product.name_th, Product.code).where(Product.name_th.in_(names), *weighed)
    other = select(ProductAlias.name, Product.code).join(Product, Product.code == ProductAlias.product_code)
    rows = [*tx.execute(other.where(ProductAlias.name.in_(names), *weighed).order_by(Product.code.desc())),
            *tx.execute(own.order_by(Product.code.desc()))]  # fmt: skip
    return {name: (code, MILLI) for name, code in rows}


def _goods(tx: Session, codes: set[str]) -> dict[str, Product]:
    return {row.code: row for row in tx.scalars(select(Product).where(Product.code.in_(codes), Product.active))}


def packs_of(tx: Session, codes: set[str]) -> dict[str, int]:
    """The smallest usual pack of each product."""
    rows = tx.execute(select(ProductPack.product_code, ProductPack.quantity).where(ProductPack.product_code.in_(codes)))
    found: dict[str, int] = {}
    for code, quantity in rows:
        found[code] = min(quantity, found.get(code, quantity))
    return found


def in_store(tx: Session, organisation_id: UUID, week: date, codes: Iterable[str]) -> dict[str, Fraction]:
    """Units of products that a week may count on: the newest count, less what drafts of other weeks took of it."""
    counts = newest_counts(tx, organisation_id, since=week - rules.STOCK_COUNTS, codes=codes)
    taken = _taken(tx, organisation_id, week)
    found = {}
    for code, row in counts.items():
        used = sum(milli for other, netted in taken if other + timedelta(days=6) >= row.counted_on
                   for name, milli in netted.items() if name == code)  # fmt: skip
        found[code] = Fraction(max(0, row.quantity_milli - used), MILLI)
    return found


def newest_counts(
    tx: Session, organisation_id: UUID, *, since: date, codes: Iterable[str] | None = None
) -> dict[str, StockCount]:
    """The newest count of each product since a day."""
    rows = select(StockCount).where(StockCount.organisation_id == organisation_id, StockCount.counted_on >= since)
    if codes is not None:
        rows = rows.where(StockCount.product_code.in_(list(codes)))
    return {row.product_code: row for row in tx.scalars(rows.order_by(StockCount.counted_on))}


def _taken(tx: Session, organisation_id: UUID, week: date) -> list[tuple[date, dict[str, int]]]:
    drafted = select(MenuWeek.week, MenuWeek.netted).join(Demand, Demand.id == MenuWeek.demand_id)
    mine = drafted.where(MenuWeek.organisation_id == organisation_id, MenuWeek.week != week)
    return [(other, netted) for other, netted in tx.execute(mine.where(Demand.state != "cancelled"))]


def rate_of(tx: Session, row: Organisation, heads: int, day: date) -> rates.Rate | None:
    """What a head may cost on a day: the institution's own rate, else that of its kind and size."""
    own = select(MealRate).where(MealRate.organisation_id == row.id, MealRate.valid_from <= day)
    mine = tx.scalar(own.order_by(MealRate.valid_from.desc()).limit(1))
    if mine is not None:
        return rates.Rate(row.kind, 0, None, mine.valid_from, mine.satang, mine.source)
    return rates.of_kind(row.kind, heads, day)


@dataclass(frozen=True, slots=True)
class Need:
    """A week's need: items by product, ingredients without a product, those that are not bought."""

    week: date
    items: tuple[need.Item, ...]
    unknown: tuple[str, ...]
    elsewhere: tuple[str, ...]


def need_of(tx: Session, row: Organisation, week: date) -> Need:
    """What the week's plan needs, as it stands now; dishes on closed days are left out."""
    plan = week_of(tx, row.id, week)
    last = week + timedelta(days=6)
    closed = frozenset(closed_days(tx, organisation_id=row.id, first=week, last=last))
    entries = [entry for entry in (plan.entries if plan else []) if entry.day not in closed]
    heads = heads_of(tx, row, [week + timedelta(days=number) for number in range(7)])
    used = portions(tx, row, entries, heads)
    calendar = need.Calendar(week, closed, before_day=Meal.BREAKFAST in counted(row).meals)
    return _need(tx, row, week, used, calendar)


def _need(tx: Session, row: Organisation, week: date, used: list[need.Portion], calendar: need.Calendar) -> Need:
    known = bought(tx, row.id, {portion.ingredient for portion in used})
    goods: dict[str, need.Bought] = {}
    uses: dict[str, list[need.Use]] = {}
    for portion in used:
        target = known.get(portion.ingredient)
        if target is not None and portion.grams:
            goods.setdefault(target.product_code, target)
            uses.setdefault(target.product_code, []).append(need.Use(portion, target.unit_g))
    store = in_store(tx, row.id, week, goods)
    items = [need.item_of(goods[code], uses[code], store.get(code, need.ZERO), calendar) for code in sorted(goods)]
    unknown = sorted({portion.ingredient for portion in used} - set(known))
    return Need(week, tuple(items), tuple(unknown), tuple(sorted(name for name, it in known.items() if it is None)))
