"""From dishes on days to deliveries in packs: exact, as pure functions.

Raw grams of an ingredient = served grams x factor x 100 / edible per cent x heads. All arithmetic is on whole numbers
and fractions; the only rounding is up, to whole packs. What a kitchen gets is never less than what it serves, and less
than one pack more for each run of deliveries in which what is left over stays fresh.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from service.recipes.rules import Bought

FRESH_DAYS = 4  # what keeps no longer comes for one day
LONG_DAYS = 14  # what keeps so long comes once a week
WEEK_DAYS = 6
DAY = timedelta(days=1)
ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Portion:
    """An ingredient of a dish on a day, for so many heads, with all that its weight follows from."""

    day: date
    meal: str
    dish: str
    ingredient: str
    method: str
    heads: int
    serve_mg: int
    yield_bp: int
    factor_milli: int | None  # None: no factor is known, and it counts as 1

    @property
    def grams(self) -> Fraction:
        """Raw grams for all heads."""
        factor = 1000 if self.factor_milli is None else self.factor_milli
        return Fraction(self.serve_mg * factor * self.heads, 100 * self.yield_bp)


@dataclass(frozen=True, slots=True)
class Use:
    """A portion of what is bought as a product, and the weight of one unit for it."""

    portion: Portion
    unit_g: int

    @property
    def units(self) -> Fraction:
        """Units of the product."""
        return self.portion.grams / self.unit_g

    @property
    def weight(self) -> str:
        """Raw kilograms for people."""
        return told(self.portion.grams / 1000)


@dataclass(frozen=True, slots=True)
class Drop:
    """One delivery of a product: the units that its days of use need, and the whole packs that come."""

    day: date
    until: date  # the last day of use that it is for
    need: Fraction
    quantity: int
    run: int  # deliveries of one run hand their leftovers on


@dataclass(frozen=True, slots=True)
class Item:
    """A product's whole week: where the need comes from, what the store holds, what must come."""

    bought: Bought
    uses: tuple[Use, ...]
    need: Fraction  # units
    netted: Fraction  # units taken from the store
    drops: tuple[Drop, ...]

    @property
    def quantity(self) -> int:
        """Units that come in all."""
        return sum(drop.quantity for drop in self.drops)

    @property
    def need_text(self) -> str:
        """Units that are needed, for people."""
        return told(self.need)

    @property
    def netted_text(self) -> str:
        """Units from the store, for people."""
        return told(self.netted)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which a kitchen may receive, and the first and last day of its delivery week."""

    first: date
    closed: frozenset[date] = field(default_factory=frozenset)
    before_day: bool = False  # it cooks breakfast: what a day needs comes on the day before

    def receives(self, day: date) -> bool:
        """Whether a delivery may come on the day."""
        return self.first <= day <= self.first + WEEK_DAYS * DAY and day not in self.closed

    def for_use_on(self, day: date, *, fresh: bool) -> date:
        """The day of delivery for a day of use: fresh goods on the day where no breakfast is cooked, else before it."""
        early = day - DAY
        return early if (self.before_day or not fresh) and self.receives(early) else day


def told(units: Fraction) -> str:
    """A quantity for people, to a thousandth, rounded up: exact numbers stay in the calculation."""
    whole, rest = divmod(ceil(units * 1000), 1000)
    return f"{whole:,}.{rest:03d}".rstrip("0").rstrip(".")


def serves_days(shelf_days: int) -> int:
    """For how many days after the first day of use one delivery is used."""
    if shelf_days <= FRESH_DAYS:
        return 0
    return WEEK_DAYS if shelf_days >= LONG_DAYS else shelf_days // 2


def used_by_day(uses: Iterable[Use]) -> dict[date, Fraction]:
    """Units of a product that each day uses, in the order of days."""
    found: dict[date, Fraction] = {}
    for use in uses:
        found[use.portion.day] = found.get(use.portion.day, ZERO) + use.units
    return dict(sorted(found.items()))


def after_stock(uses: Mapping[date, Fraction], stock: Fraction) -> dict[date, Fraction]:
    """What must still come for each day: the store serves the earliest days first."""
    left, found = stock, {}
    for day, units in uses.items():
        taken = min(left, units)
        left -= taken
        if units > taken:
            found[day] = units - taken
    return found


def in_packs(units: Fraction, pack: int) -> int:
    """Whole packs that hold the units, in units."""
    return ceil(units / pack) * pack


def drops_of(uses: Mapping[date, Fraction], bought: Bought, calendar: Calendar) -> tuple[Drop, ...]:
    """Deliveries that cover the uses: days that one delivery serves together, leftovers handed on while fresh."""
    serves = serves_days(bought.shelf_days)
    drops: list[Drop] = []
    left, fresh_until, run = ZERO, date.min, 0
    for days in _together(list(uses), serves):
        need = sum((uses[day] for day in days), ZERO)
        if left and days[-1] > fresh_until:
            left, run = ZERO, run + 1
        quantity = in_packs(max(ZERO, need - left), bought.pack)
        day = calendar.for_use_on(days[0], fresh=serves == 0)
        if quantity:
            fresh_until = day + bought.shelf_days * DAY
        left = left + quantity - need
        drops.append(Drop(day, days[-1], need, quantity, run))
    return tuple(drops)


def _together(days: Sequence[date], serves: int) -> list[list[date]]:
    """Days of use in groups, each within the reach of one delivery."""
    groups: list[list[date]] = []
    for day in days:
        if groups and (day - groups[-1][0]).days <= serves:
            groups[-1].append(day)
        else:
            groups.append([day])
    return groups


def item_of(bought: Bought, uses: Sequence[Use], stock: Fraction, calendar: Calendar) -> Item:
    """A product's need of a week, netted and cut into deliveries."""
    by_day = used_by_day(uses)
    need = sum(by_day.values(), ZERO)
    missing = after_stock(by_day, stock)
    netted = need - sum(missing.values(), ZERO)
    return Item(bought, tuple(uses), need, netted, drops_of(missing, bought, calendar))


def day_costs(portions: Iterable[Portion], satang_per_gram: Callable[[str], Fraction | None]) -> dict[date, Fraction]:
    """What the raw goods of each day cost, without rounding to packs; ingredients without a price cost nothing here."""
    found: dict[date, Fraction] = {}
    for portion in portions:
        price = satang_per_gram(portion.ingredient)
        found[portion.day] = found.get(portion.day, ZERO) + (portion.grams * price if price is not None else ZERO)
    return found


def scaled(quantity: int, pack: int, heads: int, before: int) -> int:
    """A quantity for other heads, rounded up; whole packs stay whole packs."""
    wanted = Fraction(quantity * heads, before)
    return in_packs(wanted, pack if quantity % pack == 0 else 1)
