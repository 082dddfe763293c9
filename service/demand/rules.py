"""Rules of demands: steps between states, separation of duties, totals, ceilings, grounds, days."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from service.catalog.models import Product
from service.catalog.queries import CeilingLimit
from service.demand.vocabulary import LABELS, SMALL_VALUE
from service.kernel.clock import week_of
from service.kernel.i18n import LANGUAGES, N_, long_day, speaking
from service.kernel.money import MAX_SATANG, SATANG, baht_text
from service.kernel.problems import FieldError, InvalidInput, Problem, WrongState
from service.kernel.shapes import MAX_QUANTITY

DAY = timedelta(days=1)
WEEK = 7 * DAY
SMALL_VALUE_SATANG = 500_000 * SATANG  # the ministerial regulation's amount for section 56 (2) (kho)
STEPS: dict[str, tuple[frozenset[str], str]] = {
    "edited": (frozenset({"draft"}), "draft"),
    "approved": (frozenset({"draft"}), "planned"),
    "reopened": (frozenset({"planned"}), "draft"),
    "activated": (frozenset({"planned"}), "active"),
    "put_back": (frozenset({"active", "evaluation"}), "planned"),
    "evaluated": (frozenset({"active"}), "evaluation"),
    "completed": (frozenset({"evaluation"}), "complete"),
    "failed": (frozenset({"evaluation"}), "unsuccessful"),
    "cancelled": (frozenset({"draft", "planned", "active"}), "cancelled"),
}
HOLDS_BUDGET = frozenset({"planned", "active", "evaluation"})


class SameHands(Problem):
    """Who wrote a demand wants to approve it."""

    title = N_("Somebody else has to approve this")
    detail = N_("You wrote or changed this demand; its total is approved by another person (separation of duties).")
    todo = N_("Ask another head of your institution to read it and approve the total.")


class AboveGround(Problem):
    """The legal ground allows less than the total."""

    title = N_("The total is too high for this legal ground")
    detail = N_("This ground allows at most {most} baht; the demand's total is {total} baht.")
    todo = N_("Choose another method and ground. Do not split the demand: the whole counts.")


class WeekBegun(Problem):
    """The delivery week has begun or is over."""

    title = N_("The delivery week has begun")
    detail = N_("No round can allocate for the week of {week} any more.")
    todo = N_("Copy the demand to a later week.")


class Line(Protocol):
    """What rules need to know of a demand line, written or stored."""

    product_code: str
    quantity: int
    least_quantity: int | None
    most_quantity: int | None
    delivery_date: date
    ceiling_satang: int
    substitutes: list[str]
    grade_id: UUID | None
    certificate_kinds: list[str]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the catalogue knows of a demand's lines: products, grades (with their product), kinds, ceilings."""

    products: dict[str, Product]
    grades: dict[UUID, str]
    kinds: frozenset[str]
    limits: dict[str, CeilingLimit]


def next_state(state: str, step: str) -> str:
    """The state after a step; refuses a step that the table does not hold."""
    allowed, after = STEPS[step]
    if state not in allowed:
        raise WrongState.of(LABELS, state, allowed, "demand_state.")
    return after


def may_step(state: str, step: str) -> bool:
    """Whether the table holds the step."""
    return state in STEPS[step][0]


def most_of(line: Line) -> int:
    """The units that may have to be paid: at most, where the line says it, else what is wanted."""
    return line.most_quantity or line.quantity


def open_day(day: date, week: date, closed: Container[date]) -> date:
    """The day itself, or the nearest open one of its week, before rather than after; a closed week keeps it."""
    days = (week + number * DAY for number in range(7))
    return min((other for other in days if other not in closed), key=lambda other: (other > day, abs(other - day)),
               default=day)  # fmt: skip


def moves(before: Iterable[Line], after: Iterable[Line]) -> list[tuple[str, date, date]]:
    """Which lines come on another day: product, the day before and the day now."""
    pairs = zip(before, after, strict=True)
    return [(old.product_code, old.delivery_date, new.delivery_date) for old, new in pairs
            if old.delivery_date != new.delivery_date]  # fmt: skip


def total_of(lines: Iterable[Line]) -> int:
    """Ceiling times the most that each line may become, in satang: no award exceeds what was approved."""
    return sum(line.ceiling_satang * most_of(line) for line in lines)


def tolerance_for(line: Line, quantity: int) -> dict[str, int | None]:
    """At least and at most where another quantity is wanted: in proportion, never wider than it was."""
    least = line.least_quantity and max(1, -(-line.least_quantity * quantity // line.quantity))
    most = line.most_quantity and max(quantity, min(MAX_QUANTITY, line.most_quantity * quantity // line.quantity))
    return {"least_quantity": least, "most_quantity": most}


def must_be_countable(total_satang: int) -> None:
    """Refuse a total beyond every public budget."""
    if total_satang > MAX_SATANG:
        message = N_("The total would be more than {most} baht.")
        raise InvalidInput(errors=(FieldError("/lines", message, (("most", baht_text(MAX_SATANG)),)),))


def must_be_other_hands(person_id: UUID | None, authors: frozenset[UUID]) -> None:
    """Refuse who wrote or changed the demand."""
    if person_id in authors:
        raise SameHands


def must_suit_ground(ground: str, total_satang: int) -> None:
    """Refuse a total above the legal ground's amount."""
    if ground == SMALL_VALUE and total_satang > SMALL_VALUE_SATANG:
        raise AboveGround(most=baht_text(SMALL_VALUE_SATANG), total=baht_text(total_satang))


def must_be_ahead(week: date, day: date) -> None:
    """Refuse a delivery week that has begun."""
    if week <= week_of(day):
        raise WeekBegun(week=week)


def must_fit(lines: Iterable[Line], week: date, shelf: Shelf) -> None:
    """Refuse lines that the catalogue, the week or the ceilings do not allow; every mistake names its field."""
    errors = tuple(error for place, line in enumerate(lines) for error in mistakes(place, line, week, shelf))
    if errors:
        raise InvalidInput(errors=errors)


def mistakes(place: int, line: Line, week: date, shelf: Shelf) -> list[FieldError]:
    """What is wrong with a line."""
    at = f"/lines/{place}"
    product = shelf.products.get(line.product_code)
    if product is None or not product.active:
        return [FieldError(f"{at}/product_code", N_("There is no such product on offer."))]
    found = [*_catalogue_mistakes(at, line, shelf), *_substitute_mistakes(at, line, product, shelf)]
    if not week <= line.delivery_date < week + WEEK:
        found.append(FieldError(f"{at}/delivery_date", N_("Choose a day of the delivery week.")))
    limit = shelf.limits[line.product_code].limit_satang
    if limit is not None and line.ceiling_satang > limit:
        message = N_("The ceiling may be at most {limit} baht, by the reference price of the week.")
        found.append(FieldError(f"{at}/ceiling_satang", message, (("limit", baht_text(limit)),)))
    return found


def _catalogue_mistakes(at: str, line: Line, shelf: Shelf) -> list[FieldError]:
    found = []
    if line.grade_id is not None and shelf.grades.get(line.grade_id) != line.product_code:
        found.append(FieldError(f"{at}/grade_id", N_("This grade belongs to another product.")))
    for number, kind in enumerate(line.certificate_kinds):
        if kind not in shelf.kinds:
            found.append(FieldError(f"{at}/certificate_kinds/{number}", N_("There is no such certificate.")))
    return found


def _substitute_mistakes(at: str, line: Line, product: Product, shelf: Shelf) -> list[FieldError]:
    return [
        FieldError(f"{at}/substitutes/{number}", N_("A substitute is another product of the same family and unit."))
        for number, code in enumerate(line.substitutes)
        if not may_replace(shelf.products.get(code), product)
    ]


def may_replace(other: Product | None, product: Product) -> bool:
    """Whether a product can stand in for another."""
    if other is None or not other.active or other.code == product.code:
        return False
    return (other.family, other.unit) == (product.family, product.unit)


def title_in(title: str, before: date, after: date) -> str:
    """A title in another week: where it names its week by the first day, in any language, it names the other one."""
    for code in LANGUAGES:
        with speaking(code):
            title = re.sub(rf"(?<!\d){re.escape(long_day(before))}", long_day(after), title)
    return title
