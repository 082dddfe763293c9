"""How a form names a product: by its code or by any name. What names none, or several, is asked about.

A page that offers every product in a list is too heavy on a large market; a field with suggestions is not.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from service.catalog import queries, search
from service.catalog.models import Product
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput

Pairs = list[tuple[str, Any]]
NEAR = 6  # products that are offered for a name that is not known
KNOWN = 300  # names that the browser suggests without asking
UNKNOWN = N_("No product is called “{text}”. Choose one below, or write it otherwise.")
SEVERAL = N_("Several products are called “{text}”. Choose one below.")


@dataclass(frozen=True, slots=True)
class Choice:
    """A field for a product: what was written, the names to suggest, and what may have been meant."""

    text: str
    suggested: list[Any]
    near: list[Product]
    is_name: bool  # several bear what was written: their codes tell them apart


def meant(tx: Session, texts: Iterable[str], *, active: bool | None = True) -> dict[str, list[str]]:
    """The codes of the products that bear each name; a code itself comes before names that look like it."""
    given = set(texts)
    wanted = sorted(text for text in given if text.isprintable())
    query = select(Product.code).where(Product.code.in_(wanted))
    codes = set(tx.scalars(query if active is None else query.where(Product.active == active)))
    rest = search.exact(tx, [text for text in wanted if text not in codes], active=active)
    return {text: [text] if text in codes else rest.get(text, []) for text in given}


def like(tx: Session, text: str) -> list[str]:
    """The codes of what a reader looks for: the product of that name, else all whose names are like it."""
    return meant(tx, [text], active=None)[text] or search.codes(tx, text, active=None)


def code_of(tx: Session, text: str, *, active: bool | None = True) -> str:
    """The code of the one product that a text names, or InvalidInput."""
    codes = meant(tx, [text], active=active)[text]
    if len(codes) != 1:
        message = SEVERAL if codes else UNKNOWN
        raise InvalidInput(errors=(FieldError("/product_code", message, (("text", text[:60]),)),))
    return codes[0]


def _written(pairs: Pairs) -> str:
    """What a form says of the product: the button that was pressed before what was typed."""
    texts = {name: value for name, value in reversed(pairs) if name in {"_pick", "product_code"}}
    return str(texts.get("_pick") or texts.get("product_code") or "")


def named(tx: Session, pairs: Pairs, *, active: bool | None = True) -> Pairs:
    """A posted form with the code of the product that was written or picked, or InvalidInput where that is none."""
    text = _written(pairs)
    rest = [(name, value) for name, value in pairs if name not in {"_pick", "product_code"}]
    return [*rest, ("product_code", code_of(tx, text, active=active))] if text else rest


def choice(tx: Session, pairs: Pairs, used: Select[Any] | None = None) -> Choice:
    """The field of a form as it was posted; `used`: codes to suggest where the catalogue is long."""
    text = _written(pairs)
    known = meant(tx, [text])[text] if text else []
    near = [] if len(known) == 1 else (known or search.codes(tx, text))[:NEAR]
    found = queries.names_of(tx, near)
    return Choice(text, suggested(tx, used), [found[code] for code in near], is_name=bool(known))


def spoken(tx: Session, products: Iterable[Product], name: Callable[[Product], str]) -> dict[str, str]:
    """What a field says for a code: the product's name where it names no other one too."""
    names = {product.code: name(product) for product in products}
    sole = search.exact(tx, names.values())
    return {code: text if sole.get(text) == [code] else code for code, text in names.items()}


def guesses(tx: Session, texts: list[str]) -> dict[str, list[str]]:
    """For each text the codes of a few products that it may mean; on a long catalogue, whose names begin with it."""
    if _is_short(tx):
        return {text: search.codes(tx, text)[:NEAR] for text in texts}
    return {text: search.beginning(tx, text, NEAR) for text in texts}


def _is_short(tx: Session) -> bool:
    return len(tx.scalars(select(Product.code).where(Product.active).limit(KNOWN + 1)).all()) <= KNOWN


def suggested(tx: Session, used: Select[Any] | None = None) -> list[Any]:
    """The products that the browser suggests by itself: all of a short catalogue, else those in use."""
    query = select(Product.code, Product.name_th, Product.name_en).where(Product.active).order_by(Product.name_th)
    if _is_short(tx):
        return list(tx.execute(query))
    return [] if used is None else list(tx.execute(query.where(Product.code.in_(used)).limit(KNOWN)))
