"""What actions and queries of menus both ask: recipes, plans, heads, purchases, stock, and the need that follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from service.calendars.queries import closed_days
from service.demand.models import Demand
from service.menus import need, rates, rules
from service.menus.models import (
    HeadCount,
    MealRate,
    MenuWeek,
    StockCount,
)
from service.menus.vocabulary import COUNTED, Counted, Meal
from service.parties.models import Organisation
from service.recipes import known as cookbook
from service.recipes.models import Recipe
from service.recipes.rules import Bought


class Entry(rules.Entry, Protocol):
    """A dish on a day, stored or written."""

    @property
    def heads(self) -> int | None: ...


def counted(row: Organisation) -> Counted:
    """Whom the kitchen counts, and the meals that it cooks."""
    return COUNTED[row.kind]


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
    factors = cookbook.factors(tx, row.id, {line.ingredient for dish in dishes.values() for line in dish.lines})
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


def in_store(tx: Session, organisation_id: UUID, week: date, codes: Iterable[str]) -> dict[str, Fraction]:
    """Units of products that a week may count on: the newest count, less what drafts of other weeks took of it."""
    counts = newest_counts(tx, organisation_id, since=week - rules.STOCK_COUNTS, codes=codes)
    taken = _taken(tx, organisation_id, week)
    found = {}
    for code, row in counts.items():
        used = sum(milli for other, netted in taken if other + timedelta(days=6) >= row.counted_on
                   for name, milli in netted.items() if name == code)  # fmt: skip
        found[code] = Fraction(max(0, row.quantity_milli - used), cookbook.MILLI)
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
    known = cookbook.bought(tx, row.id, {portion.ingredient for portion in used})
    goods: dict[str, Bought] = {}
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
