"""Reads of menus for pages and programs: the plan as a grid with its cost, the need with its origin, lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.calendars.queries import closed_days
from service.catalog import queries as catalog
from service.catalog.models import Product, ReferencePrice
from service.demand.models import Demand
from service.kernel.actor import Actor
from service.menus import drafting, known, need, rates
from service.menus.models import MealRate, MenuWeek, StockCount
from service.menus.vocabulary import Counted
from service.parties.models import Organisation
from service.recipes import known as cookbook
from service.recipes import queries as recipes
from service.recipes.rules import Bought

Prices = dict[str, ReferencePrice | None]
MEASURED = frozenset({"KGM", "LTR"})  # units that can be had in part


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
    bought = cookbook.bought(tx, row.id, {portion.ingredient for portion in used})
    codes = {target.product_code for target in bought.values() if target}
    prices = catalog.reference_prices(tx, codes, row.province_code or "", week)
    by_day = need.day_costs(used, lambda name: _per_gram(bought, prices, name))
    found = tuple(Day(day, closed.get(day, ""), heads[day], _a_head(by_day.get(day), heads[day].number),
                      known.rate_of(tx, row, heads[day].number, day)) for day in days)  # fmt: skip
    unpriced = sorted({portion.ingredient for portion in used if _is_unpriced(bought, prices, portion.ingredient)})
    planned = [day for day in by_day if heads[day].number]
    total = sum((by_day[day] for day in planned), need.ZERO)
    return Cost(found, tuple(unpriced), _a_head(total, sum(heads[day].number for day in planned)) if planned else None)


def _per_gram(bought: dict[str, Bought | None], prices: Prices, name: str) -> Fraction | None:
    target = bought.get(name)
    price = prices.get(target.product_code) if target else None
    return None if target is None or price is None else Fraction(price.median_satang, target.unit_g)


def _is_unpriced(bought: dict[str, Bought | None], prices: Prices, name: str) -> bool:
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
    row = cookbook.kitchen(tx, by)
    plan = known.week_of(tx, row.id, week)
    demand = tx.get(Demand, plan.demand_id) if plan and plan.demand_id else None
    return Board(row, known.counted(row), week, plan, demand, recipes.dishes(tx, row), _past(tx, row.id, week))


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
    def need_text(self) -> str:
        """Units that are needed, for people: nobody breaks an egg into thousandths."""
        return self.item.need_text if self.product.unit in MEASURED else f"{need.in_packs(self.item.need, 1):,}"

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
    row = cookbook.kitchen(tx, by)
    found = known.need_of(tx, row, week)
    codes = {item.bought.product_code for item in found.items}
    products = {one.code: one for one in tx.scalars(select(Product).where(Product.code.in_(codes)))}
    ceilings = drafting.ceilings_of(tx, row, week, codes)
    lines = [Line(item, products[item.bought.product_code], ceilings.get(item.bought.product_code))
             for item in found.items]  # fmt: skip
    plan = known.week_of(tx, row.id, week)
    demand = tx.get(Demand, plan.demand_id) if plan and plan.demand_id else None
    return Sheet(row, found, lines, drafting.unpriced(found, ceilings), plan, demand)


def counts(tx: Session, *, by: Actor) -> list[tuple[StockCount, Product]]:
    """The newest count of each product, the oldest count last."""
    row = cookbook.kitchen(tx, by)
    newest = known.newest_counts(tx, row.id, since=date.min).values()
    products = {one.code: one for one in tx.scalars(select(Product).where(Product.code.in_(_codes(newest))))}
    return [(one, products[one.product_code]) for one in sorted(newest, key=lambda one: one.counted_on, reverse=True)]


def _codes(rows: Iterable[StockCount]) -> set[str]:
    return {row.product_code for row in rows}


def own_rates(tx: Session, *, by: Actor) -> list[MealRate]:
    """The institution's own rates, the newest first."""
    row = cookbook.kitchen(tx, by)
    mine = select(MealRate).where(MealRate.organisation_id == row.id)
    return list(tx.scalars(mine.order_by(MealRate.valid_from.desc())))
