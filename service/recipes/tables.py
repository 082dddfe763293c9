"""Recipes and factors from tables: each line brings one ingredient or one factor to what the table says.

`menu_id, menu_th, cooking_method_th, ingredient_th, serve_value, yield_value` and `ingredient_th, cooking_method_th,
factor`: the layout in which a public hospital's kitchen publishes its own, or the same under headings in words. Other
columns are not used.
"""

from collections import Counter
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.i18n import N_, gettext, in_every_language
from service.kernel.mistakes import invalid
from service.kernel.problems import FieldError, InvalidInput
from service.recipes import known
from service.recipes.known import MILLI
from service.recipes.models import Factor, Recipe, RecipeLine
from service.recipes.schemas import FactorRow, RecipeRow
from service.sheets import reading

Put = Literal["added", "changed", "same"]
Kind = Literal["recipes", "factors"]
R = TypeVar("R", RecipeRow, FactorRow)
TITLES = {
    "menu_id": N_("Dish number"),
    "menu_th": N_("Dish"),
    "cooking_method_th": N_("Cooking"),
    "ingredient_th": N_("Ingredient"),
    "serve_value": N_("Grams served"),
    "yield_value": N_("Edible per cent"),
    "factor": N_("Raw over served weight"),
}
EXAMPLES = 3


def put_line(tx: Session, owner: UUID | None, row: RecipeRow, source: str) -> Put:
    """Bring one ingredient of one dish to what the table says; a dish is known by its number."""
    mine = Recipe.organisation_id.is_not_distinct_from(owner)
    found = select(Recipe).where(mine, Recipe.number == row.menu_id).options(selectinload(Recipe.lines)).limit(1)
    dish = tx.scalar(found)
    if dish is None:
        dish = Recipe(organisation_id=owner, number=row.menu_id, source=source, lines=[])
        tx.add(dish)
    line = next((one for one in dish.lines if one.ingredient == row.ingredient_th), None)
    wanted = {"serve_mg": int(row.serve_value * MILLI), "yield_bp": int(row.yield_value * 100)}
    head = {"name": row.menu_th, "method": row.cooking_method_th}
    if line is not None and _is(line, wanted) and _is(dish, head):
        return "same"
    done: Put = "added" if line is None else "changed"
    if line is None:
        line = RecipeLine(position=len(dish.lines), ingredient=row.ingredient_th)
        dish.lines.append(line)
    _set(line, wanted)
    _set(dish, head)
    flag_modified(dish, "name")  # its lines are part of its version
    tx.flush()
    return done


def put_factor(tx: Session, owner: UUID | None, row: FactorRow, source: str) -> Put:
    """Bring one factor to what the table says."""
    mine = Factor.organisation_id.is_not_distinct_from(owner)
    key = {"ingredient": row.ingredient_th, "method": row.cooking_method_th}
    known_one = tx.scalar(select(Factor).where(mine).filter_by(**key).limit(1))
    wanted = {"factor_milli": int(row.factor * MILLI)}
    if known_one is not None and _is(known_one, wanted):
        return "same"
    factor = known_one or Factor(organisation_id=owner, source=source, **key)
    _set(factor, wanted)
    tx.add(factor)
    tx.flush()
    return "changed" if known_one else "added"


def _is(row: object, wanted: dict[str, int] | dict[str, str]) -> bool:
    return all(getattr(row, name) == value for name, value in wanted.items())


def _set(row: object, wanted: dict[str, int] | dict[str, str]) -> None:
    for name, value in wanted.items():
        setattr(row, name, value)


def take(tx: Session, *, by: Actor, kind: Kind, name: str, content: bytes) -> dict[str, int]:
    """Take an uploaded table as the institution's own: all of it, or nothing when a cell is not right."""
    kitchen = known.kitchen(tx, by, "menu.edit")
    done: Counter[str] = Counter()
    if kind == "recipes":
        done.update(put_line(tx, kitchen.id, row, name[:160]) for row in _rows(name, content, RecipeRow))
    else:
        done.update(put_factor(tx, kitchen.id, row, name[:160]) for row in _rows(name, content, FactorRow))
    counts = {word: done[word] for word in ("added", "changed", "same")}
    events.record(tx, by=by, verb=f"{kind}.imported", subject=kitchen, province_code=kitchen.province_code,
                  change={"file": name[:160], **counts})  # fmt: skip
    return counts


def _rows(name: str, content: bytes, model: type[R]) -> list[R]:
    columns = [reading.Column(column, in_every_language(TITLES[column]), needed=True) for column in model.model_fields]
    sheet = reading.read(name, content, columns)
    found, faults = [], list(sheet.faults)
    for row in sheet.rows:
        try:
            found.append(model.model_validate(row.values))
        except ValidationError as error:
            faults += [_at(row, one) for one in invalid(error.errors()).errors]
    if faults:
        raise InvalidInput(errors=tuple(faults[: reading.MOST_FAULTS]))
    return found


def _at(row: reading.Row, one: FieldError) -> FieldError:
    """The mistake at its cell."""
    cell = row.at.get(one.pointer.strip("/"), f"A{row.number}")
    return FieldError(one.pointer, N_("{cell}: {what}"), (("cell", cell), ("what", one.text())))


def template(tx: Session, *, by: Actor, kind: Kind) -> list[list[Any]]:
    """The table to fill and to send back: headings with an example, of what the kitchen has already."""
    kitchen = known.kitchen(tx, by, "menu.edit")
    model, example = (RecipeRow, _dish) if kind == "recipes" else (FactorRow, _factors)
    return [[gettext(TITLES[column]) for column in model.model_fields], *example(tx, kitchen.id)]


def _dish(tx: Session, owner: UUID) -> list[list[Any]]:
    dish = tx.scalar(known.recipes(owner).options(selectinload(Recipe.lines)).limit(1))
    return [] if dish is None else [
        [dish.number or "1", dish.name, dish.method, line.ingredient, line.serve_mg / MILLI, line.yield_bp / 100]
        for line in dish.lines
    ]  # fmt: skip


def _factors(tx: Session, owner: UUID) -> list[list[Any]]:
    mine = or_(Factor.organisation_id == owner, Factor.organisation_id.is_(None))
    rows = tx.scalars(select(Factor).where(mine).order_by(Factor.ingredient, Factor.method).limit(EXAMPLES))
    return [[row.ingredient, row.method, row.factor_milli / MILLI] for row in rows]
