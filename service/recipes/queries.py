"""Reads of recipes for pages and programs: lists, names for a plan, and what ingredients could be bought as."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from service.catalog import choosing
from service.catalog import queries as catalog
from service.catalog.models import Product
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.recipes import known
from service.recipes.models import Purchase, Recipe, RecipeLine

ROWS = 50
INGREDIENTS = 20


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
