"""Reads of the catalogue: products by any of their names, the reference price and ceiling that count, certificates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog import rules, search
from service.catalog.models import WHOLE_PRODUCT, Certificate, CertificateKind, Product, ReferencePrice
from service.kernel.problems import NotFound
from service.parties.models import District, Organisation, Province
from service.parties.queries import districts_of
from service.parties.vocabulary import SUPPLIERS

HISTORY_WEEKS = 52


def product(tx: Session, code: str) -> Product:
    """A product with its lists, or NotFound."""
    known = code.isprintable()  # what cannot be printed (a NUL above all) cannot be asked of PostgreSQL
    row = tx.get(Product, code, options=WHOLE_PRODUCT, populate_existing=True) if known else None
    if row is None:
        raise NotFound
    return row


def products(
    tx: Session,
    *,
    family: str | None = None,
    words: str = "",
    active: bool | None = True,
    after: str = "",
    limit: int | None = None,
) -> list[Product]:
    """Products with their lists: by code from one on, or the best answers to a search first."""
    if words.strip():
        return _in_order(tx, _page(search.codes(tx, words, family=family, active=active), after, limit))
    query = select(Product).options(*WHOLE_PRODUCT).order_by(Product.code).limit(limit)
    if family is not None:
        query = query.where(Product.family == family)
    if active is not None:
        query = query.where(Product.active == active)
    if after:
        query = query.where(Product.code > after)
    return list(tx.scalars(query.execution_options(populate_existing=True)))


def _page(codes: list[str], after: str, limit: int | None) -> list[str]:
    start = codes.index(after) + 1 if after in codes else 0
    return codes[start:] if limit is None else codes[start : start + limit]


def _in_order(tx: Session, codes: list[str]) -> list[Product]:
    rows = whole(tx, codes)
    return [rows[code] for code in codes]


def whole(tx: Session, codes: Iterable[str]) -> dict[str, Product]:
    """Some products by code, with their lists."""
    query = select(Product).options(*WHOLE_PRODUCT).where(Product.code.in_(sorted(set(codes))))
    return {row.code: row for row in tx.scalars(query.execution_options(populate_existing=True))}


def names_of(tx: Session, codes: Iterable[str]) -> dict[str, Product]:
    """Some products by code, without their lists."""
    return {row.code: row for row in tx.scalars(select(Product).where(Product.code.in_(sorted(set(codes)))))}


@dataclass(frozen=True, slots=True)
class CeilingLimit:
    """The highest ceiling of a product in a province and week; without a price there is none, and that is said."""

    product_code: str
    province_code: str
    week: date
    limit_satang: int | None
    price: ReferencePrice | None


def ceiling_limit(tx: Session, product_code: str, province_code: str, week: date) -> CeilingLimit:
    """The highest ceiling that a line may have."""
    return ceiling_limits(tx, [product_code], province_code, week)[product_code]


def ceiling_limits(
    tx: Session, product_codes: Iterable[str], province_code: str, week: date
) -> dict[str, CeilingLimit]:
    """The highest ceilings of several products, in one query."""
    prices = reference_prices(tx, product_codes, province_code, week)
    return {
        code: CeilingLimit(code, province_code, week, rules.ceiling_of(price), price) for code, price in prices.items()
    }


def reference_price(tx: Session, product_code: str, province_code: str, week: date) -> ReferencePrice | None:
    """The price that counts for a product, province and week."""
    return reference_prices(tx, [product_code], province_code, week)[product_code]


def reference_prices(
    tx: Session, product_codes: Iterable[str], province_code: str, week: date
) -> dict[str, ReferencePrice | None]:
    """The prices that count for several products, in one query."""
    codes = sorted(set(product_codes))
    query = select(ReferencePrice).where(
        ReferencePrice.province_code == province_code,
        ReferencePrice.product_code.in_(codes),
        ReferencePrice.week.between(rules.oldest_week(week), week),
    )
    rows: dict[str, list[ReferencePrice]] = {code: [] for code in codes}
    for row in tx.scalars(query):
        rows[row.product_code].append(row)
    return {code: rules.reference_of(found, week) for code, found in rows.items()}


def price_history(tx: Session, product_code: str, province_code: str, until: date) -> list[ReferencePrice]:
    """The price that counted in each of the last 52 weeks, oldest first; weeks without one are left out."""
    query = (
        select(ReferencePrice)
        .where(
            ReferencePrice.product_code == product_code,
            ReferencePrice.province_code == province_code,
            ReferencePrice.week > until - timedelta(weeks=HISTORY_WEEKS),
            ReferencePrice.week <= until,
        )
        .order_by(ReferencePrice.week)
    )
    weeks = groupby(tx.scalars(query), key=lambda row: row.week)
    found = (rules.reference_of(rows, week) for week, rows in weeks)
    return [row for row in found if row is not None]


def provinces_with_prices(tx: Session, product_code: str, *, own: str = "") -> list[Province]:
    """The provinces that have a reference price of the product, and the one that is asked about."""
    priced = select(ReferencePrice.province_code).where(ReferencePrice.product_code == product_code)
    known = Province.code.in_(priced) | (Province.code == own)
    return list(tx.scalars(select(Province).where(known).order_by(Province.code)))


def supplier(tx: Session, organisation_id: UUID | None) -> Organisation:
    """An organisation that supplies, or NotFound."""
    row = None if organisation_id is None else tx.get(Organisation, organisation_id)
    if row is None or row.kind not in SUPPLIERS:
        raise NotFound
    return row


def suppliers(tx: Session, province_code: str) -> list[Organisation]:
    """The suppliers of a province by name."""
    query = select(Organisation).where(Organisation.province_code == province_code, Organisation.kind.in_(SUPPLIERS))
    return list(tx.scalars(query.order_by(Organisation.name_th)))


def by_district(tx: Session, province_code: str) -> list[tuple[District | None, list[Organisation]]]:
    """The suppliers of a province in the order of its districts."""
    found = suppliers(tx, province_code)
    districts = {row.code: row for row in districts_of(tx, found)}
    found.sort(key=lambda row: row.district_code or "~")
    return [(districts.get(code or ""), list(rows)) for code, rows in groupby(found, key=lambda row: row.district_code)]


def certificate_kinds(tx: Session) -> list[CertificateKind]:
    """Every scheme that certifies, by code."""
    return list(tx.scalars(select(CertificateKind).order_by(CertificateKind.code)))


def certificates(tx: Session, organisation_id: UUID) -> list[Certificate]:
    """A supplier's certificates, the ones that expire first on top."""
    query = select(Certificate).where(Certificate.organisation_id == organisation_id)
    return list(tx.scalars(query.order_by(Certificate.expires_on, Certificate.id)))


def certificates_that_count(tx: Session, organisation_id: UUID, product_code: str, day: date) -> list[Certificate]:
    """A supplier's certificates that cover a product on a day."""
    return [row for row in certificates(tx, organisation_id) if rules.counts_on(row, product_code, day)]
