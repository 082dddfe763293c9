"""What the use cases read: the recipes that a kitchen may cook, their factors, and what ingredients are bought as."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, selectinload

from service.catalog.models import Product, ProductAlias, ProductPack
from service.kernel.actor import Actor
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound
from service.parties.models import Organisation
from service.parties.permissions import require
from service.recipes.models import Factor, Purchase, Recipe
from service.recipes.rules import Bought

MILLI = 1000


def kitchen(tx: Session, by: Actor, verb: str = "menu.see") -> Organisation:
    """The actor's own institution, where it may cook by plan."""
    require(by, verb, organisation_id=by.organisation_id)
    return tx.get_one(Organisation, by.organisation_id)


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


def factors(tx: Session, organisation_id: UUID, ingredients: set[str]) -> dict[tuple[str, str], int]:
    """Factors by ingredient and method; the kitchen's own replace everybody's."""
    query = select(Factor).where(Factor.ingredient.in_(ingredients))
    mine = or_(Factor.organisation_id == organisation_id, Factor.organisation_id.is_(None))
    rows = sorted(tx.scalars(query.where(mine)), key=lambda factor: factor.organisation_id is not None)
    return {(factor.ingredient, factor.method): factor.factor_milli for factor in rows}


def bought(tx: Session, organisation_id: UUID, ingredients: Iterable[str]) -> dict[str, Bought | None]:
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
        name: None if code is None else Bought(code, unit_g, packs.get(code, 1), goods[code].shelf_life_days)
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


def must_be_on_offer(tx: Session, code: str) -> None:
    """Refuse what is no product, or one that is not offered any more."""
    row = tx.get(Product, code)
    if row is None or not row.active:
        raise InvalidInput(errors=(FieldError("/product_code", N_("There is no such product on offer.")),))
