"""The catalogue's API: products, reference prices, ceilings, certificates."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from sqlalchemy import select

from service.catalog import actions, queries
from service.catalog.models import Certificate, CertificateKind, Product, ReferencePrice
from service.catalog.queries import CeilingLimit
from service.catalog.rules import CertificateRevoked, Family, NotASupplier, UnitIsFixed
from service.catalog.schemas import (
    CeilingLimitOut,
    CertificateIn,
    CertificateKindOut,
    CertificateOut,
    ProductDetails,
    ProductIn,
    ProductOut,
    ReferencePriceIn,
    ReferencePriceOut,
    RevokeIn,
)
from service.kernel.clock import today, week_of
from service.kernel.problems import Duplicate, EditConflict, InvalidInput, NotAllowed, NotFound, SignInRequired
from service.kernel.shapes import ProductCode, Week
from service.web.deps import By, Creates, IfMatchOrNew, PreconditionRequired, Tx
from service.web.paging import Page, Paging, page_of
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

SIGNED_IN = (SignInRequired, InvalidInput)
CREATES = (*SIGNED_IN, NotAllowed, NotFound, Duplicate, KeyReused)

router = api_router("", "catalog")
Code = Annotated[ProductCode, Path()]
InProvince = Annotated[str, Query(pattern=r"^\d{2}$", description="Two-digit code of the province.")]


@router.get("/products", response_model=Page[ProductOut], responses=problems(InvalidInput))
def products(
    tx: Tx,
    words: Annotated[str, Query(max_length=100, description="Code, Thai or English name, or alias.")] = "",
    family: Family | None = None,
    after: Annotated[str, Query(max_length=40, alias="cursor", description="`next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ProductOut]:
    """Products by code, or the best answers to a search first."""
    found = queries.products(tx, words=words, family=family, after=after, limit=limit + 1)
    more = found[limit - 1].code if len(found) > limit else None
    return Page(items=[ProductOut.model_validate(row) for row in found[:limit]], next=more)


@router.get("/products/{code}", response_model=ProductOut, responses=problems(InvalidInput, NotFound))
def product(code: Code, tx: Tx) -> Product:
    """One product with its aliases, packs, local units and grades."""
    return queries.product(tx, code)


@router.put(
    "/products/{code}",
    response_model=ProductOut,
    responses=problems(*SIGNED_IN, NotAllowed, EditConflict, PreconditionRequired, UnitIsFixed),
)
def put_product(code: Code, body: ProductDetails, version: IfMatchOrNew, tx: Tx, by: By) -> Product:
    """Add a product, or change one under If-Match; its lists are replaced, grades are never removed."""
    if version is None and tx.get(Product, code) is not None:
        raise PreconditionRequired
    return actions.put_product(tx, by=by, draft=ProductIn(code=code, **body.model_dump()), version=version)[0]


@router.get(
    "/products/{code}/prices", response_model=list[ReferencePriceOut], responses=problems(InvalidInput, NotFound)
)
def prices(code: Code, province: InProvince, tx: Tx, until: Week | None = None) -> list[ReferencePrice]:
    """The reference price that counted in each of the 52 weeks up to one, oldest first."""
    queries.product(tx, code)
    return queries.price_history(tx, code, province, until or week_of(today()))


@router.get(
    "/products/{code}/ceiling-limit", response_model=CeilingLimitOut, responses=problems(InvalidInput, NotFound)
)
def ceiling_limit(code: Code, province: InProvince, week: Week, tx: Tx) -> CeilingLimit:
    """The highest ceiling that a line may have, with the reference price it rests on; null where there is none."""
    queries.product(tx, code)
    return queries.ceiling_limit(tx, code, province, week)


@router.post(
    "/reference-prices",
    status_code=201,
    response_model=ReferencePriceOut,
    responses=problems(*CREATES),
    dependencies=[Creates],
)
def put_reference_price(body: ReferencePriceIn, tx: Tx, by: By) -> ReferencePrice:
    """Add a source's price of a product, province and week, or correct it."""
    return actions.put_reference_price(tx, by=by, draft=body)[0]


@router.get("/certificate-kinds", response_model=list[CertificateKindOut])
def certificate_kinds(tx: Tx) -> list[CertificateKind]:
    """The schemes that certify."""
    return queries.certificate_kinds(tx)


@router.get("/certificates", response_model=Page[CertificateOut], responses=problems(*SIGNED_IN))
def certificates(tx: Tx, by: By, cut: Paging, organisation: UUID | None = None) -> Page[CertificateOut]:
    """A supplier's certificates (by default your own organisation's)."""
    query = select(Certificate).where(Certificate.organisation_id == (organisation or by.organisation_id))
    rows, following = page_of(tx, query, Certificate.id, cut)
    return Page(items=rows, next=following)


@router.post(
    "/certificates",
    status_code=201,
    response_model=CertificateOut,
    responses=problems(*CREATES, NotASupplier),
    dependencies=[Creates],
)
def add_certificate(body: CertificateIn, tx: Tx, by: By) -> Certificate:
    """Add a certificate to your group, or as a service centre to a group of your province."""
    return actions.add_certificate(tx, by=by, draft=body)


@router.post(
    "/certificates/{certificate_id}/revoke",
    response_model=CertificateOut,
    responses=problems(*CREATES, CertificateRevoked),
    dependencies=[Creates],
)
def revoke_certificate(certificate_id: UUID, body: RevokeIn, tx: Tx, by: By) -> Certificate:
    """Give up a certificate, or strike one."""
    return actions.revoke_certificate(tx, by=by, certificate_id=certificate_id, reason=body.reason)
