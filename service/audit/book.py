"""Names of what a market refers to by code or id: organisations, products, grades, certificate schemes."""

from collections.abc import Iterable, Sequence
from typing import Self
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.allocation.market import Market
from service.catalog.models import CertificateKind, Grade, Product
from service.catalog.queries import names_of
from service.catalog.rules import LABELS as UNITS
from service.kernel.i18n import gettext, named
from service.parties.models import Organisation
from service.rounds import queries


def products_of(market: Market) -> set[str]:
    """What is asked for in a market, may stand in, or is offered."""
    asked = {code for line in market.lines for code in (line.product, *line.substitutes)}
    return asked | {bid.product for bid in market.bids}


class Book:
    """Names of what the market refers to by code or id."""

    def __init__(self, tx: Session, organisations: Iterable[str], products: Iterable[str]) -> None:
        self.organisations: dict[str, Organisation] = queries.names(tx, {UUID(key) for key in organisations})
        self.products: dict[str, Product] = names_of(tx, products)
        self._tx = tx

    @classmethod
    def of(cls, tx: Session, market: Market) -> Self:
        """Everybody and everything in a market."""
        return cls(tx, market.parties, products_of(market))

    def unit(self, product: str, quantity: int = 0) -> str:
        """The product's unit in words, as it stands after a quantity."""
        unit = self.products[product].unit
        return gettext(UNITS[unit if quantity == 1 else f"many.{unit}"])

    def product(self, code: str) -> str:
        """The product's name."""
        return named(self.products[code])

    def grade(self, product: str, rank: int | None) -> str:
        """A grade's name by its rank."""
        row = self._tx.scalar(select(Grade).where(Grade.product_code == product, Grade.rank == rank).limit(1))
        return "–" if row is None else named(row)

    def kinds(self, codes: Sequence[str]) -> str:
        """Names of certificate schemes."""
        rows = self._tx.scalars(select(CertificateKind).where(CertificateKind.code.in_(codes)))
        return ", ".join(named(row) for row in rows)
